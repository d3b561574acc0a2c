"""Answer, what the model fills in, and Verdict, an answer signed by code."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Decision = Literal["ship", "skip"]
Source = Literal["live", "batch", "authored", "person"]
"""Where a reply was born: a live model, a batch file, an example written by hand, or an editor of the page."""

_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Answer(BaseModel):
    """What a reviewer argues, once checked; the persona's rubric fields stand in `rubric`."""

    model_config = _FROZEN

    evidence: tuple[str, ...]
    """Quotes from the tool's data."""
    rubric: dict[str, str]
    """The reviewer's own questions, answered, in the persona's order."""
    counter_case: str
    """The strongest case against the decision."""
    review: str
    """The reviewer's paragraph."""
    decision: Decision
    """Ship or skip."""
    score: Annotated[int, Field(ge=0, le=100)]
    """The model's own score: shown as self-reported, weighs nothing."""
    would_change: str
    """What would change the decision."""


class Evidence(BaseModel):
    """A quote, and whether it stands in the tool's data word for word (which does not make it true)."""

    model_config = _FROZEN

    quote: str
    verbatim: bool


class Flag(BaseModel):
    """Something an editor should look at; a flag never deletes a review."""

    model_config = _FROZEN

    kind: str
    """A stable kebab-case code, such as `quote-not-verbatim`."""
    severity: Literal["loud", "soft"]
    """Whether `--strict` counts it."""
    text: str
    """What is wrong, and how to resolve it."""
    span: str = ""
    """The words in question."""


class Usage(BaseModel):
    """Tokens of the accepted reply, as the endpoint counted them."""

    model_config = _FROZEN

    input: Annotated[int, Field(ge=0)]
    """Tokens sent."""
    output: Annotated[int, Field(ge=0)]
    """Tokens answered."""


class Provenance(BaseModel):
    """Where a verdict comes from."""

    model_config = _FROZEN

    key: str
    """The request's key; empty where a person wrote the verdict and nobody was asked."""
    model: str
    """The model as asked for; empty likewise."""
    answered_by: str
    """The model that the endpoint says has answered, or the person."""
    source: Source
    """Live, batch, authored or person; carried unchanged through recordings, stores and review files."""
    answered_at: str
    """UTC, `2026-11-23T10:00:00Z`; carried unchanged likewise."""
    prompt_version: str
    """The first 12 digits of the SHA-256 of the reviewer's instructions; empty where nobody was asked."""
    usage: Usage | None = None
    """Tokens of the accepted reply."""
    cost_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """What it cost when it was paid for, where the price is known; None in a replay, which costs nothing."""


class Edit(BaseModel):
    """What an editor changed in a model's answer."""

    model_config = _FROZEN

    fields: tuple[str, ...]
    """What differs from the model's words, such as `review` or `rubric.thesis`; in the answer's order."""
    decision_was: Decision | None = None
    """What the model had decided, where the editor decided otherwise: the vote that counts is the editor's."""
    reason: str = ""
    """Why, in the editor's words."""


class Verdict(BaseModel):
    """One reviewer's checked and signed answer about one tool."""

    model_config = _FROZEN

    reviewer: str
    """The persona's id."""
    title: str
    """The persona's title, such as `Builder`."""
    decision: Decision
    score: Annotated[int, Field(ge=0, le=100)]
    """Self-reported by the model; no number on a page is computed from it."""
    review: str
    rubric: dict[str, str]
    evidence: tuple[Evidence, ...]
    counter_case: str
    would_change: str
    flags: tuple[Flag, ...] = ()
    edit: Edit | None = None
    """What an editor changed; None where the words are as they were first written."""
    samples: tuple[Decision | None, ...] = ()
    """What each of several samples decided, None where one failed: the vote is what most say. Empty for one sample."""
    kept: str = ""
    """Why an editor kept this verdict although the tool, the persona or the model has changed since; mostly empty."""
    provenance: Provenance

    @property
    def ships(self) -> bool:
        """Whether the decision is to ship."""
        return self.decision == "ship"
