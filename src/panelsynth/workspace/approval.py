"""Approval: a page is frozen as an editor has read it, or taken out of use; what stood there before is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..comparison import Comparison, Waiver
from ..documents import did_you_mean
from ..errors import InputError
from ..pages import render
from ..verdict import Flag
from ..writing import write_whole
from .desk import Desk
from .folder import Workspace, frozen_files
from .publication import is_behind, load_published


def approve(desk: Desk, slug: str, *, by: str, at: str, waivers: Sequence[Waiver] = ()) -> Comparison:
    """Say what a page would be when it is approved; `freeze` writes it.

    Args:
        desk: the drafts.
        slug: the page.
        by: who approves it.
        at: when, UTC, `2026-11-23T10:00:00Z`.
        waivers: kinds of loud flags that may stand, each with a reason.

    Raises:
        InputError: something stands against it; the message lists all of it, with the remedy. Or the clock stands
            before the time of the version that is online, so that the two could not be told apart in the history.
    """
    draft = desk.draft(slug)
    if obstacles := [*_obstacles(draft, {waiver.kind for waiver in waivers})]:
        listed = "".join(f"\n  {obstacle}" for obstacle in obstacles)
        raise InputError(f"{slug} cannot be approved yet:{listed}", remedy="Mend the files, then approve it again.")
    open_kinds = {flag.kind for _, flag in loud_flags(draft)}
    if idle := [waiver.kind for waiver in waivers if waiver.kind not in open_kinds]:
        known = ", ".join(sorted(open_kinds)) or "none"
        raise InputError(f"{slug}: no loud flag {idle[0]!r} is open", remedy=f"Open kinds: {known}.")
    if (before := desk.published(slug)) and before.approved_at >= at:
        remedy = "Try again in a second, or look at this machine's clock."
        raise InputError(f"{slug} was approved at {before.approved_at}, and it is {at} now", remedy=remedy)
    approved = {"status": "approved", "approved_by": by, "approved_at": at, "waivers": tuple(waivers)}
    return draft.model_copy(update=approved)


def is_approved_so(page: Comparison, before: Comparison | None) -> bool:
    """Tell whether a page that is about to be frozen is what is online already, with the same waivers."""
    if before is None or before.status != "approved" or is_behind(before, page):
        return False
    return {(one.kind, one.reason) for one in before.waivers} == {(one.kind, one.reason) for one in page.waivers}


def retire(workspace: Workspace, slug: str, *, reason: str, at: str) -> Comparison:
    """Say what an approved page is when it is taken out of use; `freeze` writes it.

    Raises:
        InputError: it was never approved, or is retired already.
    """
    if slug not in workspace.published_slugs:
        remedy = did_you_mean(slug, workspace.published_slugs) if workspace.published_slugs else "No page is, so far."
        raise InputError(f"{slug!r} was never approved, so that it cannot be retired", remedy=remedy)
    page = load_published(workspace.published(slug))
    if page.status == "retired":
        remedy = f"To bring it back: panelsynth approve {slug}"
        raise InputError(f"{slug} is retired already, since {page.retired_at[:10]}", remedy=remedy)
    return page.model_copy(update={"status": "retired", "retired_at": at, "retired_reason": reason})


def freeze(workspace: Workspace, slug: str, page: Comparison) -> Path:
    """Write a page's new version; the one before it is kept in `published/history/`, under the time of its approval.

    Raises:
        OutputError: it cannot be written; what was online stays so.
    """
    path = workspace.published(slug)
    workspace.check_place(path)
    if path.is_file():
        before = load_published(path)
        if before.approved_at != page.approved_at:  # a retired page is the same version, marked
            place = workspace.history(slug) / f"{_stamp(before.approved_at)}.json"
            workspace.check_place(place)
            write_whole(place, render(before, "json"))
    write_whole(path, render(page, "json"))
    return path


def past_versions(workspace: Workspace, slug: str) -> list[Comparison]:
    """Load the earlier approved versions of a page, newest first."""
    versions = [load_published(file) for file in frozen_files(workspace.history(slug))]
    if not versions:
        return []
    online = load_published(workspace.published(slug)).approved_at
    # An approval that was broken off has put the version that is still online into the history already.
    earlier = [version for version in versions if version.approved_at != online]
    return sorted(earlier, key=lambda version: version.approved_at, reverse=True)


def loud_flags(page: Comparison) -> Iterator[tuple[str, Flag]]:
    """Go through a page's loud flags, each with its place, such as `acme/skeptic`."""
    for panel in page.panels:
        yield from ((panel.tool.id, flag) for flag in panel.flags if flag.severity == "loud")
        for verdict in panel.verdicts:
            yield from ((f"{panel.tool.id}/{verdict.reviewer}", f) for f in verdict.flags if f.severity == "loud")


def _obstacles(draft: Comparison, waived: set[str]) -> Iterator[str]:
    """List what stands against an approval."""
    for panel in draft.panels:
        if panel.tally.percent is None:
            missing = ", ".join(gap.reviewer for gap in panel.missing)
            yield f"{panel.tool.id}: no quorum, {missing} missing: panelsynth review --tool {panel.tool.id}"
        for verdict in panel.verdicts:
            if verdict.edit and verdict.edit.decision_was and not verdict.edit.reason.strip():
                was, place = verdict.edit.decision_was, f"reviews/{panel.tool.id}/{verdict.reviewer}.md"
                yield f"{place}: {was} was changed to {verdict.decision} without a 'reason:' in the front matter"
    for place, flag in loud_flags(draft):
        if flag.kind not in waived:
            span = f": {flag.span[:80]!r}" if flag.span else ""
            yield f"{place}: {flag.kind}{span}: mend it, or --waive {flag.kind} --reason TEXT"


def _stamp(moment: str) -> str:
    """Write a moment as a file name: `20261123T100000Z`."""
    return "".join(sign for sign in moment if sign.isalnum()) or "undated"
