"""Approval: what an editor has read is frozen; what stands against it is said; what was online is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from workspaces import fill, mend, new_workspace, one

from panelsynth.comparison import Comparison, Waiver
from panelsynth.errors import InputError, OutputError
from panelsynth.model import Store
from panelsynth.workspace import Workspace
from panelsynth.workspace.approval import approve, freeze, is_approved_so, past_versions, retire
from panelsynth.workspace.desk import Desk
from panelsynth.workspace.publication import is_behind, load_published

SLUG = "acme-vs-zenith"
AT = "2026-11-25T10:00:00Z"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "site").mkdir()
    made = new_workspace(tmp_path / "site")
    fill(made)
    return made


def approved(workspace: Workspace, at: str = AT, waivers: tuple[Waiver, ...] = ()) -> Comparison:
    page = approve(Desk(Workspace(workspace.root)), SLUG, by="Jane", at=at, waivers=waivers)
    freeze(workspace, SLUG, page)
    return page


def draft(workspace: Workspace) -> Comparison:
    return Desk(Workspace(workspace.root)).draft(SLUG)


def test_an_approved_page_is_the_draft_with_a_name_and_a_time(workspace: Workspace) -> None:
    page = approved(workspace)
    assert (page.status, page.approved_by, page.approved_at) == ("approved", "Jane", AT)
    assert load_published(workspace.published(SLUG)) == page
    assert page.panels == draft(workspace).panels
    assert "Read and approved by an editor." in page.disclosure


def test_a_later_edit_waits_and_the_approved_version_stays(workspace: Workspace) -> None:
    page = approved(workspace)
    assert not is_behind(page, draft(workspace))
    path = workspace.review_path("acme", "futurist")
    mend(path, "decision: skip", "decision: ship\nreason: the doubt was answered")
    frozen = load_published(workspace.published(SLUG))
    assert frozen == page
    assert is_behind(frozen, draft(workspace))
    assert draft(workspace).panels[0].tally.ships == 4


def test_the_version_before_is_kept_under_its_time(workspace: Workspace) -> None:
    first = approved(workspace)
    mend(workspace.root / "comparisons" / f"{SLUG}.md", "Two ways", "Both ways")
    second = approved(workspace, "2026-11-26T10:00:00Z")
    assert load_published(workspace.published(SLUG)) == second
    assert past_versions(workspace, SLUG) == [first]
    third = approved(workspace, "2026-11-27T10:00:00Z")
    assert past_versions(workspace, SLUG) == [second, first]
    assert third.approved_at > second.approved_at


def test_a_page_below_quorum_is_refused_with_the_command_that_mends_it(workspace: Workspace) -> None:
    for persona in ("skeptic", "developer"):
        workspace.review_path("acme", persona).unlink()
    with pytest.raises(InputError, match=r"acme: no quorum, .*panelsynth review --tool acme"):
        approved(workspace)


def test_a_changed_decision_needs_a_reason(workspace: Workspace) -> None:
    path = workspace.review_path("acme", "futurist")
    mend(path, "decision: skip", "decision: ship")
    with pytest.raises(InputError, match=r"reviews/acme/futurist.md: skip was changed to ship without a 'reason:'"):
        approved(workspace)
    mend(path, "decision: ship", "decision: ship\nreason: the doubt was answered")
    [edit] = [v.edit for v in approved(workspace).panels[0].verdicts if v.edit]
    assert (edit.decision_was, edit.reason) == ("skip", "the doubt was answered")


def misquote(workspace: Workspace) -> None:
    path = workspace.review_path("acme", "developer")
    mend(path, "evidence:\n- A linter for prose", "evidence:\n- A winner of every prize")


def test_open_loud_flags_stand_against_an_approval_unless_they_are_waived_by_name(workspace: Workspace) -> None:
    misquote(workspace)
    with pytest.raises(InputError, match=r"acme/developer: quote-not-verbatim: .*--waive quote-not-verbatim --reason"):
        approved(workspace)
    waiver = Waiver(kind="quote-not-verbatim", reason="it stood there in March", by="Jane")
    assert approved(workspace, waivers=(waiver,)).waivers == (waiver,)
    assert load_published(workspace.published(SLUG)).waivers == (waiver,)


def test_a_waiver_of_what_is_not_open_is_refused(workspace: Workspace) -> None:
    waiver = Waiver(kind="quote-not-verbatim", reason="in case", by="Jane")
    with pytest.raises(InputError, match="no loud flag 'quote-not-verbatim' is open"):
        approved(workspace, waivers=(waiver,))


def test_everything_that_stands_against_a_page_is_said_at_once(workspace: Workspace) -> None:
    misquote(workspace)
    mend(workspace.review_path("zenith", "futurist"), "decision: skip", "decision: ship")
    with pytest.raises(InputError) as caught:
        approved(workspace)
    assert "acme/developer" in caught.value.message
    assert "zenith/futurist" in caught.value.message
    assert not workspace.published(SLUG).exists()


def test_an_unknown_page_is_refused_with_a_guess(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="no page 'acme-vs-zenit'") as caught:
        approve(Desk(workspace), "acme-vs-zenit", by="Jane", at=AT)
    assert SLUG in caught.value.remedy


def test_a_retired_page_stays_marked_and_an_approval_brings_it_back(workspace: Workspace) -> None:
    first = approved(workspace)
    gone = retire(workspace, SLUG, reason="Zenith was discontinued", at="2026-11-26T10:00:00Z")
    freeze(workspace, SLUG, gone)
    loaded = load_published(workspace.published(SLUG))
    assert (loaded.status, loaded.retired_reason, loaded.approved_at) == ("retired", "Zenith was discontinued", AT)
    assert past_versions(workspace, SLUG) == []
    with pytest.raises(InputError, match="is retired already"):
        retire(workspace, SLUG, reason="again", at=AT)
    back = approved(workspace, "2026-11-27T10:00:00Z")
    assert (back.status, back.retired_reason) == ("approved", "")
    assert [page.approved_at for page in past_versions(workspace, SLUG)] == [first.approved_at]


def test_two_approvals_of_one_moment_are_refused_so_that_neither_is_lost(workspace: Workspace) -> None:
    first = approved(workspace)
    mend(workspace.root / "comparisons" / f"{SLUG}.md", "Two ways", "Both ways")
    with pytest.raises(InputError, match="look at this machine's clock"):
        approved(workspace)
    assert load_published(workspace.published(SLUG)) == first


def test_an_approval_that_was_broken_off_leaves_no_version_twice(workspace: Workspace) -> None:
    first = approved(workspace)
    place = workspace.history(SLUG) / "20261125T100000Z.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(workspace.published(SLUG).read_bytes())
    assert past_versions(workspace, SLUG) == []
    approved(workspace, "2026-11-26T10:00:00Z")
    assert past_versions(workspace, SLUG) == [first]


def test_a_page_that_is_approved_as_it_stands_is_known(workspace: Workspace) -> None:
    misquote(workspace)
    first = approved(workspace, waivers=(Waiver(kind="quote-not-verbatim", reason="in March", by="Jane"),))
    again = first.model_copy(update={"approved_by": "Joe", "approved_at": "2026-11-27T10:00:00Z"})
    assert is_approved_so(again, first)
    assert not is_approved_so(again, None)
    assert not is_approved_so(again.model_copy(update={"waivers": ()}), first)
    assert not is_approved_so(again.model_copy(update={"intro": "Another."}), first)
    assert not is_approved_so(again, first.model_copy(update={"status": "retired"}))


def test_why_a_reviewer_is_missing_is_frozen_and_puts_no_clone_behind(workspace: Workspace) -> None:
    """The cause stands in the store, which a clone does not have."""
    review = one(workspace)
    review.path.unlink()
    with Store(workspace.store_path) as store:
        asyncio.run(store.note_failure(review.request, "timeout", "no reply within 180 s"))
        page = approve(Desk(Workspace(workspace.root), store), SLUG, by="Jane", at=AT)
    assert [gap.cause for gap in page.panels[0].missing] == ["timeout"]
    assert not is_behind(page, draft(workspace))


@pytest.mark.parametrize("slug", ["../panelsynth", "history/x", "", ".", "a\0b"])
def test_no_slug_leads_out_of_the_published_pages(workspace: Workspace, slug: str) -> None:
    approved(workspace)
    with pytest.raises(InputError, match="never approved"):
        retire(workspace, slug, reason="why", at=AT)
    with pytest.raises(InputError, match="there is no page"):
        approve(Desk(workspace), slug, by="Jane", at=AT)


@pytest.mark.parametrize("name", ["published", "published/history"])
def test_nothing_is_frozen_behind_a_link(workspace: Workspace, name: str) -> None:
    if name != "published":
        approved(workspace)
        mend(workspace.root / "comparisons" / f"{SLUG}.md", "Two ways", "Both ways")
    elsewhere = workspace.root.parent / "elsewhere"
    elsewhere.mkdir()
    (workspace.root / name).symlink_to(elsewhere)
    with pytest.raises(OutputError, match="is a link"):
        approved(workspace, "2026-11-26T10:00:00Z")
    assert [*elsewhere.iterdir()] == []


def test_a_page_that_was_never_approved_cannot_be_retired(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="never approved"):
        retire(workspace, SLUG, reason="why", at=AT)


def test_a_hand_edited_number_of_a_frozen_page_is_refused(workspace: Workspace) -> None:
    approved(workspace)
    mend(workspace.published(SLUG), '"percent": 75', '"percent": 95')
    with pytest.raises(InputError, match="percent says 95, but counting again"):
        load_published(workspace.published(SLUG))
