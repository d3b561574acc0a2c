"""Environments: where each contender is installed, below `.bench/`, as its pins say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE.parent / ".bench"
_SHARED = ("openai", "httpx2", "pydantic")


def environment(name: str) -> tuple[Path, str]:
    """Set a contender's environment up, unless it is there as pinned; give its Python, and why there is none."""
    pins, folder = _pins(name), _FOLDER / name
    stamp, python = folder / "installed.txt", folder / "bin" / "python"
    wanted = pins.read_text(encoding="utf-8")
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python, ""
    click.echo(f"setting up .bench/{name}", err=True)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(pins)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], install):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return python, (done.stderr.strip().splitlines() or ["it cannot be installed"])[-1]
    stamp.write_text(wanted, encoding="utf-8")
    return python, ""


def versions(python: Path, name: str) -> str:
    """Name the versions of what a contender pins, and of what all share."""
    pinned = {line.split("==")[0].split("[")[0] for line in _pins(name).read_text(encoding="utf-8").split()}
    asked = [*sorted(pinned - {*_SHARED}), *_SHARED]
    words = f"from importlib.metadata import version\nprint(*(f'{{n}} {{version(n)}}' for n in {asked}), sep=', ')"
    return subprocess.run([python, "-c", words], capture_output=True, text=True, check=True).stdout.strip()


def _pins(name: str) -> Path:
    return _HERE / "contenders" / "requirements" / f"{name}.txt"
