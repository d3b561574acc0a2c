"""A tool's panel as the store holds it: nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from ..errors import CallError
from ..grounding import panel_flags
from ..model import Store, parse_answer, plain
from ..panel import Missing, Panel
from ..persona import Persona
from ..request import Request
from ..reviewing import sign
from ..tool import Tool
from ..verdict import Verdict


def held_panel(
    tool: Tool, personas: Sequence[Persona], requests: Sequence[Request], systems: dict[str, str], store: Store
) -> Panel:
    """Put together what the store answers; a review that it does not answer is missing, with its last failure."""
    outcomes = [_held(tool, *one, systems, store) for one in zip(personas, requests, strict=True)]
    verdicts = tuple(one for one in outcomes if isinstance(one, Verdict))
    missing = tuple(one for one in outcomes if isinstance(one, Missing))
    return Panel(tool=tool, verdicts=verdicts, missing=missing, flags=panel_flags(tool, verdicts))


def outcomes(panel: Panel) -> Iterator[Verdict | Missing]:
    """Go through the reviews of a panel."""
    yield from panel.verdicts
    yield from panel.missing


def _held(tool: Tool, persona: Persona, request: Request, systems: dict[str, str], store: Store) -> Verdict | Missing:
    for reply in store.find(request.key):
        with suppress(CallError):
            answer = parse_answer(reply.text, persona.answer_type)
            return sign(tool, persona, request, reply, answer, systems[persona.id])
    cause, said = store.failure(request.key) or ("not-asked", "no worker has answered for it")
    return Missing(reviewer=persona.id, title=persona.title, state="failed", cause=cause, message=plain(said))
