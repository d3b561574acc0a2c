"""Survey: what the pages of a site say together of each tool and each reviewer, gathered in one pass over them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...panel import Panel
from ...verdict import Verdict
from ..view import view
from .listing import entry
from .value import Site, SitePage

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RANKS = {"approved": 2, "draft": 1, "retired": 0}
"""Which page's panel a tool is shown with: an approved one before a draft, and a retired one last."""


@dataclass(frozen=True)
class Standing:
    """A tool's panel as it stands on one version of a page."""

    page: SitePage
    panel: Panel

    @property
    def status(self) -> str:
        """The state of that version."""
        return self.page.comparison.status


@dataclass(frozen=True)
class ToolRecord:
    """One tool on all pages of the site."""

    id: str
    current: Standing
    """The newest approved panel; the draft's, or at last a retired page's, where there is no approved one."""
    pages: tuple[SitePage, ...]
    """The pages that it stands on, in the site's order."""
    approved: tuple[Standing, ...]
    """Every approved version of its panel, oldest first, those of pages that were retired since among them."""

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.current.panel.tool.name

    @property
    def listed(self) -> bool:
        """Whether a page that is kept up shows it, be it a draft."""
        return self.current.status != "retired"


class Survey:
    """A site seen across its pages; each part is made when it is first asked for.

    Args:
        site: the site; the order of its pages decides in which order they are listed, and nothing else.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._views: dict[str, dict[str, object]] = {}
        self._entries: dict[tuple[str, str], dict[str, object]] = {}

    @cached_property
    def listed(self) -> tuple[SitePage, ...]:
        """Pages that are kept up, newest first as the site gives them."""
        return tuple(page for page in self.site.pages if page.comparison.status != "retired")

    @cached_property
    def approved(self) -> tuple[SitePage, ...]:
        """Approved pages that are kept up, newest first by the moment of their approval."""
        pages = [page for page in self.listed if page.comparison.status == "approved"]
        dated = sorted((page for page in pages if approved_at(page)), key=lambda page: page.slug)
        return tuple(sorted(dated, key=approved_at, reverse=True))

    @cached_property
    def first_approved(self) -> dict[str, str]:
        """Moment of each page's first approval, by slug."""
        moments: dict[str, str] = {}
        for page in (*self.site.pages, *self.site.past):
            if moment := approved_at(page):
                moments[page.slug] = min(moment, moments.get(page.slug, moment))
        return moments

    @cached_property
    def tools(self) -> dict[str, ToolRecord]:
        """Every tool that a page of the site shows, by id in alphabetical order."""
        pages: dict[str, list[Standing]] = defaultdict(list)
        versions: dict[str, dict[tuple[str, str], Standing]] = defaultdict(dict)
        for page in self.site.pages:
            for panel in page.comparison.panels:
                pages[panel.tool.id].append(Standing(page, panel))
        for page in (*self.site.pages, *self.site.past):
            for panel in page.comparison.panels:
                if approved_at(page):
                    versions[panel.tool.id].setdefault((approved_at(page), page.slug), Standing(page, panel))
        return {name: _record(name, pages[name], versions[name]) for name in sorted(pages)}

    @cached_property
    def verdicts(self) -> dict[str, tuple[tuple[ToolRecord, Verdict], ...]]:
        """Each reviewer's verdicts by its id: one for each tool that is kept up, from the panel that its page shows."""
        found: dict[str, list[tuple[ToolRecord, Verdict]]] = defaultdict(list)
        for record in self.tools.values():
            if record.listed:
                for verdict in record.current.panel.verdicts:
                    found[verdict.reviewer].append((record, verdict))
        return {reviewer: tuple(given) for reviewer, given in found.items()}

    @cached_property
    def reviewers(self) -> frozenset[str]:
        """Ids of the reviewers who have a page."""
        return frozenset(persona.id for persona in self.site.personas)

    @cached_property
    def former(self) -> dict[str, str]:
        """Titles of those who sit on a panel that is shown, and are none of the site's reviewers today, by id."""
        panels = [panel for page in in_one_order(self.site.pages) for panel in page.comparison.panels]
        seats = [seat for panel in panels for seat in _seats(panel)]
        found = {name: title for name, title in reversed(seats) if name not in self.reviewers and _SLUG.fullmatch(name)}
        return dict(sorted(found.items()))

    def view(self, page: SitePage) -> dict[str, object]:
        """Give what a page shows, as plain clean data; made once."""
        if page.slug not in self._views:
            self._views[page.slug] = view(page.comparison)
        return self._views[page.slug]

    def entry(self, page: SitePage, root: str) -> dict[str, object]:
        """Give what a list says of a page, as `listing.entry` does; made once for each way to the root."""
        if (page.slug, root) not in self._entries:
            self._entries[page.slug, root] = entry(page, root)
        return self._entries[page.slug, root]


def approved_at(page: SitePage) -> str:
    """Give the moment of a version's approval; empty for a draft, and for a moment that is none."""
    moment = page.comparison.approved_at
    return moment if page.comparison.status != "draft" and _MOMENT.fullmatch(moment) else ""


def in_one_order(pages: Iterable[SitePage]) -> list[SitePage]:
    """Sort pages so that who comes first at an address does not hang on their order: approved ones, then by slug."""
    return sorted(pages, key=lambda page: (-_RANKS[page.comparison.status], page.slug))


def _seats(panel: Panel) -> list[tuple[str, str]]:
    """Give the id and the title of everybody on a panel."""
    voted = [(verdict.reviewer, verdict.title or verdict.reviewer) for verdict in panel.verdicts]
    return voted + [(gap.reviewer, gap.title or gap.reviewer) for gap in panel.missing]


def _record(name: str, standings: Sequence[Standing], versions: dict[tuple[str, str], Standing]) -> ToolRecord:
    current = max(sorted(standings, key=lambda one: one.page.slug, reverse=True), key=_newest)
    approved = tuple(versions[key] for key in sorted(versions))
    return ToolRecord(name, current, tuple(one.page for one in standings), approved)


def _newest(standing: Standing) -> tuple[int, str]:
    return _RANKS[standing.status], standing.page.comparison.approved_at
