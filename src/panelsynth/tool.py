"""Tool, Pricing, Votes: a tool as its maker describes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .documents import Document, read_document
from .documents.values import Address, Amount, Count, Day, Line, Slug, Text, slug_of

_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, str_strip_whitespace=True)

_MAX_DATA = 150_000
"""How many characters of one tool reviewers are shown; the prompt around them stays below its own limit."""

PlanKind = Literal["free", "freemium", "usage", "subscription", "one-time", "contact"]


class Plan(BaseModel):
    """One way to pay for a tool."""

    model_config = _FROZEN

    kind: PlanKind
    """How it is paid for."""
    name: Line | None = None
    """The plan's own name, such as `Pro`."""
    amount: Amount | None = None
    """The price in `currency` per `unit`; absent when its maker gives none."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    """An ISO 4217 code, such as `USD`."""
    unit: Line | None = None
    """What one `amount` buys, such as `month` or `1M training tokens`."""

    @property
    def terms(self) -> str:
        """The plan in words: `subscription 20 USD per month`."""
        amount = "" if self.amount is None else f" {self.amount:f} {self.currency or ''}".rstrip()
        return f"{self.kind}{amount}{f' per {self.unit}' if self.unit else ''}"

    @property
    def paid_by(self) -> PlanKind:
        """The kind, and `free` for a plan whose amount is 0."""
        return "free" if self.amount == 0 and self.kind != "freemium" else self.kind

    @model_validator(mode="after")
    def _amount_has_currency(self) -> Self:
        if self.amount and not self.currency:
            message = f"an amount of {self.amount} needs a currency, such as 'currency: USD'"
            raise ValueError(message)
        return self


class Pricing(BaseModel):
    """What a tool costs, as far as its maker says."""

    model_config = _FROZEN

    summary: Line | None = None
    """The pricing in a sentence."""
    entry: Line | None = None
    """The label for the card, such as `Free`; derived from the plans when absent."""
    plans: Annotated[tuple[Plan, ...], Field(max_length=100)] = ()
    """The plans with their kinds; they are what the pricing read compares."""
    as_of: Day | None = None
    """The day on which this was true."""
    source: Line | None = None
    """Where it was read."""

    @property
    def terms(self) -> str | None:
        """What reviewers are told: each plan's kind, amount, currency and unit, or else the summary."""
        return "; ".join(plan.terms for plan in self.plans) or self.summary

    @property
    def entry_label(self) -> str | None:
        """Name what it takes to begin: as given, else from the plans, else from a text that says just that.

        None when nothing says it plainly: a label is never guessed.
        """
        if self.entry:
            return self.entry
        kinds = {plan.paid_by for plan in self.plans}
        if kinds:
            if "freemium" in kinds or ("free" in kinds and len(kinds) > 1):
                return "Freemium"
            return "Free" if kinds == {"free"} else "Contact sales" if kinds == {"contact"} else "Paid"
        return _label_of(self.summary or "")


_LICENCE = r"(?:apache|[al]?gpl|mpl|epl|eupl|bsd|mit|isc|cc(?:[ -](?:by|sa|nc|nd|0))*)(?:[ -]?v?\d[\d.]*)?"
_REMARK = re.compile(
    rf"(?:\W|\b(?:{_LICENCE}|open|source|weights?|software|code|under|the|an?|and|licen[cs]ed?|clause|forever)\b)*",
    re.IGNORECASE,
)
"""What may follow `Free` without taking any of it back: a licence, its kind, its emphasis."""


def _label_of(summary: str) -> str | None:
    """Read `Free`, `Paid` or `Freemium` off a text whose first clause is that word and which takes nothing back."""
    first, _, rest = re.sub(r"[.,;:!(—–]", "\0", summary, count=1).partition("\0")
    word = first.strip().capitalize()
    if word == "Free":
        return word if _REMARK.fullmatch(rest) and not re.search(r"[$€£¥]", rest) else None
    if word == "Paid":
        return (
            None
            if re.search(r"free|trial|no (?:cost|charge)|open[ -]source|[$€£¥] ?0\b", rest, re.IGNORECASE)
            else word
        )
    return word if word == "Freemium" else None


def _summarised(pricing: object) -> object:
    """Take a pricing that is just a text for its summary."""
    return {"summary": pricing} if isinstance(pricing, str) else pricing


class Votes(BaseModel):
    """How a community voted on a tool, counted elsewhere."""

    model_config = _FROZEN

    ship: Count
    """Votes to ship."""
    skip: Count
    """Votes to skip."""
    as_of: Day | None = None
    """The day of the count."""


class Fact(BaseModel):
    """A sourced statement that reviewers may rely on beside the description."""

    model_config = _FROZEN

    claim: Text
    """The statement."""
    source: Line | None = None
    """Where it stands."""
    verified_on: Day | None = None
    """The day on which somebody looked."""


class Tool(BaseModel):
    """A tool as its maker describes it.

    Only name, tagline, category, description, the facts' claims, and the pricing (each plan's kind, amount, currency
    and unit, or else the summary) are shown to reviewers; an edit of anything else asks no model again.
    """

    model_config = _FROZEN

    id: Slug
    """A slug that names the tool in files and addresses; a file's stem when the file gives none."""
    name: Line
    """The tool's name as people write it."""
    description: Text
    """What its maker says of it: the text that reviewers judge."""
    tagline: Line | None = None
    """One line under the name."""
    category: Line | None = None
    """Such as `Developer Tools`."""
    url: Address | None = None
    """The tool's own page."""
    best_for: Line | None = None
    """Whom it suits; the tagline when absent."""
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None
    """The description's language, a BCP 47 tag such as `ja`."""
    relationship: Literal["none", "affiliated"] | None = None
    """Whether the publisher of the page has a stake in the tool."""
    pricing: Annotated[Pricing | None, BeforeValidator(_summarised, json_schema_input_type=Pricing | str | None)] = None
    """A text, or a table with plans."""
    votes: Votes | None = None
    """Community votes."""
    facts: Annotated[tuple[Fact, ...], Field(max_length=100)] = ()
    """Further sourced statements."""

    @property
    def data(self) -> str:
        """The part that reviewers see, as labelled lines: what quotes are held against, too."""
        terms = self.pricing.terms if self.pricing else None
        lines = [("Name", self.name), ("Tagline", self.tagline), ("Category", self.category), ("Pricing", terms)]
        lines += [("Fact", fact.claim) for fact in self.facts]
        rows = [f"{label}: {' '.join(text.split())}" for label, text in lines if text]
        return "\n".join([*rows, "Description:", self.description])

    @model_validator(mode="after")
    def _fits_a_prompt(self) -> Self:
        if (size := len(self.data)) > _MAX_DATA:
            message = f"gives reviewers {size:,} characters to read, and {_MAX_DATA:,} are allowed; shorten the facts"
            raise ValueError(message)
        return self

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read one tool from a YAML, JSON, TOML or Markdown file.

        Raises:
            DocumentError: the file's contents are wrong; the message names line and key.

        Example:
            >>> from panelsynth.shipped import demo_tools
            >>> Tool.from_file(demo_tools() / "mistral-3b.yaml").name
            'Mistral 3B'
        """
        return cls.from_document(read_document(Path(path)), default_id=Path(path).stem)

    @classmethod
    def from_document(cls, document: Document, *, default_id: str) -> Self:
        """Build a tool from a document; the body of a Markdown file is its description."""
        data, lines = dict(document.data), dict(document.lines)
        if document.body.strip():
            if "description" in data:
                message = "given in the front matter and as the text below it"
                raise document.error(message, "description", remedy="Keep one.")
            data["description"] = document.body
            lines["description",] = document.body_line
        if "id" not in data:
            data["id"] = default_id
            if slug_of(default_id) != default_id or not default_id:
                suggestion = slug_of(default_id) or slug_of(str(data.get("name"))) or "my-tool"
                message = f"no id, and the file's name {default_id!r} cannot serve as one" if default_id else "no id"
                remedy = f"Add 'id: {suggestion}'{', or rename the file' if default_id else ''}."
                raise document.error(message, "id", remedy=remedy)
        return Document(document.source, data, lines).validate(cls)
