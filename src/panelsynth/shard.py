"""Shard: one machine's part of the tools, the same on every machine."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from .errors import InputError


@dataclass(frozen=True)
class Shard:
    """Part `number` of `of` parts of all tools.

    A tool belongs to part r + 1, where r is the remainder of the first 8 bytes of its id's SHA-256, as one big-endian
    number, divided by `of`: every tool is in exactly one part, whatever else is in the run and whatever its order.
    """

    number: int
    """From 1."""
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2/4`.

        Raises:
            InputError: it is no part of a whole.

        Example:
            >>> Shard.parse("2/4")
            Shard(number=2, of=4)
        """
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
        number, of = (int(found[1]), int(found[2])) if found else (0, 0)
        if not 1 <= number <= of:
            remedy = "Write i/n, such as 1/4 on the first of four machines and 4/4 on the last."
            raise InputError(f"--shard {text}: is no part of a whole", remedy=remedy)
        return cls(number, of)

    def holds(self, tool_id: str) -> bool:
        """Tell whether a tool belongs to this part."""
        digest = hashlib.sha256(tool_id.encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"
