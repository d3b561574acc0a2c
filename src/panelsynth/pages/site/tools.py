"""Tools: a page for each tool with its panel and what was published of it before, and a list of them all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from urllib.parse import quote

from ...comparison import Comparison
from ...panel import Panel
from ...reading import price, share
from ...tool import Tool
from ...verdict import Verdict
from ..plain import line, mapped, paragraphs, readable
from .shelf import Edition, Shelved, votes
from .value import Site

Values = Mapping[str, object]


def tools_index(shelf: Mapping[str, Shelved]) -> Values:
    """List the tools, with their shares."""
    tools = [
        {**_head(shelved), "path": f"tools/{name}.html", "pages": len(shelved.pages)} for name, shelved in shelf.items()
    ]
    return {"title": "Tools", "description": f"{len(tools)} tools, each with its panel.", "tools": tools}


def tool_page(site: Site, name: str, shelved: Shelved) -> Values:
    """Show one tool's newest panel, its pages and its history."""
    panel, tool = shelved.panel, shelved.panel.tool
    comparison = shelved.newest.page.comparison
    known = {persona.id for persona in site.personas}
    return {
        **_head(shelved),
        "title": tool.name,
        "description": f"{tool.name}: {share(panel)}.",
        "noindex": comparison.status != "approved",
        "draft": comparison.status == "draft",
        "disclosure": comparison.disclosure,
        "mark": comparison.disclosed.mark,
        "day": shelved.newest.day,
        "text": paragraphs(tool.description),
        "pricing": price(tool.pricing),
        "best_for": tool.best_for or "",
        "href": _address(tool),
        "host": tool.url.split("/")[2] if tool.url else "",
        "affiliated": tool.relationship == "affiliated",
        "verdicts": [_verdict(verdict, known) for verdict in panel.verdicts],
        "missing": [
            {"id": gap.reviewer, "title": gap.title or gap.reviewer, "state": gap.state.replace("-", " ")}
            for gap in panel.missing
        ],
        "pages": [
            {"title": page.comparison.title, "path": f"compare/{page.slug}.html", "state": _state(page.comparison)}
            for page in shelved.pages
        ],
        "history": _history(shelved),
        "json_ld": mapped(_json_ld(panel, site.setting.url and f"{site.setting.url}tools/{name}.html"), line),
    }


def _head(shelved: Shelved) -> dict[str, object]:
    panel, tool = shelved.panel, shelved.panel.tool
    count = panel.tally
    return {
        "name": tool.name,
        "language": tool.language or "",
        "category": tool.category or "",
        "tagline": tool.tagline or "",
        "letter": next((sign for sign in tool.name if sign.isalnum()), "?").upper(),
        "label": count.label,
        "badge": count.label.capitalize(),
        "percent": "—" if count.percent is None else f"{count.percent}%",
        "share": share(panel),
        "counts": count.text,
        "community": panel.community.text,
        "entry": panel.entry,
    }


def _verdict(verdict: Verdict, known: set[str]) -> dict[str, object]:
    edit = verdict.edit
    said = ""
    if edit and edit.decision_was:
        said = f"an editor changed {edit.decision_was} to {verdict.decision}{f': {edit.reason}' if edit.reason else ''}"
    elif edit:
        said = "edited"
    elif verdict.provenance.source == "person":
        said = "written by an editor"
    return {
        "id": verdict.reviewer,
        "title": verdict.title,
        "linked": verdict.reviewer in known,
        "decision": verdict.decision,
        "score": verdict.score,
        "said": said,
        "review": paragraphs(verdict.review),
        "evidence": [
            {"quote": e.quote, "mark": "verbatim in the tool's data" if e.verbatim else "not verbatim"}
            for e in verdict.evidence
        ],
        "answers": [{"field": readable(field), "text": text} for field, text in verdict.rubric.items()],
        "counter_case": verdict.counter_case,
        "would_change": verdict.would_change,
    }


def _state(comparison: Comparison) -> str:
    day = comparison.approved_at[:10]
    return {"draft": "draft", "approved": f"approved {day}", "retired": "retired"}[comparison.status]


def _history(shelved: Shelved) -> list[dict[str, object]]:
    """Tell when the votes changed, newest first; a single edition is no history."""
    rows: list[dict[str, object]] = [
        {
            "day": new.day,
            "path": f"compare/{new.page.slug}.html",
            "share": share(new.panel),
            "changes": _turns(old, new),
        }
        for new, old in pairwise(shelved.past)
    ]
    if not rows:
        return []
    first = shelved.past[-1]
    begun: dict[str, object] = {
        "day": first.day,
        "path": f"compare/{first.page.slug}.html",
        "share": share(first.panel),
        "changes": [],
    }
    return [*rows, begun]


def _turns(old: Edition, new: Edition) -> list[str]:
    was, now = votes(old.panel), votes(new.panel)
    turned = [f"{who}: {was.get(who, 'not asked')} to {now[who]}" for who in now if was.get(who) != now[who]]
    return turned + [f"{who}: no longer on the panel" for who in was if who not in now]


def _address(tool: Tool) -> str:
    """Write a tool's address so that nothing in it could end it."""
    return quote(tool.url, safe=":/?#[]@!$&'()*+,;=%~") if tool.url else ""


def _json_ld(panel: Panel, address: str) -> dict[str, object]:
    tool = panel.tool
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": tool.name,
        "description": tool.tagline or tool.description[:300],
    }
    data |= {"url": address} if address else {}
    data |= {"applicationCategory": tool.category} if tool.category else {}
    data |= {"sameAs": _address(tool)} if tool.url else {}
    if panel.community.percent is not None:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": panel.community.percent,
            "bestRating": 100,
            "worstRating": 0,
            "ratingCount": panel.community.ships + panel.community.skips,
        }
    return data
