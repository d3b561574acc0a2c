"""Reviewers: what each role looks for, and how it has voted on this site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...documents.values import slug_of
from ...persona import Persona
from ...tally import interval, percent
from ..plain import paragraphs, readable
from .shelf import Shelved
from .value import Site

Values = Mapping[str, object]

_MANY = 10
"""Votes from which a reviewer that always says the same tells readers nothing."""


@dataclass(frozen=True)
class Reviewer:
    """A reviewer of a site: a role with its file, or one that older verdicts name."""

    id: str
    title: str
    persona: Persona | None


def reviewers_of(site: Site, shelf: Mapping[str, Shelved]) -> dict[str, Reviewer]:
    """List the reviewers: those of today in their order, then those that only verdicts know."""
    found = {persona.id: Reviewer(persona.id, persona.title, persona) for persona in site.personas}
    for name, title in sorted({*_named(site, shelf)}):
        if slug_of(name) == name:  # a file is named after it
            found.setdefault(name, Reviewer(name, title or name, None))
    return found


def _named(site: Site, shelf: Mapping[str, Shelved]) -> Iterator[tuple[str, str]]:
    panels = [panel for page in site.pages for panel in page.comparison.panels]
    panels += [shelved.panel for shelved in shelf.values()]
    for panel in panels:
        yield from ((verdict.reviewer, verdict.title) for verdict in panel.verdicts)
        yield from ((gap.reviewer, gap.title) for gap in panel.missing)


def reviewers_index(reviewers: Mapping[str, Reviewer], shelf: Mapping[str, Shelved]) -> Values:
    """List the reviewers with their records."""
    rows = [
        {
            "title": one.title,
            "path": f"reviewers/{name}.html",
            "motto": one.persona.motto if one.persona else "No longer on the panel.",
            "record": _record(name, shelf)["sentence"],
        }
        for name, one in reviewers.items()
    ]
    return {"title": "Reviewers", "description": "Roles, not people: what each looks for.", "reviewers": rows}


def reviewer_page(reviewer: Reviewer, shelf: Mapping[str, Shelved]) -> Values:
    """Show one reviewer: its questions, and its votes on every tool of the site."""
    persona = reviewer.persona
    return {
        "title": reviewer.title,
        "description": persona.motto if persona else f"{reviewer.title}: no longer on the panel.",
        "id": reviewer.id if reviewer.title.lower() != reviewer.id else "",
        "persona": persona and _persona(persona),
        "noindex": persona is None,
        **_record(reviewer.id, shelf),
    }


def _persona(persona: Persona) -> dict[str, object]:
    return {
        "motto": persona.motto,
        "excites": paragraphs(persona.excites),
        "tires": paragraphs(persona.tires),
        "ship_when": paragraphs(persona.ship_when),
        "skip_when": paragraphs(persona.skip_when),
        "rubric": [{"field": readable(field), "question": question} for field, question in persona.rubric.items()],
    }


def _record(name: str, shelf: Mapping[str, Shelved]) -> dict[str, object]:
    """Count a reviewer's votes over the newest panel of every tool."""
    votes = [
        {
            "tool": shelved.panel.tool.name,
            "language": shelved.panel.tool.language or "",
            "path": f"tools/{tool}.html",
            "decision": verdict.decision,
            "score": verdict.score,
        }
        for tool, shelved in shelf.items()
        if (verdict := shelved.panel.verdict_of(name))
    ]
    ships, cast = sum(vote["decision"] == "ship" for vote in votes), len(votes)
    rate, reach = percent(ships, cast), interval(ships, cast)
    if rate is None or reach is None:
        return {"votes": [], "sentence": "No votes on this site yet.", "warning": ""}
    sentence = f"Ships {rate}% ({ships} of {cast}); {reach[0]}-{reach[1]}% if these tools were a sample of many."
    same = cast >= _MANY and ships in {0, cast}
    warning = f"It has voted {'ship' if ships else 'skip'} on all {cast} tools, which tells little of any one of them."
    return {"votes": votes, "sentence": sentence, "warning": warning if same else ""}
