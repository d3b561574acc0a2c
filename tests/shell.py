"""The command line, run in this process as a shell would run it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from panelsynth.cli import main


@dataclass
class Ran:
    code: int
    out: str
    err: str


Cli = Callable[..., Ran]


def run_main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: object) -> Ran:
    """Run one command, and leave the handling of signals as it was."""
    monkeypatch.setattr(sys, "argv", ["panelsynth", *map(str, args)])
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        signal.signal(signal.SIGTERM, before)
    out, err = capsys.readouterr()
    return Ran(int(ended.value.code or 0), out, err)
