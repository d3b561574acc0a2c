from __future__ import annotations

import re
from pathlib import Path

from panelsynth.errors import STOPS, TRIES
from panelsynth.model.guard import MAX_BYTES
from panelsynth.request import OUTPUT_LIMIT

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "faults.md").read_text(encoding="utf-8")
CALLS, RUN, _ = (part.split("\n## ")[0] for part in TEXT.split("\n## ")[1:])


def rows(part: str) -> dict[str, list[str]]:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"]
    assert lines[0] == ["fault", "cause", "what panelsynth does", "what you do"]
    return {cells[1].strip("`"): cells for cells in lines[2:]}


def test_every_cause_has_its_row_and_no_other_has() -> None:
    assert [*rows(CALLS)] == [*TRIES]
    assert [*rows(RUN)] == [*STOPS]
    assert len(TRIES | dict.fromkeys(STOPS)) <= 21


def test_the_numbers_of_calls_are_the_codes_own() -> None:
    for cause, (_, _, does, _) in rows(CALLS).items():
        said = re.findall(r"at most (\d) calls", does)
        expected = {1: "makes no second call", 2: "asks once more"}.get(TRIES[cause], "at most 4 calls")
        assert said == [str(TRIES[cause])] or expected in does, cause


def test_every_fault_says_what_to_do() -> None:
    assert all(all(cells) for part in (CALLS, RUN) for cells in rows(part).values())


def test_the_limits_are_the_codes_own() -> None:
    assert f"more than {MAX_BYTES // 1_000_000} MB" in CALLS
    assert f"({OUTPUT_LIMIT:,} tokens)" in CALLS
