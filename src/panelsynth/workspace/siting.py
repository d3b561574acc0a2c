"""Siting: a workspace's pages, approved or drafted, become the value from which a site is rendered."""

from __future__ import annotations

from collections.abc import Iterator

from ..pages import Setting, Signup
from ..pages.site import Site, SitePage
from .approval import past_versions
from .config import Config
from .desk import Desk
from .folder import Workspace
from .publication import is_behind


def site_of(desk: Desk, *, drafts: bool) -> Site:
    """Gather what readers are to see.

    Args:
        desk: the drafts.
        drafts: whether pages that nobody has approved are shown too, each as its files stand today; approved pages stay
            as they were approved.
    """
    workspace = desk.workspace
    pages = sorted(_pages(desk, drafts=drafts), key=lambda page: page.slug)
    pages.sort(key=lambda page: page.comparison.approved_at or "9", reverse=True)
    past = [
        SitePage(page.slug, version)
        for page in pages
        if page.comparison.status != "draft"
        for version in past_versions(workspace, page.slug)
    ]
    return Site(
        setting=setting_of(workspace),
        pages=tuple(pages),
        personas=tuple(workspace.personas),
        past=tuple(sorted(past, key=lambda page: page.comparison.approved_at, reverse=True)),
        description=workspace.config.site.description or "",
    )


def setting_of(workspace: Workspace) -> Setting:
    """Read off the settings what surrounds every page."""
    config: Config = workspace.config
    asked = config.signup
    signup = Signup(asked.title, asked.text, asked.action, field=asked.field) if asked else None
    return Setting(
        site=config.site.name,
        publisher=config.site.publisher or config.site.name,
        url=f"{config.site.url.rstrip('/')}/" if config.site.url else "",
        on_site=True,
        language=config.site.language,
        variables=dict(config.theme.variables),
        templates=workspace.root / config.theme.templates if config.theme.templates else None,
        signup=signup,
    )


def slugs_of(workspace: Workspace) -> list[str]:
    """List every page: those with a file in `comparisons/`, and those online whose file is gone."""
    return sorted({*workspace.comparisons, *workspace.published_slugs})


def _pages(desk: Desk, *, drafts: bool) -> Iterator[SitePage]:
    comparisons = desk.workspace.comparisons
    for slug in slugs_of(desk.workspace):
        page, published = comparisons.get(slug), desk.published(slug)
        aliases = page.aliases if page else ()
        if published is not None:
            behind = drafts and page is not None and is_behind(published, desk.draft(slug))
            yield SitePage(slug, published, aliases, behind)
        elif drafts:
            yield SitePage(slug, desk.draft(slug), aliases)
