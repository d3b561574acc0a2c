"""The report across panels: counted anew, in any order, and written without a model."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_panels import NAMES, panel, panels, signed
from shell import run_main

from panelsynth.catalogue import prose
from panelsynth.catalogue import report as module
from panelsynth.catalogue.prose import near_duplicates
from panelsynth.catalogue.report import report
from panelsynth.cli.findings import json_of
from panelsynth.comparison import compare
from panelsynth.errors import InputError
from panelsynth.pages.report import report_html
from panelsynth.panel import Panel
from panelsynth.saving import panel_json
from panelsynth.tally import Share, Vote

several = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True).flatmap(
    lambda names: st.tuples(*(panels(name) for name in names))
)


@given(several, st.data())
def test_no_order_of_tools_or_reviewers_changes_a_number(given_: tuple[Panel, ...], data: st.DataObject) -> None:
    shuffled = [
        one.model_copy(
            update={
                "verdicts": tuple(data.draw(st.permutations(one.verdicts))),
                "missing": tuple(data.draw(st.permutations(one.missing))),
            }
        )
        for one in data.draw(st.permutations(given_))
    ]
    assert json_of(report(shuffled)) == json_of(report(given_))


@given(several)
def test_a_panel_named_twice_counts_once(given_: tuple[Panel, ...]) -> None:
    assert report([*given_, *given_]) == report(given_)


@given(several)
def test_the_page_is_the_same_bytes_and_says_no_nan(given_: tuple[Panel, ...]) -> None:
    made = report(given_)
    assert report_html(made) == report_html(report(given_))
    assert "NaN" not in json_of(made)


def test_two_different_panels_of_one_tool_and_no_panel_are_refused() -> None:
    with pytest.raises(InputError, match="two different panels of the tool 'acme'"):
        report([panel("Acme", "ship"), panel("Acme", "skip")])
    with pytest.raises(InputError, match="no panel"):
        report([])


@pytest.mark.parametrize(("tools", "word", "expected"), [(10, "ship", True), (10, "skip", True), (9, "ship", False)])
def test_a_reviewer_that_says_the_same_of_ten_tools_is_uninformative(tools: int, word: str, *, expected: bool) -> None:
    made = report(panel(f"Tool {at}", word) for at in range(tools))
    assert made.reviewers[0].uninformative == expected
    assert ("uninformative" in report_html(made)) == expected


def test_who_was_not_asked_is_no_gap_and_who_failed_is() -> None:
    made = report([panel("Acme", "ship fail"), panel("Bolt", "ship")])
    assert [(one.reviewer, one.ship.whole, one.missing) for one in made.reviewers] == [
        ("developer", 2, 0),
        ("skeptic", 0, 1),
    ]
    assert [(one.kind, one.state, one.count) for one in made.failures] == [("timeout", "failed", 1)]


def test_pivots_name_the_reviewers_on_whom_a_label_hangs() -> None:
    made = report([panel("Acme", "ship ship skip"), panel("Bolt", "ship ship ship skip")])
    assert [(one.tool, one.label, one.reviewers) for one in made.pivots] == [("acme", "ship", ("developer", "skeptic"))]


def test_known_costs_are_added_and_unknown_ones_counted() -> None:
    usage = {"input": 10, "output": 5}
    made = report([signed(panel("Acme", "ship skip"), cost_usd=0.1, usage=usage), panel("Bolt", "ship")])
    assert made.bill.model_dump() == {
        "cost_usd": 0.2,
        "cost_known": 2,
        "cost_unknown": 1,
        "input_tokens": 20,
        "output_tokens": 10,
        "tokens_unknown": 1,
    }


def brute(texts: dict[tuple[str, str], str]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    sets = {name: prose._shingles(text) for name, text in texts.items()}
    names = sorted(texts)
    return [
        (a, b)
        for at, a in enumerate(names)
        for b in names[at + 1 :]
        if sets[a] and sets[a] != sets[b] and 2 * len(sets[a] & sets[b]) >= len(sets[a] | sets[b])
    ]


@given(st.lists(st.lists(st.sampled_from("ab"), max_size=12).map(" ".join), max_size=8))
def test_near_duplicates_are_those_that_comparing_every_two_would_find(words: list[str]) -> None:
    texts = {(f"t{at}", "skeptic"): text for at, text in enumerate(words)}
    found = {(one, other) for one, other, share in near_duplicates(texts) if share.part != share.whole}
    firsts = {min(n for n in texts if prose._shingles(texts[n]) == prose._shingles(texts[name])) for name in texts}
    assert found == {pair for pair in brute(texts) if set(pair) <= firsts}


def test_equal_reviews_are_each_paired_with_the_first() -> None:
    texts = {(tool, "skeptic"): "Five plain words stand here." for tool in "cab"}
    one = Share(1, 1)
    expected = [(("a", "skeptic"), ("b", "skeptic"), one), (("a", "skeptic"), ("c", "skeptic"), one)]
    assert near_duplicates(texts) == expected


def sampled(*samples: Vote | None) -> Panel:
    one = panel("Acme", "ship")
    return one.model_copy(update={"verdicts": (one.verdicts[0].model_copy(update={"samples": samples}),)})


def test_samples_are_read_where_a_verdict_has_them() -> None:
    found = report([sampled("ship", "ship", "skip")]).reviewers[0]
    assert (found.consistency, found.sampled) == (0.6667, 1)


def test_what_samples_took_that_no_panel_holds_is_counted_as_not_known() -> None:
    bill = report([sampled("ship", "ship", None)]).bill
    assert (bill.cost_known, bill.cost_unknown, bill.tokens_unknown) == (0, 2, 2)


@given(st.permutations(["ship", "ship", "skip", None, "skip", "skip"]))
def test_no_order_of_samples_changes_a_number(samples: list[Any]) -> None:
    assert report([sampled(*samples)]).reviewers[0].consistency == 0.6


def test_a_cost_that_is_not_known_is_a_dash_and_never_0() -> None:
    made = report([panel("Acme", "ship")])
    assert made.bill.cost_usd is None
    assert "Cost of 0 reviews: —" in report_html(made)


def test_names_that_look_like_markup_are_text_on_the_page() -> None:
    one = panel("Acme", "ship skip")
    hostile = one.verdicts[0].model_copy(update={"reviewer": "<script>x</script>"})
    assert "<script" not in report_html(report([one.model_copy(update={"verdicts": (hostile,)})]))


def test_the_command_reads_files_folders_and_lines_and_writes_both_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = panel("Acme", "ship skip"), panel("Bolt", "ship ship")
    folder = tmp_path / "panels"
    folder.mkdir()
    (folder / "acme.panel.json").write_text(panel_json(first), encoding="utf-8")
    (tmp_path / "more.jsonl").write_text(panel_json(second, indent=None), encoding="utf-8")
    (tmp_path / "both.json").write_text(compare(first, second).to_json(), encoding="utf-8")
    given_ = (folder, tmp_path / "more.jsonl", tmp_path / "both.json")
    ran = run_main(monkeypatch, capsys, "report", *given_, "-o", tmp_path / "out")
    assert ran.code == 0, ran.err
    saved = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert (saved["schema_version"], saved["tools"]) == (1, 2)
    assert (tmp_path / "out" / "report.html").exists()
    printed = run_main(monkeypatch, capsys, "report", *given_, "-o", "-", "--format", "json")
    assert json.loads(printed.out) == saved
    assert run_main(monkeypatch, capsys, "report", *given_, "-o", tmp_path / "one.json").code == 0
    assert json.loads((tmp_path / "one.json").read_text(encoding="utf-8")) == saved
    shown = run_main(monkeypatch, capsys, "report", *given_)
    assert "agreement 50% (1 of 2)" in shown.out


@pytest.mark.parametrize(
    "words", [["-o", "-"], ["--format", "pdf"], ["-o", "x.json", "--format", "html"], ["-o", "-", "-f", "md"]]
)
def test_wrong_options_exit_with_2_and_a_remedy(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run_main(monkeypatch, capsys, "report", tmp_path, *words)
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 2


@pytest.mark.parametrize("one", [module, prose])
def test_the_examples_hold(one: Any) -> None:
    assert doctest.testmod(one).failed == 0
