"""Export: requests as lines of batch files, one model a file, within the published limits."""

from __future__ import annotations

import filecmp
import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from ..errors import InputError, OutputError
from ..request import Request
from .manifest import NAME, Head, entry

MAX_LINES, MAX_BYTES = 50_000, 200_000_000
"""What OpenAI takes in one file."""


@dataclass
class Written:
    """One file of requests."""

    name: str
    model: str
    lines: int = 0
    size: int = 0


def line(request: Request) -> bytes:
    """Write one request as a line; its body is byte for byte what a live call sends first."""
    # As the SDK writes a body: a test holds it against what a server receives.
    body = json.dumps(request.body(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return b'{"custom_id":"%b","method":"POST","url":"/v1/chat/completions","body":%b}\n' % (
        request.key.encode(),
        body.encode(),
    )


class Exporter:
    """Write requests one by one, in a folder beside their final names; `finish` puts them there, all or none.

    Args:
        folder: where the files go.
        head: what the requests are built with.
        max_lines: requests in one file.
        max_bytes: bytes in one file.

    Raises:
        OutputError: the folder cannot be written.
    """

    def __init__(self, folder: Path, head: Head, *, max_lines: int = MAX_LINES, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self._limits = max_lines, max_bytes
        self._open: dict[str, tuple[Written, BinaryIO]] = {}
        self._files: list[Written] = []
        self._seen: set[bytes] = set()  # 32 bytes a request, whatever its length
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._parts = Path(tempfile.mkdtemp(dir=folder, prefix=".export."))
            self._manifest = (self._parts / NAME).open("w", encoding="utf-8", newline="\n")
            self._manifest.write(head.line())
        except OSError as exc:
            raise _unwritable(folder, exc) from exc

    def __enter__(self) -> Self:
        """Hand over the exporter."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing half written behind."""
        self._close()
        shutil.rmtree(self._parts, ignore_errors=True)

    def add(self, request: Request) -> bool:
        """Write a request; two tools that are told alike share a line.

        Returns:
            Whether it took a line.
        """
        try:
            self._manifest.write(entry(request))
            if (digest := bytes.fromhex(request.key)) in self._seen:
                return False
            self._seen.add(digest)
            text = line(request)
            written, file = self._place(request.model, len(text))
            file.write(text)
        except OSError as exc:
            raise _unwritable(self.folder, exc) from exc
        written.lines += 1
        written.size += len(text)
        return True

    def finish(self) -> list[Written]:
        """Give the files their names.

        Raises:
            InputError: another export stands there; it is left alone.
        """
        self._close()
        made = [self._parts / written.name for written in self._files]
        for part in [*made, self._parts / NAME] if made else []:
            final = self.folder / part.name
            if final.exists() and not filecmp.cmp(part, final, shallow=False):
                raise self._taken(final)
        if made and (extra := {p.name for p in self.folder.glob("[0-9]*-*.jsonl")} - {p.name for p in made}):
            raise self._taken(self.folder / min(extra))
        try:
            for part in [*made, self._parts / NAME] if made else []:
                part.replace(self.folder / part.name)
        except OSError as exc:
            raise _unwritable(self.folder, exc) from exc
        return self._files

    def _taken(self, path: Path) -> InputError:
        return InputError(f"{path}: is of another export", remedy="Name another folder with -o, or take it away.")

    def _place(self, model: str, size: int) -> tuple[Written, BinaryIO]:
        """Find the file that the next line of a model goes to."""
        most_lines, most_bytes = self._limits
        if model in self._open:
            written, file = self._open[model]
            if written.lines < most_lines and written.size + size <= most_bytes:
                return written, file
            file.close()
        if size > most_bytes:
            said = f"a request for {model} takes {size:,} bytes, and a file {most_bytes:,}"
            raise InputError(said, remedy="Shorten the description.")
        slug = re.sub(r"[^A-Za-z0-9._-]+", "-", model)[:60].strip(".-") or "model"
        written = Written(f"{len(self._files) + 1:03}-{slug}.jsonl", model)
        self._files.append(written)
        self._open[model] = written, (self._parts / written.name).open("wb")
        return self._open[model]

    def _close(self) -> None:
        self._manifest.close()
        for _, file in self._open.values():
            file.close()


def _unwritable(folder: Path, exc: OSError) -> OutputError:
    remedy = "Check the disk and your permissions, or name another place with -o."
    return OutputError(f"{folder}: cannot be written: {exc.strerror or exc}", remedy=remedy)
