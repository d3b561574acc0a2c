"""Why a recording does not answer a request: which persona, tool or setting has changed, and in which line."""

from __future__ import annotations

import difflib
import itertools
import json
import re

from pydantic import JsonValue

from .recording import Recording


def explain(recording: Recording, body: JsonValue, label: str) -> str:
    """Say why no exchange answers a request: none of that label, or which line of it has changed since."""
    tool, persona, *_ = [*label.split("/"), "", ""]
    review = f"{tool}/{persona}"
    recorded = [e for e in recording.exchanges if e.label.startswith(f"{review}/")]
    if not recorded:
        return f"nothing is recorded of persona {persona!r} on tool {tool!r}"
    if any(e.request == body for e in recorded):
        return f"the reply of persona {persona!r} on tool {tool!r} is used up"
    return f"the recording of {review} is stale: {changed(recorded[0].request, body, tool, persona)}"


def changed(recorded: JsonValue, body: JsonValue, tool: str, persona: str) -> str:
    """Say in which part two requests of one review differ, and in which lines of it."""
    was, now = _parts(recorded), _parts(body)
    for part, whose in _WHOSE.items():
        if was.get(part) != now.get(part):
            owner = whose.format(persona=persona, tool=tool)
            return f"{owner} has changed:\n{_change(was.get(part, ''), now.get(part, ''))}"
    return "the request has changed"


_WHOSE = {
    "system": "persona {persona!r} (or the review template)",
    "user": "tool {tool!r}",
    "model": "the model",
    "response_format": "the answer schema (the rubric of persona {persona!r})",
}


def _parts(body: JsonValue) -> dict[str, str]:
    """Take a body apart into the texts that may have changed."""
    if not isinstance(body, dict):
        return {}
    parts = {name: json.dumps(value, ensure_ascii=False) for name, value in body.items() if name != "messages"}
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            parts[str(message.get("role"))] = str(message.get("content"))
    return parts


def _change(was: str, now: str) -> str:
    """Show the first lines that differ, each from shortly before the place where it does."""
    # The fence around a tool's data carries a digest of that data: it has changed too, and tells nothing.
    before, after = (_DIGEST.sub("(digest)", text).split("\n") for text in (was, now))
    rows = [row for row in [*difflib.unified_diff(before, after, n=0)][2:] if not row.startswith("@@")]
    old, new = ([row for row in rows if row.startswith(sign)][:2] for sign in "-+")
    pairs = zip(old[0][1:], new[0][1:], strict=False) if old and new else ()
    common = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    start = common - 60 if common > 100 else 0
    return "\n".join(f"  {row[0]} {'...' if start else ''}{_cut(row[1:][start:])}" for row in [*old, *new])


def _cut(row: str) -> str:
    # Spelt out: a control character cannot steer the terminal, and one that is all that has changed is seen.
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in row[:160])
    return f"{shown}..." if len(row) > 160 else shown


_DIGEST = re.compile(r"\b[0-9a-f]{16}\b")
