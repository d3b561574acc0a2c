"""Sitemap: what search engines should look at, and the file that tells them where to find it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from ..plain import line
from .addresses import INDEX, REVIEWERS, TOOLS, comparison_path, link, reviewer_path, tool_path
from .survey import Survey
from .xml_text import write_xml

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def write_sitemap(survey: Survey) -> str:
    """List the pages that readers are meant to find: no drafts, no retired pages, no redirects."""
    root = ET.Element("urlset", xmlns=_NAMESPACE)
    url = line(survey.site.setting.url)
    for path, moment in _found(survey):
        entry = ET.SubElement(root, "url")
        # The index stands at the site's own address.
        ET.SubElement(entry, "loc").text = url if path == INDEX else link(path, url)
        if moment:
            ET.SubElement(entry, "lastmod").text = moment
    return write_xml(root)


def write_robots(survey: Survey) -> str:
    """Let every robot in, and name the sitemap."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {link('sitemap.xml', line(survey.site.setting.url))}\n"


def _found(survey: Survey) -> Iterator[tuple[str, str]]:
    if not survey.approved:
        return
    newest = max(page.comparison.approved_at for page in survey.approved)
    yield INDEX, newest
    for page in survey.approved:
        yield comparison_path(page.slug), page.comparison.approved_at
    yield TOOLS, newest
    for record in survey.tools.values():
        if record.current.status == "approved":
            yield tool_path(record.id), record.current.page.comparison.approved_at
    yield REVIEWERS, ""
    for persona in survey.site.personas:
        yield reviewer_path(persona.id), ""
