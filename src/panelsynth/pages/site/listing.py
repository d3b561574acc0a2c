"""Listing: a comparison as one entry of a list, with its share and counts for each tool."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ...panel import Panel
from ...reading import share
from ...verdict import Source, Verdict
from ..plain import line, mapped
from .addresses import comparison_path, link, tool_path
from .value import SitePage

_BY_HAND: dict[Source, str] = {"authored": "written by hand, no model", "person": "written by an editor"}


def entry(page: SitePage, root: str) -> dict[str, object]:
    """Give what a list says of a comparison, as plain clean data.

    Args:
        page: the comparison at its address.
        root: the way from the list to the site's root.
    """
    comparison = page.comparison
    made = {
        "slug": page.slug,
        "title": comparison.title,
        "href": link(comparison_path(page.slug), root),
        "names": [panel.tool.name for panel in comparison.panels],
        "marks": marks(page),
        "date": day(page),
        "categories": categories(page),
        "tools": [_share(panel, root) for panel in comparison.panels],
    }
    return cast("dict[str, object]", mapped(made, line))


def marks(page: SitePage) -> list[str]:
    """Say what readers of a list should know of a page before they open it."""
    comparison = page.comparison
    said = {"draft": ["Draft"], "retired": ["No longer kept up"], "approved": []}[comparison.status]
    waiting = ["Update waiting"] if page.is_behind else []
    return [*said, *waiting, *example(comparison.panels)]


def example(panels: Iterable[Panel]) -> list[str]:
    """Say so where replies were written by hand, all of them or some."""
    sources = {verdict.provenance.source for panel in panels for verdict in panel.verdicts}
    if "authored" not in sources:
        return []
    return ["Example, written by hand" if sources == {"authored"} else "Example in part, written by hand"]


def origin(verdict: Verdict) -> list[str]:
    """Say who had a hand in a verdict, where it was not a model alone."""
    said = [_BY_HAND[verdict.provenance.source]] if verdict.provenance.source in _BY_HAND else []
    if edit := verdict.edit:
        said.append(f"edited, was {edit.decision_was}" if edit.decision_was else "edited")
    return said


def categories(page: SitePage) -> list[str]:
    """Give the categories of a page's tools, each once, in the order shown."""
    found = (line(panel.tool.category or "") for panel in page.comparison.panels)
    return [*dict.fromkeys(filter(None, found))]


def day(page: SitePage) -> str:
    """Give the day of a page's approval; nothing for a draft."""
    return page.comparison.approved_at[:10] if page.comparison.status != "draft" else ""


def _share(panel: Panel, root: str) -> dict[str, object]:
    return {
        "name": panel.tool.name,
        "language": panel.tool.language or "",
        "href": link(tool_path(panel.tool.id), root),
        "label": panel.tally.label,
        "share": share(panel),
    }
