"""Recordings held against today's tools and personas: what a replay would not play, or should not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from .errors import PanelsynthError
from .model import Exchange, RecordedModel, Recording, parse_answer, plain
from .model.recording import exchange_key
from .model.staleness import changed
from .persona import Persona
from .prompting import ReviewTemplate, build_requests
from .request import Request
from .tool import Tool

_PATH = "/chat/completions"


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a recording."""

    kind: Literal["missing", "stale", "unused", "secret", "misplaced", "surplus", "unusable"]
    label: str
    """The exchange or review in question."""
    message: str
    """What is wrong, in words."""


def check_recording(
    recording: Recording, tools: Iterable[Tool], personas: list[Persona], template: ReviewTemplate
) -> list[Finding]:
    """Find what a replay would stumble over, what it would never ask for, and what is not what it says.

    Args:
        recording: the recording.
        tools: the tools it should answer for.
        personas: the reviewers likewise.
        template: the review template in force.
    """
    about = recording.about
    reviews = [
        _Review(persona, request, exchange_key(_PATH, request.body(about.rung), str(request.sample)))
        for tool in tools
        for persona, request in zip(
            personas, build_requests(tool, personas, model=about.model, template=template), strict=True
        )
    ]
    found = [Finding("secret", label, "holds what looks like an API key") for label in recording.secrets()]
    found += _misplaced(recording, reviews)
    wrong = {finding.label for finding in found if finding.kind == "misplaced"}
    waiting: dict[str, list[Exchange]] = {}
    for exchange in recording.exchanges:
        waiting.setdefault(exchange.key, []).append(exchange)
    fitting = [e for e in recording.exchanges if e.label not in wrong]
    found += [_absent(review, fitting, recording) for review in reviews if review.key not in waiting]
    found += asyncio.run(_unusable(recording, reviews, waiting))
    keys, explained = {review.key for review in reviews}, {f.label for f in found if f.kind == "stale"}
    for exchange in (e for left in waiting.values() for e in left):
        if exchange.label in wrong:
            continue
        if exchange.key in keys:
            found.append(Finding("surplus", exchange.label, "another reply has answered this request already"))
        elif _review_of(exchange) not in explained:
            found.append(Finding("unused", exchange.label, "no tool and persona of this recording asks for it"))
    return found


@dataclass(frozen=True)
class _Review:
    persona: Persona
    request: Request
    key: str

    @property
    def label(self) -> str:
        return self.request.label.rsplit("/", 1)[0]


def _review_of(exchange: Exchange) -> str:
    return "/".join(exchange.label.split("/")[:2])


def _misplaced(recording: Recording, reviews: list[_Review]) -> Iterator[Finding]:
    """Find exchanges whose path is not ours, or whose request is that of another review than their label says."""
    owners: dict[str, list[str]] = {}
    for review in reviews:
        owners.setdefault(review.key, []).append(review.label)
    for exchange in recording.exchanges:
        asked = owners.get(exchange.key)
        if exchange.path != _PATH:
            yield Finding("misplaced", exchange.label, f"was sent to {plain(exchange.path, 80)}, not to {_PATH}")
        elif asked and _review_of(exchange) not in asked:
            yield Finding("misplaced", exchange.label, f"its request is that of {asked[0]}")


def _absent(review: _Review, exchanges: list[Exchange], recording: Recording) -> Finding:
    """Say of a review without a reply whether another request of it was recorded."""
    recorded = next((e for e in exchanges if _review_of(e) == review.label), None)
    if recorded is None:
        return Finding("missing", review.label, "nothing is recorded of it")
    tool, persona = review.label.split("/")
    body = review.request.body(recording.about.rung)
    if recorded.request == body:
        return Finding("stale", review.label, f"only sample {plain(recorded.sample, 20)!r} of it is recorded")
    return Finding("stale", review.label, changed(recorded.request, body, tool, persona))


async def _unusable(recording: Recording, reviews: list[_Review], waiting: dict[str, list[Exchange]]) -> list[Finding]:
    """Play each review to its end, taking what was played off `waiting`; find those that end without an answer."""
    found: list[Finding] = []
    model = RecordedModel(recording)
    for review in reviews:
        fault: PanelsynthError | None = None
        exchange = None
        while left := waiting.get(review.key):
            exchange = left.pop(0)
            fault = await _fault(model, review)
            if not getattr(fault, "again", False):
                break
        if fault and exchange:
            found.append(Finding("unusable", exchange.label, plain(fault.message, 160)))
    await model.aclose()
    return found


async def _fault(model: RecordedModel, review: _Review) -> PanelsynthError | None:
    try:
        reply = await model.ask(review.request)
        parse_answer(reply.text, review.persona.answer_type)
    except PanelsynthError as exc:
        return exc
    return None
