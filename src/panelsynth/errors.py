"""Everything that can go wrong, drawn as a tree.

    PanelsynthError            what every error of this package is
    ├── InputError         2   the input, an option or a file is wrong: mend it, nothing was sent
    │   └── DocumentError  2   the same, with the file, line and key
    ├── BudgetError        3   the run's limit of calls or money would be crossed: raise it, or ask less
    ├── EndpointError      4   the model's endpoint says no for good: key, quota, model, address
    ├── RecordingError     5   a recording is missing, stale or holds a secret: record it again
    ├── OutputError        6   a file or folder cannot be written: disk, permissions
    └── CallError          -   one review has no usable reply: it becomes a failed review with a cause

The number is the exit code of the command line. Each message names the thing, the place and the remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from .panel import Panel
    from .verdict import Usage


class PanelsynthError(Exception):
    """The root of this package's errors.

    Args:
        message: what is wrong, and where.
        remedy: what the reader can do about it, one sentence; printed on a line of its own.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.panels: Sequence[Panel] = ()
        """The panels that were finished before a fatal error stopped the run."""

    def __str__(self) -> str:
        """Join the message and its remedy, one line each."""
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class InputError(PanelsynthError, ValueError):
    """The user's input, options or file contents are wrong; nothing was sent."""

    exit_code = 2


class DocumentError(InputError):
    """A file's contents are wrong at a place that the message names.

    Args:
        source: the file as the user named it, or `-`.
        line: 1-based, when known.
        key: the dotted path of the value, such as `pricing.plans[0].kind`.
    """

    def __init__(self, message: str, *, source: str, line: int | None = None, key: str = "", remedy: str = "") -> None:
        place = source if line is None else f"{source}:{line}"
        super().__init__(f"{place}: {key}: {message}" if key else f"{place}: {message}", remedy=remedy)
        self.source = source
        self.line = line
        self.key = key


STOPS = ("authentication", "quota", "unknown-model", "unreachable", "asked-to-wait")
"""Every cause that stops a run: the next call would meet it too."""


class EndpointError(PanelsynthError):
    """The endpoint refuses every call alike, so the run stopped after the first such answer.

    Args:
        cause: a word of `STOPS`; a client of your own may use others.
    """

    exit_code = 4

    def __init__(self, message: str, *, cause: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.cause = cause


class RecordingError(PanelsynthError):
    """A recording is missing, stale, unplayed or holds a secret."""

    exit_code = 5


class OutputError(PanelsynthError):
    """A file or folder cannot be written."""

    exit_code = 6


class BudgetError(PanelsynthError):
    """The next call might cross the run's limit of calls or money; it was not made."""

    exit_code = 3


TRIES = {
    "timeout": 4,
    "connection-lost": 4,
    "rate-limited": 4,
    "server-error": 4,
    "not-a-completion": 4,
    "too-large": 2,
    "empty-reply": 4,
    "malformed-reply": 4,
    "invalid-answer": 4,
    "garbled-text": 4,
    "canary-written": 2,
    "truncated": 4,
    "refusal": 2,
    "content-filter": 2,
    "request-refused": 1,
    "prompt-cut": 1,
}
"""Every cause of which one call can fail, and how many calls a review may spend on it: 1 where no repeat can help.

A review may spend four in all, whatever they fail of: three lose about 10 reviews of 1,000 at 30% faults.
"""


class CallError(PanelsynthError):
    """One call brought no usable answer; its review fails with this cause when no repeat helps, the others go on.

    Args:
        cause: a word of `TRIES`; a client of your own may use others, which are not repeated.
        wait: seconds that the server asked to wait before the next call, when it said so.
        usage: tokens of a reply that came and cannot be used, when the server counted them.
    """

    def __init__(self, message: str, *, cause: str, wait: float | None = None, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.wait = wait
        self.usage = usage
