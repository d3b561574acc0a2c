"""Reviewers and panels against people's decisions: exact counts, dashes for what is undefined, nothing guessed."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import sqrt
from pathlib import Path

import pytest
from filled import document
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from random_panels import panel, panels, signed, verdict
from shell import Cli, run_main
from workspaces import fill, mend, new_workspace

from panelsynth.catalogue.calibrate import Calibration, Rating, calibrate
from panelsynth.catalogue.calibration_words import agreement_words, few_words, kappa_words, notes
from panelsynth.catalogue.kappa import Confusion, kappa_interval
from panelsynth.catalogue.labels import HumanLabel, read_labels
from panelsynth.errors import DocumentError
from panelsynth.pages.calibration import render_calibration
from panelsynth.panel import Panel
from panelsynth.saving import panel_json
from panelsynth.tally.agreement import cohen_kappa
from panelsynth.verdict import Edit
from panelsynth.workspace import Workspace
from panelsynth.workspace.approval import freeze
from panelsynth.workspace.desk import Desk
from panelsynth.workspace.overrides import overrides


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return lambda *args: run_main(monkeypatch, capsys, *args)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def make(text: str) -> Path:
        path = tmp_path / "labels.csv"
        path.write_bytes(text.encode())
        return path

    return make


def by_name(found: Calibration) -> dict[str, Rating]:
    return {rating.reviewer: rating for rating in (found.panel, *found.reviewers)}


# The file of labels


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a BOM"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_labels_are_read_with_or_without_a_mark_and_reviewers(
    write: Callable[[str], Path], mark: str, ends: str
) -> None:
    path = write(mark + ends.join(["reviewer,tool,decision", ",acme,Ship", "skeptic, acme ,skip", ",,", ""]))

    assert read_labels(path) == (HumanLabel("acme", "ship"), HumanLabel("acme", "skip", "skeptic"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "labels.csv:1: the first line should be tool,decision"),
        ("tool,vote\nacme,ship\n", "labels.csv:1: the first line should be tool,decision"),
        ("tool,tool,decision\n", "labels.csv:1: the first line should be tool,decision"),
        ("tool,decision\n", "labels.csv:1: holds no labels"),
        ("tool,decision\nacme,ship,x\n", "labels.csv:2: has 3 cells"),
        ("tool,decision\n\nacme,maybe\n", "labels.csv:3: the decision is 'maybe'"),
        ("tool,decision\n,ship\n", "labels.csv:2: names no tool"),
        ("tool,decision\nacme,ship\nacme,ship\n", "labels.csv:3: acme stands in line 2 too"),
        ("tool,decision\nacme,ship\nacme,skip\n", "labels.csv:3: acme is skip here and ship in line 2"),
        ('tool,decision\n"acme,ship\n', "is no CSV"),
    ],
)
def test_a_fault_in_labels_names_line_and_remedy(write: Callable[[str], Path], text: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_labels(write(text))

    assert said in caught.value.message
    assert caught.value.remedy


# The counts


def test_a_line_break_inside_a_cell_joins_no_two_words(write: Callable[[str], Path]) -> None:
    [label] = read_labels(write('tool,decision\n"ac\nme",ship\n'))
    assert label.tool == "ac\nme"


def test_each_persona_and_the_panel_are_held_against_the_tools_label() -> None:
    run = [panel("Acme", "ship ship skip"), panel("Bolt", "skip skip skip")]
    found = by_name(calibrate(run, [HumanLabel("acme", "ship"), HumanLabel("bolt", "ship")]))

    assert (found[""].n, found[""].agreed) == (2, 1)
    assert (found["developer"].agreed, found["futurist"].agreed) == (1, 0)
    assert found["developer"].confusion == Confusion(ship_ship=1, ship_skip=0, skip_ship=1, skip_skip=0)
    assert agreement_words(found["developer"]) == "50% (1 of 2), 9-91%"


def test_a_label_for_one_persona_goes_before_the_tools_and_is_nobody_elses() -> None:
    labels = [HumanLabel("acme", "ship"), HumanLabel("acme", "skip", "skeptic"), HumanLabel("bolt", "ship", "skeptic")]
    found = by_name(calibrate([panel("Acme", "ship ship"), panel("Bolt", "ship ship")], labels))

    assert (found["skeptic"].n, found["skeptic"].agreed) == (2, 1)
    assert (found[""].n, found["developer"].n) == (1, 1)


def test_what_is_split_incomplete_or_without_a_vote_is_counted_apart() -> None:
    run = [panel("Acme", "ship skip"), panel("Bolt", "ship fail fail")]
    found = by_name(calibrate(run, [HumanLabel("acme", "ship"), HumanLabel("bolt", "ship")]))

    assert found[""].no_decision == {"incomplete": 1, "split": 1}
    assert (found[""].n, found[""].agreement, found[""].interval, found[""].kappa) == (0, None, None, None)
    assert found["skeptic"].no_decision == {"failed": 1}
    assert (agreement_words(found[""]), kappa_words(found[""])) == ("—", "—")


def test_what_has_no_counterpart_is_listed_and_not_guessed() -> None:
    labels = [HumanLabel("Acme", "ship"), HumanLabel("acme", "ship", "auditor"), HumanLabel("gone", "skip")]
    found = calibrate([panel("Acme", "ship"), panel("Bolt", "ship")], labels)

    assert found.unmatched_labels == ("Acme", "acme/auditor", "gone")
    assert found.unlabelled == ("bolt",)
    assert "gone" in notes(found)[2]
    assert "bolt" in notes(found)[3]


def test_an_edited_verdict_counts_as_the_model_decided_and_a_persons_own_as_no_decision() -> None:
    one = panel("Acme", "ship")
    edited = verdict("developer", "ship").model_copy(update={"edit": Edit(fields=(), decision_was="skip")})
    by_hand = signed(one, source="person", key="", model="")
    label = [HumanLabel("acme", "ship")]

    assert by_name(calibrate([one.model_copy(update={"verdicts": (edited,)})], label))["developer"].agreed == 0
    assert by_name(calibrate([by_hand], label))["developer"].no_decision == {"by a person": 1}


def test_under_ten_labels_nothing_can_be_concluded_and_that_is_said() -> None:
    names = [f"T{number}" for number in range(10)]
    run, labels = [panel(name, "ship") for name in names], [HumanLabel(name.lower(), "ship") for name in names]

    assert "nothing can be concluded" in few_words(calibrate(run[:9], labels))
    assert not few_words(calibrate(run, labels))


runs = st.lists(st.sampled_from(["Acme", "Bolt", "Cask", "Dune"]), unique=True).flatmap(
    lambda names: st.tuples(*(panels(name) for name in names))
)
labelled = st.dictionaries(
    st.tuples(st.sampled_from(["acme", "bolt", "cask", "echo"]), st.sampled_from(["", "skeptic", "developer"])),
    st.sampled_from(["ship", "skip"]),
).map(lambda given: [HumanLabel(tool, word, who) for (tool, who), word in given.items()])  # type: ignore[arg-type]


@given(runs, labelled, st.randoms(use_true_random=False))
def test_no_order_of_reviewers_tools_or_labels_changes_anything(
    run: tuple[Panel, ...], labels: list[HumanLabel], dice: random.Random
) -> None:
    mixed = [one.model_copy(update={"verdicts": tuple(dice.sample(one.verdicts, len(one.verdicts)))}) for one in run]
    shuffled = calibrate(dice.sample(mixed, len(mixed)), dice.sample(labels, len(labels)))

    assert calibrate(run, labels) == shuffled


@given(runs, labelled)
def test_every_label_is_counted_or_listed(run: tuple[Panel, ...], labels: list[HumanLabel]) -> None:
    found = calibrate(run, labels)
    of_tools = [label for label in labels if not label.reviewer]
    stray = [name for name in found.unmatched_labels if "/" not in name]

    assert found.panel.n + sum(found.panel.no_decision.values()) + len(stray) == len(of_tools)
    for rating in (found.panel, *found.reviewers):
        assert rating.n == rating.confusion.total
        assert rating.interval is None or rating.interval[0] <= (rating.agreement or 0) <= rating.interval[1]


# Kappa


def kappa_of(table: Confusion) -> Fraction | None:
    return cohen_kappa(table.pairs)


tables = st.tuples(*[st.integers(0, 60)] * 4).map(
    lambda cells: Confusion(ship_ship=cells[0], ship_skip=cells[1], skip_ship=cells[2], skip_skip=cells[3])
)


def test_kappa_and_its_interval_agree_with_a_table_worked_by_hand() -> None:
    table = Confusion(ship_ship=20, ship_skip=5, skip_ship=10, skip_skip=15)  # po 0.7, pe 0.5
    low, high = kappa_interval(table) or (0, 0)

    assert float(kappa_of(table) or 0) == pytest.approx(0.4)
    # Shares down 0.5 and 0.5, across 0.6 and 0.4: the paper's three sums are 0.10972, 0.10188 and 0.01.
    error = sqrt((0.10972 + 0.10188 - 0.01) / (50 * 0.25))
    assert (high - low) / 2 == pytest.approx(1.959964 * error, rel=1e-6)


@given(tables)
def test_kappa_and_its_interval_agree_with_statsmodels(table: Confusion) -> None:
    from statsmodels.stats.inter_rater import cohens_kappa

    kappa, reach = kappa_of(table), kappa_interval(table)
    if kappa is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = cohens_kappa([[table.ship_ship, table.ship_skip], [table.skip_ship, table.skip_skip]])

    assert float(kappa) == pytest.approx(theirs.kappa, abs=1e-9)
    if reach:
        assert reach == pytest.approx((max(-1, theirs.kappa_low), min(1, theirs.kappa_upp)), abs=1e-7)


@given(tables)
def test_kappa_lies_in_its_interval_and_sides_and_words_may_be_exchanged(table: Confusion) -> None:
    turned = Confusion(
        ship_ship=table.skip_skip, ship_skip=table.skip_ship, skip_ship=table.ship_skip, skip_skip=table.ship_ship
    )
    across = table.model_copy(update={"ship_skip": table.skip_ship, "skip_ship": table.ship_skip})

    assert kappa_of(table) == kappa_of(turned) == kappa_of(across)
    assert kappa_interval(table) == kappa_interval(turned) == kappa_interval(across)
    if reach := kappa_interval(table):
        assert -1 <= reach[0] <= float(kappa_of(table) or 0) <= reach[1] <= 1


@pytest.mark.parametrize("cells", [(0, 0, 0, 0), (5, 0, 0, 0), (0, 0, 0, 5), (0, 5, 0, 0)])
def test_kappa_is_undefined_or_nought_where_a_side_is_constant(cells: Sequence[int]) -> None:
    table = Confusion(ship_ship=cells[0], ship_skip=cells[1], skip_ship=cells[2], skip_skip=cells[3])

    assert kappa_of(table) in {None, 0}
    assert kappa_interval(table) is None


def test_perfect_agreement_has_a_kappa_of_one_and_no_interval_that_claims_to_be_sure() -> None:
    table = Confusion(ship_ship=5, ship_skip=0, skip_ship=0, skip_skip=5)

    assert kappa_of(table) == 1
    assert kappa_interval(table) is None


# In a workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = new_workspace(tmp_path)
    fill(made)
    return made


def decided(workspace: Workspace) -> Calibration:
    found, labels = overrides(Desk(Workspace(workspace.root)))
    return calibrate(found, labels, origin="overrides")


def override(workspace: Workspace) -> None:
    path = workspace.review_path("acme", "skeptic")
    mend(path, "decision: ship", "decision: skip\nreason: It is not.")


def approved(workspace: Workspace) -> None:
    desk = Desk(Workspace(workspace.root))
    page = desk.draft("acme-vs-zenith").model_copy(
        update={"status": "approved", "approved_by": "Ed", "approved_at": "2026-11-24T10:00:00Z"}
    )
    freeze(desk.workspace, "acme-vs-zenith", page)


def test_drafts_that_nobody_has_decided_on_label_nothing(workspace: Workspace) -> None:
    found = decided(workspace)

    assert (found.panel.n, found.reviewers) == (0, ())


def test_an_override_in_a_draft_is_a_label_and_the_rest_of_the_draft_is_none(workspace: Workspace) -> None:
    override(workspace)
    found = by_name(decided(workspace))

    assert found["skeptic"].confusion == Confusion(ship_ship=0, ship_skip=1, skip_ship=0, skip_skip=0)
    assert found["developer"].n == found[""].n == 0


def test_unedited_verdicts_of_an_approved_page_count_as_the_editor_agreeing(workspace: Workspace) -> None:
    override(workspace)
    approved(workspace)
    found = by_name(decided(workspace))

    assert (found["skeptic"].n, found["skeptic"].agreed) == (2, 1)
    assert (found["developer"].n, found["developer"].agreed) == (2, 2)
    assert found[""].n + sum(found[""].no_decision.values()) >= 1


def test_on_an_approved_page_the_panel_before_its_editor_is_held_against_the_panel_after(tmp_path: Path) -> None:
    made = new_workspace(tmp_path)
    fill(made, "ship ship ship ship")
    for name in ("developer", "skeptic", "futurist"):
        mend(made.review_path("acme", name), "decision: ship", "decision: skip\nreason: It is not.")
    approved(made)

    assert decided(made).panel.confusion == Confusion(ship_ship=1, ship_skip=1, skip_ship=0, skip_skip=0)


def test_examples_written_by_hand_say_nothing_of_a_model(tmp_path: Path) -> None:
    made = new_workspace(tmp_path)
    fill(made, source="authored")
    approved(made)
    found = decided(made)

    assert (found.panel.n, {one.n for one in found.reviewers}) == (0, {0})


def test_that_editors_are_anchored_is_said_wherever_their_overrides_are_the_labels(
    workspace: Workspace, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    override(workspace)
    monkeypatch.chdir(workspace.root)
    ran = cli("calibrate")

    assert ran.code == 0
    assert "anchored" in ran.out
    assert "anchored" in render_calibration(decided(workspace))


def test_labels_in_a_workspace_are_held_against_its_own_reviews(
    workspace: Workspace, cli: Cli, monkeypatch: pytest.MonkeyPatch, write: Callable[[str], Path]
) -> None:
    monkeypatch.chdir(workspace.root)
    ran = cli("calibrate", write("tool,decision\nacme,ship\n"), "-o", "-", "-f", "json")
    said = json.loads(ran.out)

    assert (said["origin"], said["panel"]["n"], said["unlabelled"]) == ("labels", 1, ["zenith"])


# The command and the page


def test_the_command_prints_and_writes_the_same_counts(cli: Cli, tmp_path: Path, write: Callable[[str], Path]) -> None:
    run = tmp_path / "run.jsonl"
    run.write_text(panel_json(panel("Acme", "ship skip ship"), indent=None), encoding="utf-8")
    labels = write("tool,decision\nacme,ship\n")
    shown = cli("calibrate", labels, run)
    cli("calibrate", labels, run, "-o", tmp_path / "out")
    saved = (tmp_path / "out" / "calibration.json").read_text(encoding="utf-8")

    assert "agreement   100% (1 of 1), 21-100%" in shown.out
    assert Calibration.model_validate_json(saved).panel.agreed == 1
    document((tmp_path / "out" / "calibration.html").read_text(encoding="utf-8"))


def test_without_labels_or_a_workspace_the_command_says_what_to_name(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    for words in ([], ["x.jsonl"]):
        ran = cli("calibrate", *words)
        assert (ran.code, "labels.csv" in ran.err) == (2, True)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_add_no_element_to_the_page(text: str) -> None:
    def page(said: str) -> list[object]:
        one = panel("Acme", "ship")
        strange = one.verdicts[0].model_copy(update={"title": said or "x", "reviewer": said or "x"})
        found = calibrate([one.model_copy(update={"verdicts": (strange,)})], [HumanLabel(said, "ship")])
        return [node.tag for node in document(render_calibration(found)).iter()]

    assert page(text) == page("plain")


def test_no_page_or_note_claims_what_a_panel_cannot_be() -> None:
    found = calibrate([panel("Acme")], [HumanLabel("acme", "ship")])
    said = render_calibration(found).lower() + " ".join(notes(found)).lower()

    assert not [word for word in ("more accurate", "independent votes", "expert") if word in said]
