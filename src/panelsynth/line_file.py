"""LineFile: a file of lines that is put in place whole, and whose lines are safe beside it as they come."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from .writing import unwritable, write_whole


class LineFile:
    """Lines go to `FILE.partial` one by one; `finish` puts all of them in place, in their order.

    Whatever ends the program, `FILE.partial` then holds whole lines, and after the last of them at most the beginning
    of one, without an end of line; FILE is the old one or the new one. Memory grows by 24 bytes a line.

    Args:
        path: the final name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(f"{path.name}.partial")
        self._numbers, self._starts = array("q"), array("q")
        self._end = 0

    def __len__(self) -> int:
        """Count the lines so far."""
        return len(self._numbers)

    def __enter__(self) -> Self:
        """Begin an empty file."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.partial.open("w+b", buffering=0)
        except OSError as exc:
            raise unwritable(self.partial, exc) from exc
        return self

    def __exit__(self, *_: object) -> None:
        """Leave whole lines behind, or nothing."""
        with suppress(OSError):
            self._file.truncate(self._end)
        self._file.close()
        if not self:
            self.partial.unlink(missing_ok=True)

    def add(self, number: int, line: str) -> None:
        """Write one line, its end included, which will be so far down in the finished file.

        Raises:
            OutputError: it cannot be written.
        """
        rest = memoryview(line.encode())
        start = self._end
        try:
            self._file.seek(start)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as exc:
            raise unwritable(self.partial, exc) from exc
        self._numbers.append(number)
        self._starts.append(start)
        self._end = start + len(line.encode())

    def finish(self) -> None:
        """Put the file in place, its lines in order.

        Raises:
            OutputError: it cannot be written; `FILE.partial` stays.
        """
        write_whole(self.path, self._in_order())
        self.partial.unlink(missing_ok=True)
        self._numbers, self._starts = array("q"), array("q")

    def _in_order(self) -> Iterator[str]:
        for at in sorted(range(len(self)), key=self._numbers.__getitem__):
            end = self._starts[at + 1] if at + 1 < len(self) else self._end
            self._file.seek(self._starts[at])
            yield self._file.read(end - self._starts[at]).decode()
