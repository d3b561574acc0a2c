"""Signing: a reviewer's checked answers become its one verdict, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

from .errors import CallError
from .grounding import ground
from .model import Reply, plain
from .panel import Missing
from .persona import Persona
from .request import Request
from .tally.samples import settle
from .tool import Tool
from .verdict import Answer, Decision, Provenance, Verdict

Given: TypeAlias = tuple[Reply, Answer]
"""A reply, and the answer that was read off it."""


def sign(
    tool: Tool,
    persona: Persona,
    asked: Sequence[Request],
    answers: Sequence[Given | CallError],
    prompt_version: str,
) -> Verdict | Missing:
    """Make one vote of a reviewer's samples: what most of them decided, in the words of the first that did.

    Args:
        tool: what was judged.
        persona: who judged it.
        asked: a request per sample.
        answers: what came of each.
        prompt_version: names the reviewer's instructions.
    """
    decisions = tuple(None if isinstance(given, CallError) else given[1].decision for given in answers)
    samples = decisions if len(decisions) > 1 else ()
    for request, given in zip(asked, answers, strict=True):
        if not isinstance(given, CallError) and given[1].decision == settle(decisions):
            return _verdict(tool, persona, request, given, prompt_version, samples)
    fault = next((given for given in answers if isinstance(given, CallError)), None)
    missing = partial(Missing, reviewer=persona.id, title=persona.title, samples=samples)
    if fault and not any(decisions):
        return missing(state="failed", cause=fault.cause, message=plain(fault.message))
    ships, failed = decisions.count("ship"), decisions.count(None)
    said = f"its samples tied: {ships} ship, {ships} skip{f', {failed} failed' if failed else ''}"
    return missing(state="abstained", cause="samples-tied", message=said)


def _verdict(
    tool: Tool,
    persona: Persona,
    request: Request,
    given: Given,
    prompt_version: str,
    samples: tuple[Decision | None, ...],
) -> Verdict:
    """Turn a checked answer into a verdict: who, from where, and what an editor should look at."""
    reply, answer = given
    evidence, flags = ground(answer, tool, banned=persona.banned, usage=reply.usage)
    return Verdict(
        reviewer=persona.id,
        title=persona.title,
        evidence=evidence,
        flags=flags,
        samples=samples,
        provenance=Provenance(
            key=request.key,
            model=request.model,
            answered_by=reply.answered_by,
            source=reply.source,
            answered_at=reply.answered_at,
            prompt_version=prompt_version,
            usage=reply.usage,
            cost_usd=reply.cost_usd,
        ),
        **answer.model_dump(exclude={"evidence"}),
    )
