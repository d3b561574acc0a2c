"""A Document: the contents of one file as text, with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import DocumentError
from .faults import Keys, describe

Model = TypeVar("Model", bound=BaseModel)
Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | None"
"""What a document holds: text at the leaves, nothing else."""

MAX_DEPTH = 20
_SURROGATE = re.compile(r"[\ud800-\udfff]")


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
            DocumentError: a key is unknown or missing, a value is not of the field's kind, or a text holds half a
                character, which no file and no terminal takes.
        """
        if half := _half_character(self.data):
            raise self.error("holds half a character (a lone surrogate)", *half, remedy="Take it out.")
        try:
            return model.model_validate(self.data)
        except ValidationError as exc:
            # An unknown key comes first: it is often the misspelt name of one that is then missing.
            first, *others = sorted(exc.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
            keys = tuple(key for key in first["loc"] if key != "[key]")
            message, remedy = describe(first, keys, model)
            if first["type"] == "extra_forbidden":
                others = [other for other in others if other["type"] != "missing"]
            if others:
                remedy = f"{remedy} ({len(others)} more {'mistake' if len(others) == 1 else 'mistakes'} here.)".strip()
            raise self.error(message, *keys, remedy=remedy) from exc


def dotted(keys: Keys) -> str:
    """Write a path as people do: `pricing.plans[0].kind`; a key that is no plain word stands in quotes."""
    return "".join(f"[{k}]" if isinstance(k, int) else f".{_word(k)}" for k in keys).removeprefix(".")


def too_deep(source: str, *, line: int | None = None, keys: Keys = ()) -> DocumentError:
    """Make the error for a value below more than `MAX_DEPTH` keys."""
    message = f"nested deeper than {MAX_DEPTH} levels"
    remedy = "Flatten it: nothing here needs more than four."
    return DocumentError(message, source=source, line=line, key=dotted(keys[:1]), remedy=remedy)


def _half_character(data: Tree) -> Keys:
    """Find the path of a key or text that JSON's escapes have left with half a character; empty when there is none."""
    todo: list[tuple[Keys, object]] = [((), data)]
    while todo:
        keys, value = todo.pop()
        if any(isinstance(text, str) and _SURROGATE.search(text) for text in (value, *keys[-1:])):
            return keys
        if isinstance(value, dict | list):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            todo += [((*keys, key), inner) for key, inner in items]
    return ()


def _word(key: str) -> str:
    return key if re.fullmatch(r"[\w-]{1,60}", key) else repr(key[:60])
