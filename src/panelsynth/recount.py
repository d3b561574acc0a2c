"""Recounted: a value whose computed numbers are written out when saved and counted again when loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, model_validator


class Recounted(BaseModel):
    """A frozen model that dumps its computed fields and, given them back, refuses any that it counts otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="wrap")
    @classmethod
    def _recount(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        claimed = {name: data[name] for name in cls.model_computed_fields if name in data}
        made = handler({name: value for name, value in data.items() if name not in claimed})
        if claimed:
            counted = made.model_dump(mode="json", include=set(claimed))
            for place, said, true in _differences(json.loads(json.dumps(claimed, default=str)), counted):
                message = f"{place} says {_short(said)}, but counting again gives {_short(true)}"
                raise ValueError(message)
        return made


def _differences(said: object, true: object, place: str = "") -> Iterator[tuple[str, object, object]]:
    """Walk two JSON values side by side; yield the places where they differ."""
    if isinstance(said, dict) and isinstance(true, dict):
        for name in {**said, **true}:
            yield from _differences(said.get(name), true.get(name), f"{place}.{name}".lstrip("."))
    elif isinstance(said, list) and isinstance(true, list) and len(said) == len(true):
        for index, (one, other) in enumerate(zip(said, true, strict=True)):
            yield from _differences(one, other, f"{place}[{index}]")
    elif said != true or isinstance(said, bool) != isinstance(true, bool):
        yield place, said, true


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
