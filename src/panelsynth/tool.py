"""Tool, Pricing, Votes: a tool as its maker describes it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from .documents import Document, read_document

_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, str_strip_whitespace=True)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

PlanKind = Literal["free", "freemium", "usage", "subscription", "one-time", "contact"]


def _printable(value: str) -> str:
    if found := _UNPRINTABLE.search(value):
        message = (
            f"holds the control character U+{ord(found[0]):04X} after {value[: found.start()][-20:]!r}; take it out"
        )
        raise ValueError(message)
    return value


def _web_address(value: str) -> str:
    if not re.match(r"https?://[^\s/]", value):
        message = f"should begin with https:// or http://, found {value[:40]!r}"
        raise ValueError(message)
    return value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        message = f"should be lower-case letters, digits and single hyphens, such as 'mistral-3b', found {value[:60]!r}"
        raise ValueError(message)
    return value


Slug = Annotated[str, Field(max_length=80), AfterValidator(_slug)]
Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_printable)]
Text = Annotated[str, Field(min_length=1, max_length=60_000), AfterValidator(_printable)]
Address = Annotated[str, Field(max_length=2_000), AfterValidator(_printable), AfterValidator(_web_address)]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, max_digits=15)]


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
        amount = "" if self.amount is None else f" {self.amount} {self.currency or ''}".rstrip()
        return f"{self.kind}{amount}{f' per {self.unit}' if self.unit else ''}"

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
    plans: tuple[Plan, ...] = ()
    """The plans with their kinds; they are what the pricing read compares."""
    as_of: date | None = None
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
        kinds = {plan.kind for plan in self.plans}
        if kinds:
            if "freemium" in kinds or ("free" in kinds and len(kinds) > 1):
                return "Freemium"
            return "Free" if kinds == {"free"} else "Contact sales" if kinds == {"contact"} else "Paid"
        return _label_of(self.summary or "")


def _label_of(summary: str) -> str | None:
    """Read `Free` or `Paid` off a text whose first clause is that word and which takes nothing back."""
    first, _, rest = re.sub(r"[.,;:(—–]", "\0", summary, count=1).partition("\0")
    word = first.strip().lower()
    if word == "free" and re.search(r"\d|[$€£¥]|\b(?:paid|pay|trial|then|plans?|tiers?|until)\b", rest, re.IGNORECASE):
        return None
    return {"free": "Free", "paid": "Paid"}.get(word)


class Votes(BaseModel):
    """How a community voted on a tool, counted elsewhere."""

    model_config = _FROZEN

    ship: Annotated[int, Field(ge=0)]
    """Votes to ship."""
    skip: Annotated[int, Field(ge=0)]
    """Votes to skip."""
    as_of: date | None = None
    """The day of the count."""


class Fact(BaseModel):
    """A sourced statement that reviewers may rely on beside the description."""

    model_config = _FROZEN

    claim: Text
    """The statement."""
    source: Line | None = None
    """Where it stands."""
    verified_on: date | None = None
    """The day on which somebody looked."""


class Tool(BaseModel):
    """A tool as its maker describes it.

    Only name, tagline, category, description, the facts' claims, and the pricing (each plan's kind, amount, currency
    and unit, or else the summary) are shown to reviewers; an edit of anything else asks no model again.

    Example:
        >>> Tool(id="acme", name="Acme", description="A linter for prose.").best_for is None
        True
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
    pricing: Pricing | None = None
    """A text, or a table with plans."""
    votes: Votes | None = None
    """Community votes."""
    facts: tuple[Fact, ...] = ()
    """Further sourced statements."""

    @property
    def data(self) -> str:
        """The part that reviewers see, as labelled lines: what quotes are held against, too."""
        terms = self.pricing.terms if self.pricing else None
        lines = [("Name", self.name), ("Tagline", self.tagline), ("Category", self.category), ("Pricing", terms)]
        lines += [("Fact", fact.claim) for fact in self.facts]
        rows = [f"{label}: {' '.join(text.split())}" for label, text in lines if text]
        return "\n".join([*rows, "Description:", self.description])

    @model_validator(mode="before")
    @classmethod
    def _pricing_text(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("pricing"), str):
            return {**data, "pricing": {"summary": data["pricing"]}}
        return data

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read one tool from a YAML, JSON, TOML or Markdown file.

        Raises:
            DocumentError: the file's contents are wrong; the message names line and key.
        """
        return cls.from_document(read_document(Path(path)), default_id=Path(path).stem)

    @classmethod
    def from_document(cls, document: Document, *, default_id: str) -> Self:
        """Build a tool from a document; the body of a Markdown file is its description."""
        data = dict(document.data)
        if document.body.strip():
            if "description" in data:
                raise document.error(
                    "given in the front matter and as the text below it", "description", remedy="Keep one."
                )
            data["description"] = document.body
        if "id" not in data:
            data["id"] = default_id
            if not _SLUG.fullmatch(default_id):
                suggestion = re.sub(r"[^a-z0-9]+", "-", default_id.lower()).strip("-") or "my-tool"
                remedy = f"Add 'id: {suggestion}', or rename the file."
                raise document.error(
                    f"no id, and the file's name {default_id!r} cannot serve as one", "id", remedy=remedy
                )
        return Document(document.source, data, document.lines).validate(cls)
