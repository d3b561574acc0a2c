"""Shelf: the tools of a site, each with the panel that readers should see, and what was published of it before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...panel import Panel
from .value import Site, SitePage

_ORDER = {"approved": 0, "draft": 1, "retired": 2}


@dataclass(frozen=True)
class Edition:
    """A tool's panel as a page of some day showed it."""

    page: SitePage
    panel: Panel

    @property
    def day(self) -> str:
        """The day of the page's approval; empty for a draft."""
        return self.page.comparison.approved_at[:10]


@dataclass(frozen=True)
class Shelved:
    """A tool, as a site knows it."""

    newest: Edition
    """From the page approved last; from a draft, or a retired page, only where there is no other."""
    pages: tuple[SitePage, ...]
    """The pages on which it stands, in the site's order."""
    past: tuple[Edition, ...]
    """What was approved of it, newest first, without repetitions of the same votes."""

    @property
    def panel(self) -> Panel:
        """Its newest panel."""
        return self.newest.panel


def shelve(site: Site) -> dict[str, Shelved]:
    """Sort a site's panels by tool, the tools in the order of their names."""
    found: dict[str, list[Edition]] = {}
    for page in site.pages:
        for panel in page.comparison.panels:
            found.setdefault(panel.tool.id, []).append(Edition(page, panel))
    earlier: dict[str, list[Edition]] = {}
    for page in site.past:
        for panel in page.comparison.panels:
            earlier.setdefault(panel.tool.id, []).append(Edition(page, panel))
    shelf = {
        name: Shelved(
            newest=min(editions, key=lambda edition: _ORDER[edition.page.comparison.status]),
            pages=tuple(edition.page for edition in editions),
            past=tuple(_distinct([*editions, *earlier.get(name, ())])),
        )
        for name, editions in found.items()
    }
    return dict(sorted(shelf.items(), key=lambda item: (item[1].panel.tool.name.casefold(), item[0])))


def votes(panel: Panel) -> dict[str, str]:
    """Say what each reviewer decided: `ship`, `skip`, or `no vote`."""
    return {v.reviewer: v.decision for v in panel.verdicts} | {m.reviewer: "no vote" for m in panel.missing}


def _distinct(editions: list[Edition]) -> Iterator[Edition]:
    """Put approved editions in order, newest first; of several with the same votes in a row the oldest stays."""
    approved = sorted((e for e in editions if e.day), key=lambda e: (e.page.comparison.approved_at, e.page.slug))
    kept: list[Edition] = []
    for edition in approved:
        if not kept or votes(kept[-1].panel) != votes(edition.panel):
            kept.append(edition)
    return reversed(kept)
