"""What is said of panels side by side: counted, grammatical, and nothing that a panel cannot show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_panels import NAMES, comparisons, decisions, missing, panel, panels, pricings, signed, verdict

from panelsynth.comparison import Comparison, compare
from panelsynth.panel import Panel
from panelsynth.reading import Reading, plan_text, price, share
from panelsynth.tally import Vote
from panelsynth.tool import Plan, Pricing

NEVER = ("better", "more accurate", "expert", "independent votes", "wins", "best", "tested")


def reading(*votes: str) -> Reading:
    """Read panels of Acme, Bolt, Cask and so on, with these votes."""
    return compare(*(panel(name, words) for name, words in zip(NAMES, votes, strict=False))).reading


def sentences(found: Reading) -> Iterator[str]:
    yield from (found.headline, *found.pricing, *found.split, found.community, *found.notes)


# share


@pytest.mark.parametrize(
    ("votes", "text"),
    [
        ("ship ship ship ship", "100% (4 of 4) ship"),
        ("ship ship ship skip", "75% (3 of 4) ship"),
        ("skip skip skip", "0% (0 of 3) ship"),
        ("ship", "100% (1 of 1) ship"),
        ("ship ship skip fail", "67% · 2 of 3 ship, 1 of 4 missing (50-75%)"),
        ("ship ship ship fail", "100% · 3 of 3 ship, 1 of 4 missing (75-100%)"),
        ("ship skip fail fail", "— · 1 of 2 ship, 2 of 4 missing (no quorum)"),
        ("ship fail fail fail", "— · 1 of 1 ship, 3 of 4 missing (no quorum)"),
        ("fail fail", "— · 2 of 2 missing (no quorum)"),
    ],
)
def test_a_share_is_written_with_its_denominator_and_with_what_is_missing(votes: str, text: str) -> None:
    assert share(panel("Acme", votes)) == text


@given(decisions.filter(bool))
def test_every_share_can_be_counted_again_from_its_text(votes: list[Vote | None]) -> None:
    text = share(panel("Acme", votes))
    shown = re.match(r"(\d+)%", text)
    whole = re.search(r"(\d+) of (\d+)\)? ship", text)
    gap = re.search(r"(\d+) of (\d+) missing", text)
    assert (shown is None) == (2 * sum(vote is not None for vote in votes) <= len(votes))
    assert (gap is None) == (None not in votes)
    if shown and whole:
        ships, voted = map(int, whole.groups())
        assert (ships, voted) == (votes.count("ship"), len(votes) - votes.count(None))
        assert abs(int(shown[1]) - Fraction(100 * ships, voted)) <= Fraction(1, 2)
    if gap:
        assert (int(gap[1]), int(gap[2])) == (votes.count(None), len(votes))


# split


def test_the_example_is_one_vote_apart() -> None:
    found = compare(panel("Mistral 3B", "ship ship ship ship"), panel("GPT-5 Fine-Tuning API", "ship ship ship skip"))
    assert found.reading.headline == "Mistral 3B: 100% (4 of 4) ship; GPT-5 Fine-Tuning API: 75% (3 of 4) ship."
    assert found.reading.split == (
        "Developer, skeptic and futurist ship both tools.",
        "Business differs: ships Mistral 3B; skips GPT-5 Fine-Tuning API.",
        "One vote apart: business.",
    )


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        (("ship", "ship"), ("Developer ships both tools.",)),
        (("skip skip", "skip skip"), ("Developer and skeptic skip both tools.",)),
        (("ship", "skip"), ("Developer differs: ships Acme; skips Bolt.", "One vote apart: developer.")),
        (
            ("ship ship", "skip ship"),
            ("Skeptic ships both tools.", "Developer differs: ships Acme; skips Bolt.", "One vote apart: developer."),
        ),
        (("skip skip", "ship ship"), ("Developer and skeptic each differ: ship Bolt; skip Acme.",)),
        (
            ("ship ship ship", "ship ship fail"),
            ("Developer and skeptic ship both tools.", "Futurist ships Acme, but has no vote on Bolt."),
        ),
        (("fail fail", "skip skip"), ("Developer and skeptic skip Bolt, but have no vote on Acme.",)),
        (("ship skip", "ship"), ("Developer ships both tools.", "Skeptic skips Acme, but was not asked about Bolt.")),
        (("fail", "fail"), ()),
        (
            ("ship skip ship", "ship skip ship", "ship skip skip"),
            (
                "Developer ships all 3 tools.",
                "Skeptic skips all 3 tools.",
                "Futurist differs: ships Acme and Bolt; skips Cask.",
                "One vote apart: futurist (Acme and Cask; Bolt and Cask).",
            ),
        ),
        (
            ("ship", "skip", "fail"),
            (
                "Developer differs: ships Acme; skips Bolt; has no vote on Cask.",
                "One vote apart: developer (Acme and Bolt).",
            ),
        ),
        (
            ("ship ship", "ship fail", "ship"),
            (
                "Developer ships all 3 tools.",
                "Skeptic ships Acme, but has no vote on Bolt and was not asked about Cask.",
            ),
        ),
        (
            ("ship", "ship", "ship", "ship", "ship", "ship", "skip"),
            (
                "Developer differs: ships Acme, Bolt, Cask, Dune, Echo and Fern; skips Gust.",
                f"One vote apart: developer ({'; '.join(f'{name} and Gust' for name in NAMES[:6])}).",
            ),
        ),
    ],
)
def test_the_split_says_who_agrees_and_who_differs(votes: tuple[str, ...], said: tuple[str, ...]) -> None:
    assert reading(*votes).split == said


@given(comparisons())
def test_one_vote_apart_is_said_of_just_the_pairs_with_the_same_voters_and_one_other_vote(
    comparison: Comparison,
) -> None:
    expected: dict[str, set[str]] = {}
    for one, other in combinations(comparison.panels, 2):
        mine, theirs = ({v.reviewer: v.decision for v in p.verdicts} for p in (one, other))
        votes_changed = [name for name in mine if mine[name] != theirs.get(name)]
        if mine.keys() == theirs.keys() and not one.missing + other.missing and len(votes_changed) == 1:
            assert abs(one.tally.ships - other.tally.ships) == 1
            expected.setdefault(votes_changed[0], set()).add(f"{one.tool.name} and {other.tool.name}")
    said = [line.removeprefix("One vote apart: ") for line in comparison.reading.split if line.startswith("One vote")]
    if len(comparison.panels) == 2:
        assert said == [f"{name}." for name in expected]
    else:
        assert {line.split(" (")[0]: set(line.split(" (")[1][:-2].split("; ")) for line in said} == expected


@given(comparisons())
def test_every_reviewer_who_voted_stands_in_the_split_once(comparison: Comparison) -> None:
    lines = [line for line in comparison.reading.split if not line.startswith("One vote apart")]
    for name in comparison.reviewers:
        voted = any(p.verdict_of(name) for p in comparison.panels)
        assert sum(bool(re.search(rf"\b{name}\b", line, re.IGNORECASE)) for line in lines) == int(voted)


@given(comparisons())
def test_reviewers_differ_when_they_both_ship_and_skip(comparison: Comparison) -> None:
    differing = {
        name
        for name in comparison.reviewers
        if len({v.decision for p in comparison.panels if (v := p.verdict_of(name))}) == 2
    }
    said = [line for line in comparison.reading.split if re.search(r" differs?: ", line)]
    named = re.split(
        r", | and ", " and ".join(re.split(r" differs: | each differ: ", line)[0] for line in said).lower()
    )
    assert {name for name in named if name} == differing


# community

DISAGREE = "On Acme, panel and community disagree: the panel says"


@pytest.mark.parametrize(
    ("votes", "community", "text"),
    [
        ("ship", None, "No community votes yet."),
        ("ship", {"ship": 0, "skip": 0}, "No community votes yet."),
        ("ship", {"ship": 31, "skip": 19}, "Community votes: Acme 62% (31 of 50) ship; Bolt has none."),
        ("ship", {"ship": 2, "skip": 2}, "Community votes: Acme 50% (2 of 4) ship; Bolt has none."),
        ("ship skip", {"ship": 0, "skip": 2}, "Community votes: Acme 0% (0 of 2) ship; Bolt has none."),
        (
            "ship",
            {"ship": 1, "skip": 3},
            f"Community votes: Acme 25% (1 of 4) ship; Bolt has none. {DISAGREE} ship, the community says skip.",
        ),
        (
            "skip",
            {"ship": 1, "skip": 0},
            f"Community votes: Acme 100% (1 of 1) ship; Bolt has none. {DISAGREE} skip, the community says ship.",
        ),
    ],
)
def test_the_community_is_told_apart_and_disagreement_called_out(votes: str, community: object, text: str) -> None:
    assert compare(panel("Acme", votes, votes=community), panel("Bolt", votes)).reading.community == text


# pricing

SUB = {"kind": "subscription", "currency": "USD", "unit": "month"}


@pytest.mark.parametrize(
    ("pricing", "said"),
    [
        (None, "no pricing given"),
        ({}, "no pricing given"),
        ({"as_of": "2026-11-20"}, "no pricing given"),
        ("Free: open weights", "free, undated"),
        ("Ask us about it", "pricing given in words only, undated"),
        ({"summary": "See site", "as_of": "2026-11-20"}, "pricing given in words only, as of 2026-11-20"),
        ({"plans": [{"kind": "free"}], "as_of": "2026-11-20"}, "free, as of 2026-11-20"),
        ({"plans": [{"kind": "freemium"}]}, "free to begin, undated"),
        ({"plans": [{"kind": "contact"}]}, "price on request, undated"),
        ({"plans": [{"kind": "usage"}]}, "paid by use, undated; its maker gives no amounts"),
        ({"plans": [SUB | {"amount": "20"}]}, "paid by subscription, undated"),
        ({"plans": [{"kind": "free"}, SUB | {"amount": "20"}]}, "free to begin, paid by subscription, undated"),
        (
            {"plans": [{"kind": "free", "amount": "0"}, {"kind": "usage"}]},
            "free to begin, paid by use, undated; its maker gives no amounts",
        ),
        (
            {
                "plans": [
                    {"kind": "usage"},
                    SUB,
                    {"kind": "one-time", "amount": "9", "currency": "EUR"},
                    {"kind": "contact"},
                ]
            },
            "paid by use, by subscription, by a one-time payment and on request, undated",
        ),
        ({"entry": "From $5 (USD)", "plans": [SUB | {"amount": "5"}]}, "From $5 (USD), paid by subscription, undated"),
        ({"entry": "Free", "plans": [SUB | {"amount": "5"}]}, "free, paid by subscription, undated"),
    ],
)
def test_the_pricing_read_says_what_it_takes_to_begin(pricing: object, said: str) -> None:
    assert compare(panel("Acme", pricing=pricing), panel("Bolt")).reading.pricing[0] == f"Acme: {said}."


def offered(*plans: Mapping[str, object]) -> list[str]:
    """Set Acme's plans beside Bolt's, which are 10 and 30 USD a month; give what is said of amounts."""
    bolt = panel("Bolt", pricing={"plans": [SUB | {"amount": "10"}, SUB | {"amount": "30"}]})
    return [*compare(panel("Acme", pricing={"plans": [*plans]}), bolt).reading.pricing[2:]]


def test_amounts_in_one_currency_and_unit_are_set_side_by_side() -> None:
    assert offered(SUB | {"amount": "20.50"}) == ["Per month in USD: Acme 20.50; Bolt from 10."]
    assert offered(SUB | {"amount": "1e3"}) == ["Per month in USD: Acme 1000; Bolt from 10."]


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "EUR"},
        {"unit": "seat"},
        {"unit": None},
        {"amount": None},
        {"kind": "one-time"},
        {"kind": "free", "amount": "0"},
    ],
)
def test_amounts_that_mean_something_else_are_not_set_side_by_side(change: dict[str, object]) -> None:
    assert offered(SUB | {"amount": "20"} | change) == []


def test_one_time_prices_are_compared_with_one_time_prices() -> None:
    once = {"kind": "one-time", "currency": "EUR"}
    acme, bolt = (
        panel(name, pricing={"plans": [once | {"amount": cost}]}) for name, cost in (("Acme", 99), ("Bolt", 5))
    )
    assert compare(acme, bolt).reading.pricing[2:] == ("Paid once in EUR: Acme 99; Bolt 5.",)


def test_two_tools_of_one_name_are_still_two_offers() -> None:
    one, other = (panel("Acme", id=f"acme-{cost}", pricing={"plans": [SUB | {"amount": cost}]}) for cost in ("5", "7"))
    assert compare(one, other).reading.pricing[2:] == ("Per month in USD: Acme 5; Acme 7.",)


@pytest.mark.parametrize(
    ("pricing", "text"),
    [
        (None, "No pricing given"),
        (Pricing(), "No pricing given"),
        (Pricing(as_of=date(2026, 1, 2)), "No pricing given"),
        (Pricing(summary="Free for all."), "Free for all."),
        (Pricing(summary="Free for all.", as_of=date(2026, 1, 2)), "Free for all (as of 2026-01-02)"),
        (Pricing(plans=(Plan(kind="free"), Plan(kind="usage", name="API"))), "free; API: usage"),
        (Pricing(entry="From $5"), "From $5"),
    ],
)
def test_a_price_is_written_in_full_with_its_day(pricing: Pricing | None, text: str) -> None:
    assert price(pricing) == text


@given(pricings.filter(bool))
def test_a_plan_is_written_with_its_name_where_it_has_one(pricing: dict[str, object]) -> None:
    made = Pricing.model_validate(pricing)
    for plan in made.plans:
        assert plan_text(plan) == plan.terms
        assert plan_text(plan.model_copy(update={"name": "Pro"})) == f"Pro: {plan.terms}"


# notes


def test_panels_alike_need_no_notes() -> None:
    assert reading("ship ship", "ship skip").notes == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Acme: developer has no vote (failed, timeout): no answer in 120 s."),
        ({"message": "No key."}, "Acme: developer has no vote (failed, timeout): No key."),
        ({"message": "Two\n lines"}, "Acme: developer has no vote (failed, timeout): Two lines."),
        ({"message": ""}, "Acme: developer has no vote (failed, timeout)."),
        (
            {"state": "not-tried", "cause": "budget"},
            "Acme: developer has no vote (not tried, budget): no answer in 120 s.",
        ),
        ({"state": "abstained", "cause": "tie"}, "Acme: developer has no vote (abstained, tie): no answer in 120 s."),
    ],
)
def test_a_missing_reviewer_is_noted_with_the_cause(fields: dict[str, object], said: str) -> None:
    acme = panel("Acme", "fail ship ship").model_copy(update={"missing": (missing("developer", **fields),)})
    assert compare(acme, panel("Bolt", "ship ship ship")).reading.notes == (said,)


def test_reviewers_missing_for_one_reason_share_a_note() -> None:
    gaps = (missing("business"), missing("developer"), missing("skeptic", cause="malformed-reply"))
    acme = panel("Acme", "fail fail ship fail").model_copy(update={"missing": gaps})
    assert compare(acme, panel("Bolt")).reading.notes == (
        "Acme: developer and business have no vote (failed, timeout): no answer in 120 s.",
        "Acme: skeptic has no vote (failed, malformed-reply): no answer in 120 s.",
    )


def test_different_reviewers_withhold_one_vote_apart_and_say_so() -> None:
    found = reading("ship ship", "ship skip fail")
    assert not [line for line in found.split if "apart" in line]
    assert "The panels do not all have the same reviewers: each is counted on its own" in found.notes[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answered_by": "m-2"}, "The verdicts come from different models: m-1 and m-2."),
        ({"prompt_version": "f" * 12}, "The instructions given to developer and skeptic differ between the tools."),
        (
            {"answered_at": "2026-12-01T00:00:00Z"},
            "The verdicts were given on different days, from 2026-11-23 to 2026-12-01.",
        ),
        (
            {"source": "authored", "answered_by": "authored"},
            "Some of the verdicts were written by hand, the others by a model.",
        ),
    ],
)
def test_verdicts_of_different_origin_are_noted(change: dict[str, object], said: str) -> None:
    assert compare(panel("Acme", "ship ship"), signed(panel("Bolt", "ship ship"), **change)).reading.notes == (said,)


@pytest.mark.parametrize("change", [{"answered_at": ""}, {"answered_at": "2026-11-23T23:59:59Z"}, {"source": "batch"}])
def test_verdicts_of_one_origin_are_not(change: dict[str, object]) -> None:
    assert compare(panel("Acme"), signed(panel("Bolt"), **change)).reading.notes == ()


def test_reviewers_with_instructions_of_their_own_are_no_difference() -> None:
    """Each persona has its own prompt version: only one reviewer's own two versions differ."""
    own = (verdict("developer", "ship", prompt_version="1"), verdict("skeptic", "ship", prompt_version="2"))
    acme, bolt = (panel(name).model_copy(update={"verdicts": own}) for name in NAMES[:2])
    assert compare(acme, bolt).reading.notes == ()


def test_a_stake_of_the_publisher_is_noted() -> None:
    mine, yours = panel("Acme Inc.", relationship="affiliated"), panel("Bolt", relationship="none")
    assert compare(mine, yours).reading.notes == ("The publisher has a stake in Acme Inc.",)
    both = compare(mine, panel("Bolt", relationship="affiliated")).reading.notes
    assert both == ("The publisher has a stake in Acme Inc. and Bolt.",)


# every sentence


@given(comparisons())
def test_every_sentence_ends_as_one_and_no_sentence_is_said_twice(comparison: Comparison) -> None:
    found = [*sentences(comparison.reading)]
    for line in found:
        assert re.fullmatch(r"[A-Z]\S*( \S+)*\.", line), line
        assert not line.endswith("..")
        assert "None" not in line
        assert not re.search(r"\(\)|: \.|, ,|;\.| and \.", line)
    assert len(found) == len(set(found))


@given(comparisons())
def test_no_reading_claims_what_a_panel_cannot_show(comparison: Comparison) -> None:
    text = " ".join(sentences(comparison.reading)).lower()
    assert [word for word in NEVER if word in text] == []


@given(panels("Acme"), panels("Bolt"), st.sampled_from(["pricing", "split", "community", "notes"]))
def test_a_reading_is_the_same_whatever_reviews_say(one: Panel, other: Panel, part: str) -> None:
    """Reviews, scores and rubrics are argument; no sentence is made from them."""
    loud = one.model_copy(
        update={
            "verdicts": tuple(
                v.model_copy(update={"score": 1, "review": "Skip it!", "rubric": {}}) for v in one.verdicts
            )
        }
    )
    assert getattr(compare(loud, other).reading, part) == getattr(compare(one, other).reading, part)


def test_a_verdict_by_an_editor_is_said_to_be_one_and_counts_for_no_model() -> None:
    by_hand = {
        "source": "person",
        "answered_by": "Noor",
        "answered_at": "",
        "prompt_version": "",
        "model": "",
        "key": "",
    }
    first, second = panel("Acme"), panel("Bolt")
    mine = tuple(verdict(v.reviewer, v.decision, **by_hand) if v.reviewer == "skeptic" else v for v in second.verdicts)
    notes = compare(first, second.model_copy(update={"verdicts": mine})).reading.notes
    assert notes == ("Some of the verdicts were written by an editor.",)
