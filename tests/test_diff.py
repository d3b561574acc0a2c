"""Two runs side by side: what moved, what may have moved it, and that nothing else is said."""

from __future__ import annotations

import doctest
import importlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filled import document
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from random_panels import panel, panels, signed, verdict
from shell import Cli, run_main

from panelsynth.catalogue.causes import read_moved, unread_moved
from panelsynth.catalogue.diff import Diff, SeatDiff, diff
from panelsynth.catalogue.wording import cause_words
from panelsynth.pages.diff import render_diff
from panelsynth.panel import Panel
from panelsynth.saving import panel_json
from panelsynth.tool import Tool
from panelsynth.verdict import Edit


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return lambda *args: run_main(monkeypatch, capsys, *args)


def seat(old: Panel, new: Panel, who: str = "developer") -> SeatDiff:
    (tool,) = diff([old], [new]).tools
    return next(one for one in tool.reviewers if one.reviewer == who)


def numbers(found: Diff) -> Any:
    said = found.model_dump(mode="json")
    for tool in said["tools"]:
        tool["reviewers"].sort(key=lambda one: one["reviewer"])
    return said


runs = st.lists(st.sampled_from(["Acme", "Bolt", "Cask", "Dune"]), unique=True).flatmap(
    lambda names: st.tuples(*(panels(name) for name in names))
)


@given(runs)
def test_a_run_and_itself_differ_in_nothing(run: tuple[Panel, ...]) -> None:
    found = diff(run, run)

    assert found.is_empty
    assert found.total.flipped == found.total.gained == found.total.lost == 0
    assert found.compared == len(run)


@given(runs, runs, st.randoms(use_true_random=False))
def test_no_order_of_tools_or_reviewers_changes_a_number(
    old: tuple[Panel, ...], new: tuple[Panel, ...], dice: random.Random
) -> None:
    def shuffled(run: tuple[Panel, ...]) -> list[Panel]:
        mixed = [
            one.model_copy(
                update={
                    "verdicts": tuple(dice.sample(one.verdicts, len(one.verdicts))),
                    "missing": tuple(dice.sample(one.missing, len(one.missing))),
                }
            )
            for one in run
        ]
        return dice.sample(mixed, len(mixed))

    assert numbers(diff(old, new)) == numbers(diff(shuffled(old), shuffled(new)))


@given(runs, runs)
def test_what_one_order_of_runs_gains_the_other_loses(old: tuple[Panel, ...], new: tuple[Panel, ...]) -> None:
    there, back = diff(old, new), diff(new, old)

    assert (there.total.gained, there.total.to_ship) == (back.total.lost, back.total.to_skip)
    assert (there.only_old, there.total.flipped) == (back.only_new, back.total.flipped)
    assert there.total.flipped == sum(one.flipped for one in there.reviewers) <= there.total.votes


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [("ship", "skip", "flipped"), ("ship", "fail", "lost"), ("fail", "skip", "gained")],
)
def test_a_vote_turns_comes_or_goes(old: str, new: str, change: str) -> None:
    assert seat(panel("Acme", old), panel("Acme", new)).change == change


def test_a_flip_at_the_same_request_is_noise() -> None:
    found = seat(panel("Acme", "ship"), panel("Acme", "skip"))

    assert (found.same_request, found.causes) == (True, ())
    assert cause_words(found).endswith("noise.")


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({"key": "1" * 64, "prompt_version": "f"}, ("instructions",)),
        ({"key": "1" * 64, "model": "other"}, ("model",)),
        ({"key": "1" * 64, "model": "other", "prompt_version": "f"}, ("instructions", "model")),
        ({"key": "1" * 64}, ("request",)),
        ({"answered_by": "m-2"}, ("answered-by",)),
        ({"source": "batch"}, ("source",)),
    ],
)
def test_what_else_differs_stands_beside_a_flip(changes: dict[str, str], causes: tuple[str, ...]) -> None:
    found = seat(panel("Acme", "ship"), signed(panel("Acme", "skip"), **changes))

    assert found.causes == causes
    assert found.same_request is ("key" not in changes)


def test_a_description_that_changed_is_a_cause_and_an_address_is_none() -> None:
    old, new = panel("Acme", "ship"), signed(panel("Acme", "skip", description="Another."), key="1" * 64)
    moved = panel("Acme", "skip", url="https://acme.example/")

    assert seat(old, new).causes == ("tool",)
    assert seat(old, moved).causes == ()
    assert [one.field for one in diff([old], [moved]).tools[0].unread] == ["url"]


def test_an_editor_who_turned_a_vote_stands_beside_it() -> None:
    old = panel("Acme", "ship")
    edited = verdict("developer", "skip").model_copy(update={"edit": Edit(fields=("decision",), decision_was="ship")})

    assert seat(old, old.model_copy(update={"verdicts": (edited,)})).causes == ("editor",)


def test_where_a_person_wrote_a_verdict_what_was_asked_cannot_be_compared() -> None:
    found = seat(panel("Acme", "ship"), signed(panel("Acme", "skip"), key="", model="", source="person"))

    assert found.same_request is None
    assert "cannot be compared" in cause_words(found)


def test_a_gap_names_its_cause_and_a_gap_on_both_sides_is_no_change() -> None:
    assert seat(panel("Acme", "ship"), panel("Acme", "fail")).reasons == ("", "timeout")
    assert diff([panel("Acme", "fail")], [panel("Acme", "fail")]).is_empty


def test_tools_and_reviewers_of_one_side_alone_are_listed() -> None:
    found = diff([panel("Acme", "ship"), panel("Bolt")], [panel("Acme", "ship skip"), panel("Cask")])

    assert (found.only_old, found.only_new) == (("bolt",), ("cask",))
    assert found.tools[0].only_new == ("skeptic",)


TOOLS: list[dict[str, Any]] = [
    {},
    {"name": "Acme 2"},
    {"tagline": "A line"},
    {"category": "A kind"},
    {"url": "https://acme.example/"},
    {"best_for": "All"},
    {"language": "ja"},
    {"relationship": "affiliated"},
    {"votes": {"ship": 1, "skip": 2}},
    {"votes": {"ship": 1, "skip": 2, "as_of": "2026-01-01"}},
    {"pricing": "Free"},
    {"pricing": {"plans": [{"kind": "free"}]}},
    {"pricing": {"plans": [{"kind": "free"}], "summary": "Free"}},
    {"pricing": {"plans": [{"kind": "free", "name": "Pro"}], "entry": "Free", "as_of": "2026-01-01", "source": "x"}},
    {"facts": [{"claim": "A"}]},
    {"facts": [{"claim": "A", "source": "x", "verified_on": "2026-01-01"}]},
]


@pytest.mark.parametrize("first", TOOLS, ids=str)
@pytest.mark.parametrize("second", TOOLS, ids=str)
def test_every_field_of_a_tool_is_told_as_read_or_unread_by_what_the_prompt_holds(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    old, new = (
        Tool.model_validate({"id": "acme", "name": "Acme", "description": "D"} | one) for one in (first, second)
    )

    assert bool(read_moved(old, new)) == (old.data != new.data)
    assert bool(read_moved(old, new) or unread_moved(old, new)) == (old != new)


def test_the_page_is_whole_and_the_same_each_time() -> None:
    found = diff(
        [panel("Acme"), panel("Bolt")], [panel("Acme", "skip ship fail skip"), panel("Bolt", url="https://b.c/")]
    )
    page = render_diff(found)
    document(page)

    assert page == render_diff(found)
    assert "75% (3 of 4) ship" in page


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_stand_on_the_page_and_are_inert(text: str, hostile_run: Callable[[str], Panel]) -> None:
    plain, strange = (render_diff(diff([panel("Acme", "ship")], [hostile_run(one)])) for one in ("plain", text))
    tags = [[node.tag for node in document(page).iter()] for page in (plain, strange)]

    assert [tag for tag in tags[0] if tag != "p"] == [tag for tag in tags[1] if tag != "p"]


@pytest.fixture
def hostile_run() -> Callable[[str], Panel]:
    def make(text: str) -> Panel:
        old = panel("Acme", "skip")
        said = old.verdicts[0].model_copy(
            update={"title": text, "review": text, "rubric": {"why": text}, "counter_case": text, "would_change": text}
        )
        tool = old.tool.model_copy(update={"name": text, "description": text, "tagline": text})
        return old.model_copy(update={"tool": tool, "verdicts": (said,)})

    return make


def save(folder: Path, *run: Panel) -> Path:
    folder.mkdir()
    for one in run:
        (folder / f"{one.tool.id}.panel.json").write_text(panel_json(one), encoding="utf-8")
    return folder


def test_the_command_tells_a_flip_and_strict_ends_with_1(cli: Cli, tmp_path: Path) -> None:
    old, new = save(tmp_path / "old", panel("Acme", "ship")), tmp_path / "new.jsonl"
    new.write_text(panel_json(panel("Acme", "skip"), indent=None), encoding="utf-8")

    loose, strict = cli("diff", old, new), cli("diff", old, new, "--strict")

    assert (loose.code, strict.code) == (0, 1)
    assert "developer: ship -> skip [flipped]" in loose.out
    assert "1 of 1 vote turned (100%)" in loose.out
    assert cli("diff", old, old, "--strict").code == 0


def test_the_command_writes_the_contract_and_a_page(cli: Cli, tmp_path: Path) -> None:
    old, new = save(tmp_path / "old", panel("Acme", "ship")), save(tmp_path / "new", panel("Acme", "skip"))

    cli("diff", old, new, "-o", tmp_path / "x.json")
    cli("diff", old, new, "-o", tmp_path / "out", "--format", "html,json")
    printed = cli("diff", old, new, "-o", "-", "-f", "json").out

    assert printed == (tmp_path / "x.json").read_text(encoding="utf-8")
    assert printed == (tmp_path / "out" / "diff.json").read_text(encoding="utf-8")
    assert json.loads(printed)["schema_version"] == 1
    assert Diff.model_validate_json(printed).total.flipped == 1
    assert (tmp_path / "out" / "diff.html").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-f", "html"], "--format without a place"),
        (["-f", "pdf", "-o", "x"], "no format 'pdf'"),
        (["-o", "-"], "prints one format"),
        (["-o", "x.json", "-f", "html"], "takes one format"),
    ],
)
def test_a_place_that_cannot_take_the_formats_is_refused(cli: Cli, tmp_path: Path, words: list[str], said: str) -> None:
    old = save(tmp_path / "old", panel("Acme", "ship"))
    ran = cli("diff", old, old, *words)

    assert (ran.code, said in ran.err) == (2, True)


def test_two_panels_of_one_tool_in_a_run_are_refused_and_the_same_one_twice_is_not(cli: Cli, tmp_path: Path) -> None:
    old, run = save(tmp_path / "old", panel("Acme", "ship")), tmp_path / "run.jsonl"
    one, other = (panel_json(panel("Acme", vote), indent=None) for vote in ("ship", "skip"))
    run.write_text(one + other, encoding="utf-8")
    refused = cli("diff", old, run)
    run.write_text(one + one, encoding="utf-8")

    assert (refused.code, "another panel of 'acme'" in refused.err) == (2, True)
    assert cli("diff", old, run).code == 0


def test_a_folder_without_panels_is_refused(cli: Cli, tmp_path: Path) -> None:
    ran = cli("diff", tmp_path, tmp_path)

    assert (ran.code, "no saved panels in this folder" in ran.err) == (2, True)


def test_the_example_in_the_docs_of_diff_holds() -> None:
    module = importlib.import_module("panelsynth.catalogue.diff")

    assert doctest.testmod(module).failed == 0
