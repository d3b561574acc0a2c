"""Recordings held against today's tools and personas: what a replay would not play, or should not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from .errors import PanelsynthError
from .model import Calls, Exchange, Gate, RecordedModel, Recording, plain
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
    model = RecordedModel(recording)
    reviews = [
        _Review(persona, request, model.body(request))
        for tool in tools
        for persona, first in zip(
            personas, build_requests(tool, personas, model=model.name, template=template), strict=True
        )
        for request in map(first.sampled, range(recording.about.samples))
    ]
    found = [Finding("secret", label, "holds what looks like an API key") for label in recording.secrets()]
    found += _misplaced(recording, reviews)
    wrong = {finding.label for finding in found if finding.kind == "misplaced"}
    fitting = [e for e in recording.exchanges if e.label not in wrong]
    recorded = {exchange.key for exchange in recording.exchanges}
    found += [_absent(review, fitting) for review in reviews if review.key not in recorded]
    found += asyncio.run(_unusable(model, [review for review in reviews if review.key in recorded], template))
    keys, explained = {review.key for review in reviews}, {f.label for f in found if f.kind == "stale"}
    by_label = {exchange.label: exchange for exchange in fitting}
    for exchange in (by_label[label] for label in model.unplayed if label in by_label):
        if exchange.key in keys:
            found.append(Finding("surplus", exchange.label, "another reply has answered this request already"))
        elif _review_of(exchange) not in explained:
            found.append(Finding("unused", exchange.label, "no tool and persona of this recording asks for it"))
    return found


@dataclass(frozen=True)
class _Review:
    persona: Persona
    request: Request
    body: dict[str, JsonValue]

    @property
    def key(self) -> str:
        return exchange_key(_PATH, self.body, str(self.request.sample))

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


def _absent(review: _Review, exchanges: list[Exchange]) -> Finding:
    """Say of a review without a reply whether another request of it was recorded."""
    recorded = next((e for e in exchanges if _review_of(e) == review.label), None)
    if recorded is None:
        return Finding("missing", review.label, "nothing is recorded of it")
    tool, persona = review.label.split("/")
    if recorded.request == review.body:
        return Finding("stale", review.label, f"only sample {plain(recorded.sample, 20)!r} of it is recorded")
    return Finding("stale", review.label, changed(recorded.request, review.body, tool, persona))


async def _unusable(model: RecordedModel, reviews: list[_Review], template: ReviewTemplate) -> list[Finding]:
    """Play each review to its end, as a run would; find those that end without an answer."""
    found: list[Finding] = []
    calls = Calls(model, Gate(1), note=template.again)
    for review in reviews:
        try:
            await calls.answer(review.request, review.persona.answer_type)
        except PanelsynthError as fault:
            found.append(Finding("unusable", review.label, plain(fault.message, 160)))
    await model.aclose()
    return found
