"""Redirects: addresses that lead to a page that stands elsewhere, as small pages that need no script."""

from __future__ import annotations

from collections.abc import Iterator

from ..plain import line
from ..templating import environment
from .addresses import comparison_path, link
from .survey import in_one_order
from .value import Site, SitePage


def find_redirects(site: Site) -> dict[str, SitePage]:
    """Give the page that each further address leads to: a page's aliases, and two tools' ids in either order.

    A page's own address comes before every alias, and an alias before an order of ids; where two pages want one
    address, an approved page comes before a draft, and then the alphabet decides.
    """
    own = {page.slug for page in site.pages}
    found: dict[str, SitePage] = {}
    pages = in_one_order(site.pages)
    for names in (lambda page: iter(page.aliases), _orders):
        for page in pages:
            for name in names(page):
                if name not in own:
                    found.setdefault(name, page)
    return found


def write_redirect(site: Site, page: SitePage) -> str:
    """Write the page that leads on: at once by its head, by a canonical link, and by a link that people can follow."""
    url = line(site.setting.url)
    template = environment(site.setting.templates).get_template("site/redirect.html.j2")
    path = comparison_path(page.slug)
    return template.render(
        title=line(page.comparison.title),
        language=site.setting.language,
        # Both stand in one folder, so that the way is the name alone.
        target=link(path).rpartition("/")[2],
        canonical=link(path, url) if url else "",
    )


def _orders(page: SitePage) -> Iterator[str]:
    ids = [panel.tool.id for panel in page.comparison.panels]
    if len(ids) == 2:
        yield f"{ids[0]}-vs-{ids[1]}"
        yield f"{ids[1]}-vs-{ids[0]}"
