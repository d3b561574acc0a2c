"""History: how a tool's panel has changed from one approved version to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...panel import Panel
from ...reading import share
from .survey import Standing, ToolRecord, approved_at
from .value import SitePage

_FIELDS = {
    "name": "name",
    "tagline": "tagline",
    "category": "category",
    "description": "description",
    "facts": "facts",
    "pricing": "pricing",
    "votes": "community votes",
    "best_for": "best for",
    "url": "address",
    "relationship": "the publisher's interest",
}
"""What of a tool readers see, in the words of the page."""


@dataclass(frozen=True)
class Change:
    """A tool's panel from the day on which it was first approved in this form."""

    day: str
    share: str
    """The panel's share with its counts."""
    votes: tuple[str, ...]
    """Which reviewers changed their votes, or came and went."""
    rest: tuple[str, ...]
    """What else readers would notice."""
    pages: tuple[SitePage, ...]
    """Where it was approved in this form."""


def changes_of(record: ToolRecord) -> list[Change]:
    """Tell a tool's history, newest first; versions that show one and the same panel are one entry."""
    groups: list[list[Standing]] = []
    for version in record.approved:
        if groups and _shown(groups[-1][0].panel) == _shown(version.panel):
            groups[-1].append(version)
        else:
            groups.append([version])
    befores = [None, *(group[0].panel for group in groups)]
    return [_change(group, before) for group, before in zip(groups, befores, strict=False)][::-1]


def _change(group: list[Standing], before: Panel | None) -> Change:
    panel = group[0].panel
    pages = {version.page.slug: version.page for version in group}
    return Change(
        day=approved_at(group[0].page)[:10],
        share=share(panel),
        votes=tuple(_votes(before, panel)) if before else (),
        rest=tuple(_rest(before, panel)) if before else ("first approved",),
        pages=tuple(pages.values()),
    )


def _votes(before: Panel, after: Panel) -> Iterator[str]:
    then, now = _seats(before), _seats(after)
    for reviewer in {**now, **then}:
        title = (now.get(reviewer) or then[reviewer])[0] or reviewer
        was, is_now = (seats[reviewer][1] if reviewer in seats else None for seats in (then, now))
        if was is None:
            yield f"{title}: {is_now} (new on the panel)"
        elif is_now is None:
            yield f"{title}: no longer on the panel (was {was})"
        elif was != is_now:
            yield f"{title}: {is_now} (was {was})"


def _rest(before: Panel, after: Panel) -> Iterator[str]:
    yield from (words for field, words in _FIELDS.items() if getattr(before.tool, field) != getattr(after.tool, field))
    then = {verdict.reviewer: _words(verdict) for verdict in before.verdicts}
    now = {verdict.reviewer: _words(verdict) for verdict in after.verdicts}
    reworded = [reviewer for reviewer in now if reviewer in then and now[reviewer] != then[reviewer]]
    if reworded:
        titles = _seats(after)
        yield f"words of {', '.join(titles[reviewer][0] or reviewer for reviewer in reworded)}"


def _seats(panel: Panel) -> dict[str, tuple[str, str]]:
    """Give each reviewer's title and vote, in the panel's order."""
    voted = {verdict.reviewer: (verdict.title, str(verdict.decision)) for verdict in panel.verdicts}
    return voted | {gap.reviewer: (gap.title, "no vote") for gap in panel.missing}


def _words(verdict: object) -> tuple[object, ...]:
    fields = ("review", "rubric", "evidence", "counter_case", "would_change", "score")
    return tuple(getattr(verdict, field) for field in fields)


def _shown(panel: Panel) -> tuple[object, ...]:
    """Give what readers see of a panel: flags are for editors, and when it was answered changes nothing."""
    tool = tuple(getattr(panel.tool, field) for field in _FIELDS)
    return tool, _seats(panel), [(verdict.reviewer, _words(verdict)) for verdict in panel.verdicts]
