"""Causes: what else differs between two verdicts of one reviewer, so that a flip has its possible causes beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..tool import Pricing, Tool
from ..verdict import Verdict

Cause = Literal["tool", "instructions", "model", "answered-by", "request", "source", "editor"]
"""What may have made the difference; `request` is the rest of what was asked: answer schema, template or sample."""

MEANINGS: Mapping[Cause, str] = {
    "tool": "the tool's data that reviewers read",
    "instructions": "the reviewer's instructions",
    "model": "the model asked for",
    "answered-by": "the model that answered",
    "request": "something else that was asked: the answer's shape, the template or the sample",
    "source": "where the answer was born",
    "editor": "an editor's hand",
}
"""Each cause in words for readers."""


class Moved(BaseModel):
    """A field that was one thing and is another."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    field: str
    """Its name, such as `review`, `rubric.thesis` or `pricing.as_of`."""
    old: str
    """What it said; empty where there was nothing."""
    new: str
    """What it says."""


_READ: Mapping[str, Callable[[Tool], str]] = {
    "name": lambda tool: tool.name,
    "tagline": lambda tool: tool.tagline or "",
    "category": lambda tool: tool.category or "",
    "pricing": lambda tool: (tool.pricing and tool.pricing.terms) or "",
    "facts": lambda tool: "\n".join(fact.claim for fact in tool.facts),
    "description": lambda tool: tool.description,
}
"""What of a tool enters the prompt; a test holds it against `Tool.data`."""


def _priced(read: Callable[[Pricing], object]) -> Callable[[Tool], str]:
    return lambda tool: str(read(tool.pricing) or "") if tool.pricing else ""


_UNREAD: Mapping[str, Callable[[Tool], str]] = {
    "url": lambda tool: tool.url or "",
    "best_for": lambda tool: tool.best_for or "",
    "language": lambda tool: tool.language or "",
    "relationship": lambda tool: tool.relationship or "",
    "votes": lambda tool: f"{tool.votes.ship} ship / {tool.votes.skip} skip" if tool.votes else "",
    "votes.as_of": lambda tool: str((tool.votes and tool.votes.as_of) or ""),
    # Where there are plans, reviewers read those instead.
    "pricing.summary": _priced(lambda pricing: pricing.summary if pricing.plans else None),
    "pricing.entry": _priced(lambda pricing: pricing.entry),
    "pricing.plans": _priced(lambda pricing: "\n".join(plan.name or plan.kind for plan in pricing.plans)),
    "pricing.as_of": _priced(lambda pricing: pricing.as_of),
    "pricing.source": _priced(lambda pricing: pricing.source),
    "facts.source": lambda tool: "\n".join(fact.source or "" for fact in tool.facts).strip(),
    "facts.verified_on": lambda tool: "\n".join(str(fact.verified_on or "") for fact in tool.facts).strip(),
}
"""What of a tool no reviewer sees: an edit there cannot have moved a vote."""


def read_moved(old: Tool, new: Tool) -> tuple[Moved, ...]:
    """Name what reviewers were told otherwise of a tool."""
    return tuple(_moved(_READ, old, new))


def unread_moved(old: Tool, new: Tool) -> tuple[Moved, ...]:
    """Name what has changed in a tool's file and enters no prompt."""
    return tuple(_moved(_UNREAD, old, new))


def said_moved(old: Verdict, new: Verdict) -> tuple[Moved, ...]:
    """Name what a reviewer says otherwise, beside the decision, in the answer's order."""
    then, now = _said(old), _said(new)
    names = sorted({**then, **now}, key=list({**now, **then}).index)
    pairs = ((name, then.get(name, ""), now.get(name, "")) for name in names)
    return tuple(Moved(field=name, old=was, new=says) for name, was, says in pairs if was != says)


def same_key(old: Verdict, new: Verdict) -> bool | None:
    """Tell whether two verdicts answer one and the same request; None where a person wrote one, whom nobody asked."""
    keys = old.provenance.key, new.provenance.key
    return keys[0] == keys[1] if all(keys) else None


def causes_of(old: Verdict, new: Verdict, *, tool_moved: bool) -> tuple[Cause, ...]:
    """List what may have made the difference; nothing is listed where the same was asked and answered by the same.

    Args:
        old: the verdict before.
        new: the verdict after.
        tool_moved: whether reviewers were told otherwise of the tool.
    """
    was, now = old.provenance, new.provenance
    if same_key(old, new) is False:
        asked: list[Cause] = ["tool"] if tool_moved else []
        asked += ["instructions"] if was.prompt_version != now.prompt_version else []
        asked += ["model"] if was.model != now.model else []
        found = asked or ["request"]
    else:
        found = []  # the key says that nothing differs, or a person wrote one of the two
    found += ["answered-by"] if was.answered_by != now.answered_by else []
    found += ["source"] if was.source != now.source else []
    found += ["editor"] if old.edit != new.edit or (was.source == "person" and old != new) else []
    return tuple(found)


def _moved(fields: Mapping[str, Callable[[Tool], str]], old: Tool, new: Tool) -> Iterator[Moved]:
    for name, read in fields.items():
        if (was := read(old)) != (now := read(new)):
            yield Moved(field=name, old=was, new=now)


def _said(verdict: Verdict) -> dict[str, str]:
    """Give what a verdict says, field by field, as texts."""
    return {
        "evidence": "\n".join(item.quote for item in verdict.evidence),
        **{f"rubric.{name}": text for name, text in verdict.rubric.items()},
        "counter_case": verdict.counter_case,
        "review": verdict.review,
        "score": str(verdict.score),
        "would_change": verdict.would_change,
    }
