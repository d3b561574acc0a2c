"""A tool's panel as the store holds it: nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from ..errors import CallError
from ..grounding import panel_flags
from ..model import Store, read_answer
from ..panel import Missing, Panel
from ..persona import Persona
from ..prompting import prompt_version
from ..request import Request
from ..signing import Given, sign
from ..tool import Tool
from ..verdict import Verdict


def held_panel(
    tool: Tool, personas: Sequence[Persona], requests: Sequence[Request], systems: dict[str, str], store: Store
) -> Panel:
    """Put together what the store answers; a review that it does not answer is missing, with its last failure."""
    found: list[Verdict | Missing] = []
    for persona in personas:
        asked = [request for request in requests if request.label.split("/")[1] == persona.id]
        answers = [_held(request, persona, store) for request in asked]
        found.append(sign(tool, persona, asked, answers, prompt_version([systems[persona.id]])))
    verdicts = tuple(one for one in found if isinstance(one, Verdict))
    missing = tuple(one for one in found if isinstance(one, Missing))
    return Panel(tool=tool, verdicts=verdicts, missing=missing, flags=panel_flags(tool, verdicts))


def outcomes(panel: Panel) -> Iterator[Verdict | Missing]:
    """Go through the reviews of a panel."""
    yield from panel.verdicts
    yield from panel.missing


def _held(request: Request, persona: Persona, store: Store) -> Given | CallError:
    for reply in store.find(request.key):
        with suppress(CallError):
            return reply, read_answer(request, reply.text, persona.answer_type)
    cause, said = store.failure(request.key) or ("not-asked", "no worker has answered for it")
    return CallError(said, cause=cause)
