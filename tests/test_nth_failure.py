"""The n-th write, fsync, rename, statement or request of a run fails, for every n until a run passes untouched.

Whichever it is: the run ends with its documented exit code and no traceback; what stands under a final name is whole
old or whole new; no unfinished file is left; what was committed is never asked again; and the next run ends in the
pages of an unbroken one.
"""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from breakages import FILES, STORE, Breakage, Cut, Nth, pages_of_the_store
from fault_server import FaultServer, faulty

from panelsynth.cli import main
from panelsynth.errors import OutputError
from panelsynth.model.recording import Recording
from panelsynth.shipped import demo_tools

TOOLS = ("mistral-3b.yaml", "gpt-5-fine-tuning-api.yaml")
PERSONAS = ("developer", "skeptic")
REVIEWS = {f"{Path(tool).stem}/{persona}" for tool in TOOLS for persona in PERSONAS}
COMMANDS = {
    "compare": ("compare", *TOOLS, "-o", "out"),
    "review": ("review", *TOOLS, "-o", "out"),
    "review in one file": ("review", *TOOLS, "-o", "out/panels.jsonl"),
}
OLD = b"what stood here before"
REFUSED = "mistral-3b/skeptic"
MOST = 100
"""Nothing is done as often in so small a run: a sweep that comes here would never end."""


@dataclass
class Ran:
    code: int
    err: str
    asked: Counter[str]
    """The reviews that were asked for, and how often."""


class Desk:
    """A folder with two tools, and the command line at work in it."""

    def __init__(self, folder: Path, server: FaultServer) -> None:
        self.folder, self.server = folder, server
        folder.mkdir(parents=True)
        for tool in TOOLS:
            shutil.copy(demo_tools() / tool, folder)

    def words(self, command: str, *more: str) -> list[str]:
        asking = ["--personas", ",".join(PERSONAS), "--model", "m-1", "--base-url", self.server.url]
        return [*COMMANDS[command], *asking, *more]

    def run_apart(self, command: str, room: int | None = None) -> Ran:
        """Run in a process of its own, in which no file may grow beyond some bytes."""
        heard = len(self.server.received)
        limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))"
        code = f"{limit if room is not None else ''}\nfrom panelsynth.cli import main\nmain()"
        # Without -B, Python's own files would be cut as well.
        words = [sys.executable, "-B", "-c", code, *self.words(command)]
        ran = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60)
        return Ran(ran.returncode, ran.stderr, self.asked(heard))

    def asked(self, heard: int) -> Counter[str]:
        return Counter(call.review for call in self.server.received[heard:])

    def pages(self) -> dict[str, bytes]:
        out = self.folder / "out"
        files = sorted(out.iterdir()) if out.exists() else []
        return {path.name: path.read_bytes() for path in files if path.suffix != ".partial"}

    def put_old(self, names: Iterator[str]) -> None:
        (self.folder / "out").mkdir()
        for name in names:
            (self.folder / "out" / name).write_bytes(OLD)

    def held(self) -> set[str]:
        """The reviews whose replies are committed, as any other program finds them."""
        if not (path := self.folder / ".panelsynth" / "store.sqlite").exists():
            return set()
        with sqlite3.connect(path) as other:
            made = other.execute("select 1 from sqlite_schema where name = 'replies'").fetchone()
            rows = other.execute("select review from replies").fetchall() if made else []
        other.close()
        return {review.rpartition("/")[0] for (review,) in rows}


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command at a desk in this process, with something broken."""
    monkeypatch.setattr("panelsynth.model.calls._FIRST_WAIT", 0.0)

    def run(desk: Desk, command: str, *more: str, breakage: Breakage | None = None, nth: Nth | None = None) -> Ran:
        heard, sigterm = len(desk.server.received), signal.getsignal(signal.SIGTERM)
        with monkeypatch.context() as patch:
            patch.chdir(desk.folder)
            patch.setattr(sys, "argv", ["panelsynth", *desk.words(command, *more)])
            if breakage:
                breakage(patch, nth or Nth())
            with pytest.raises(SystemExit) as ended:
                main()
        signal.signal(signal.SIGTERM, sigterm)
        return Ran(int(ended.value.code or 0), capsys.readouterr().err, desk.asked(heard))

    return run


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with faulty(Cut()) as found:
        yield found


def check_end(desk: Desk, ran: Ran, whole: dict[str, bytes], code: int = OutputError.exit_code) -> None:
    """State what holds after a run that something has broken."""
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    assert "bug" not in ran.err
    assert ran.err.count("cannot be written: ") == (code == OutputError.exit_code), ran.err
    for name, content in desk.pages().items():
        assert content in {OLD, whole[name]}, name
    check_leftovers(desk)


def check_leftovers(desk: Desk) -> None:
    """See that nothing unfinished is left but whole lines, and that the store's folder hides from git."""
    for path in (desk.folder / "out").glob("*.jsonl.partial"):
        assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert not [path.name for path in desk.folder.rglob("*") if ".part" in path.name and path.suffix != ".partial"]
    if (hidden := desk.folder / ".panelsynth" / ".gitignore").exists():
        assert hidden.read_text(encoding="utf-8") == "*\n"


def check_next(desk: Desk, again: Ran, held: set[str], whole: dict[str, bytes], code: int = 0) -> None:
    """State what holds after the next run, in which nothing is broken."""
    assert again.code == code, again.err
    assert not held & {*again.asked}
    assert again.asked == Counter(REVIEWS - held)
    assert desk.pages() == whole
    check_leftovers(desk)
    assert (desk.folder / ".panelsynth" / ".gitignore").exists()


def unbroken(tmp_path: Path, server: FaultServer, run: Run, command: str, code: int = 0) -> dict[str, bytes]:
    desk = Desk(tmp_path / "unbroken", server)
    assert run(desk, command).code == code
    return desk.pages()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", FILES)
def test_any_file_operation_may_fail(tmp_path: Path, server: FaultServer, run: Run, name: str, command: str) -> None:
    whole = unbroken(tmp_path, server, run, command)
    for number in range(1, MOST):
        desk, nth = Desk(tmp_path / str(number), server), Nth(number)
        if number % 2:
            desk.put_old(iter(whole))
        ran = run(desk, command, breakage=FILES[name], nth=nth)
        if not nth.struck:
            assert (ran.code, desk.pages()) == (0, whole)
            return
        held = desk.held()
        check_end(desk, ran, whole)
        assert held == {*ran.asked}, "every reply that came is kept"
        check_next(desk, run(desk, command), held, whole)
    raise AssertionError


@pytest.mark.parametrize(("refused", "in_flight"), [("", "4"), (REFUSED, "1")])
@pytest.mark.parametrize("name", STORE)
def test_any_statement_of_the_store_may_fail(
    tmp_path: Path, server: FaultServer, run: Run, name: str, refused: str, in_flight: str
) -> None:
    """Also that which notes a failed review."""
    server.plan = Cut(refused=refused)
    code = 1 if refused else 0
    whole = unbroken(tmp_path, server, run, "compare", code)
    for number in range(1, MOST):
        desk, nth = Desk(tmp_path / str(number), server), Nth(number)
        ran = run(desk, "compare", "--in-flight", in_flight, breakage=STORE[name], nth=nth)
        if not nth.struck:
            assert (ran.code, desk.pages()) == (code, whole)
            return
        held = desk.held()
        check_end(desk, ran, whole)
        assert "the store cannot be written" in ran.err
        check_next(desk, run(desk, "compare"), held, whole, code)
    raise AssertionError


def test_the_store_may_be_full_at_any_size(tmp_path: Path, server: FaultServer, run: Run) -> None:
    """SQLite itself says so here."""
    whole = unbroken(tmp_path, server, run, "compare")
    for number in range(1, MOST):
        desk = Desk(tmp_path / str(number), server)
        ran = run(desk, "compare", breakage=pages_of_the_store, nth=Nth(number))
        if ran.code == 0:
            assert number > 5
            assert desk.pages() == whole
            return
        held = desk.held()
        check_end(desk, ran, whole)
        assert "full" in ran.err
        check_next(desk, run(desk, "compare"), held, whole)
    raise AssertionError


def test_files_may_be_refused_more_room_at_any_size(tmp_path: Path, server: FaultServer, run: Run) -> None:
    """The system itself says so here, to everything that is written."""
    pytest.importorskip("resource")
    whole = unbroken(tmp_path, server, run, "compare")
    for room in itertools.chain((0, 1, 2), itertools.count(10_000, 10_000)):
        desk = Desk(tmp_path / str(room), server)
        if room % 20_000:
            desk.put_old(iter(whole))
        ran = desk.run_apart("compare", room)
        if ran.code == 0:
            assert room > 20_000
            assert desk.pages() == whole
            return
        held = desk.held()
        check_end(desk, ran, whole)
        check_next(desk, run(desk, "compare"), held, whole)


@pytest.mark.parametrize("how", ["reset", "close", "reset-in-body", "close-in-body"])
def test_any_answer_may_break_off_and_is_asked_for_once_more(
    tmp_path: Path, server: FaultServer, run: Run, how: str
) -> None:
    whole = unbroken(tmp_path, server, run, "compare")
    for number in range(1, len(REVIEWS) + 2):
        desk = Desk(tmp_path / str(number), server)
        server.plan = Cut(number=number, how=how)
        ran = run(desk, "compare")
        check_end(desk, ran, whole, 0)
        assert ran.asked.total() == len(REVIEWS) + (number <= len(REVIEWS))
        assert (desk.pages(), desk.held()) == (whole, REVIEWS)
        check_next(desk, run(desk, "compare"), REVIEWS, whole)


def test_a_server_may_go_at_any_answer(tmp_path: Path, server: FaultServer, run: Run) -> None:
    """The reviews that are lost fail with their cause; the next run asks for those alone."""
    whole = unbroken(tmp_path, server, run, "compare")
    for number in range(1, len(REVIEWS) + 1):
        desk = Desk(tmp_path / str(number), server)
        server.plan = Cut(number=number, for_good=True)
        ran = run(desk, "compare", "--in-flight", "1")
        assert (ran.code, "Traceback" in ran.err) == (1, False)
        assert ran.asked.total() == number - 1 + 4 * (len(REVIEWS) - number + 1)
        held = desk.held()
        assert len(held) == number - 1
        server.plan = Cut()
        check_next(desk, run(desk, "compare"), held, whole)


@pytest.mark.parametrize("name", ["write", "fsync", "replace", "chmod", "temporary file"])
def test_a_recording_is_whole_or_not_there(tmp_path: Path, server: FaultServer, run: Run, name: str) -> None:
    """With its pages; where a page fails, what was recorded so far stands beside it as `.partial`."""
    whole = unbroken(tmp_path, server, run, "compare")
    for number in range(1, MOST):
        desk, nth = Desk(tmp_path / str(number), server), Nth(number)
        ran = run(desk, "compare", "--record", "both.yaml", breakage=FILES[name], nth=nth)
        recordings = [Recording.read(path) for path in desk.folder.glob("both.yaml*")]
        assert all(len(recording.exchanges) == len(REVIEWS) for recording in recordings)
        if not nth.struck:
            assert (ran.code, len(recordings)) == (0, 1)
            return
        check_end(desk, ran, whole)
        held = desk.held()
        check_next(desk, run(desk, "compare"), held, whole)
    raise AssertionError
