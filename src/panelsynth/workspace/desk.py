"""Desk: the drafts of a workspace as panels and comparisons, each tool's panel made once however many pages show it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property

from ..comparison import Comparison
from ..errors import InputError, PanelsynthError
from ..model import Store
from ..panel import Panel
from .comparison_file import ComparisonFile
from .drafting import draft_comparison, draft_panel
from .folder import Workspace
from .publication import load_published
from .reviews import Review, reviews_of


class Desk:
    """What lies on an editor's desk: reviews with their states, panels, and the pages that they make.

    Args:
        workspace: the workspace.
        store: where failures of earlier runs are noted, when there is one.
    """

    def __init__(self, workspace: Workspace, store: Store | None = None) -> None:
        self.workspace = workspace
        self._store = store
        self._reviews: dict[str, tuple[Review, ...]] = {}
        self._panels: dict[str, Panel] = {}

    @cached_property
    def reviewers(self) -> tuple[str, ...]:
        """Ids of the reviewers, in the order shown."""
        return tuple(persona.id for persona in self.workspace.personas)

    def reviews(self, tool: str) -> tuple[Review, ...]:
        """Read the reviews of one tool."""
        if tool not in self._reviews:
            self._reviews[tool] = tuple(reviews_of(self.workspace, [self.workspace.tools[tool]], self._store))
        return self._reviews[tool]

    def panel(self, tool: str) -> Panel:
        """Make the panel of one tool."""
        if tool not in self._panels:
            self._panels[tool] = draft_panel(self.workspace.tools[tool], self.reviews(tool))
        return self._panels[tool]

    def page(self, slug: str) -> ComparisonFile:
        """Find the file of a page.

        Raises:
            InputError: there is none.
        """
        pages = self.workspace.comparisons
        if slug not in pages:
            from ..documents import did_you_mean

            guess = did_you_mean(slug, [*pages])
            remedy = f"{guess} Or write it: panelsynth new comparison {slug} TOOL TOOL".strip()
            raise InputError(f"there is no page {slug!r} in comparisons/", remedy=remedy)
        return pages[slug]

    def draft(self, slug: str) -> Comparison:
        """Make a page from today's files."""
        page = self.page(slug)
        return draft_comparison(page, [self.panel(tool) for tool in page.tools], self.reviewers)

    def published(self, slug: str) -> Comparison | None:
        """Load the approved version of a page; None where it was never approved."""
        path = self.workspace.published(slug)
        return load_published(path) if path.is_file() else None


def open_store(workspace: Workspace) -> AbstractContextManager[Store | None]:
    """Open the store for the causes of failures; none where there is no store, or one that cannot be used."""
    with suppress(PanelsynthError):
        if workspace.store_path.is_file():
            return Store(workspace.store_path)
    return nullcontext()
