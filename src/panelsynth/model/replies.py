"""A reply's text becomes a checked answer, or a named fault; pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import BaseModel, JsonValue, ValidationError

from ..canary import canary_of, holds
from ..documents import dotted
from ..errors import CallError
from ..request import Request
from ..verdict import Answer
from .envelope import plain
from .salvage import find_object, without_thoughts

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_STRAY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but line end and tab, and what turns the direction of the text around it."""
_RECITED = "the reply holds the word that must never be written"
_FEW = 3
_DENSE = 12
"""Honest prose packs to a half or a third of its size, and tables to a sixth; what packs this well repeats itself."""


def read_answer(request: Request, text: str, answer_type: type[BaseModel]) -> Answer:
    """Read the answer to a request, and refuse a reply that holds the request's canary, thoughts before it aside.

    Raises:
        CallError: as `parse_answer`, and `canary-written`.
    """
    canary = _canary(request)
    recited = holds(without_thoughts(text), canary)
    found = {} if recited else find_object(text)
    if recited or any(holds(said, canary) for said in _texts(found)):
        raise CallError(_RECITED, cause="canary-written")
    return _checked(found, answer_type)


def without_canary(request: Request, fault: CallError) -> CallError:
    """Take a fault as it is, unless it cites a reply, such as a refusal, that holds the request's canary."""
    if holds(fault.message, _canary(request)):
        return CallError(_RECITED, cause="canary-written", usage=fault.usage)
    return fault


def _texts(value: JsonValue) -> Iterator[str]:
    """Go through all keys and texts of an object, as they read once JSON's escapes are undone."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _canary(request: Request) -> str:
    return canary_of(request.messages[0].content) if request.messages else ""


def parse_answer(text: str, answer_type: type[BaseModel]) -> Answer:
    """Read one answer off a reply: strictly, whole or not at all.

    What models put around the object is taken off, a decision may be written in any case, stray control characters are
    dropped from texts; nothing else is mended, filled in or rounded, and nothing is guessed.

    Raises:
        CallError: `empty-reply`, `malformed-reply` (not one JSON object), `invalid-answer` (a field is off) or
            `garbled-text` (a text is blank, over-long, looped or full of control characters).
    """
    return _checked(find_object(text), answer_type)


def _checked(found: dict[str, JsonValue], answer_type: type[BaseModel]) -> Answer:
    data = {name: _cleaned(name, value) for name, value in found.items()}
    if "decision" in data:
        data["decision"] = _decision(data["decision"])
    try:
        answer = answer_type.model_validate(data, strict=True)
    except ValidationError as exc:
        raise _fault(exc.errors()[0]) from None
    filled = answer.model_dump()
    rubric = {name: filled.pop(name) for name in [*filled] if name not in Answer.model_fields}
    return Answer(rubric=rubric, **filled)


def clean_text(place: str, text: str) -> str:
    """Take a few stray characters out of a model's text and refuse one that no reader could use.

    Raises:
        CallError: `garbled-text`: blank, full of control or direction-turning characters, or looped.
    """
    cleaned, strays = _STRAY.subn("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if strays > _FEW:
        message = f"{place}: holds {strays} control or direction-override characters: write plain text"
        raise CallError(message, cause="garbled-text")
    if not any(char.isprintable() and not char.isspace() for char in cleaned):
        raise CallError(f"{place}: is blank", cause="garbled-text")
    raw = cleaned.encode(errors="replace")
    if any(len(zlib.compress(part)) * _DENSE < len(part) for part in (raw, raw[len(raw) // 2 :])):
        raise CallError(f"{place}: says the same over and over", cause="garbled-text")
    return cleaned


def _cleaned(name: str, value: JsonValue) -> JsonValue:
    """Clean the texts of one field; what is no text, no list of texts or the decision stays for the model to refuse."""
    place = plain(name, 80)
    if isinstance(value, list):
        return [clean_text(f"{place}[{n}]", text) if isinstance(text, str) else text for n, text in enumerate(value)]
    return clean_text(place, value) if isinstance(value, str) and name != "decision" else value


def _decision(value: JsonValue) -> JsonValue:
    """Read the decision past case and blanks, and past nothing else."""
    return value.strip().lower() if isinstance(value, str) and value.isascii() else value


def _fault(first: ErrorDetails) -> CallError:
    place = plain(dotted(tuple(first["loc"]))) or "the answer"
    if first["type"] == "string_too_long":
        length, limit = len(first["input"]), first["ctx"]["max_length"]
        return CallError(f"{place}: has {length:,} characters, at most {limit:,} are allowed", cause="garbled-text")
    message = first["msg"].removeprefix("Value error, ").lower()
    return CallError(f"{place}: {message}", cause="invalid-answer")
