"""Panels side by side: names, order, and numbers that anyone can count again."""

from __future__ import annotations

import hashlib
import json
import re
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import JsonValue, ValidationError
from random_panels import NAMES, comparisons, panel, signed

from panelsynth.comparison import Comparison, compare
from panelsynth.errors import InputError

SCHEMA = Comparison.model_json_schema(mode="serialization")
slugs = st.from_regex(r"[a-z0-9]{1,40}(-[a-z0-9]{1,38})?", fullmatch=True)


def dumped(comparison: Comparison) -> dict[str, JsonValue]:
    loaded: dict[str, JsonValue] = json.loads(comparison.to_json())
    return loaded


def pair() -> Comparison:
    return compare(panel("Mistral 3B", "ship ship ship ship"), panel("GPT-5 Fine-Tuning API", "ship ship ship skip"))


# slug and order


@given(st.lists(slugs, min_size=2, max_size=12, unique=True))
def test_a_slug_names_the_same_tools_in_any_order(ids: list[str]) -> None:
    one = compare(*(panel("A", "ship", id=name) for name in ids)).slug
    other = compare(*(panel("A", "ship", id=name) for name in reversed(ids))).slug
    assert one == other
    assert re.fullmatch(r"[a-z0-9-]{1,200}", one)


def test_a_slug_is_the_ids_in_alphabetical_order() -> None:
    assert pair().slug == "gpt-5-fine-tuning-api-vs-mistral-3b"
    assert compare(*(panel(name) for name in ("Cask", "Acme", "Bolt"))).slug == "acme-vs-bolt-vs-cask"


def test_a_slug_over_120_characters_names_two_tools_and_the_digest_of_all() -> None:
    ids = [f"{letter * 30}" for letter in "dcba"]
    joined = "-vs-".join(sorted(ids))
    assert len(joined) == 132
    slug = compare(*(panel("A", "ship", id=name) for name in ids)).slug
    assert slug == f"{'a' * 30}-vs-{'b' * 30}-and-2-more-{hashlib.sha256(joined.encode()).hexdigest()[:8]}"


def test_a_slug_of_120_characters_is_whole_and_one_of_121_is_not() -> None:
    ids = ["a" * 37, "b" * 37, "c" * 38]
    assert compare(*(panel("A", "ship", id=name) for name in ids)).slug == "-vs-".join(ids)
    longer = compare(*(panel("A", "ship", id=name) for name in [*ids[:2], "c" * 39])).slug
    assert "-and-1-more-" in longer


def test_two_tools_are_named_whole_however_long_their_ids() -> None:
    ids = ["a" * 80, "b" * 80]
    assert compare(*(panel("A", "ship", id=name) for name in ids)).slug == "-vs-".join(ids)


@pytest.mark.parametrize("length", [1, 30])
def test_ids_that_join_to_the_same_name_have_different_slugs(length: int) -> None:
    a, b, c = (letter * length for letter in "abc")
    groups = [(a, b, c), (f"{a}-vs-{b}", c), (a, f"{b}-vs-{c}"), (f"{a}-vs", b), (a, f"vs-{b}")]
    found = [compare(*(panel("A", "ship", id=name) for name in ids)).slug for ids in groups]
    assert len({*found}) == len(found)
    assert (found[0], found[4]) == (f"{a}-vs-{b}-vs-{c}", f"{a}-vs-vs-{b}")
    assert re.fullmatch(rf"{a}-vs-{b}-vs-{c}-[0-9a-f]{{8}}", found[1])


@given(st.lists(st.lists(st.sampled_from(["a", "vs"]), min_size=1, max_size=5).map("-".join), min_size=2, unique=True))
def test_a_slug_without_a_digest_can_be_taken_apart_into_its_ids(ids: list[str]) -> None:
    slug = compare(*(panel("A", "ship", id=name) for name in ids)).slug
    assert slug.split("-vs-") == sorted(ids) or re.search(r"-[0-9a-f]{8}$", slug)


def test_long_slugs_of_different_tools_differ() -> None:
    first, second, *rest = [letter * 79 for letter in "abcd"]
    found = {compare(*(panel("A", "ship", id=name) for name in (first, second, last))).slug for last in rest}
    assert len(found) == 2
    assert max(map(len, found)) <= 200


@pytest.mark.parametrize("order", [*permutations(NAMES[:3])])
def test_tools_are_shown_in_the_order_given(order: tuple[str, ...]) -> None:
    comparison = compare(*(panel(name) for name in order))
    assert [p.tool.name for p in comparison.panels] == [*order]
    assert comparison.title == " vs ".join(order)
    assert comparison.reading.headline == "; ".join(f"{name}: 75% (3 of 4) ship" for name in order) + "."


def test_a_title_may_be_given() -> None:
    assert compare(panel("Acme"), panel("Bolt"), title="Two linters").title == "Two linters"


# who stands in it


def test_one_tool_is_no_comparison() -> None:
    with pytest.raises(ValidationError, match="needs at least two tools, got 1"):
        Comparison(title="Acme", reviewers=(), panels=(panel("Acme"),))


def test_a_tool_stands_in_it_once() -> None:
    with pytest.raises(InputError, match=r"the tool 'acme' stands in this comparison twice\nName each tool once\."):
        compare(panel("Acme"), panel("Bolt"), panel("Acme", "skip"))


@pytest.mark.parametrize(
    "reviewers",
    [
        ("developer", "skeptic", "futurist"),
        ("developer", "skeptic", "futurist", "business", "stranger"),
        ("developer", "skeptic", "futurist", "business", "business"),
        (),
    ],
)
def test_the_reviewers_listed_are_those_who_were_asked(reviewers: tuple[str, ...]) -> None:
    saved = {**dumped(pair()), "reviewers": [*reviewers]}
    with pytest.raises(ValidationError, match=r"reviewers lists .*, but those asked are \['business', 'developer'"):
        Comparison.model_validate(saved)


def test_reviewers_stand_in_the_order_asked_for_then_in_that_of_the_fullest_panel() -> None:
    gap, whole = panel("Acme", "fail ship ship ship"), panel("Bolt", "ship ship ship skip")
    assert compare(gap, whole).reviewers == ("developer", "skeptic", "futurist", "business")
    asked = ("business", "nobody", "futurist", "business")
    assert compare(gap, whole, reviewers=asked).reviewers == ("business", "futurist", "developer", "skeptic")


@given(st.permutations(["developer", "skeptic", "futurist", "business"]), comparisons())
def test_the_order_of_reviewers_changes_no_number(order: list[str], comparison: Comparison) -> None:
    shuffled = [
        p.model_copy(update={"verdicts": p.verdicts[::-1], "missing": p.missing[::-1]}) for p in comparison.panels
    ]
    other = compare(*shuffled, reviewers=order)
    assert [p.tally for p in other.panels] == [p.tally for p in comparison.panels]
    assert other.reading.headline == comparison.reading.headline
    assert other.slug == comparison.slug


# saved and loaded


@given(comparisons())
def test_a_saved_comparison_loads_as_itself(comparison: Comparison) -> None:
    loaded = Comparison.model_validate_json(comparison.to_json())
    assert loaded == comparison
    assert loaded.to_json() == comparison.to_json()
    assert dumped(comparison) == comparison.model_dump(mode="json")


@settings(max_examples=20)
@given(comparisons())
def test_a_saved_comparison_keeps_to_the_published_schema(comparison: Comparison) -> None:
    Draft202012Validator(SCHEMA).validate(dumped(comparison))


def test_the_published_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def spoil(saved: dict[str, JsonValue], key: str, value: JsonValue) -> None:
    """Set the value at a dotted path, or take it away."""
    *path, last = [int(step) if step.isdigit() else step for step in key.split(".")]
    spot: Any = saved
    for step in path:
        spot = spot[step]
    if value == "(away)":
        del spot[last]
    else:
        spot[last] = value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema_version", 2),
        ("status", "final"),
        ("stray", 1),
        ("panels.0.stray", None),
        ("panels.0.tally.stray", 1),
        ("panels.0.tally.percent", 101),
        ("panels.0.tally.percent", "75"),
        ("panels.0.tally.ships", -1),
        ("panels.0.tally.interval", [0]),
        ("panels.0.tally.label", "Ship"),
        ("panels.0.community.percent", 101),
        ("panels.0.verdicts.0.decision", "maybe"),
        ("panels.0.verdicts.0.score", 101),
        ("panels.0.verdicts.0.provenance.source", "dreamt"),
        ("panels.0.verdicts.0.provenance.cost_usd", -1),
        ("panels.0.tool.id", "(away)"),
        ("panels.0.tally", "(away)"),
        ("reading.headline", "(away)"),
        ("disclosure", "(away)"),
    ],
)
def test_the_published_schema_refuses_what_no_comparison_holds(key: str, value: JsonValue) -> None:
    saved = dumped(pair())
    spoil(saved, key, value)
    assert not Draft202012Validator(SCHEMA).is_valid(saved)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("slug", "a-vs-b", 'slug says "a-vs-b", but counting again gives "gpt-5-fine-tuning-api-vs-mistral-3b"'),
        ("disclosure", "Written by experts.", "disclosure says"),
        ("reading.headline", "Mistral 3B wins.", "reading.headline says"),
        ("reading.split", [], "reading.split says"),
        ("reading.split.2", "One vote apart: skeptic.", r"reading.split\[2\] says"),
        ("reading.stray", None, "reading.stray says null, but counting again knows no such entry"),
        ("panels.1.tally.percent", 76, "tally.percent says 76, but counting again gives 75"),
        ("panels.1.tally.interval.0", 31, r"tally.interval\[0\] says 31, but counting again gives 30"),
        ("panels.1.community.text", "99% (99 of 100)", "community.text says"),
        ("panels.1.verdicts.3.decision", "ship", "tally.ships says 3, but counting again gives 4"),
    ],
)
def test_every_number_and_sentence_is_counted_again_on_loading(key: str, value: JsonValue, said: str) -> None:
    saved = dumped(pair())
    spoil(saved, key, value)
    with pytest.raises(ValidationError, match=said):
        Comparison.model_validate(saved)


# disclosure


@pytest.mark.parametrize(
    ("sources", "by_hand", "by_model"),
    [
        (("authored", "authored"), True, False),
        (("live", "live"), False, True),
        (("batch", "live"), False, True),
        (("live", "authored"), True, True),
        (("authored", "batch"), True, True),
    ],
)
def test_the_disclosure_says_who_wrote_the_reviews(sources: tuple[str, str], *, by_hand: bool, by_model: bool) -> None:
    first, second = (signed(panel(name), source=source) for name, source in zip(NAMES, sources, strict=False))
    text = compare(first, second).disclosure
    assert ("by hand" in text) == by_hand
    assert ("by AI reviewer roles" in text) == by_model
    assert ("no model wrote it" in text) == (by_hand and not by_model)
    assert text.count("nobody tested these tools") == 1
    assert text.endswith("Percentages are counted from the verdicts shown.")


def test_without_any_review_the_disclosure_claims_no_writer() -> None:
    text = compare(panel("Acme", "fail fail"), panel("Bolt", "fail fail")).disclosure
    assert text == "No reviewer has answered, and nobody tested these tools."
