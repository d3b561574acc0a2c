"""Salvage: the one JSON object of a reply, freed of what models put around it, where there is no doubt which; pure."""

from __future__ import annotations

import json
import re

from pydantic import JsonValue

from ..documents import parse_json
from ..errors import CallError, DocumentError
from .envelope import plain

MAX_CHARACTERS = 1_000_000
"""Of one reply, thoughts included."""

_MARKS = re.compile(r'[{}"\\]')
_FENCES = re.compile(r"```[A-Za-z0-9]*")
_BEGUN = re.compile(r"(?:```[A-Za-z0-9]*)?\s*\{")
"""A reply that begins with its object: a closing mark of thoughts further on is a word of the answer."""


def find_object(text: str) -> dict[str, JsonValue]:
    """Find the one JSON object of a reply, past a think block, code fences and prose around it.

    The same object twice is one; two that differ are refused, and so is everything that looks cut off.

    Raises:
        CallError: `empty-reply`, `garbled-text` (too long), or `malformed-reply`.
    """
    if len(text) > MAX_CHARACTERS:
        raise CallError(f"the reply has {len(text):,} characters", cause="garbled-text")
    bare = without_thoughts(text.removeprefix("\ufeff")).strip()
    if not _FENCES.sub("", bare).strip():
        raise CallError("the reply was empty", cause="empty-reply")
    spans = _spans(bare)
    if not spans:
        raise CallError(f"the reply holds no JSON object, it begins {plain(bare, 60)!r}", cause="malformed-reply")
    start, end = spans[0]
    if _FENCES.sub("", bare[:start]).rstrip().endswith("["):
        raise CallError("the reply is a list: write the one object alone", cause="malformed-reply")
    found = _parsed(bare[start:end])
    for start, end in spans[1:]:
        if json.dumps(_parsed(bare[start:end]), sort_keys=True) != json.dumps(found, sort_keys=True):
            raise CallError(f"the reply holds {len(spans)} different objects: write one", cause="malformed-reply")
    return found


def without_thoughts(text: str) -> str:
    """Cut a leading think block; its opening mark often stands in the prompt and is missing from the reply."""
    bare = text.lstrip()
    thoughts, closed, rest = bare.partition("</think>")
    if closed and not _BEGUN.match(bare):
        return rest
    if thoughts.startswith("<think>"):
        raise CallError("the reply ends inside its thoughts: think less, then answer", cause="malformed-reply")
    return text


def _spans(text: str) -> list[tuple[int, int]]:
    """Find where braces open and close at the top level, not counting those inside strings; one pass, no parsing."""
    spans: list[tuple[int, int]] = []
    depth = start = skip_to = 0
    in_string = False
    for mark in _MARKS.finditer(text):
        place, sign = mark.start(), mark[0]
        if place < skip_to:
            continue
        if sign == "\\":
            skip_to = place + 2 if in_string else 0
        elif sign == '"':
            in_string = depth > 0 and not in_string
        elif in_string:
            continue
        elif sign == "{":
            start = start if depth else place
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                spans.append((start, place + 1))
    if depth:
        raise CallError("the reply ends inside its JSON object: write it whole", cause="malformed-reply")
    return spans


def _parsed(text: str) -> dict[str, JsonValue]:
    try:
        return parse_json(text, source="reply")
    except DocumentError as exc:
        fault = plain(exc.message.removeprefix("reply:"))
        raise CallError(f"the reply is not one JSON object: {fault}", cause="malformed-reply") from exc
