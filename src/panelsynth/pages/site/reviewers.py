"""Reviewers: a page for each role with what it looks for and its track record, and the list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from ...persona import Persona
from ...tally import interval, percent
from ...verdict import Verdict
from ..html import render_page
from ..plain import line, mapped, paragraphs
from .addresses import REVIEWERS, comparison_path, link, reviewer_path, tool_path
from .front import SITE_SHEETS
from .listing import origin
from .survey import Survey, ToolRecord

_ENOUGH = 10
"""From so many tools on, a reviewer that is of one mind about all of them is warned about."""

Given = Sequence[tuple[ToolRecord, Verdict]]


def write_reviewers(survey: Survey) -> str:
    """Write the list of reviewers, in the order shown everywhere."""
    setting = replace(survey.site.setting, path=REVIEWERS)
    values = {
        "title": "Reviewers",
        "description": f"{len(survey.site.personas)} reviewer roles: what each looks for, and how often it ships.",
        "reviewers": [
            {
                "title": persona.title,
                "href": link(reviewer_path(persona.id), setting.root),
                "motto": persona.motto,
                "record": track_record(survey.verdicts.get(persona.id, ())),
            }
            for persona in survey.site.personas
        ],
        "former": _former(survey, setting.root),
    }
    return render_page("site/reviewers.html.j2", cast("dict[str, object]", mapped(values, line)), setting, SITE_SHEETS)


def write_reviewer(survey: Survey, persona: Persona) -> str:
    """Write a reviewer's page."""
    likes = {
        "What excites it": persona.excites,
        "What tires it": persona.tires,
        "It ships when": persona.ship_when,
        "It skips when": persona.skip_when,
    }
    about = {
        "title": persona.title,
        "motto": persona.motto,
        "description": f"{persona.title}, a reviewer role: {persona.motto}",
        "likes": [{"title": title, "text": paragraphs(text)} for title, text in likes.items()],
        "rubric": [
            {"field": field.replace("_", " ").capitalize(), "text": question}
            for field, question in persona.rubric.items()
        ],
        "former": False,
    }
    return _page(survey, persona.id, about)


def write_former(survey: Survey, reviewer: str) -> str:
    """Write the page of a reviewer who is none of the site's today, but whose verdicts still stand on pages."""
    title = survey.former[reviewer]
    description = f"{title}, a reviewer role that is no longer on the panel."
    return _page(survey, reviewer, {"title": title, "motto": "", "description": description, "former": True})


def _page(survey: Survey, reviewer: str, about: dict[str, object]) -> str:
    setting = replace(survey.site.setting, path=reviewer_path(reviewer))
    given = survey.verdicts.get(reviewer, ())
    rows = [_row(tool, verdict, setting.root) for tool, verdict in sorted(given, key=_by_name)]
    values = {**about, "noindex": about["former"], "record": track_record(given), "verdicts": rows}
    return render_page("site/reviewer.html.j2", cast("dict[str, object]", mapped(values, line)), setting, SITE_SHEETS)


def track_record(given: Given) -> dict[str, str]:
    """Count how often a reviewer ships, over one verdict for each tool; warn where it never changes its mind.

    A reviewer that ships everything, or nothing, says nothing of any one tool.
    """
    voted = len(given)
    ships = sum(verdict.ships for _, verdict in given)
    share, reach = percent(ships, voted), interval(ships, voted)
    if share is None or reach is None:
        return {"share": "—", "counts": "No verdicts yet", "reach": "", "warning": ""}
    one_mind = voted >= _ENOUGH and share in {0, 100}
    does = "ships" if share else "skips"
    return {
        "share": f"{share}%",
        "counts": f"ships {ships} of {voted} {'tool' if voted == 1 else 'tools'}",
        "reach": f"{reach[0]}-{reach[1]}% if its verdicts were independent",
        "warning": f"It {does} every one of {voted} tools: such a reviewer tells no tool from another."
        if one_mind
        else "",
    }


def _row(tool: ToolRecord, verdict: Verdict, root: str) -> dict[str, object]:
    page = tool.current.page
    return {
        "name": tool.name,
        "language": tool.current.panel.tool.language or "",
        "href": link(tool_path(tool.id), root),
        "decision": verdict.decision,
        "vote": verdict.decision.capitalize(),
        "marks": [*(["draft"] if tool.current.status == "draft" else []), *origin(verdict)],
        "date": verdict.provenance.answered_at[:10],
        "page": {"title": page.comparison.title, "href": link(comparison_path(page.slug), root)},
    }


def _former(survey: Survey, root: str) -> list[dict[str, object]]:
    """Name the reviewers whose verdicts still stand on pages, and who are none of the site's today."""
    return [
        {
            "title": given[0][1].title or name,
            "href": link(reviewer_path(name), root) if name in survey.former else "",
            "record": track_record(given),
        }
        for name, given in sorted(survey.verdicts.items())
        if name not in survey.reviewers
    ]


def _by_name(given: tuple[ToolRecord, Verdict]) -> tuple[str, str]:
    return line(given[0].name).casefold(), given[0].id
