"""Recounted: a value whose computed numbers are written out when saved and counted again when loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, model_validator

_NOTHING = object()


class Recounted(BaseModel):
    """A frozen model that dumps its computed fields and, given them back, refuses any that it counts otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="wrap")
    @classmethod
    def _recount(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)  # an instance, sound and counted already, or a fault that pydantic tells
        claimed = {name: data[name] for name in cls.model_computed_fields if name in data}
        made = handler({name: value for name, value in data.items() if name not in claimed})
        made.check()
        if claimed:
            counted = made.model_dump(mode="json", include=set(claimed))
            for place, said, true in _differences(json.loads(json.dumps(claimed, default=str)), counted):
                again = "knows no such entry" if true is _NOTHING else f"gives {_short(true)}"
                message = (
                    f"{place} says {_short(said)}, but counting again {again}; leave it out, or mend what is counted"
                )
                raise ValueError(message)
        return made

    def check(self) -> None:
        """Raise ValueError unless the parts fit together; nothing is counted before that."""


def _differences(said: object, true: object, place: str = "") -> Iterator[tuple[str, object, object]]:
    """Walk what a file says and what counting gives; yield the places that differ: what is left unsaid does not."""
    if isinstance(said, dict) and isinstance(true, dict):
        for name, value in said.items():
            yield from _differences(value, true.get(name, _NOTHING), f"{place}.{name}".lstrip("."))
    elif isinstance(said, list) and isinstance(true, list) and len(said) == len(true):
        for index, (one, other) in enumerate(zip(said, true, strict=True)):
            yield from _differences(one, other, f"{place}[{index}]")
    elif said != true or isinstance(said, bool) != isinstance(true, bool):
        yield place, said, true


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
