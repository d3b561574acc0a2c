"""Ladder: how firmly a model is asked for the answer's shape, a step lower when its server refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from ..request import Request, Rung

RUNGS: tuple[Rung, ...] = ("json_schema", "json_object", "text")
LIMITS = ("max_completion_tokens", "max_tokens", "")
"""Names of the output limit: OpenAI's, the older one that Mistral and others know, and none."""

_REFUSALS = frozenset({200, 400, 404, 415, 422, 500, 501})
"""Old llama.cpp refuses a schema with 500, and proxies may wrap a refusal in 200."""
_ABOUT_RUNG = re.compile(
    r"response[_ ]?format|json_schema|json_object|json[ _]mode|json schema|structured[ _]outputs?"
    r"|(?:parse|invalid|initiali[sz]e) (?:the )?grammar|grammar error|xgrammar|outlines",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"un(?:supported|known|recognized|expected)|not (?:supported|permitted|allowed)", re.IGNORECASE)
_ABOUT_LIMIT = re.compile(r"max_(?:completion_)?tokens")


@dataclass(frozen=True)
class Shape:
    """What a call asks for beside model and messages."""

    rung: Rung = "json_schema"
    limit: str = LIMITS[0]

    @classmethod
    def of(cls, body: JsonValue) -> Shape:
        """Read the shape off a body that was sent."""
        fields = body if isinstance(body, dict) else {}
        asked = fields.get("response_format")
        rung = asked.get("type") if isinstance(asked, dict) else "text"
        return cls(
            next((known for known in RUNGS if known == rung), "text"),
            next((name for name in LIMITS if name in fields), ""),
        )

    def body(self, request: Request) -> dict[str, JsonValue]:
        """Build the body of a request in this shape, the fields in their usual order."""
        body = request.body(self.rung)
        return {self.limit if name == LIMITS[0] else name: value for name, value in body.items() if self._sends(name)}

    def _sends(self, name: str) -> bool:
        return bool(self.limit) or name != LIMITS[0]


@dataclass
class Ladder:
    """The shape that one model's server takes, as far as is known in this run.

    However many calls are under way, each refusal of the same shape is one step: the later ones find it taken. Once an
    answer has come in a shape, a refusal of it is this call's own.
    """

    model: str
    shape: Shape
    notices: list[str] = field(default_factory=list)
    fixed: bool = False
    """Whether the user chose the rung."""
    keeps_limit: bool = False
    """Whether a call without an output limit is out of the question: its cost would have no bound."""
    _took: bool = False

    def keep_limit(self) -> None:
        """Ask with an output limit from here on, though the server may refuse it."""
        self.keeps_limit = True
        self.shape = replace(self.shape, limit=self.shape.limit or LIMITS[0])

    def took(self, asked: Shape) -> None:
        """Note that a completion came back in a shape."""
        self._took = self._took or asked == self.shape

    def refused(self, asked: Shape, status: int, said: str) -> bool:
        """Whether to ask again, in the shape that now stands: the server's words refuse the one asked for."""
        if status not in _REFUSALS:
            return False
        if _ABOUT_LIMIT.search(said):
            return asked.limit != self.shape.limit or self._rename()
        if _ABOUT_RUNG.search(said):
            return asked.rung != self.shape.rung or self._step()
        return False

    def doubts(self, asked: Shape, status: int, said: str) -> bool:
        """Whether a refusal is of a shape that the server took before: another of its machines may take it again."""
        if status not in _REFUSALS:
            return False
        named = _ABOUT_RUNG.search(said) or (_ABOUT_LIMIT.search(said) and _UNKNOWN.search(said))
        return self._took and asked == self.shape and bool(named)

    def advice(self, said: str) -> str:
        """Say what to do about a refusal of the rung that the user chose."""
        chosen = self.fixed and _ABOUT_RUNG.search(said)
        return f" (--rung {self.shape.rung} was asked for: choose another, or leave it out)" if chosen else ""

    def _step(self) -> bool:
        if self.fixed or self._took or self.shape.rung == RUNGS[-1]:
            return False
        old, new = self.shape.rung, RUNGS[RUNGS.index(self.shape.rung) + 1]
        self.shape = replace(self.shape, rung=new)
        self._say(
            f"the server refuses response_format {old}; asking for {new} instead, and answers are checked all the same."
            f" To begin there: --rung {new}"
        )
        return True

    def _rename(self) -> bool:
        if self._took or not self.shape.limit:
            return False
        old, new = self.shape.limit, LIMITS[LIMITS.index(self.shape.limit) + 1]
        if self.keeps_limit and not new:
            return False
        self.shape = replace(self.shape, limit=new)
        instead = f"{new} is sent instead" if new else "no output limit is sent, so a reply may cost more than foreseen"
        self._say(f"the server refuses {old}; {instead}")
        return True

    def _say(self, notice: str) -> None:
        self.notices.append(f"{self.model}: {notice}")
