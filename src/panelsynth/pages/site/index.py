"""Index: the site's comparisons, newest first, with a filter by category that needs no script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ...comparison import Comparison
from ...reading import share
from .value import Site, SitePage

_FILTERS = 24
"""Categories that `site.css` can filter by; the rarest beyond that share the last place."""


def index_page(site: Site) -> Mapping[str, object]:
    """List the comparisons that readers may come across; retired ones are left out."""
    pages = [page for page in site.pages if page.comparison.status != "retired"]
    places = _places(pages)
    setting = site.setting
    return {
        "title": setting.site or "Comparisons",
        "description": site.description or "Panels of reviewer roles look at tools, side by side.",
        "intro": site.description,
        "categories": [
            {"place": place, "name": name, "count": count} for place, (name, count) in enumerate(_counted(places), 1)
        ],
        "entries": [_entry(page, places[page.slug]) for page in pages],
        "total": len(pages),
    }


def _entry(page: SitePage, places: Sequence[tuple[int, str]]) -> dict[str, object]:
    comparison: Comparison = page.comparison
    return {
        "title": comparison.title,
        "path": f"compare/{page.slug}.html",
        "names": [panel.tool.name for panel in comparison.panels],
        "day": comparison.approved_at[:10],
        "draft": comparison.status == "draft",
        "behind": page.is_behind,
        "classes": " ".join(f"cat-{place}" for place, _ in places),
        "tools": [
            {
                "name": panel.tool.name,
                "language": panel.tool.language or "",
                "badge": panel.tally.label.capitalize(),
                "label": panel.tally.label,
                "share": share(panel),
            }
            for panel in comparison.panels
        ],
        "kinds": list(dict.fromkeys(name for _, name in places)),
    }


def _places(pages: Sequence[SitePage]) -> dict[str, list[tuple[int, str]]]:
    """Give each page the places of its categories in the filter, the most frequent category first."""
    kinds = {page.slug: _kinds(page.comparison) for page in pages}
    counted = Counter(name for names in kinds.values() for name in names)
    ordered = sorted(counted, key=lambda name: (-counted[name], name.casefold()))
    place = {name: min(at, _FILTERS) for at, name in enumerate(ordered, 1)}
    rest = set(ordered[_FILTERS - 1 :]) if len(ordered) > _FILTERS else set()
    return {
        slug: sorted({(place[name], "Other" if name in rest else name) for name in names})
        for slug, names in kinds.items()
    }


def _counted(places: Mapping[str, Sequence[tuple[int, str]]]) -> list[tuple[str, int]]:
    counted = Counter(place for found in places.values() for place in found)
    return [(name, counted[place, name]) for place, name in sorted(counted)]


def _kinds(comparison: Comparison) -> list[str]:
    return sorted({panel.tool.category for panel in comparison.panels if panel.tool.category})
