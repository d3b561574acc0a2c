"""The state of reviews: told from the file and from what would be asked today, and drafts that follow the files."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path

import pytest
from workspaces import fill, mend, new_workspace, one, states

from panelsynth import Comparison
from panelsynth.errors import DocumentError, InputError, OutputError
from panelsynth.model import Store
from panelsynth.workspace import Workspace, draft_comparison, draft_panel, reviews_of
from panelsynth.workspace.review_file import ORIGINALS, Kept, ReviewFile
from panelsynth.workspace.reviews import asked


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


@pytest.fixture
def full(ws: Workspace) -> Workspace:
    fill(ws)
    return ws


def page(ws: Workspace) -> Comparison:
    again = Workspace(ws.root)
    found = states(ws)
    panels = [draft_panel(tool, [r for r in found if r.tool.id == name]) for name, tool in again.tools.items()]
    return draft_comparison(again.comparisons["acme-vs-zenith"], panels, [p.id for p in again.personas])


def test_a_new_workspace_lacks_every_review(ws: Workspace) -> None:
    assert Counter(review.state for review in states(ws)) == {"missing": 8}
    assert all(review.is_asked_for for review in states(ws))


def test_what_a_model_answered_is_current_and_nobody_is_asked_again(full: Workspace) -> None:
    assert Counter(review.state for review in states(full)) == {"current": 8}
    assert not any(review.is_asked_for for review in states(full))


def test_edits_leave_a_review_current(full: Workspace) -> None:
    mend(one(full).path, "decision: ship", "decision: skip")
    assert one(full).state == "current"


def test_each_change_makes_the_reviews_stale_that_it_touches_and_no_others(full: Workspace) -> None:
    mend(full.root / "tools" / "acme.yaml", "runs offline", "needs a network")
    assert {("acme", "tool changed")} == {(r.tool.id, r.reason) for r in states(full) if r.state == "stale"}
    mend(full.root / "prompts" / "personas" / "skeptic.md", "tires:", "tires: not only")
    reasons = {(r.tool.id, r.persona.id): r.reason for r in states(full) if r.state == "stale"}
    assert reasons["acme", "skeptic"] == "persona and tool changed"
    assert reasons["zenith", "skeptic"] == "persona changed"
    mend(full.root / "panelsynth.toml", "m-1", "m-2")
    assert Counter(review.state for review in states(full)) == {"stale": 8}
    assert one(full, "zenith", "business").reason == "model changed"


def test_what_reviewers_do_not_see_makes_nothing_stale(full: Workspace) -> None:
    mend(full.root / "tools" / "acme.yaml", "name: Acme", "name: Acme\nurl: https://acme.example")
    (full.root / "votes.csv").write_text("tool,ship,skip,as_of\nacme,31,19,2026-11-20\n", encoding="utf-8")
    assert Counter(review.state for review in states(full)) == {"current": 8}
    assert page(full).panels[0].community.text == "62% (31 of 50)"


def test_an_example_stays_current_under_any_model_but_not_for_another_tool(ws: Workspace) -> None:
    fill(ws, source="authored")
    mend(ws.root / "panelsynth.toml", "m-1", "m-2")
    assert Counter(review.state for review in states(ws)) == {"current": 8}
    mend(ws.root / "tools" / "acme.yaml", "runs offline", "needs a network")
    assert one(ws).reason == "tool changed"


def test_a_presets_name_is_no_part_of_the_model(ws: Workspace) -> None:
    mend(ws.root / "panelsynth.toml", "m-1", "ollama/m-1")
    fill(ws)
    assert Counter(review.state for review in states(ws)) == {"current": 8}


@pytest.mark.parametrize("source", ["live", "authored"])
def test_a_kept_verdict_stands_until_something_changes_again(ws: Workspace, source: str) -> None:
    fill(ws, source=source)
    mend(ws.root / "tools" / "acme.yaml", "runs offline", "runs  off line")
    stale = one(ws)
    assert stale.file
    kept = Kept(key=stale.key, reason="A typo.", by="Mo", on="2026-11-25")
    stale.file.model_copy(update={"kept": (kept,)}).write(stale.path)
    assert (one(ws).state, one(ws).reason) == ("kept", "A typo.")
    [verdict] = [v for v in page(ws).panels[0].verdicts if v.kept]
    assert (verdict.reviewer, verdict.kept) == ("skeptic", "A typo.")
    mend(ws.root / "tools" / "acme.yaml", "off line", "online")
    assert one(ws).state == "stale"


def test_a_persons_file_votes_and_never_goes_stale(full: Workspace) -> None:
    one(full).path.write_text("---\ndecision: ship\nscore: 80\nby: Mo\n---\nI like it.\n", encoding="utf-8")
    mend(full.root / "tools" / "acme.yaml", "runs offline", "needs a network")
    review = one(full)
    assert (review.state, review.is_asked_for) == ("by hand", False)
    verdict = page(full).panels[0].verdict_of("skeptic")
    assert verdict is not None
    assert (verdict.provenance.source, verdict.provenance.answered_by) == ("person", "Mo")
    assert "editors" in page(full).disclosure


def test_percentages_follow_an_edited_decision(full: Workspace) -> None:
    assert page(full).panels[0].tally.percent == 75
    mend(one(full, persona="futurist").path, "decision: skip", "decision: ship\nreason: They cut the price.")
    assert page(full).panels[0].tally.percent == 100
    mend(one(full).path, "decision: ship", "decision: skip\nreason: It broke.")
    panel = page(full).panels[0]
    assert panel.tally.percent == 75
    verdict = panel.verdict_of("skeptic")
    assert verdict is not None
    assert verdict.edit is not None
    assert (verdict.edit.decision_was, verdict.edit.reason) == ("ship", "It broke.")
    assert "decision" in verdict.edit.fields


def test_flags_are_told_anew_from_the_words_that_stand_there(full: Workspace) -> None:
    review = one(full)
    mend(review.path, "- A linter for prose that", "- It won a prize in 2025")
    verdict = page(full).panels[0].verdict_of("skeptic")
    assert verdict is not None
    loud = [(flag.kind, flag.span) for flag in verdict.flags if flag.severity == "loud"]
    assert loud == [("quote-not-verbatim", "It won a prize in 2025")]
    mend(review.path, "- It won a prize in 2025", "- runs offline and finds cliches")
    verdict = page(full).panels[0].verdict_of("skeptic")
    assert verdict is not None
    assert not [flag for flag in verdict.flags if flag.severity == "loud"]


def test_a_lost_or_foreign_copy_leaves_an_edit_without_its_fields(full: Workspace) -> None:
    mend(one(full).path, "score: 70", "score: 10")
    copy = one(full).path.parent / ORIGINALS / "skeptic.md"
    assert one(full).file is not None
    assert page(full).panels[0].verdict_of("skeptic").edit.fields == ("score",)  # type: ignore[union-attr]
    shutil.copy(copy.with_name("business.md"), copy)
    assert page(full).panels[0].verdict_of("skeptic").edit.fields == ()  # type: ignore[union-attr]
    copy.unlink()
    assert page(full).panels[0].verdict_of("skeptic").edit.fields == ()  # type: ignore[union-attr]


def test_a_draft_that_takes_the_old_reviews_place_brings_its_own_copy(full: Workspace) -> None:
    review = one(full)
    old = page(full).panels[0].verdict_of("skeptic")
    assert old is not None
    mend(review.path, "score: 70", "score: 10")
    draft = ReviewFile.of(old.model_copy(update={"score": 3}), asked(review.request))
    draft.write(review.path.with_name("skeptic.new.md"), keep_original=True)
    review.path.with_name("skeptic.new.md").replace(review.path)
    mend(review.path, "score: 3", "score: 4")
    assert page(full).panels[0].verdict_of("skeptic").edit.fields == ("score",)  # type: ignore[union-attr]


def test_a_broken_file_is_an_error_or_a_state_as_the_caller_wishes(full: Workspace) -> None:
    path = one(full).path
    mend(path, "decision: ", "decison: ")
    with pytest.raises(DocumentError, match=r"skeptic.md:2: decison: unknown key\nDid you mean 'decision'"):
        states(full)
    again = Workspace(full.root)
    [broken] = [r for r in reviews_of(again, [*again.tools.values()], tolerant=True) if r.state == "broken"]
    assert "skeptic.md:2" in broken.reason
    assert not broken.is_asked_for
    gap = draft_panel(broken.tool, [broken]).missing[0]
    assert (gap.state, gap.cause) == ("failed", "unreadable")


def test_a_failure_of_an_earlier_run_is_told_from_the_store(ws: Workspace) -> None:
    with Store(ws.store_path) as store:
        asyncio.run(store.note_failure(one(ws).request, "timeout", "no reply within 180 s"))
        [failed] = [r for r in reviews_of(ws, [*ws.tools.values()], store) if r.state == "failed"]
    assert (failed.reason, failed.is_asked_for) == ("timeout: no reply within 180 s", True)
    gap = draft_panel(failed.tool, [failed]).missing[0]
    assert (gap.state, gap.cause, gap.message) == ("failed", "timeout", "no reply within 180 s")


def test_a_workspace_is_found_from_any_folder_in_it(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = ws.root / "reviews" / "acme"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert Workspace.find().root.resolve() == ws.root.resolve()
    assert str(Workspace.find().root) == "../.."
    monkeypatch.chdir("/")
    with pytest.raises(InputError, match=r"is in no workspace .*\n.*panelsynth init"):
        Workspace.find()


def test_paths_come_from_slugs_alone_and_links_are_not_written_through(ws: Workspace, tmp_path: Path) -> None:
    mend(ws.root / "tools" / "acme.yaml", "name: Acme", "id: ../../etc\nname: Acme")
    with pytest.raises(DocumentError, match=r"acme.yaml:1: id"):
        states(ws)
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    (ws.root / "reviews").mkdir()
    (ws.root / "reviews" / "acme").symlink_to(elsewhere)
    with pytest.raises(OutputError, match=r"acme: is a link to .*elsewhere\nPut a real folder"):
        ws.check_place(ws.review_path("acme", "skeptic"))
    ws.check_place(ws.review_path("zenith", "skeptic"))
