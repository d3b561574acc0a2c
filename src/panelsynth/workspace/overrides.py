"""Overrides: what editors left and changed of models' decisions, as people's labels."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogue.labels import HumanLabel
from ..panel import Panel
from ..verdict import Verdict
from .desk import Desk
from .publication import load_published


def overrides(desk: Desk) -> tuple[list[Panel], list[HumanLabel]]:
    """Gather the panels that editors have decided on, and their decisions.

    On an approved page an editor has let every unedited verdict stand, which counts as agreeing; anywhere else only
    a decision that an editor has changed counts. Where a tool stands on several pages, the newest approval counts.

    Raises:
        InputError: a review file or a frozen page cannot be read.
    """
    approved = _approved(desk)
    panels: list[Panel] = []
    labels: list[HumanLabel] = []
    for tool in sorted({*approved, *desk.workspace.tools}):
        frozen = approved.get(tool)
        draft = desk.panel(tool) if tool in desk.workspace.tools else None
        panel = frozen or draft
        changed = {one.reviewer: one for one in (draft.verdicts if draft else ()) if _is_override(one)}
        seen = {one.reviewer: changed.get(one.reviewer, one) for one in (frozen.verdicts if frozen else ())}
        seen = seen or changed
        if panel is None or not seen:
            continue
        kept = tuple(seen.get(one.reviewer, one) for one in panel.verdicts)
        panels.append(panel.model_copy(update={"verdicts": kept}))
        labels.extend(_labels(tool, seen, frozen))
    return panels, labels


def _labels(tool: str, seen: dict[str, Verdict], frozen: Panel | None) -> Iterator[HumanLabel]:
    for name, verdict in seen.items():
        if verdict.provenance.source in {"live", "batch"}:
            yield HumanLabel(tool, verdict.decision, name)
    if frozen and frozen.tally.label in {"ship", "skip"} and any(_by_model(one) for one in frozen.verdicts):
        yield HumanLabel(tool, "ship" if frozen.tally.label == "ship" else "skip", is_panels=True)


def _approved(desk: Desk) -> dict[str, Panel]:
    """Find the panel of each tool on the page that was approved last."""
    folder = desk.workspace
    pages = [load_published(folder.published(slug)) for slug in folder.published_slugs]
    standing = sorted((page for page in pages if page.status == "approved"), key=lambda page: page.approved_at)
    return {panel.tool.id: panel for page in standing for panel in page.panels}


def _is_override(verdict: Verdict) -> bool:
    return _by_model(verdict) and verdict.edit is not None and verdict.edit.decision_was is not None


def _by_model(verdict: Verdict) -> bool:
    """Tell whether a model wrote it: an example's or a person's words say nothing of a model."""
    return verdict.provenance.source in {"live", "batch"}
