"""A reply's text becomes a checked answer, or a named fault; pure."""

from __future__ import annotations

import re

from pydantic import BaseModel, ValidationError

from ..documents import dotted, parse_json
from ..errors import CallError, DocumentError
from ..verdict import Answer

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"\A\s*```[a-z]*\s*\n(.*?)\n\s*```\s*\Z", re.DOTALL)


def parse_answer(text: str, answer_type: type[BaseModel]) -> Answer:
    """Read one answer off a reply: strictly, whole or not at all.

    A leading think block and a code fence around the object are taken off; nothing is guessed, filled in or rounded.

    Raises:
        CallError: `empty-reply`, `malformed-reply` (not one JSON object) or `invalid-answer` (a field is off).
    """
    bare = _THOUGHTS.sub("", text)
    if found := _FENCE.match(bare):
        bare = found[1]
    if not bare.strip():
        raise CallError("the reply was empty", cause="empty-reply", again=True)
    try:
        data = parse_json(bare.strip(), source="reply")
    except DocumentError as exc:
        raise CallError(
            f"the reply is not one JSON object: {exc.message}", cause="malformed-reply", again=True
        ) from exc
    try:
        answer = answer_type.model_validate(data, strict=True)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        place = dotted(tuple(first["loc"])) or "the answer"
        message = first["msg"].removeprefix("Value error, ").lower()
        raise CallError(f"{place}: {message}", cause="invalid-answer", again=True) from exc
    filled = answer.model_dump()
    rubric = {name: filled.pop(name) for name in [*filled] if name not in Answer.model_fields}
    blank = [name for name, value in {**filled, **rubric}.items() if isinstance(value, str) and not value.strip()]
    if blank:
        raise CallError(f"{blank[0]}: is blank", cause="invalid-answer", again=True)
    return Answer(rubric=rubric, **filled)
