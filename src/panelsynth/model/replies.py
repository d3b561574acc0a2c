"""A reply's text becomes a checked answer, or a named fault; pure."""

from __future__ import annotations

import re

from pydantic import BaseModel, ValidationError

from ..documents import dotted, parse_json
from ..errors import CallError, DocumentError
from ..verdict import Answer
from .envelope import plain

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```[A-Za-z0-9]*[ \t]*")


def parse_answer(text: str, answer_type: type[BaseModel]) -> Answer:
    """Read one answer off a reply: strictly, whole or not at all.

    A leading think block and a code fence around the object are taken off; nothing is guessed, filled in or rounded.

    Raises:
        CallError: `empty-reply`, `malformed-reply` (not one JSON object) or `invalid-answer` (a field is off).
    """
    bare = _THOUGHTS.sub("", text).strip()
    opening, line_end, rest = bare.partition("\n")
    if line_end and _FENCE.fullmatch(opening) and rest.endswith("```"):
        bare = rest[:-3].strip()
    if not bare:
        raise CallError("the reply was empty", cause="empty-reply")
    try:
        data = parse_json(bare, source="reply")
    except DocumentError as exc:
        raise CallError(f"the reply is not one JSON object: {plain(exc.message)}", cause="malformed-reply") from exc
    try:
        answer = answer_type.model_validate(data, strict=True)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        place = plain(dotted(tuple(first["loc"])), 80) or "the answer"
        message = first["msg"].removeprefix("Value error, ").lower()
        raise CallError(f"{place}: {message}", cause="invalid-answer") from exc
    filled = answer.model_dump()
    rubric = {name: filled.pop(name) for name in [*filled] if name not in Answer.model_fields}
    texts = {name: value if isinstance(value, list) else [value] for name, value in (filled | rubric).items()}
    blank = [name for name, values in texts.items() if any(not str(value).strip() for value in values)]
    if blank:
        raise CallError(f"{blank[0]}: is blank", cause="invalid-answer")
    return Answer(rubric=rubric, **filled)
