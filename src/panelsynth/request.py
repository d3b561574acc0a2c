"""Request: what one reviewer is asked about one tool, and the key that names it everywhere."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Rung = Literal["json_schema", "json_object", "text"]
"""How firmly an endpoint is asked to keep to the answer schema; the shape stands in the prompt on every rung."""

OUTPUT_LIMIT = 8_000
"""Tokens that one reply may take, a reasoning model's thoughts included: about five times a review."""


class Message(BaseModel):
    """One message of a chat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["system", "user"]
    content: str


class Request(BaseModel):
    """One call as first asked: model, messages, answer schema, sample.

    `key` names the review in recordings, stores and batch files. It leaves out the label and everything that a call may
    change on its way (rung, output limit, address), so that a retry or another server answers the same request.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: str
    """The model's name as asked for."""
    messages: tuple[Message, ...]
    """System (rules and persona), then user (the tool's data)."""
    answer_schema: dict[str, JsonValue]
    """JSON Schema of the answer."""
    sample: int = 0
    """0 for the first answer of a reviewer, 1 for a second opinion of the same, and so on."""
    note: str = ""
    """What was wrong with the model's last reply to this request, in words for the model; no part of the key."""
    room: int = 1
    """How many times the usual output limit the reply may take; no part of the key."""
    label: str = Field(default="", pattern=r"^[a-z0-9/-]*$")
    """`tool/persona/sample`: for people and recordings; no part of the key."""

    def sampled(self, number: int) -> Request:
        """Ask the same once more: sample 0 is the first answer of a reviewer, 1 a second opinion of the same."""
        if number == self.sample:
            return self
        # Not model_copy: it would take the key along.
        return Request(
            model=self.model,
            messages=self.messages,
            answer_schema=self.answer_schema,
            sample=number,
            label=f"{self.label.rpartition('/')[0]}/{number}" if self.label else "",
        )

    @cached_property
    def key(self) -> str:
        """SHA-256 of the request as first asked, in hexadecimal."""
        return hashlib.sha256(canonical(self.model_dump(exclude={"label", "note", "room"})).encode()).hexdigest()

    def body(self, rung: Rung = "json_schema") -> dict[str, JsonValue]:
        """Build the body of a Chat Completions call; the same body is hashed, sent, recorded and put in batch files."""
        formats: dict[Rung, dict[str, JsonValue]] = {
            "json_schema": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": self.answer_schema},
            },
            "json_object": {"type": "json_object"},
            "text": {},
        }
        messages = [*self.messages, *([Message(role="user", content=self.note)] if self.note else [])]
        body: dict[str, JsonValue] = {
            "model": self.model,
            "messages": [message.model_dump() for message in messages],
            "max_completion_tokens": OUTPUT_LIMIT * self.room,
        }
        return body | ({"response_format": formats[rung]} if formats[rung] else {})


def canonical(value: object) -> str:
    """Write a value as JSON in the one way that is hashed: sorted keys, no spaces, Unicode as is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
