"""Many tools: memory that stays flat, files of lines that are whole, shards that cover everything once."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_server import serving
from shell import Cli, Ran, run_main

from panelsynth import Panel, Tool, stream
from panelsynth.cli.pace import Pace
from panelsynth.cli.progress import Progress
from panelsynth.errors import InputError, OutputError
from panelsynth.line_file import LineFile
from panelsynth.panel import Missing
from panelsynth.shard import Shard
from panelsynth.testing import ScriptedModel
from panelsynth.toolbox import HELD, Toolbox

FEW = ["--personas", "skeptic"]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Run the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path) -> Ran:
        return run_main(monkeypatch, capsys, *args)

    return run


def write_tools(path: Path, count: int) -> None:
    rows = ({"id": f"t-{n}", "name": f"T {n}", "description": f"It does thing {n}."} for n in range(count))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_a_stream_over_10_000_tools_takes_few_ahead_and_keeps_no_panel() -> None:
    """What is alive is bounded by the places in flight, however many tools there are."""
    in_flight, taken, handed_over, most_tools, most_panels = 8, 0, 0, 0, 0
    alive: dict[type, int] = {Panel: 0, Tool: 0}

    def count(thing: Panel | Tool) -> None:
        def gone(kind: type) -> None:
            alive[kind] -= 1

        alive[type(thing)] += 1
        weakref.finalize(thing, gone, type(thing)).atexit = False

    def tools() -> Iterator[Tool]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            tool = Tool(id=f"t-{number}", name="T", description="D")
            count(tool)
            yield tool
            del tool

    async def run() -> None:
        nonlocal handed_over, most_tools, most_panels
        found = stream(tools(), model=ScriptedModel("ship"), personas="skeptic", in_flight=in_flight)
        async for panel in found:
            handed_over += 1
            count(panel)
            assert taken - handed_over <= in_flight, "no tool is taken before a place is free"
            del panel
            if handed_over % 1_000 == 0:
                gc.collect()
                most_tools, most_panels = max(most_tools, alive[Tool]), max(most_panels, alive[Panel])

    asyncio.run(run())
    assert handed_over == 10_000
    assert most_tools <= 3 * in_flight
    assert most_panels <= 2 * in_flight


def test_a_toolbox_keeps_many_tools_nowhere_and_reads_them_again(tmp_path: Path) -> None:
    write_tools(tmp_path / "many.jsonl", HELD + 1)
    box = Toolbox([tmp_path / "many.jsonl"])
    first = [weakref.ref(tool) for tool, _ in box]
    gc.collect()
    assert len(box) == HELD + 1
    assert not any(ref() for ref in first)
    assert [tool.id for tool, _ in box] == [f"t-{n}" for n in range(HELD + 1)]


def test_a_toolbox_keeps_few_tools_as_they_were_read(tmp_path: Path) -> None:
    write_tools(tmp_path / "few.jsonl", 2)
    box = Toolbox([tmp_path / "few.jsonl"])
    assert len(box) == 2
    (tmp_path / "few.jsonl").unlink()
    assert [tool.id for tool, _ in box] == ["t-0", "t-1"]


def test_an_id_given_twice_in_many_tools_is_refused_before_the_first_is_handed_out(tmp_path: Path) -> None:
    write_tools(tmp_path / "a.jsonl", HELD + 5)
    write_tools(tmp_path / "b.jsonl", 1)
    with pytest.raises(InputError, match=r"b\.jsonl:1: the id 't-0' is taken by .*a\.jsonl:1"):
        next(iter(Toolbox([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])))


def test_many_tools_are_summed_up_on_the_terminal_and_told_of_now_and_then(cli: Cli, tmp_path: Path) -> None:
    """From a file of lines and from a folder alike, one panel a line in the tools' order."""
    count = HELD + 200
    write_tools(tmp_path / "tools.jsonl", count)
    (tmp_path / "tools").mkdir()
    for number in range(101):
        (tmp_path / "tools" / f"u-{number:03}.yaml").write_text("name: U\ndescription: D\n", encoding="utf-8")
    with serving({"t-7/skeptic": "400"}) as (url, _):
        ran = cli("review", "tools.jsonl", "--base-url", url, *FEW, "-o", "x.jsonl", "--no-store")
        folder = cli("review", "tools", "--base-url", url, *FEW, "-o", "y.jsonl", "--no-store", "-q")
    assert (ran.code, folder.code) == (1, 0)
    assert ran.out == f"{count - 1:,} ship, 1 incomplete\n{count} panels in x.jsonl\n"
    assert folder.out == "101 ship\n101 panels in y.jsonl\n"
    lines = (tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["tool"]["id"] for line in lines] == [f"t-{n}" for n in range(count)]
    told = [line for line in ran.err.splitlines() if line.startswith("[")]
    assert len(told) == 101
    assert "1 failed" in told[-1]
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


def test_a_stop_leaves_the_finished_panels_whole_beside_the_old_file_and_a_rerun_goes_on(
    cli: Cli, tmp_path: Path
) -> None:
    write_tools(tmp_path / "tools.jsonl", 6)
    (tmp_path / "x.jsonl").write_text("old\n", encoding="utf-8")
    words = ("review", "tools.jsonl", *FEW, "-o", "x.jsonl", "--in-flight", "1")
    with serving(model="m-live") as (url, bodies):
        ran = cli(*words, "--base-url", url, "--max-calls", "4")
        assert ran.code == 3
        assert "4 finished panels are in x.jsonl.partial\n" in ran.err
        assert (tmp_path / "x.jsonl").read_text(encoding="utf-8") == "old\n"
        assert cli("render", "x.jsonl.partial", "-o", "out").code == 0
        assert cli(*words, "--base-url", url).code == 0
        assert len(bodies) == 6
    assert len((tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines()) == 6
    assert not (tmp_path / "x.jsonl.partial").exists()


def test_a_killed_run_leaves_no_torn_line_that_reads_as_whole(tmp_path: Path) -> None:
    write_tools(tmp_path / "tools.jsonl", 40)
    held: list[subprocess.Popen[bytes]] = []

    def kill(label: str) -> None:
        if label.startswith("t-20/") and held:
            held[0].send_signal(signal.SIGKILL)

    words = [sys.executable, "-m", "panelsynth", "review", "tools.jsonl", *FEW, "-o", "x.jsonl", "--in-flight", "2"]
    with serving(before=kill, model="m-live") as (url, bodies):
        held.append(subprocess.Popen([*words, "--base-url", url, "-q"], cwd=tmp_path))
        held[0].wait(60)
        before = {body["headers"]["x-panelsynth-label"] for body in bodies}
        whole, _, torn = (tmp_path / "x.jsonl.partial").read_text(encoding="utf-8").rpartition("\n")
        assert all(json.loads(line)["tool"]["id"] for line in whole.splitlines())
        assert not torn.endswith("}")
        assert not (tmp_path / "x.jsonl").exists()
        bodies.clear()
        subprocess.run([*words, "--base-url", url, "-q"], cwd=tmp_path, check=True, timeout=60, capture_output=True)
    again = before & {body["headers"]["x-panelsynth-label"] for body in bodies}
    assert len(again) <= 2, "only what was under way is asked again"
    assert len((tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines()) == 40


def test_a_line_that_does_not_fit_is_taken_back_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        """A disk that takes half of the second line."""

        def __init__(self, real: object) -> None:
            self.real, self.count = real, 0

        def __getattr__(self, name: str) -> object:
            return getattr(self.real, name)

        def write(self, data: memoryview) -> int:
            self.count += 1
            if self.count == 3:
                raise OSError(28, os.strerror(28))
            part = data[: len(data) // 2] if self.count == 2 else data
            return int(self.real.write(part))  # type: ignore[attr-defined]

    with pytest.raises(OutputError, match=r"x\.jsonl\.partial: cannot be written: No space"):  # noqa: PT012, SIM117
        with LineFile(tmp_path / "x.jsonl") as lines:
            monkeypatch.setattr(lines, "_file", Full(lines._file))
            lines.add(1, "first\n")
            lines.add(0, "second\n")
    assert (tmp_path / "x.jsonl.partial").read_bytes() == b"first\n"


def test_a_place_for_lines_that_cannot_be_written_is_found_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl.partial").mkdir()
    with pytest.raises(OutputError, match=r"x\.jsonl\.partial: cannot be written"), LineFile(tmp_path / "x.jsonl"):
        pass


def test_lines_are_put_in_place_in_their_order_whatever_their_length_and_language(tmp_path: Path) -> None:
    with LineFile(tmp_path / "deep" / "x.jsonl") as lines:
        for number in (2, 0, 1):
            lines.add(number, f"{'ü' * number}{number}\n")
        lines.finish()
    assert (tmp_path / "deep" / "x.jsonl").read_text(encoding="utf-8") == "0\nü1\nüü2\n"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["x.jsonl"]


@given(st.sets(st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True), max_size=40), st.integers(1, 9))
def test_every_tool_is_in_exactly_one_shard(ids: set[str], of: int) -> None:
    shards = [Shard.parse(f"{number}/{of}") for number in range(1, of + 1)]
    assert all(sum(shard.holds(name) for shard in shards) == 1 for name in ids)


def test_the_rule_of_shards_is_pinned() -> None:
    """Machines with different versions must agree."""
    found = Counter(
        str(Shard(n, 4)) for name in ("acme", "mistral-3b", "t-0") for n in (1, 2, 3, 4) if Shard(n, 4).holds(name)
    )
    assert found == {"1/4": 2, "4/4": 1}


@pytest.mark.parametrize("text", ["0/2", "3/2", "1/0", "1", "1/2/3", "a/b", "-1/2", "", "1.5/2", "²/3"])
def test_what_is_no_shard_is_refused_before_anything_is_asked(cli: Cli, tmp_path: Path, text: str) -> None:
    write_tools(tmp_path / "tools.jsonl", 2)
    for command in ("review", "compare"):
        ran = cli(command, "tools.jsonl", "--shard", text, "--model", "ollama/x")
        assert (ran.code, "Write i/n, such as 1/4" in ran.err) == (2, True)


def test_shards_ask_for_every_review_once_and_an_empty_one_is_no_fault(cli: Cli, tmp_path: Path) -> None:
    write_tools(tmp_path / "tools.jsonl", 6)
    with serving(model="m-live") as (url, bodies):
        for number in range(1, 10):
            words = ("tools.jsonl", "--base-url", url, *FEW, "--shard", f"{number}/9", "--store", f"{number}.db")
            assert cli("review", *words, "-o", f"{number}.jsonl").code == 0
        assert sorted(body["headers"]["x-panelsynth-label"] for body in bodies) == [
            f"t-{n}/skeptic/0/1" for n in range(6)
        ]
        ran = cli("compare", "tools.jsonl", "--base-url", url, *FEW, "--shard", "1/1", "-o", "out")
        assert (ran.code, "shard 1/1: 6 tools are in" in ran.out, (tmp_path / "out").exists()) == (0, True, False)
        assert cli("compare", "tools.jsonl", "--base-url", url, "--shard", "1/1", "--no-store").code == 2


def test_the_pace_is_that_of_the_last_minute() -> None:
    now = [0.0]
    pace = Pace(1_000, clock=lambda: now[0])
    assert pace.words(0) == ""
    for second, done in ((1, 500), (2, 501), *((second, 499 + second) for second in range(3, 101))):
        now[0] = second
        pace.note(done)
    assert pace.words(599) == "1.0/s, 6 min 41 s left"


def test_progress_tells_rate_failures_spend_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    class Spent:
        calls, usd = 3, 0.25

    now = [0.0]
    progress = Progress(2_000, quiet=False, spend=Spent(), pace=Pace(2_000, clock=lambda: now[0]))  # type: ignore[arg-type]
    fault = Missing(reviewer="skeptic", state="failed", cause="timeout", message="no reply")
    with progress:
        for number in range(20):
            now[0] += 0.5
            progress.step(f"t-{number}", "skeptic", fault)
    err = capsys.readouterr().err
    assert err.count("failed: timeout: no reply") == 20
    assert "[20/2000] 2.0/s, 16 min 30 s left, 20 failed, $0.2500\n" in err
