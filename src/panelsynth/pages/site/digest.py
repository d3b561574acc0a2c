"""Digest: what was approved since a day, as a mail in HTML and text and as Markdown; nothing is sent by us."""

from __future__ import annotations

from collections.abc import Sequence

from ...reading import share
from ..markdown import escape
from ..plain import line
from ..templating import environment
from ..text import wrap
from .feeds import address, approved
from .value import Site, SitePage

UNSUBSCRIBE, SENDER = "%unsubscribe_link%", "%sender_address%"
"""What your newsletter service must put in: the way out, and the postal address that many countries ask for."""

_BYTES = 100_000
"""Mail programs cut what is longer than 102 KB, and the way out stands at the end."""


def digest(site: Site, since: str, until: str = "") -> dict[str, str]:
    """Write the digest of the pages approved from one day up to another, newest first.

    Args:
        site: the site; its address makes the links whole.
        since: the first day, such as `2026-11-18`.
        until: the last day; all since then when empty.

    Returns:
        Its texts by their form: `html`, `txt` and `md`.
    """
    days = [(page.comparison.approved_at[:10], page) for page in approved(site)]
    pages = [page for day, page in days if since <= day <= (until or "9999")]
    return {
        "html": _html(site, pages, since, until),
        "txt": _txt(site, pages, since, until),
        "md": _md(site, pages, since, until),
    }


def _html(site: Site, pages: Sequence[SitePage], since: str, until: str) -> str:
    """Write as many pages as fit, and say how many more there are."""
    template = environment().get_template("site/digest.html.j2")
    shown = len(pages)
    while True:
        values = _values(site, pages[:shown], since, until) | {"more": len(pages) - shown}
        text: str = template.render(values)
        if len(text.encode()) <= _BYTES or not shown:
            return text
        shown = shown * 3 // 4 if shown > 4 else shown - 1


def _values(site: Site, pages: Sequence[SitePage], since: str, until: str) -> dict[str, object]:
    return {
        "title": _title(site),
        "span": _span(since, until),
        "language": site.setting.language,
        "home": site.setting.url,
        "entries": [
            {
                "title": line(page.comparison.title),
                "address": address(site, page),
                "day": page.comparison.approved_at[:10],
                "tools": [
                    {"name": line(p.tool.name), "badge": p.tally.label.capitalize(), "share": share(p)}
                    for p in page.comparison.panels
                ],
                "disclosure": page.comparison.disclosure,
            }
            for page in pages
        ],
        "unsubscribe": UNSUBSCRIBE,
        "sender": SENDER,
    }


def _txt(site: Site, pages: Sequence[SitePage], since: str, until: str) -> str:
    lines = [_title(site), _span(since, until), ""]
    for page in pages:
        lines += [str(wrap(line(page.comparison.title))), f"{address(site, page)}"]
        lines += [str(wrap(f"{line(p.tool.name)}: {share(p)}", indent=2, hang=2)) for p in page.comparison.panels]
        lines += [str(wrap(page.comparison.disclosure, indent=2)), ""]
    lines += [] if pages else ["No page was approved in these days.", ""]
    return "\n".join([*lines, f"Unsubscribe: {UNSUBSCRIBE}", SENDER, ""])


def _md(site: Site, pages: Sequence[SitePage], since: str, until: str) -> str:
    lines = [f"# {escape(_title(site))}", "", escape(_span(since, until)), ""]
    for page in pages:
        lines += [f"## [{escape(page.comparison.title)}](<{address(site, page)}>)", ""]
        lines += [f"- {escape(p.tool.name)}: {escape(share(p))}" for p in page.comparison.panels]
        lines += ["", f"*{escape(page.comparison.disclosure)}*", ""]
    lines += [] if pages else ["No page was approved in these days.", ""]
    return "\n".join([*lines, f"[Unsubscribe](<{UNSUBSCRIBE}>)", "", SENDER, ""])


def _title(site: Site) -> str:
    return line(f"{site.setting.site or 'Comparisons'}: new panels")


def _span(since: str, until: str) -> str:
    return f"Approved from {since} to {until}" if until else f"Approved since {since}"
