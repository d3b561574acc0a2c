"""Tools: a page for each tool with its panel and its history, and the list of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from ...disclosure import disclose
from ...panel import Panel
from ...reading import share
from ..html import render_page
from ..plain import line, mapped
from .addresses import TOOLS, comparison_path, link, reviewer_path, tool_path
from .front import SITE_SHEETS
from .history import changes_of
from .listing import example
from .survey import Survey, ToolRecord

_CLEAN = ("tool", "verdict", "community", "pricing", "best_for", "reviews", "entries")
"""What comes from views and entries, which are clean already."""


def write_tools(survey: Survey) -> str:
    """Write the list of tools, by name."""
    setting = replace(survey.site.setting, path=TOOLS)
    records = sorted((record for record in survey.tools.values() if record.listed), key=_by_name)
    rows = [
        {
            "name": record.name,
            "language": record.current.panel.tool.language or "",
            "href": link(tool_path(record.id), setting.root),
            "category": record.current.panel.tool.category or "—",
            "label": record.current.panel.tally.label,
            "share": share(record.current.panel),
            "marks": _marks(record),
            "pages": sum(page.comparison.status != "retired" for page in record.pages),
        }
        for record in records
    ]
    values = {
        "title": "Tools",
        "description": f"{len(rows)} tools, each with its panel's share and counts.",
        "noindex": not any(record.current.status == "approved" for record in records),
        "tools": rows,
    }
    return render_page("site/tools.html.j2", cast("dict[str, object]", mapped(values, line)), setting, SITE_SHEETS)


def write_tool(survey: Survey, record: ToolRecord) -> str:
    """Write a tool's page: its newest approved panel, what it stands in, and how it came to be."""
    setting = replace(survey.site.setting, path=tool_path(record.id))
    panel, page, status = record.current.panel, record.current.page, record.current.status
    shown = cast("dict[str, Any]", survey.view(page))
    at = _place(record)
    disclosed = disclose(
        {verdict.provenance.source for verdict in panel.verdicts},
        page.comparison.status,
        edited=any(verdict.edit for verdict in panel.verdicts),
    )
    table = {row["label"]: row["cells"][at] for row in shown["decisions"]}
    values = {
        "title": panel.tool.name,
        "description": f"{panel.tool.name}: {share(panel)}. {panel.tool.tagline or ''}".strip(),
        "noindex": status != "approved",
        "mark": disclosed.mark,
        "disclosure": disclosed.text,
        "warnings": _marks(record),
        "date": page.comparison.approved_at[:10] if status != "draft" else "",
        "source": {"title": page.comparison.title, "href": link(comparison_path(page.slug), setting.root)},
        "tool": shown["tools"][at],
        "verdict": table["Panel verdict"],
        "community": table["Community"],
        "pricing": table["Pricing"],
        "best_for": table["Best for"],
        "reviews": _reviews(survey, record, setting.root),
        "entries": [survey.entry(one, setting.root) for one in record.pages],
        "history": _history(record, setting.root),
    }
    clean = cast("dict[str, object]", mapped(values, line, keep=_CLEAN))
    if status == "approved":
        clean["json_ld"] = _described(clean, panel, setting.canonical)
    return render_page("site/tool.html.j2", clean, setting, SITE_SHEETS)


def _by_name(record: ToolRecord) -> tuple[str, str]:
    return line(record.name).casefold(), record.id


def _marks(record: ToolRecord) -> list[str]:
    said = {"draft": ["Draft"], "retired": ["No longer kept up"], "approved": []}[record.current.status]
    return [*said, *example([record.current.panel])]


def _reviews(survey: Survey, record: ToolRecord, root: str) -> list[dict[str, object]]:
    """Give each of the panel's reviewers with its verdict, in the order of the page that the panel is taken from."""
    page, at = record.current.page, _place(record)
    rows = cast("list[dict[str, Any]]", survey.view(page)["scorecard"])
    return [
        {
            "title": row["title"],
            "href": link(reviewer_path(name), root) if name in survey.reviewers or name in survey.former else "",
            "cell": row["cells"][at],
        }
        for name, row in zip(page.comparison.reviewers, rows, strict=True)
        if name in record.current.panel.reviewers
    ]


def _place(record: ToolRecord) -> int:
    """Find the tool's column on the page that its panel is taken from."""
    return [panel.tool.id for panel in record.current.page.comparison.panels].index(record.id)


def _history(record: ToolRecord, root: str) -> list[dict[str, object]]:
    return [
        {
            "day": change.day,
            "share": change.share,
            "votes": [*change.votes],
            "rest": [*change.rest],
            "pages": [
                {"title": page.comparison.title, "href": link(comparison_path(page.slug), root)}
                for page in change.pages
            ],
        }
        for change in changes_of(record)
    ]


def _described(values: dict[str, Any], panel: Panel, canonical: str) -> dict[str, object]:
    """Describe the tool in schema.org's words; the panel's share is no rating, the community's votes are one."""
    tool, votes = values["tool"], panel.community
    about: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": tool["name"],
        **({"description": tool["tagline"]} if tool["tagline"] else {}),
        **({"applicationCategory": tool["category"]} if tool["category"] else {}),
        **({"url": tool["href"]} if tool["href"] else {}),
        **({"mainEntityOfPage": canonical} if canonical else {}),
    }
    if votes.percent is not None:
        about["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": votes.percent,
            "worstRating": 0,
            "bestRating": 100,
            "ratingCount": votes.ships + votes.skips,
        }
    return about
