"""Rendering: every file of a site by its path, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from .. import render
from ..html import render_page
from ..plain import line, mapped
from ..templating import SHEETS
from .feeds import atom, json_feed, robots, sitemap
from .index import index_page
from .redirects import redirects
from .reviewers import reviewer_page, reviewers_index, reviewers_of
from .shelf import shelve
from .tools import tool_page, tools_index
from .value import Site, SitePage

Renderer = Callable[[], str]
Values = Mapping[str, object]

_SHEETS = (*SHEETS, "site/site.css")
_KEPT_AS_IS = ("json_ld", "href")
"""Values that are written whole: data for machines, and addresses that were made fit before."""


def render_site(site: Site) -> Iterator[tuple[str, str]]:
    """Render every file of a site: its path below the site's root, and its text."""
    for path, write in _table(site).items():
        yield path, write()


def render_path(site: Site, path: str) -> str | None:
    """Render one file of a site; None where there is no such file."""
    write = _table(site).get(path)
    return write() if write else None


def _table(site: Site) -> dict[str, Renderer]:
    """List the files of a site, none of them made yet."""
    shelf = shelve(site)
    reviewers = reviewers_of(site, shelf)
    pages: dict[str, Renderer] = {"index.html": partial(_page, site, "index", "index.html", partial(index_page, site))}
    for page in site.pages:
        pages[f"compare/{page.slug}.html"] = partial(_comparison, site, page)
    pages["tools/index.html"] = partial(_page, site, "tools", "tools/index.html", partial(tools_index, shelf))
    for name, shelved in shelf.items():
        path = f"tools/{name}.html"
        pages[path] = partial(_page, site, "tool", path, partial(tool_page, site, name, shelved))
    path = "reviewers/index.html"
    pages[path] = partial(_page, site, "reviewers", path, partial(reviewers_index, reviewers, shelf))
    for name, reviewer in reviewers.items():
        path = f"reviewers/{name}.html"
        pages[path] = partial(_page, site, "reviewer", path, partial(reviewer_page, reviewer, shelf))
    unlisted = {f"compare/{page.slug}.html" for page in site.pages if page.comparison.status != "approved"}
    unlisted |= {f"tools/{n}.html" for n, one in shelf.items() if one.newest.page.comparison.status != "approved"}
    unlisted |= {f"reviewers/{name}.html" for name, reviewer in reviewers.items() if reviewer.persona is None}
    return pages | _others(site, [path for path in pages if path not in unlisted])


def _others(site: Site, listed: list[str]) -> dict[str, Renderer]:
    """List what is no page of its own: redirects, the page for lost readers, feeds."""
    lost = {"title": "There is no such page", "description": "", "noindex": True}
    found: dict[str, Renderer] = {
        f"compare/{slug}.html": partial(_redirect, site, page) for slug, page in redirects(site).items()
    }
    found["404.html"] = partial(_page, site, "lost", "404.html", lambda: lost)
    if site.setting.url:
        found |= {
            "atom.xml": partial(atom, site),
            "feed.json": partial(json_feed, site),
            "sitemap.xml": partial(sitemap, site, listed),
            "robots.txt": partial(robots, site),
        }
    return found


def _comparison(site: Site, page: SitePage) -> str:
    return render(page.comparison, "html", replace(site.setting, path=f"compare/{page.slug}.html"))


def _redirect(site: Site, page: SitePage) -> str:
    to = f"{page.slug}.html"
    values = {"title": page.comparison.title, "description": "", "noindex": True, "to": to}
    # The page that is meant is the canonical one, wherever its other addresses lead from.
    return _page(site, "redirect", f"compare/{page.slug}.html", lambda: values)


def _page(site: Site, template: str, path: str, values: Callable[[], Values]) -> str:
    """Render a page of the site inside the frame."""
    clean = mapped(dict(values()), line, keep=_KEPT_AS_IS)
    setting = replace(site.setting, path=path)
    assert isinstance(clean, dict)  # noqa: S101 - a dict is copied as one
    return render_page(f"site/{template}.html.j2", clean, setting, sheets=_SHEETS)
