"""Panel: all reviewers of one tool, voted or not, and the tally over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, computed_field, model_validator

from .grounding import fold, is_verbatim
from .recount import Recounted
from .tally import Count, Percent, Tally, percent, tally
from .tally.samples import settle
from .tool import Tool
from .verdict import Decision, Flag, Verdict

_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
_LOOKED_UP = "Mend the quote or its mark: a quote is verbatim where the tool's data holds it word for word."


class Missing(BaseModel):
    """A reviewer without a vote, and why."""

    model_config = _FROZEN

    reviewer: str
    """The persona's id."""
    title: str = ""
    """The persona's title."""
    state: Literal["failed", "abstained", "not-tried"]
    """Failed with a cause, its own samples tied, or never asked."""
    cause: str
    """A stable word, such as `timeout`."""
    message: str
    """What happened, in a sentence."""
    samples: tuple[Decision | None, ...] = ()
    """What each of several samples decided, None where one failed; empty for one sample."""


class Community(BaseModel):
    """The community's votes on a tool, kept apart from the panel's."""

    model_config = _FROZEN

    percent: Percent | None
    """Ships per hundred votes; None without votes."""
    ships: Count
    """Votes to ship."""
    skips: Count
    """Votes to skip."""
    text: str
    """`62% (31 of 50)`, or a dash."""


class Panel(Recounted):
    """All reviewers of one tool; tally, community and entry are counted from them, never taken on trust.

    `model_dump_json` writes the counts; loading counts again and refuses a file whose numbers differ, or whose quotes
    are marked otherwise than the tool's data says.
    """

    tool: Tool
    verdicts: tuple[Verdict, ...]
    """Reviewers who voted, in the order they were asked."""
    missing: tuple[Missing, ...] = ()
    """Reviewers who did not, each with the reason."""
    flags: tuple[Flag, ...] = ()
    """What an editor should know of the panel as a whole."""

    @model_validator(mode="wrap")
    @classmethod
    def _hold_quotes_against_data(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Look every quote of a file up again; verdicts that code hands over were marked by code."""
        made = handler(data)
        if not isinstance(data, dict) or all(isinstance(verdict, Verdict) for verdict in data["verdicts"]):
            return made
        source = fold(made.tool.data)
        for at, verdict in enumerate(made.verdicts):
            for number, item in enumerate(verdict.evidence):
                if item.verbatim != (found := is_verbatim(item.quote, source)):
                    place = f"verdicts[{at}].evidence[{number}].verbatim"
                    says, gives = str(item.verbatim).lower(), str(found).lower()
                    message = (
                        f"{place} says {says}, but looking it up again in the tool's data gives {gives}\n{_LOOKED_UP}"
                    )
                    raise ValueError(message)
        return made

    def check(self) -> None:
        """Raise ValueError unless there are reviewers, with one vote each."""
        names = [v.reviewer for v in self.verdicts] + [m.reviewer for m in self.missing]
        if not names:
            remedy = "Write the file again with 'panelsynth review'."
            message = f"a panel needs at least one reviewer, with a vote or without\n{remedy}"
            raise ValueError(message)
        if twice := next((name for name in names if names.count(name) > 1), None):
            message = f"the reviewer {twice!r} stands in this panel twice: one vote each\nTake one of the two out."
            raise ValueError(message)
        for name, samples, vote in self._sampled():
            if (most := settle(samples)) != vote:
                message = (
                    f"the samples of {name!r} say {most or 'neither'} by majority, but its vote is {vote or 'none'}"
                )
                raise ValueError(message)

    def _sampled(self) -> Iterator[tuple[str, tuple[Decision | None, ...], Decision | None]]:
        """Go through the reviewers with several samples: who, their decisions, and the vote that the model gave."""
        for v in self.verdicts:
            if v.samples:
                yield v.reviewer, v.samples, (v.edit and v.edit.decision_was) or v.decision
        for gap in self.missing:
            if gap.samples:
                yield gap.reviewer, gap.samples, None

    @computed_field
    @property
    def tally(self) -> Tally:
        """What the votes add up to."""
        return tally([*(v.decision for v in self.verdicts), *(None for _ in self.missing)])

    @computed_field
    @property
    def community(self) -> Community:
        """What the community's votes add up to."""
        votes = self.tool.votes
        ships, skips = (votes.ship, votes.skip) if votes else (0, 0)
        share = percent(ships, ships + skips)
        text = "—" if share is None else f"{share}% ({ships} of {ships + skips})"
        return Community(percent=share, ships=ships, skips=skips, text=text)

    @computed_field
    @property
    def entry(self) -> str:
        """What it takes to begin, such as `Free`; a dash when the tool's data does not say."""
        return (self.tool.pricing and self.tool.pricing.entry_label) or "—"

    @property
    def reviewers(self) -> frozenset[str]:
        """Everyone who was asked."""
        return frozenset([v.reviewer for v in self.verdicts] + [m.reviewer for m in self.missing])

    @property
    def ships(self) -> list[Verdict]:
        """The verdicts to ship."""
        return [v for v in self.verdicts if v.ships]

    @property
    def skips(self) -> list[Verdict]:
        """The verdicts to skip."""
        return [v for v in self.verdicts if not v.ships]

    def verdict_of(self, reviewer: str) -> Verdict | None:
        """Find one reviewer's verdict; None when it has no vote."""
        return next((v for v in self.verdicts if v.reviewer == reviewer), None)
