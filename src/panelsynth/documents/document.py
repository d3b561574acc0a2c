"""A Document: the contents of one file as text, with the line of every key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import DocumentError

Model = TypeVar("Model", bound=BaseModel)
Keys: TypeAlias = tuple[str | int, ...]
"""The path of a value: `("pricing", "plans", 0, "kind")`."""
Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | None"
"""What a document holds: text at the leaves, nothing else."""


@dataclass(frozen=True)
class Document:
    """The contents of one file, and where each key stands in it."""

    source: str
    """The file as the user named it, or `-`."""
    data: dict[str, Tree]
    lines: Mapping[Keys, int] = field(default_factory=dict)
    """The 1-based line of each key or list item, by its path; empty when the format tells none."""
    body: str = ""
    """What follows the front matter of a Markdown file."""
    body_line: int = 1
    """The line of the file on which the body begins."""

    def error(self, message: str, *keys: str | int, remedy: str = "") -> DocumentError:
        """Make an error that names this file, the line and the key."""
        line = next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), None)
        return DocumentError(message, source=self.source, line=line, key=dotted(keys), remedy=remedy)

    def validate(self, model: type[Model]) -> Model:
        """Build `model` from the data; the first fault is raised as an error that names its place.

        Raises:
            DocumentError: a key is unknown or missing, or a value is not of the field's kind.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as exc:
            # An unknown key comes first: it is often the misspelt name of one that is then missing.
            first, *others = sorted(exc.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
            keys = tuple(key for key in first["loc"] if key != "[key]")
            message, remedy = _say(first["type"], first["msg"], first["input"], keys, model)
            if others:
                remedy = f"{remedy} {len(others)} more in this file.".strip()
            raise self.error(message, *keys, remedy=remedy) from exc


def dotted(keys: Keys) -> str:
    """Write a path as people do: `pricing.plans[0].kind`."""
    return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys).lstrip(".")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, or list them all."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(words)}."


def _say(kind: str, message: str, value: object, keys: Keys, model: type[BaseModel]) -> tuple[str, str]:
    """Put pydantic's fault into words of ours: message and remedy."""
    name = str(keys[-1]) if keys else ""
    if kind == "extra_forbidden":
        return "unknown key", did_you_mean(name, _fields(model, keys[:-1]))
    if kind == "missing":
        return "required, but missing", f"Add a line '{name}: ...'."
    if value is None:
        return "has no value", f"Write one after '{name}:', or take the line out."
    message = message.removeprefix("Value error, ").replace("Input should be", "should be").split(", unable to")[0]
    shown = f", found {value[:60]!r}" if isinstance(value, str) and kind != "value_error" else ""
    return f"{message[:1].lower()}{message[1:]}{shown}", ""


def _fields(model: type[BaseModel], keys: Keys) -> set[str]:
    """Name the fields that are allowed at a path of the model, read off its JSON Schema."""
    root = model.model_json_schema()
    spots = list(_options(root, root))
    for key in keys:
        inner = [s.get("items") if isinstance(key, int) else s.get("properties", {}).get(key) for s in spots]
        spots = [option for spot in inner if spot for option in _options(spot, root)]
    return {name for spot in spots for name in spot.get("properties", {})}


def _options(spot: dict, root: dict) -> Iterator[dict]:  # type: ignore[type-arg]
    """Follow a `$ref` and open an `anyOf`."""
    if "$ref" in spot:
        spot = root["$defs"][spot["$ref"].rsplit("/", 1)[1]]
    for option in spot.get("anyOf", ()):
        yield from _options(option, root)
    yield spot
