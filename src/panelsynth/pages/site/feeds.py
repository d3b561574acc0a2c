"""Feeds: the newest approved comparisons as Atom and as JSON Feed 1.1."""

from __future__ import annotations

import json
from typing import Any, cast
from xml.etree import ElementTree as ET

from ...reading import share
from ...writing import inert_json
from ..plain import line, mapped
from ..templating import environment
from .addresses import comparison_path, link
from .listing import categories
from .survey import Survey
from .value import SitePage
from .xml_text import write_xml

_ENTRIES = 50
"""So many of the newest pages stand in a feed."""

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NEVER = "1970-01-01T00:00:00Z"
"""When a feed without entries was updated: Atom wants a moment, and no clock is asked."""


def write_atom(survey: Survey) -> str:
    """Write the Atom feed: an entry's id is its page's address, and it was updated when the page was approved."""
    about = _about(survey)
    root = ET.Element("feed", {"xmlns": _ATOM, _LANGUAGE: about["language"]})
    _texts(root, id=about["url"], title=about["title"], subtitle=about["description"])
    _texts(root, updated=max((page.comparison.approved_at for page in survey.approved), default=_NEVER))
    ET.SubElement(root, "link", rel="self", type="application/atom+xml", href=link("atom.xml", about["url"]))
    ET.SubElement(root, "link", rel="alternate", type="text/html", href=about["url"])
    _texts(ET.SubElement(root, "author"), name=about["publisher"])
    for made in _entries(survey):
        entry = ET.SubElement(root, "entry")
        _texts(entry, id=made["url"], title=made["title"], updated=made["updated"], published=made["published"])
        ET.SubElement(entry, "link", rel="alternate", type="text/html", href=made["url"])
        for category in made["categories"]:
            ET.SubElement(entry, "category", term=category)
        _texts(entry, summary=made["summary"])
        ET.SubElement(entry, "content", type="html").text = made["html"]
    return write_xml(root)


def write_json_feed(survey: Survey) -> str:
    """Write the JSON feed, with the same entries."""
    about = _about(survey)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": about["title"],
        "home_page_url": about["url"],
        "feed_url": link("feed.json", about["url"]),
        **({"description": about["description"]} if about["description"] else {}),
        "language": about["language"],
        "authors": [{"name": about["publisher"]}],
        "items": [
            {
                "id": made["url"],
                "url": made["url"],
                "title": made["title"],
                "summary": made["summary"],
                "content_html": made["html"],
                "date_published": made["published"],
                "date_modified": made["updated"],
                **({"tags": made["categories"]} if made["categories"] else {}),
            }
            for made in _entries(survey)
        ],
    }
    return inert_json(json.dumps(feed, ensure_ascii=False, indent=2)) + "\n"


def _about(survey: Survey) -> dict[str, str]:
    setting = survey.site.setting
    url = line(setting.url)
    title = line(setting.site) or url
    publisher, description = line(setting.publisher) or title, line(survey.site.description)
    return {
        "url": url,
        "title": title,
        "publisher": publisher,
        "description": description,
        "language": setting.language,
    }


def _entries(survey: Survey) -> list[dict[str, Any]]:
    return [_entry(survey, page) for page in survey.approved[:_ENTRIES]]


def _entry(survey: Survey, page: SitePage) -> dict[str, Any]:
    comparison = page.comparison
    made = {
        "url": link(comparison_path(page.slug), survey.site.setting.url),
        "title": comparison.title,
        "summary": comparison.reading.headline,
        "names": [panel.tool.name for panel in comparison.panels],
        "tools": [{"name": panel.tool.name, "share": share(panel)} for panel in comparison.panels],
        "split": [*comparison.reading.split],
        "disclosure": comparison.disclosure,
        "categories": categories(page),
        "updated": comparison.approved_at,
        "published": survey.first_approved[page.slug],
    }
    clean = cast("dict[str, Any]", mapped(made, line))
    template = environment(survey.site.setting.templates).get_template("site/entry.html.j2")
    return clean | {"html": template.render(clean).strip()}


def _texts(parent: ET.Element, **texts: str) -> None:
    """Add an element for each text that is not empty."""
    for name, text in texts.items():
        if text:
            ET.SubElement(parent, name).text = text
