"""What your own tests need: a model that follows a script, panels from words, recordings played whole.

With pytest, `pytest_plugins = ["panelsynth.testing.plugin"]` in your `conftest.py` adds the fixture `recorded`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..errors import CallError, RecordingError
from ..model import RecordedModel, Reply
from ..panel import Panel
from ..request import Request
from ..reviewing import review
from ..tool import Tool
from ..verdict import Usage

Line = str | Mapping[str, object] | Exception
"""`ship`, `skip` or `fail`; fields of the answer to set; the reply's whole text; or an exception to raise."""


class ScriptedModel:
    """Answer without any model, as a script says; replies are labelled as authored, since they are.

    Args:
        script: a line for all; or words (`"ship ship skip fail"`), one per reviewer in the order they are asked; or a
            table of lines by `tool/persona/sample`, `tool/persona`, `persona` or `tool`.

    Example:
        >>> import panelsynth as ps
        >>> tool = ps.Tool(id="acme", name="Acme", description="A linter for prose.")
        >>> [panel] = ps.review([tool], model=ScriptedModel({"skeptic": "fail", "acme": "ship"}))
        >>> panel.tally.text, panel.missing[0].cause
        ('3 ship / 0 skip / 1 missing', 'scripted')
    """

    name = "authored"

    def __init__(self, script: str | Mapping[str, Line]) -> None:
        self._script = script
        self._seats: dict[str, list[str]] = {}
        self.requests: list[Request] = []
        """Every request, in the order asked."""

    async def ask(self, request: Request) -> Reply:
        """Answer one request by the script."""
        self.requests.append(request)
        line = self._line(request)
        if isinstance(line, Exception):
            raise line
        if line == "fail":
            raise CallError("the script says fail", cause="scripted")
        if isinstance(line, str) and line not in {"ship", "skip"}:
            text = line
        else:
            fields = {"decision": line} if isinstance(line, str) else line
            text = json.dumps(_answer(request) | dict(fields), ensure_ascii=False)
        return Reply(text, "authored", "2026-01-01T00:00:00Z", source="authored", usage=Usage(input=0, output=0))

    def _line(self, request: Request) -> Line:
        tool, persona, sample, *_ = request.label.split("/")
        if isinstance(self._script, str):
            words = self._script.split()
            if not words or not {*words} <= {"ship", "skip", "fail"}:
                return self._script
            seats = self._seats.setdefault(tool, [])
            if persona not in seats:
                seats.append(persona)
            return words[seats.index(persona) % len(words)]
        for name in (f"{tool}/{persona}/{sample}", f"{tool}/{persona}", persona, tool):
            if name in self._script:
                return self._script[name]
        raise CallError(f"the script has no line for {tool}/{persona}", cause="scripted")


def _answer(request: Request) -> dict[str, object]:
    """Fill every field of the asked-for schema with a stand-in."""
    words = request.messages[-1].content.split("Description:", 1)[-1].split()
    fields: dict[str, object] = {}
    properties = request.answer_schema["properties"]
    for name in properties if isinstance(properties, dict) else ():
        fields[name] = f"A stand-in for {name.replace('_', ' ')}, written for a test."
    return fields | {"evidence": [" ".join(words[:5])], "decision": "ship", "score": 70}


def panel(name: str, votes: str, **fields: object) -> Panel:
    """Make a panel from words: one of `ship`, `skip`, `fail` per shipped reviewer.

    Args:
        name: the tool's name; its id is derived from it.
        votes: such as `"ship ship skip fail"`.
        fields: further fields of the tool.

    Example:
        >>> panel("Acme", "ship ship skip fail").tally.percent
        67
    """
    slug = "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
    tool = Tool.model_validate({"id": slug, "name": name, "description": f"{name} is a stand-in for a test.", **fields})
    [made] = review([tool], model=ScriptedModel(votes))
    return made


@contextmanager
def replay(path: str | Path) -> Iterator[RecordedModel]:
    """Play a recording and fail at the end when part of it was never asked for.

    Raises:
        RecordingError: a request was not recorded, or an exchange was not played.

    Example:
        >>> import panelsynth as ps
        >>> from panelsynth.shipped import demo_recording, demo_tools
        >>> with replay(demo_recording()) as model:
        ...     panels = ps.review([ps.Tool.from_file(file) for file in sorted(demo_tools().iterdir())], model=model)
        >>> [panel.tally.percent for panel in panels]
        [75, 100]
    """
    model = RecordedModel(path)
    yield model
    if model.unplayed:
        names = ", ".join(model.unplayed[:5])
        remedy = "Record it again, or take what is no longer asked out of it."
        raise RecordingError(f"{path}: {len(model.unplayed)} exchanges were not played: {names}", remedy=remedy)
