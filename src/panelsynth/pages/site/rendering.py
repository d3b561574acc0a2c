"""Rendering: every file of a site by its path, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from .. import render
from .addresses import INDEX, REVIEWERS, TOOLS, comparison_path, reviewer_path, tool_path
from .feeds import write_atom, write_json_feed
from .front import write_index, write_lost
from .redirects import find_redirects, write_redirect
from .reviewers import write_former, write_reviewer, write_reviewers
from .sitemap import write_robots, write_sitemap
from .survey import Survey
from .tools import write_tool, write_tools
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
    survey = Survey(site)
    redirects = find_redirects(site)
    return {
        INDEX: partial(write_index, survey),
        **{comparison_path(page.slug): partial(_comparison, site, page) for page in site.pages},
        **{comparison_path(name): partial(write_redirect, site, redirects[name]) for name in sorted(redirects)},
        TOOLS: partial(write_tools, survey),
        **{tool_path(record.id): partial(write_tool, survey, record) for record in survey.tools.values()},
        REVIEWERS: partial(write_reviewers, survey),
        **{reviewer_path(persona.id): partial(write_reviewer, survey, persona) for persona in site.personas},
        **{reviewer_path(name): partial(write_former, survey, name) for name in survey.former},
        "404.html": partial(write_lost, survey),
        **(_addressed(survey) if site.setting.url else {}),
    }


def _addressed(survey: Survey) -> dict[str, Renderer]:
    """Give the files that need the site's own address."""
    return {
        "sitemap.xml": partial(write_sitemap, survey),
        "robots.txt": partial(write_robots, survey),
        "atom.xml": partial(write_atom, survey),
        "feed.json": partial(write_json_feed, survey),
    }


def _comparison(site: Site, page: SitePage) -> str:
    return render(page.comparison, "html", replace(site.setting, path=comparison_path(page.slug)))
