"""Redirects: further addresses of a page, aliases and the reversed order of two tools."""

from __future__ import annotations

from .value import Site, SitePage


def redirects(site: Site) -> dict[str, SitePage]:
    """Find the pages to which further slugs lead; what a page is named comes before what leads to another."""
    taken = {page.slug for page in site.pages}
    found: dict[str, SitePage] = {}
    for page in site.pages:
        for alias in page.aliases:
            if alias not in taken:
                found.setdefault(alias, page)
    for page in site.pages:
        first, *others = (panel.tool.id for panel in page.comparison.panels)
        if len(others) == 1:
            for slug in (f"{first}-vs-{others[0]}", f"{others[0]}-vs-{first}"):
                if slug not in taken:
                    found.setdefault(slug, page)
    return found
