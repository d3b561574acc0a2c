"""Recordings held against today's tools and personas: what is missing, stale, unused or secret."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .model import Recording, explain
from .persona import Persona
from .prompting import ReviewTemplate, build_requests
from .tool import Tool


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a recording."""

    kind: Literal["missing", "stale", "unused", "secret"]
    label: str
    """The exchange or review in question."""
    message: str
    """What is wrong, in words."""


def check_recording(
    recording: Recording, tools: Iterable[Tool], personas: list[Persona], template: ReviewTemplate
) -> list[Finding]:
    """Find what a replay would stumble over, and what it would never ask for.

    Args:
        recording: the recording.
        tools: the tools it should answer for.
        personas: the reviewers likewise.
        template: the review template in force.
    """
    found = [Finding("secret", label, "holds what looks like an API key") for label in recording.secrets()]
    used: set[int] = set()
    for tool in tools:
        for request in build_requests(tool, personas, model=recording.about.model, template=template):
            body = request.body(recording.about.rung)
            review = request.label.rsplit("/", 1)[0]
            recorded = [e for e in recording.exchanges if e.label.startswith(f"{review}/")]
            played = [e for e in recorded if e.request == body and e.sample == str(request.sample)]
            used |= {id(e) for e in played or recorded}
            if not played:
                kind: Literal["missing", "stale"] = "stale" if recorded else "missing"
                found.append(Finding(kind, review, explain(recording, body, request.label)))
    found += [
        Finding("unused", e.label, "no tool and persona of this recording asks for it")
        for e in recording.exchanges
        if id(e) not in used
    ]
    return found
