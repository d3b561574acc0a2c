"""States: how each page of a workspace stands, from its frozen version, its reviews and today's draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..comparison import Comparison
from ..model import Store
from ..panel import Panel
from ..verdict import Flag
from .comparison_file import ComparisonFile
from .drafting import draft_comparison, draft_panel
from .folder import Workspace
from .publication import is_behind, load_published
from .reviews import Review, reviews_of

Standing = Literal["draft", "edited", "approved", "update waiting", "retired"]
"""Not approved: in a model's words, or touched by somebody; approved: as its files are, or as they were; out of use."""

WANTING = frozenset({"missing", "failed", "stale", "broken"})
"""States of reviews that want something of somebody."""


@dataclass(frozen=True)
class OpenFlag:
    """Something that an editor should look at before a page is approved."""

    tool: str
    reviewer: str
    """The persona's id; empty where the panel as a whole is meant."""
    flag: Flag


@dataclass(frozen=True)
class PageState:
    """How one page stands."""

    file: ComparisonFile
    standing: Standing
    draft: Comparison
    """The page as today's files make it."""
    published: Comparison | None
    """The page as it was approved."""
    wanting: tuple[Review, ...]
    """Its reviews that are missing, failed, stale or broken, and those beside which a new draft waits."""
    flags: tuple[OpenFlag, ...]
    """Loud flags of the draft; an approved page that is up to date has none open."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is to be done for it."""
        return self.standing == "retired" or (self.standing == "approved" and not self.wanting)

    @property
    def next_step(self) -> str:
        """What comes next: a command, or a file to mend first; empty for a clean page."""
        if self.is_clean:
            return ""
        broken = [review for review in self.wanting if review.state == "broken"]
        waiting = [review for review in self.wanting if review.beside]
        asked = dict.fromkeys(review.tool.id for review in self.wanting if review.is_asked_for)
        if broken:
            return f"mend {broken[0].path}"
        if asked:
            chosen = "".join(f" --tool {name}" for name in asked) if len(asked) <= 2 else ""
            return f"panelsynth review{chosen}"
        if waiting:
            one = waiting[0]
            keep = f", then: panelsynth review --keep {one.persona.id} --tool {one.tool.id} --reason TEXT"
            return f"take what you want from {one.beside}, and remove it{keep if one.state == 'stale' else ''}"
        approve = f"panelsynth approve {self.file.slug}"
        return (
            f"mend what is flagged, then: {approve} (or let it stand: --waive KIND --reason TEXT)"
            if self.flags
            else approve
        )


@dataclass(frozen=True)
class Survey:
    """How a workspace stands."""

    pages: tuple[PageState, ...]
    reviews: tuple[Review, ...]
    """All of them, in the order of tools and reviewers."""
    apart: tuple[Review, ...]
    """Of those, the wanting ones of tools that are on no page."""
    strays: tuple[str, ...]
    """Approved pages whose file in `comparisons/` is gone, by their slugs."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is to be done."""
        return all(page.is_clean for page in self.pages) and not self.apart and not self.strays


def survey(workspace: Workspace, store: Store | None = None) -> Survey:
    """Look at everything in a workspace; asks nobody, and a review file that cannot be read does not hinder it.

    Raises:
        InputError: settings, a tool, a persona, a page or a frozen page cannot be read.
    """
    reviews = tuple(reviews_of(workspace, [*workspace.tools.values()], store, tolerant=True))
    by_tool: dict[str, list[Review]] = {}
    for review in reviews:
        by_tool.setdefault(review.tool.id, []).append(review)
    panels = {name: draft_panel(workspace.tools[name], found) for name, found in by_tool.items()}
    pages = tuple(_page(workspace, file, by_tool, panels) for file in workspace.comparisons.values())
    placed = {name for page in pages for name in page.file.tools}
    apart = tuple(review for review in _wanting(reviews) if review.tool.id not in placed)
    return Survey(pages, reviews, apart, _strays(workspace))


def standing(draft: Comparison, published: Comparison | None) -> Standing:
    """Tell how a page stands from what is approved and what today's files make of it."""
    if published is None:
        verdicts = [verdict for panel in draft.panels for verdict in panel.verdicts]
        touched = any(verdict.edit or verdict.provenance.source == "person" for verdict in verdicts)
        return "edited" if touched else "draft"
    if published.status == "retired":
        return "retired"
    return "update waiting" if is_behind(published, draft) else "approved"


def _page(
    workspace: Workspace, file: ComparisonFile, by_tool: Mapping[str, list[Review]], panels: Mapping[str, Panel]
) -> PageState:
    draft = draft_comparison(file, [panels[name] for name in file.tools], [p.id for p in workspace.personas])
    path = workspace.published(file.slug)
    published = load_published(path) if path.is_file() else None
    how = standing(draft, published)
    flags = () if how in {"approved", "retired"} else tuple(_loud(draft))
    return PageState(file, how, draft, published, _wanting(r for name in file.tools for r in by_tool[name]), flags)


def _wanting(reviews: Iterable[Review]) -> tuple[Review, ...]:
    return tuple(review for review in reviews if review.state in WANTING or review.beside)


def _loud(draft: Comparison) -> Iterable[OpenFlag]:
    for panel in draft.panels:
        found = [("", flag) for flag in panel.flags]
        found += [(verdict.reviewer, flag) for verdict in panel.verdicts for flag in verdict.flags]
        yield from (OpenFlag(panel.tool.id, who, flag) for who, flag in found if flag.severity == "loud")


def _strays(workspace: Workspace) -> tuple[str, ...]:
    slugs = (slug for slug in workspace.published_slugs if slug not in workspace.comparisons)
    return tuple(slug for slug in slugs if load_published(workspace.published(slug)).status == "approved")
