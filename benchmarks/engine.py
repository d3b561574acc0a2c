"""What the engine promises, measured on loopback: run it with `.venv/bin/python benchmarks/engine.py`.

Every part prints a table and says at its end whether what is promised was kept. Nothing leaves this machine, and only
processes started here are ended. `--part` runs some of them; `--quick` makes each about ten times shorter.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
from pydantic import SecretStr

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fault_server import BELIEVABLE, FATAL, KINDS, LASTING, RECOVERABLE, FaultServer, Plan, faulty  # noqa: E402

import panelsynth as ps  # noqa: E402
from panelsynth.errors import TRIES, PanelsynthError  # noqa: E402
from panelsynth.model import Endpoint, Store  # noqa: E402
from panelsynth.persona import SHIPPED, read_personas  # noqa: E402
from panelsynth.prompting import ReviewTemplate, build_requests  # noqa: E402

KEY = "sk-" + "made-up-" * 4
IN_FLIGHT = 16
ATTEMPTS = 4
BROKEN: list[str] = []


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    reviews: int
    seeds: int
    points: int
    interrupts: int
    serial_seconds: float


@dataclass
class Outcome:
    """What became of a run of reviews."""

    panels: list[ps.Panel] = field(default_factory=list)
    error: BaseException | None = None
    seconds: float = 0.0

    @property
    def votes(self) -> dict[str, str]:
        """Decisions by `tool/persona`."""
        return {f"{p.tool.id}/{v.reviewer}": v.decision for p in self.panels for v in p.verdicts}

    @property
    def lost(self) -> dict[str, str]:
        """Causes by `tool/persona`."""
        return {f"{p.tool.id}/{m.reviewer}": m.cause for p in self.panels for m in p.missing}

    @property
    def foreign(self) -> bool:
        """Whether something got out that is no error of ours."""
        return self.error is not None and not isinstance(self.error, PanelsynthError)

    @property
    def shown(self) -> str:
        """All that a user could come to see."""
        told = [panel.model_dump_json() for panel in self.panels]
        if self.error:
            told += [repr(vars(self.error)), *traceback.format_exception(self.error)]
        return "\n".join(told)


def tools(count: int) -> list[ps.Tool]:
    """Make tools that differ."""
    return [
        ps.Tool(id=f"tool-{n}", name=f"Tool {n}", description=f"Linter number {n} for prose.") for n in range(count)
    ]


def ask(
    server: FaultServer,
    count: int,
    *,
    personas: Sequence[str] = SHIPPED,
    deadline: float | None = 2,
    defaults: bool = False,
) -> Outcome:
    """Review so many tools through the library."""
    model = ps.OpenAIModel(endpoint=Endpoint("m-1", server.url, SecretStr(KEY)), deadline=deadline)
    made = Outcome()
    began = time.monotonic()
    try:
        made.panels = ps.review(tools(count), model=model, personas=personas, in_flight=None if defaults else IN_FLIGHT)
    except (Exception, asyncio.CancelledError) as exc:  # noqa: BLE001 - what gets out is what is measured
        made.error = exc
        made.panels = list(getattr(exc, "panels", ()))
    made.seconds = time.monotonic() - began
    return made


def table(title: str, rows: Sequence[dict[str, object]]) -> None:
    """Print rows under their names."""
    click.echo(f"\n{title}")
    if not rows:
        return
    names = list(rows[0])
    wide = [max(len(name), *(len(str(row[name])) for row in rows)) for name in names]
    heads: dict[str, object] = {name: name for name in names}
    for line in [heads, *rows]:
        click.echo("  " + "  ".join(str(line[name]).rjust(width) for name, width in zip(names, wide, strict=True)))


def promise(words: str, *, kept: bool) -> None:
    """Say whether something promised was kept, and remember when not."""
    click.echo(f"  {'kept  ' if kept else 'BROKEN'}  {words}")
    if not kept:
        BROKEN.append(words)


def wrong_shares(made: Outcome, server: FaultServer) -> int:
    """Count percentages that do not follow from what the server answered."""
    wrong = 0
    for panel in made.panels:
        told = [server.plan.decision(f"{panel.tool.id}/{vote.reviewer}") for vote in panel.verdicts]
        quorum = 2 * len(told) > len(told) + len(panel.missing)
        right = (200 * told.count("ship") + len(told)) // (2 * len(told)) if quorum else None
        wrong += panel.tally.percent != right
    return wrong


def is_false(server: FaultServer, review: str, said: str) -> bool:
    """Whether a vote is not what the server answered, or was read out of something that no vote may be read from."""
    return said != server.plan.decision(review) or server.last[review] not in BELIEVABLE


def run_faults(size: Size) -> None:
    """Reviews at 30% faults of all kinds that may pass."""
    rows: list[dict[str, object]] = []
    lost, false, again = Counter[str](), Counter[str](), Counter[str]()
    for seed in range(1, size.seeds + 1):
        with faulty(Plan(seed=seed)) as server:
            made = ask(server, size.reviews // 4)
        votes = made.votes
        believed = [server.last[review] for review, said in votes.items() if is_false(server, review, said)]
        false.update(believed)
        again.update(server.paid_twice)
        lost.update(f"{cause} after {server.last[review]}" for review, cause in made.lost.items())
        rows.append(
            {
                "seed": seed,
                "calls": len(server.received),
                "faults": sum(call.kind != "ok" for call in server.received),
                "no outcome": size.reviews // 4 * 4 - len(votes) - len(made.lost),
                "voted": len(votes),
                "failed": len(made.lost),
                "unnamed": len({*made.lost.values()} - {*TRIES}),
                "differ": len(believed),
                "percent differ": wrong_shares(made, server),
                "foreign": int(made.foreign),
                "paid twice": server.paid_twice.total(),
                "re-asks": sum(len(call.body["messages"]) > 2 for call in server.received),
                "key seen": made.shown.count(KEY),
                "s": round(made.seconds, 1),
            }
        )
        if made.error:
            click.echo(f"  seed {seed} ended with {made.error!r}")
    table(f"{size.reviews} reviews, 30% faults of {len(RECOVERABLE)} kinds, {IN_FLIGHT} in flight", rows)
    for words, counts in (("lost", lost), ("false votes from", false), ("paid twice after", again)):
        click.echo(f"  {words}: " + (", ".join(f"{n} {what}" for what, n in counts.most_common()) or "none"))
    for name in ("no outcome", "unnamed", "differ", "percent differ", "foreign", "key seen"):
        promise(f"0 {name}", kept=all(row[name] == 0 for row in rows))
    promise("at least 99.5% voted", kept=all(int(str(row["voted"])) >= 0.995 * size.reviews for row in rows))
    promise("at most 80 of 1,000 paid twice", kept=all(int(str(r["paid twice"])) <= 0.08 * size.reviews for r in rows))


def run_alone(_: Size) -> None:
    """Every fault alone, for ever."""
    rows: list[dict[str, object]] = []
    for kind in KINDS:
        with faulty(Plan((kind,), share=1)) as server:
            made = ask(server, 1, personas=("skeptic",), deadline=1)
        cause = getattr(made.error, "cause", None) or next(iter(made.lost.values()), "")
        rows.append(
            {
                "fault": kind,
                "calls": len(server.received),
                "ends in": "a vote" if made.votes else cause or repr(made.error),
                "s": round(made.seconds, 1),
                "true": "" if not made.votes else made.votes == server.truth and kind in BELIEVABLE,
                "key seen": made.shown.count(KEY),
                "foreign": int(made.foreign),
                "strayed": server.strayed,
            }
        )
    table("Every fault alone and for ever, deadline 1 s", rows)
    causes = {str(row["ends in"]) for row in rows} - {"a vote"}
    click.echo(f"  {len(causes)} causes: {', '.join(sorted(causes))}")
    promise("at most 20 named causes", kept=len(causes) <= 20)
    promise(f"at most {ATTEMPTS} calls", kept=all(int(str(row["calls"])) <= ATTEMPTS for row in rows))
    promise(
        "every fault ends in a cause or a true vote",
        kept=all(row["ends in"] and row["true"] in {"", True} for row in rows),
    )
    for name in ("key seen", "foreign", "strayed"):
        promise(f"0 {name}", kept=all(row[name] == 0 for row in rows))


def run_fatal(size: Size) -> None:
    """Answers that every call would meet, with the whole evening queued."""
    rows: list[dict[str, object]] = []
    for kind in FATAL:
        with faulty(Plan((kind,), share=1, seconds=0.05)) as server:
            made = ask(server, size.reviews // 4)
        message = str(made.error).splitlines()[0] if made.error else ""
        rows.append(
            {
                "answer": kind,
                "calls": len(server.received),
                "s": round(made.seconds, 2),
                "cause": getattr(made.error, "cause", repr(made.error)),
                "key seen": made.shown.count(KEY),
                "message": message[:70],
            }
        )
    table(f"Fatal answers with {size.reviews} queued, {IN_FLIGHT} in flight", rows)
    promise(f"at most {IN_FLIGHT} calls", kept=all(int(str(row["calls"])) <= IN_FLIGHT for row in rows))
    promise("message within 2 s", kept=all(float(str(row["s"])) <= 2 for row in rows))
    promise("0 key seen", kept=all(row["key seen"] == 0 for row in rows))


def run_serial(size: Size) -> None:
    """A slow server that answers one at a time, asked with the defaults."""
    with faulty(Plan(share=0, seconds=size.serial_seconds, places=1)) as server:
        made = ask(server, 2, deadline=None, defaults=True)
    row: dict[str, object] = {
        "reviews": 8,
        "voted": len(made.votes),
        "calls": len(server.received),
        "s": round(made.seconds, 1),
    }
    table(f"A server that answers one at a time in {size.serial_seconds:g} s, defaults", [row])
    promise("all vote, one call each", kept=row["voted"] == 8 == row["calls"])


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    seconds: float
    words: str


_MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], timeout=110).returncode
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""Runs a command and prints its peak: a child's figure begins with its parent's, and ours has packed a bomb."""


class Command:
    """One run of the real command line, ended by its own id and no other."""

    def __init__(self, folder: Path, server: FaultServer, *, out: str = "out", measured: bool = False) -> None:
        given = ["compare", str(folder / "tools.jsonl"), "-o", str(folder / out), "--base-url", server.url]
        given += ["--model", "m-1", "--key-env", "BENCH_KEY", "--in-flight", "4", "--deadline", "3"]
        given += ["--no-store"] if measured else ["--store", str(folder / f"{out}.sqlite")]
        given = [sys.executable, "-m", "panelsynth", *given]
        given = [sys.executable, "-c", _MEASURED, *given] if measured else given
        environ = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environ |= {"BENCH_KEY": KEY, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"}
        self.words = folder / f"{out}.words"
        self.began = time.monotonic()
        with self.words.open("ab") as words:
            self.child = subprocess.Popen(given, stdout=words, stderr=words, env=environ, cwd=folder)

    def end(self, patience: float = 120) -> Ended:
        """Wait for the end; kill what outlasts all patience."""
        guard = threading.Timer(patience, self.child.kill)
        guard.start()
        code = self.child.wait()
        guard.cancel()
        return Ended(code, time.monotonic() - self.began, self.words.read_text(encoding="utf-8", errors="replace"))


def peak_mb(words: str) -> float:
    """Read the peak that a measured command has printed, in MB."""
    return float(words.rpartition("peak ")[2]) / (1024 if sys.platform != "darwin" else 1024**2)


@contextmanager
def folder_with(count: int) -> Iterator[Path]:
    """Lend a folder that holds a file of tools."""
    with tempfile.TemporaryDirectory(prefix="panelsynth-bench-") as name:
        lines = [tool.model_dump_json(include={"id", "name", "description"}) for tool in tools(count)]
        Path(name, "tools.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield Path(name)


def votes_in(folder: Path, out: str = "out") -> int:
    """Count the votes on the page's data; 0 when there is no page."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / out).glob("*.json")]
    return sum(len(panel["verdicts"]) for data in found for panel in data["panels"])


def pages_in(folder: Path, out: str = "out") -> dict[str, bytes]:
    """Read all pages."""
    return {path.name: path.read_bytes() for path in sorted((folder / out).glob("*"))}


def key_in(folder: Path) -> int:
    """Count files that hold the key."""
    return sum(KEY.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


class Heavy(Plan):
    """Three tools meet a bomb, an enormous reply and a drip; the others are answered."""

    def kind(self, label: str, before: int) -> str:
        """Choose by the tool."""
        return {"tool-0": "bomb", "tool-1": "huge", "tool-2": "drip"}.get(label.partition("/")[0], "ok")


def run_memory(_: Size) -> None:
    """Peak memory of the command line with enormous replies in the run."""
    rows: list[dict[str, object]] = []
    for name, plan in {"sound replies": Plan(share=0), "bomb, 20 MB, drip": Heavy()}.items():
        with folder_with(12) as folder, faulty(plan) as server:
            ended = Command(folder, server, measured=True).end()
            rows.append(
                {
                    "run": name,
                    "peak MB": round(peak_mb(ended.words)),
                    "voted": votes_in(folder),
                    "of": 48,
                    "exit": ended.code,
                    "s": round(ended.seconds, 1),
                }
            )
    table("Peak memory of `panelsynth compare`, 12 tools, deadline 3 s", rows)
    promise("under 300 MB", kept=all(int(str(row["peak MB"])) < 300 for row in rows))
    promise("neighbours vote", kept=[row["voted"] for row in rows] == [48, 36])


def stored_reviews(folder: Path, count: int) -> set[str]:
    """List the reviews whose reply is committed."""
    path = folder / "out.sqlite"
    if not path.exists():
        return set()
    store, personas, template = Store(path), read_personas(), ReviewTemplate.read()
    requests = [r for tool in tools(count) for r in build_requests(tool, personas, model="m-1", template=template)]
    return {request.label.removesuffix("/0") for request in requests if store.find(request.key)}


@dataclass
class Broken:
    """What a run that was stopped half-way came to, and its resume."""

    stopped: Ended
    after: float
    """Seconds from the signal to the end."""
    held: int
    again: int
    """Stored reviews that the resume asked for once more."""
    resumed: Ended
    voted: int
    calls: int
    same: bool
    keys: int


def break_off(point: int, count: int, sent: signal.Signals, *, stall: bool, whole: dict[str, bytes]) -> Broken:
    """Stop a run at one of its calls, look at what it left, and run it again."""
    dice = random.Random(point)
    call = 1 + point * 7 % (4 * count)
    due = threading.Event()
    plan = Plan(share=0, seconds=0.03, stall_after=call if stall else None)
    with folder_with(count) as folder:
        with faulty(plan, on_call=lambda n: due.set() if n == call else None) as server:
            command = Command(folder, server)
            due.wait(60)
            time.sleep(dice.uniform(0, 0.15))
            at = time.monotonic()
            command.child.send_signal(sent)
            stopped = command.end(30)
            after = time.monotonic() - at
        held = stored_reviews(folder, count)
        with faulty(Plan(share=0)) as server:
            resumed = Command(folder, server).end()
        again = sum(received.review in held for received in server.received)
        same = pages_in(folder) == whole
        return Broken(
            stopped, after, len(held), again, resumed, votes_in(folder), len(server.received), same, key_in(folder)
        )


def unbroken(count: int) -> dict[str, bytes]:
    """Make the pages of a run that nobody stops; empty when the command knows no store yet."""
    with folder_with(count) as folder, faulty(Plan(share=0)) as server:
        ended = Command(folder, server).end()
        if "No such option" in ended.words or "NotImplementedError" in ended.words:
            return {}
        if ended.code:
            click.echo(ended.words)
        return pages_in(folder)


def run_kill(size: Size) -> None:
    """End the command with kill -9 at many points, then run it again."""
    count = 6
    if not (whole := unbroken(count)):
        click.echo("\nkill -9: not measured, `compare --store` is not there yet")
        return
    runs = [break_off(point, count, signal.SIGKILL, stall=False, whole=whole) for point in range(size.points)]
    table(f"kill -9 at {size.points} points of {4 * count} reviews, then the same command again", [_summed(runs)])
    _promises(runs, count)


def run_interrupt(size: Size) -> None:
    """Interrupt the command with Ctrl-C and SIGTERM, calls hanging in every other run, then run it again."""
    count = 6
    if not (whole := unbroken(count)):
        click.echo("\nCtrl-C: not measured, `compare --store` is not there yet")
        return
    for sent, points, codes in ((signal.SIGINT, size.interrupts, {130}), (signal.SIGTERM, size.interrupts // 4, {143})):
        runs = [break_off(point, count, sent, stall=point % 2 == 1, whole=whole) for point in range(points)]
        table(f"{sent.name} at {points} points of {4 * count} reviews, then the same command again", [_summed(runs)])
        promise("exit within 5 s", kept=all(run.after <= 5 for run in runs))
        promise(f"exit {codes} (0 when it was done by then)", kept={run.stopped.code for run in runs} <= codes | {0})
        promise("no traceback", kept=not any("Traceback" in run.stopped.words for run in runs))
        _promises(runs, count)


def _summed(runs: Sequence[Broken]) -> dict[str, object]:
    return {
        "runs": len(runs),
        "exits": dict(Counter(run.stopped.code for run in runs)),
        "longest s": round(max(run.after for run in runs), 2),
        "held": sum(run.held for run in runs),
        "asked on resume": sum(run.calls for run in runs),
        "of these held": sum(run.again for run in runs),
        "all voted": sum(run.voted == len(SHIPPED) * 6 for run in runs),
        "resume exit 0": sum(run.resumed.code == 0 for run in runs),
        "same pages": sum(run.same for run in runs),
        "key in files": sum(run.keys for run in runs),
    }


def _promises(runs: Sequence[Broken], count: int) -> None:
    promise("all voted after the resume", kept=all(run.voted == 4 * count and run.resumed.code == 0 for run in runs))
    promise("no finished review paid again", kept=not any(run.again for run in runs))
    promise("pages byte-identical to an unbroken run", kept=all(run.same for run in runs))
    promise("0 files with the key", kept=not any(run.keys for run in runs))


PARTS: dict[str, Callable[[Size], None]] = {
    "faults": run_faults,
    "alone": run_alone,
    "fatal": run_fatal,
    "serial": run_serial,
    "memory": run_memory,
    "kill": run_kill,
    "interrupt": run_interrupt,
}


@click.command()
@click.option(
    "--part", "-p", "parts", multiple=True, type=click.Choice([*PARTS]), help="Run this part; may be repeated."
)
@click.option("--reviews", default=1_000, show_default=True, help="Reviews of a run at 30% faults.")
@click.option("--seeds", default=5, show_default=True, help="Runs at 30% faults.")
@click.option("--points", default=50, show_default=True, help="Points of kill -9.")
@click.option("--interrupts", default=20, show_default=True, help="Points of Ctrl-C.")
@click.option("--serial-seconds", default=2.0, show_default=True, help="What the slow server takes; 20 in the issue.")
@click.option("--quick", is_flag=True, help="A tenth of everything.")
def main(
    parts: tuple[str, ...],
    *,
    quick: bool,
    reviews: int,
    seeds: int,
    points: int,
    interrupts: int,
    serial_seconds: float,
) -> None:
    """Measure what the engine promises."""
    size = Size(reviews, seeds, points, interrupts, serial_seconds)
    if quick:
        size = Size(reviews // 10, 2, max(2, points // 10), 4, 0.2)
    unknown = {*LASTING, *FATAL} & {*RECOVERABLE}
    assert not unknown, unknown
    for part in parts or PARTS:
        began = time.monotonic()
        PARTS[part](size)
        click.echo(f"  ({part}: {time.monotonic() - began:.0f} s)")
    click.echo(f"\n{len(BROKEN)} promises broken" + "".join(f"\n  {words}" for words in BROKEN))
    sys.exit(bool(BROKEN))


if __name__ == "__main__":
    main()
