"""Standard streams that may be closed, full or of a narrow encoding, and how a run goes on all the same."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@contextlib.contextmanager
def open_streams() -> Iterator[None]:
    """Give the block a stdout and a stderr to write to, whatever the shell has left of them.

    A terminal without our dash shows `?`. Nothing that goes wrong on stderr (progress, notices) ends a run.
    """
    with contextlib.ExitStack() as stack:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        if sys.stdout is None:  # closed by the shell, as in `panelsynth demo >&-`
            stack.enter_context(contextlib.redirect_stdout(stack.enter_context(_nowhere())))
        lasting = _Lasting(sys.stderr or stack.enter_context(_nowhere()))
        stack.enter_context(contextlib.redirect_stderr(lasting))
        yield


def inert(message: str) -> str:
    r"""Write a message so that no file's name or words in it can steer the terminal.

    Example:
        >>> inert("no file a\x1b[2Jb")
        'no file a\\x1b[2Jb'
    """
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], message)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


class _Lasting:
    """A stream to which nothing fails: what cannot be written is lost."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()
