"""Samples: however often a reviewer is asked, it has one vote; a tie is an abstention, a failure never a vote."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_server import serving
from pydantic import ValidationError
from random_panels import panels, verdict
from shell import Cli, run_main

import panelsynth as ps
from panelsynth.cli.output import Ending
from panelsynth.comparison import compare
from panelsynth.errors import CallError, InputError
from panelsynth.model import Reply, Store
from panelsynth.panel import Missing, Panel
from panelsynth.persona import read_personas
from panelsynth.preflight import foresee, to_ask
from panelsynth.prompting import ReviewTemplate, build_requests
from panelsynth.reading import consistency
from panelsynth.request import Request
from panelsynth.shipped import demo_tools
from panelsynth.tally.samples import settle
from panelsynth.testing import ScriptedModel
from panelsynth.tool import Tool
from panelsynth.verdict import Decision
from panelsynth.workspace.review_file import ReviewFile

ACME = Tool(id="acme", name="Acme", description="A linter for prose.")
DECISIONS = st.lists(st.sampled_from(["ship", "skip", None]), max_size=9)
OTHER = {"ship": "skip", "skip": "ship"}


class LiveModel(ScriptedModel):
    """Pass for a server, whose replies alone a store keeps."""

    async def ask(self, request: Request) -> Reply:
        return replace(await super().ask(request), source="live")


def reviewed(samples: int, script: Any, **options: Any) -> Panel:
    [panel] = ps.review([ACME], model=ScriptedModel(script), samples=samples, **options)
    return panel


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Run the command line in this process, in a folder that holds the example tools."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(demo_tools(), "tools")
    return lambda *args: run_main(monkeypatch, capsys, *args)


# The majority.


@given(DECISIONS, st.randoms())
def test_the_order_of_samples_changes_nothing(decisions: list[Decision | None], random: Random) -> None:
    shuffled = random.sample(decisions, len(decisions))
    assert settle(shuffled) == settle(decisions)


@given(DECISIONS)
def test_ship_and_skip_are_treated_alike(decisions: list[Any]) -> None:
    mirrored: list[Any] = [OTHER.get(one) for one in decisions]
    assert settle(mirrored) == OTHER.get(settle(decisions) or "")


@given(DECISIONS)
def test_a_failed_sample_counts_neither_way(decisions: list[Decision | None]) -> None:
    assert settle(decisions) == settle([one for one in decisions if one])


@given(DECISIONS)
def test_an_odd_number_of_answers_never_ties(decisions: list[Decision | None]) -> None:
    assert settle(decisions) or not sum(map(bool, decisions)) % 2


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (["ship", "ship", "skip"], "ship in 2 of 3 samples"),
        (["ship", None, None], "ship in 1 of 1 sample, 2 failed"),
        ([], ""),
    ],
)
def test_consistency_is_said_with_its_denominator(samples: list[Decision | None], said: str) -> None:
    assert consistency(verdict("skeptic", "ship").model_copy(update={"samples": tuple(samples)})) == said


# One vote each.


def test_a_reviewer_has_one_vote_which_is_what_most_of_its_samples_say() -> None:
    panel = reviewed(3, {"acme": "ship", "acme/skeptic/0": "skip", "acme/skeptic/1": "skip"})
    assert panel.tally.text == "3 ship / 1 skip"
    skeptic = panel.verdict_of("skeptic")
    assert skeptic is not None
    assert (skeptic.decision, skeptic.samples) == ("skip", ("skip", "skip", "ship"))


def test_the_words_shown_are_those_of_the_first_sample_that_voted_so() -> None:
    lines = {
        f"acme/skeptic/{n}": {"decision": d, "review": f"Sample {n}."} for n, d in enumerate(["skip", "ship", "ship"])
    }
    panel = reviewed(3, {**lines, "acme": "ship"})
    skeptic = panel.verdict_of("skeptic")
    assert skeptic is not None
    assert skeptic.review == "Sample 1."
    [request] = build_requests(ACME, read_personas("skeptic"), model="authored", template=ReviewTemplate.read())
    assert skeptic.provenance.key == request.sampled(1).key


def test_tied_samples_are_an_abstention_which_is_shown_and_no_vote() -> None:
    panel = reviewed(2, {"acme": "ship", "acme/skeptic/1": "skip"})
    [gap] = panel.missing
    assert (gap.reviewer, gap.state, gap.cause) == ("skeptic", "abstained", "samples-tied")
    assert gap.message == "its samples tied: 1 ship, 1 skip"
    assert (panel.tally.voted, panel.tally.lowest, panel.tally.highest) == (3, 75, 100)


def test_a_sample_that_failed_is_no_vote_and_does_not_hide() -> None:
    panel = reviewed(3, {"acme": "ship", "acme/skeptic/0": "fail"})
    skeptic = panel.verdict_of("skeptic")
    assert skeptic is not None
    assert skeptic.samples == (None, "ship", "ship")


def test_a_reviewer_all_of_whose_samples_failed_has_failed_of_the_first_cause() -> None:
    fault = CallError("no reply", cause="timeout-of-a-test")
    panel = reviewed(2, {"acme": "ship", "acme/skeptic/0": fault, "acme/skeptic/1": "fail"})
    [gap] = panel.missing
    assert (gap.state, gap.cause, gap.samples) == ("failed", "timeout-of-a-test", (None, None))


def test_a_fatal_fault_of_one_sample_ends_the_run() -> None:
    stop = InputError("the model is gone")
    with pytest.raises(InputError, match="the model is gone"):
        reviewed(2, {"acme": "ship", "acme/futurist/1": stop})


def test_one_sample_is_told_as_before() -> None:
    panel = reviewed(1, "ship")
    assert {v.samples for v in panel.verdicts} == {()}


def test_no_sample_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="samples is 0"):
        reviewed(0, "ship")


# Loading counts again.


def test_a_vote_that_its_samples_contradict_is_refused() -> None:
    saved = json.loads(reviewed(3, "ship").model_dump_json())
    saved["verdicts"][0]["samples"] = ["skip", "skip", "ship"]
    with pytest.raises(ValidationError, match="the samples of 'developer' say skip by majority, but its vote is ship"):
        Panel.model_validate_json(json.dumps(saved))


def test_a_review_file_whose_samples_contradict_its_decision_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "skeptic.md"
    path.write_text("---\ndecision: ship\nscore: 60\nsamples: [skip, skip, ship]\n---\n\nWords.\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"skeptic\.md.*samples do not say by majority"):
        ReviewFile.read(path)
    path.write_text("---\ndecision: ship\nscore: 60\nsamples: [skip, ship, ship]\n---\n\nWords.\n", encoding="utf-8")
    assert ReviewFile.read(path).samples == ("skip", "ship", "ship")


def test_samples_that_speak_for_a_vote_are_no_abstention() -> None:
    gap = {
        "reviewer": "a",
        "state": "abstained",
        "cause": "samples-tied",
        "message": "tied",
        "samples": ["ship", "ship"],
    }
    saved = {"tool": ACME.model_dump(mode="json"), "verdicts": [], "missing": [gap]}
    with pytest.raises(ValidationError, match="say ship by majority, but its vote is none"):
        Panel.model_validate_json(json.dumps(saved))


def test_an_editors_decision_stands_above_the_samples_which_are_the_models() -> None:
    edited = verdict("skeptic", "skip").model_copy(update={"samples": ("ship", "ship", "skip")}).model_dump(mode="json")
    edited["edit"] = {"fields": ["decision"], "decision_was": "ship", "reason": "It broke."}
    panel = Panel.model_validate_json(json.dumps({"tool": ACME.model_dump(mode="json"), "verdicts": [edited]}))
    assert panel.tally.skips == 1


@given(st.integers(1, 4), st.lists(st.sampled_from(["ship", "skip", "fail"]), min_size=16, max_size=16))
def test_what_is_saved_loads_again(samples: int, words: list[str]) -> None:
    who = [persona.id for persona in read_personas()]
    script = {f"acme/{name}/{n}": words[4 * at + n] for at, name in enumerate(who) for n in range(4)}
    panel = reviewed(samples, script)
    assert Panel.model_validate_json(panel.model_dump_json()) == panel
    assert panel.tally.reviewers == 4


# No order changes a number.


@given(
    st.lists(st.sampled_from(["Acme", "Bolt", "Cask"]), min_size=2, max_size=3, unique=True), st.data(), st.randoms()
)
def test_no_order_of_reviewers_or_tools_changes_a_number(names: list[str], data: st.DataObject, random: Random) -> None:
    made = [data.draw(panels(name)) for name in names]
    turned = [
        one.model_copy(
            update={
                "verdicts": tuple(random.sample(one.verdicts, len(one.verdicts))),
                "missing": tuple(random.sample(one.missing, len(one.missing))),
            }
        )
        for one in random.sample(made, len(made))
    ]
    before, after = compare(*made), compare(*turned)
    assert {p.tool.id: (p.tally, p.community, p.entry) for p in before.panels} == {
        p.tool.id: (p.tally, p.community, p.entry) for p in after.panels
    }
    assert before.slug == after.slug
    assert sum("One vote apart" in line for line in before.reading.split) == sum(
        "One vote apart" in line for line in after.reading.split
    )


# What is asked.


def test_each_sample_is_a_request_of_its_own_and_the_first_is_the_one_without_samples() -> None:
    [request] = build_requests(ACME, read_personas("skeptic"), model="any", template=ReviewTemplate.read())
    asked = [request.sampled(number) for number in range(3)]
    assert asked[0] is request
    assert len({one.key for one in asked}) == 3
    assert [one.label for one in asked] == ["acme/skeptic/0", "acme/skeptic/1", "acme/skeptic/2"]
    assert {json.dumps(one.body()) for one in asked} == {json.dumps(request.body())}


def test_more_samples_ask_only_for_what_the_store_lacks(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        ps.review([ACME], model=LiveModel("ship"), store=store)
        asked = to_ask(
            [ACME], read_personas(), model="authored", template=ReviewTemplate.read(), store=store, samples=3
        )
        found = foresee(asked)
        assert (found.reviews, found.calls, dict(found.reasons)) == (12, 8, {"new": 8})
        model = LiveModel("skip")
        [panel] = ps.review([ACME], model=model, samples=3, store=store)
        assert len(model.requests) == 8
        assert {v.samples for v in panel.verdicts} == {("ship", "skip", "skip")}


def test_a_recording_of_samples_plays_them_all_without_being_told(cli: Cli) -> None:
    words = ("review", "tools", "--no-store", "--personas", "skeptic")
    with serving({"mistral-3b/skeptic": "skip"}) as (address, received):
        ran = cli(*words, "--samples", "3", "--record", "all.yaml", "--base-url", address)
        assert (ran.code, len(received)) == (0, 6)
    played = cli(*words, "--replay", "all.yaml")
    assert played.code == 0
    assert "skip Mistral 3B (skip in 3 of 3 samples)" in played.out
    assert cli("cassettes", "check", "all.yaml").code == 0


def test_a_tie_names_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    Ending.of([reviewed(2, {"acme": "ship", "acme/skeptic/1": "skip"})]).tell_rest(is_kept=True)
    assert "1 reviewer whose samples tied: an odd --samples cannot" in capsys.readouterr().err


def test_the_bill_counts_every_sample(cli: Cli) -> None:
    ran = cli("review", "tools", "--dry-run", "--samples", "3", "--model", "ollama/any")
    assert "24 new" in ran.out


# What readers see.


def test_every_format_says_how_consistent_a_reviewer_was_and_what_that_means() -> None:
    sampled = reviewed(3, {"acme": "ship", "acme/skeptic/1": "skip"})
    page = compare(sampled, ps.testing.panel("Bolt", "ship"))
    for text in (page.to_html(), page.to_markdown(), page.to_text()):
        assert "ship in 2 of 3 samples" in " ".join(text.split())
        assert "asked the same several times" in " ".join(text.split())
    plain = compare(ps.testing.panel("Acme", "ship"), ps.testing.panel("Bolt", "ship")).to_text()
    assert "sample" not in plain


def test_an_abstention_is_named_in_the_notes() -> None:
    tied = reviewed(2, {"acme": "ship", "acme/skeptic/1": "skip"})
    notes = compare(tied, ps.testing.panel("Bolt", "ship")).reading.notes
    assert "Acme: skeptic has no vote (abstained, samples-tied): its samples tied: 1 ship, 1 skip." in notes


def test_a_missing_reviewer_without_samples_stays_as_it_was() -> None:
    assert Missing(reviewer="a", state="failed", cause="timeout", message="m").samples == ()
