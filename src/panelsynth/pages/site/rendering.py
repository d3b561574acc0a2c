"""Rendering: every file of a site by its path, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from ...comparison import Comparison
from .. import render
from .value import Site, SitePage

Renderer = Callable[[], str]


def render_site(site: Site) -> Iterator[tuple[str, str]]:
    """Render every file of a site: its path below the site's root, and its text."""
    for path, write in _table(site).items():
        yield path, write()


def render_path(site: Site, path: str) -> str | None:
    """Render one file of a site; None where there is no such file."""
    write = _table(site).get(path)
    return write() if write else None


def _table(site: Site) -> dict[str, Renderer]:
    return {f"compare/{page.slug}.html": partial(_comparison, site, page) for page in site.pages}


def _comparison(site: Site, page: SitePage) -> str:
    comparison: Comparison = page.comparison
    return render(comparison, "html", replace(site.setting, path=f"compare/{page.slug}.html"))
