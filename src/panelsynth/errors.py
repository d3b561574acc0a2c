"""Everything that can go wrong, drawn as a tree.

    PanelsynthError            what every error of this package is
    ├── InputError         2   the input, an option or a file is wrong: mend it, nothing was sent
    │   └── DocumentError  2   the same, with the file, line and key
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


class EndpointError(PanelsynthError):
    """The endpoint refuses every call alike, so the run stopped after the first such answer.

    Args:
        cause: `authentication`, `quota`, `unknown-model`, `unreachable` or `rate-limited` (asked to wait too long).
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


class CallError(PanelsynthError):
    """One call brought no usable answer; its review fails with this cause, the others go on.

    Args:
        cause: a stable kebab-case word, such as `timeout` or `malformed-reply`.
        again: whether the same call may succeed when it is repeated.
        wait: seconds that the server asked to wait before that, when it said so.
    """

    def __init__(self, message: str, *, cause: str, again: bool = False, wait: float | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.again = again
        self.wait = wait
