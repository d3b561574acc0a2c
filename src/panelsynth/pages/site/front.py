"""Front: the page that a site opens with, and the one for addresses that lead nowhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from urllib.parse import urlsplit

from ..html import render_page
from ..plain import line, paragraphs
from ..templating import SHEETS
from .addresses import INDEX
from .listing import categories
from .survey import Survey

SITE_SHEETS = (*SHEETS, "site/site.css")
"""The style sheets of the pages around the comparisons."""

_FILTERS = 24
"""So many categories have a rule in `filter.css`; the rarest of more share the last."""


def write_index(survey: Survey) -> str:
    """Write the list of comparisons, newest first, with a filter by category that needs no script."""
    setting = replace(survey.site.setting, path=INDEX)
    pages = survey.listed
    groups, places = _filters([categories(page) for page in pages])
    entries = [
        survey.entry(page, setting.root) | {"groups": sorted({places[name] for name in categories(page)})}
        for page in pages
    ]
    intro = [line(part) for part in paragraphs(survey.site.description)]
    count = "1 comparison" if len(pages) == 1 else f"{len(pages)} comparisons"
    values = {
        "title": line(setting.site) or "Comparisons",
        "intro": intro,
        "description": intro[0] if intro else f"{count} of tools by reviewer roles, with every count.",
        "noindex": not survey.approved,
        "entries": entries,
        "filters": groups if len(groups) > 1 else [],
        "tools": sum(record.listed for record in survey.tools.values()),
        "disclosures": [*dict.fromkeys(page.comparison.disclosure for page in pages)],
        "reviewers": len(survey.site.personas),
    }
    return render_page("site/index.html.j2", values, setting, (*SITE_SHEETS, "site/filter.css"))


def write_lost(survey: Survey) -> str:
    """Write the page for an address that leads nowhere.

    It is served at any depth, so that its links begin at the host's root, where the site's address is known.
    """
    setting = replace(survey.site.setting, path="")
    # One slash at its beginning: two would name another host.
    root = "/" + urlsplit(line(setting.url)).path.lstrip("/") if setting.url else ""
    values = {"title": "There is no such page", "noindex": True, "root": root}
    return render_page("site/404.html.j2", values, setting, SITE_SHEETS)


def _filters(found: list[list[str]]) -> tuple[list[dict[str, object]], dict[str, int]]:
    """Sort the categories of pages into the filter's groups; give these, and each category's group."""
    counts = Counter(name for names in found for name in names)
    common = sorted(counts, key=lambda name: (-counts[name], name.casefold(), name))
    kept = sorted(
        common if len(common) <= _FILTERS else common[: _FILTERS - 1], key=lambda name: (name.casefold(), name)
    )
    places = {name: number for number, name in enumerate(kept, 1)}
    groups: list[dict[str, object]] = [
        {"number": number, "name": name, "count": counts[name]} for name, number in places.items()
    ]
    if rest := [name for name in common if name not in places]:
        places |= dict.fromkeys(rest, _FILTERS)
        count = sum(1 for names in found if {*names} & {*rest})
        groups.append({"number": _FILTERS, "name": "Other categories", "count": count})
    return groups, places
