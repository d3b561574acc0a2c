"""Feeds: approved pages as Atom and JSON Feed, and the sitemap; no clock is read, every date is an approval's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from ...reading import share
from ..plain import line
from .value import Site, SitePage

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_ENTRIES = 50
"""Entries of a feed: readers poll it, and older pages are in the index."""


def approved(site: Site) -> list[SitePage]:
    """List the approved pages, newest first."""
    found = [page for page in site.pages if page.comparison.status == "approved"]
    return sorted(found, key=lambda page: (page.comparison.approved_at, page.slug), reverse=True)


def address(site: Site, page: SitePage) -> str:
    """Say where a page is, whole where the site's address is known."""
    return f"{site.setting.url}compare/{page.slug}.html"


def summary(page: SitePage) -> str:
    """Say in a line what a page found."""
    return line("; ".join(f"{panel.tool.name}: {share(panel)}" for panel in page.comparison.panels) + ".")


def atom(site: Site) -> str:
    """Write the Atom feed."""
    pages, setting = approved(site)[:_ENTRIES], site.setting
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": setting.language})
    _text(feed, "title", setting.site or "Comparisons")
    _text(feed, "id", setting.url)
    ET.SubElement(feed, "link", {"rel": "self", "href": f"{setting.url}atom.xml"})
    ET.SubElement(feed, "link", {"rel": "alternate", "href": setting.url})
    _text(feed, "updated", pages[0].comparison.approved_at if pages else "1970-01-01T00:00:00Z")
    _text(ET.SubElement(feed, "author"), "name", setting.publisher or setting.site or "Editors")
    for page in pages:
        entry = ET.SubElement(feed, "entry")
        _text(entry, "title", page.comparison.title)
        _text(entry, "id", _tag(site, page))
        ET.SubElement(entry, "link", {"rel": "alternate", "href": address(site, page)})
        _text(entry, "updated", page.comparison.approved_at)
        _text(entry, "published", _first_approval(site, page))
        _text(entry, "summary", f"{summary(page)} {page.comparison.disclosure}")
    return _document(feed)


def json_feed(site: Site) -> str:
    """Write the JSON Feed, version 1.1."""
    setting = site.setting
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": line(setting.site) or "Comparisons",
        "home_page_url": setting.url,
        "feed_url": f"{setting.url}feed.json",
        "language": setting.language,
        **({"description": line(site.description)} if site.description else {}),
        "authors": [{"name": line(setting.publisher or setting.site) or "Editors"}],
        "items": [
            {
                "id": _tag(site, page),
                "url": address(site, page),
                "title": line(page.comparison.title),
                "content_text": f"{summary(page)} {page.comparison.disclosure}",
                "date_published": _first_approval(site, page),
                "date_modified": page.comparison.approved_at,
                "tags": sorted({line(p.tool.category) for p in page.comparison.panels if p.tool.category}),
            }
            for page in approved(site)[:_ENTRIES]
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def sitemap(site: Site, paths: Iterable[str]) -> str:
    """Write the sitemap: addresses that search engines should know, with the day of a page's approval."""
    days = {f"compare/{page.slug}.html": page.comparison.approved_at[:10] for page in approved(site)}
    root = ET.Element("urlset", {"xmlns": _SITEMAP})
    for path in paths:
        entry = ET.SubElement(root, "url")
        _text(entry, "loc", f"{site.setting.url}{'' if path == 'index.html' else path}")
        if path in days:
            _text(entry, "lastmod", days[path])
    return _document(root)


def robots(site: Site) -> str:
    """Write robots.txt: everything may be read, and here is the sitemap."""
    return f"User-agent: *\nAllow: /\nSitemap: {site.setting.url}sitemap.xml\n"


def _first_approval(site: Site, page: SitePage) -> str:
    known = [past.comparison.approved_at for past in site.past if past.slug == page.slug]
    return min([page.comparison.approved_at, *known])


def _tag(site: Site, page: SitePage) -> str:
    """Name an entry for ever, whatever its title or address becomes (RFC 4151)."""
    host = urlsplit(site.setting.url).hostname or "localhost"
    return f"tag:{host},{_first_approval(site, page)[:10]}:{page.slug}"


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = line(text)


def _document(root: ET.Element) -> str:
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
