"""What pydantic finds wrong with a value, in words of ours: a message and a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Keys: TypeAlias = tuple[str | int, ...]
"""The path of a value: `("pricing", "plans", 0, "kind")`."""

_WANTED = {
    "string_type": "a text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number",
    "finite_number": "a plain number, such as 20 or 0.25",
    "decimal_type": "a plain number, such as 20 or 0.25",
    "decimal_parsing": "a plain number, such as 20 or 0.25",
    "decimal_max_digits": "a number of at most 15 digits",
    "date_from_datetime_parsing": "a day of the calendar, such as 2026-11-23",
    "greater_than_equal": "{ge:,} or more",
    "less_than_equal": "{le:,} or less",
    "literal_error": "{expected}",
}
"""What a value should have been, by the kind of the fault."""
_COUNTED = "Every number is counted from the verdicts: change those, or leave the number out."


def describe(fault: ErrorDetails, keys: Keys, model: type[BaseModel]) -> tuple[str, str]:
    """Say what is wrong with the value at `keys` of a model, and what to do about it."""
    name = str(keys[-1]) if keys else ""
    known = _fields(model, keys[:-1])
    kind, value, limits = fault["type"], fault["input"], fault.get("ctx", {})
    meaning = f"{name}: {known[name]}" if known.get(name) else ""
    if value is None and kind != "extra_forbidden":
        kind = "none"
    said = {
        "extra_forbidden": ("unknown key", did_you_mean(name, known)),
        "missing": ("required, but missing", f"Add it. {meaning}"),
        "none": ("has no value", f"Write one (in quotes if it begins with '#'), or take the key out. {meaning}"),
        "string_too_short": ("is empty", f"Write something, or take the key out. {meaning}"),
        "string_too_long": (f"has {len(str(value)):,} characters", f"{limits.get('max_length', 0):,} are allowed."),
        "too_short": ("holds nothing", meaning),
        "too_long": (f"holds more than {limits.get('max_length', 0):,}", meaning),
        "string_pattern_mismatch": (f"is not of the right form, found {_shown(value)}", meaning),
    }
    if kind in said:
        return said[kind][0], said[kind][1].strip()
    if kind in _WANTED:
        if _WANTED[kind] == "keys and values":
            meaning = f"Its keys: {', '.join(sorted(_fields(model, keys)))}."
        return f"should be {_WANTED[kind].format(**limits)}, found {_shown(value)}", meaning
    message = fault["msg"].removeprefix("Value error, ").replace("Input should", "should")
    message, _, remedy = message.partition("\n")  # a check of ours may say both
    meaning = remedy or meaning or (_COUNTED if model.model_computed_fields else "")
    return f"{message[:1].lower()}{message[1:]}", meaning


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, or list them all."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(words)}."


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"{value[:60]!r}..." if len(value) > 60 else repr(value)
    return "a list" if isinstance(value, list | tuple) else "keys and values" if isinstance(value, dict) else str(value)


def _fields(model: type[BaseModel], keys: Keys) -> dict[str, str]:
    """Name the fields that are allowed at a path of the model, with what they are, read off its JSON Schema."""
    root = model.model_json_schema()
    spots = list(_options(root, root))
    for key in keys:
        inner = [s.get("items") if isinstance(key, int) else s.get("properties", {}).get(key) for s in spots]
        spots = [option for spot in inner if spot for option in _options(spot, root)]
    fields = (item for spot in spots for item in spot.get("properties", {}).items())
    return {name: field.get("description", "") for name, field in fields}


def _options(spot: dict, root: dict) -> Iterator[dict]:  # type: ignore[type-arg]
    """Follow a `$ref` and open an `anyOf`."""
    if "$ref" in spot:
        spot = root["$defs"][spot["$ref"].rsplit("/", 1)[1]]
    for option in spot.get("anyOf", ()):
        yield from _options(option, root)
    yield spot
