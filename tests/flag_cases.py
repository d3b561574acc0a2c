"""The labelled flag cases of `tests/data/flags`, each with a whole Tool and a whole Answer; nothing is scored here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from panelsynth.tool import Tool
from panelsynth.verdict import Answer

FOLDER = Path(__file__).parent / "data" / "flags"
KINDS = (
    "quote-not-verbatim",
    "unsupported-figure",
    "unsupported-name",
    "vendor-echo",
    "experience-claim",
    "banned-phrase",
    "length",
    "instruction-like-text",
    "decision-mismatch",
    "reviewer-conflict",
    "price-missing",
    "price-undated",
    "price-stale",
    "input-truncated",
)
TODAY = date(2026, 11, 25)
"""The day of an answer whose case names none."""

Part = Literal["open", "kept"]

NEUTRAL: Mapping[str, Any] = {
    "evidence": (),
    "rubric": {"deciding_factor": "Whether the work that it takes over was worth a person's afternoon."},
    "counter_case": "The work that it takes over is dull enough that even a modest version of it would be welcome.",
    "review": (
        "What is offered here is a narrow piece of work, taken over from people who would rather do something else. "
        "That is a fair thing to sell, and the description keeps to it. The weak place is the handover: a person has "
        "to notice when the result is wrong, and the description says little about how that person is helped. "
        "A buyer should ask who answers for a mistake and how quickly it can be undone. What remains after the pitch "
        "is a sensible idea whose worth depends on care in the parts that nobody puts on a front page."
    ),
    "decision": "skip",
    "score": 50,
    "would_change": "An account of how the result is checked, written by somebody without a stake in it.",
}
"""What an answer says where its case does not care: words that deserve no flag of any kind."""


@dataclass(frozen=True)
class Limit:
    """What a server says of the prompt that it was sent."""

    prompt_tokens: int
    usage_input: int | None


@dataclass(frozen=True)
class Case:
    """One text with the spans that deserve a flag of one kind; it says nothing of the other kinds."""

    id: str
    kind: str
    part: Part
    tool: Tool
    answer: Answer
    expect: tuple[str, ...]
    banned: tuple[str, ...]
    today: date
    others: tuple[Answer, ...]
    limit: Limit | None

    @property
    def is_positive(self) -> bool:
        """Whether a flag of this kind is due."""
        return bool(self.expect)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in which a flag of this kind finds its span."""
        answer = self.answer
        if self.kind == "instruction-like-text":
            return (self.tool.data,)
        if self.kind == "quote-not-verbatim":
            return answer.evidence
        return (answer.review, *answer.rubric.values(), answer.counter_case, answer.would_change)


@cache
def load_cases(which: Part) -> tuple[Case, ...]:
    """Read the cases of one part, in the order of files and of lines."""
    return tuple(case for case in all_cases() if case.part == which)


@cache
def all_cases() -> tuple[Case, ...]:
    """Read the cases of both parts: for what holds the set itself to its rules, never for scoring."""
    files = sorted(FOLDER.glob("*.yaml"))
    return tuple(_case(**fields) for path in files for fields in yaml.safe_load(path.read_text(encoding="utf-8")))


def _case(
    *,
    id: str,  # noqa: A002 - the files' own key
    kind: str,
    set: Part,  # noqa: A002 - likewise
    tool: Mapping[str, Any],
    expect: Sequence[str],
    answer: Mapping[str, Any] | None = None,
    persona: Mapping[str, Sequence[str]] | None = None,
    today: date = TODAY,
    others: Sequence[str] = (),
    repeat: int = 1,
    limit: Mapping[str, Any] | None = None,
) -> Case:
    description = "\n\n".join([tool["description"]] * repeat)
    return Case(
        id=id,
        kind=kind,
        part=set,
        tool=Tool.model_validate({**tool, "id": id, "description": description}),
        answer=Answer.model_validate({**NEUTRAL, **(answer or {})}),
        expect=tuple(expect),
        banned=tuple((persona or {}).get("banned", ())),
        today=today,
        others=tuple(Answer.model_validate({**NEUTRAL, "review": review}) for review in others),
        limit=Limit(**limit) if limit else None,
    )
