"""JSON as a Document, or as plain data: one object, no duplicate keys, no NaN, the line of every key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from typing import NoReturn

from pydantic import JsonValue

from ..errors import DocumentError
from .document import MAX_DEPTH, Document, Tree, dotted, too_deep
from .faults import Keys

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s"{}\[\],:]+')
_CHECK = "Look there and just before: a comma or quotation mark is missing, or one is too many."


def parse_json(text: str, *, source: str, numbers: Callable[[str], object] | None = None) -> dict[str, JsonValue]:
    """Parse one JSON object strictly: no duplicate keys, no NaN, nothing around it.

    Args:
        text: the JSON.
        source: what to name in errors.
        numbers: how to read a number (and NaN, which is refused when None).

    Raises:
        DocumentError: it is anything else.
    """
    many = "\n" in text.strip()
    try:
        data = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=numbers,
            parse_float=numbers,
            parse_constant=numbers or _no_constant,
        )
    except json.JSONDecodeError as exc:
        message = f"not valid JSON: {exc.msg} (column {exc.colno})"
        line = exc.lineno if many else None
        raise DocumentError(message, source=source, line=line, remedy=_CHECK) from exc
    except RecursionError as exc:
        raise too_deep(source) from exc
    except _TwiceError as exc:
        keys, first, again = _twice(text, source)
        remedy = f"It stands on line {first} already; keep one of them." if many else "Keep one of them."
        raise DocumentError(
            "this key is given twice", source=source, line=again if many else None, key=dotted(keys), remedy=remedy
        ) from exc
    except ValueError as exc:  # a number of thousands of digits, or NaN
        problem = "a number of thousands of digits" if "Exceeds" in str(exc) else str(exc)
        raise DocumentError(f"not valid JSON: {problem}", source=source, remedy="Write a plain number.") from exc
    if not isinstance(data, dict):
        remedy = "Several tools go into a .jsonl file, one object a line."
        raise DocumentError('should hold one object, {"name": ...}', source=source, remedy=remedy)
    return data


def json_document(text: str, source: str) -> Document:
    """Parse a JSON file."""
    document = json_line(text, source)
    return Document(source, document.data, dict(_places(text)))


def json_line(text: str, source: str) -> Document:
    """Parse JSON without places: one line of JSONL, whose source names the line already."""
    return Document(source, texts_only(parse_json(text, source=source, numbers=str), source))


def texts_only(data: Mapping[str, object], source: str) -> dict[str, Tree]:
    """Turn numbers, truths and days into the text that was meant."""

    def text(value: object, keys: Keys) -> Tree:
        if len(keys) > MAX_DEPTH:
            raise too_deep(source, keys=keys)
        if isinstance(value, dict):
            return {name: text(inner, (*keys, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [text(inner, (*keys, number)) for number, inner in enumerate(value)]
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, date | time):
            return value.isoformat()
        return str(value).lower() if isinstance(value, bool) else str(value)

    return {name: text(value, (name,)) for name, value in data.items()}


def _no_constant(word: str) -> NoReturn:
    message = f"{word} is no JSON number"
    raise ValueError(message)


class _TwiceError(Exception):
    pass


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _twice(text: str, source: str) -> tuple[Keys, int, int]:
    """Find the first key that is given twice: its path and both lines."""
    seen: list[dict[str, int]] = []  # the keys of each object that is still open, outermost first
    for keys, line in _places(text):
        if len(keys) > MAX_DEPTH:
            raise too_deep(source, line=line, keys=keys)
        seen = [*seen[: len(keys)], *({} for _ in keys[len(seen) :])]
        name = keys[-1]
        if isinstance(name, str):
            if name in seen[-1]:
                return keys, seen[-1][name], line
            seen[-1][name] = line
    raise AssertionError  # pragma: no cover - json has just met one


def _places(text: str) -> Iterator[tuple[Keys, int]]:
    """Walk over valid JSON: the path and the line of each key and list item, in their order."""
    path: list[str | int] = []
    line, last, key_follows = 1, 0, False
    for token in _TOKEN.finditer(text):
        line += text.count("\n", last, token.start())
        last = token.start()
        mark = token[0]
        if path and isinstance(path[-1], int) and mark not in {",", "]"}:
            yield tuple(path), line
        if mark in {"{", "["}:
            path.append("" if mark == "{" else 0)
            key_follows = mark == "{"
        elif mark in {"}", "]"}:
            path.pop()
            key_follows = False
        elif mark == ",":
            key_follows = isinstance(path[-1], str)
            if isinstance(path[-1], int):
                path[-1] += 1
        elif key_follows:
            path[-1] = json.loads(mark)
            key_follows = False
            yield tuple(path), line
