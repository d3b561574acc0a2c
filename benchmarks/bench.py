"""What a review costs here and elsewhere, measured on loopback: `make bench`, which writes `benchmarks/RESULTS.md`.

Each contender runs in an environment of its own under `.bench/`. Contenders and measures take turns, round after
round, so that what else the machine does hits all alike; ratios are taken within a round. No test fails on a figure.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from string import Template

import click
from environments import environment, versions
from results import Figure, contest, figures, number, ratio, table

import panelsynth as ps
from panelsynth.persona import read_personas
from panelsynth.prompting import ReviewTemplate, build_requests

HERE = Path(__file__).resolve().parent
CONTENDERS = {
    "sdk": "openai, `chat.completions.parse`",
    "with_instructor": "instructor",
    "with_pydantic_ai": "pydantic-ai",
    "with_langchain": "langchain-openai",
}
OURS, BARE, PARSE = "panelsynth, everything on", "panelsynth, without the store", CONTENDERS["sdk"]
IN_FLIGHT = 16

sys.path.insert(0, str(HERE / "contenders"))
from with_panelsynth import tools  # noqa: E402


@dataclass
class Size:
    """How much is measured."""

    rounds: int = 5
    reviews: int = 400
    many: int = 1_000
    streamed: int = 10_000


@dataclass
class Measured:
    """What the rounds gave."""

    contenders: dict[str, list[float]] = field(default_factory=dict)
    refuses: dict[str, bool] = field(default_factory=dict)
    own: dict[str, list[float]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


@contextmanager
def server() -> Iterator[str]:
    """Run the steady server as a process of its own, for as long as it is needed."""
    command = [sys.executable, str(HERE / "steady_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin
        assert child.stdout
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
        child.stdin.close()


def write_prompts(path: Path, reviews: int) -> None:
    """Write what the contenders ask: the messages that panelsynth sends, and the fields of each answer."""
    personas, template = read_personas(), ReviewTemplate.read()
    kinds = {persona.id: [*persona.answer_type.model_fields] for persona in personas}
    pairs = [
        [persona.id, *(message.content for message in request.messages)]
        for tool in tools(reviews // 4 + 8)
        for persona, request in zip(
            personas, build_requests(tool, personas, model="bench", template=template), strict=True
        )
    ]
    path.write_text(json.dumps([kinds, pairs]), encoding="utf-8")


def run(python: Path, script: str, *arguments: object) -> dict[str, float]:
    """Run a script that prints JSON, in a process of its own."""
    command = [str(python), str(HERE / script), *map(str, arguments)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PANELSYNTH_"))}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environ)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(host: str, size: Size, prompts: Path) -> Measured:
    """Go through the rounds: contenders in turn, then panelsynth's own measures."""
    measured, here = Measured(), Path(sys.executable)
    listed = [(OURS, here, "with_panelsynth", []), (BARE, here, "with_panelsynth", ["bare"])]
    for name, title in CONTENDERS.items():
        python, fault = environment(name)
        if fault:
            measured.skipped[title] = fault
        else:
            listed.append((title, python, name, []))
            measured.versions[title] = versions(python, name)
    own = {"parts": size.reviews, "start": 8, "pages": 0, "replay": 0, "many": size.many, "memory": size.streamed}
    for at in range(size.rounds):
        click.echo(f"round {at + 1} of {size.rounds}", err=True)
        for title, python, script, more in listed:
            found = run(python, f"contenders/{script}.py", host, prompts, size.reviews, IN_FLIGHT, *more)
            measured.contenders.setdefault(title, []).append(found["ms"])
            measured.refuses[title] = bool(found["refuses"])
        for name, reviews in own.items():
            for part, value in run(here, "own.py", name, host, reviews).items():
                measured.own.setdefault(f"{name} {part}", []).append(value)
    return measured


def targets(found: Measured, size: Size) -> list[Figure]:
    """Set the figures beside what they should be."""
    own, cpu = found.own, found.contenders
    rows = []
    if PARSE in cpu:
        rows.append(ratio("CPU per review, everything on, against the SDK's `parse`", cpu[OURS], cpu[PARSE], 0.45))
    rows += [
        Figure("8 reviews at 500 ms, cold, in latencies", tuple(own["start cold"]), "x", 1.15),
        Figure("the same again, warm", tuple(own["start warm"]), "x", 1.05),
        Figure(f"{size.many:,} reviews at 50 ms, 64 in flight, against ideal", tuple(own["many 50"]), "x", 3.3),
        Figure(f"{size.many:,} reviews at 2 s, 64 in flight, against ideal", tuple(own["many 2000"]), "x", 1.03),
        Figure(
            f"resident memory, review {size.streamed // 10:,} to {size.streamed:,}", tuple(own["memory MB"]), " MB", 5
        ),
        ratio("CPU of a page of 2 tools, against `to_json()`", own["pages to_html 2"], own["pages to_json 2"], 5),
        ratio("CPU of a page of 20 tools, against `to_json()`", own["pages to_html 20"], own["pages to_json 20"], 40),
        Figure("CPU of replaying 400 calls", tuple(own["replay 400"]), " s", 4),
        ratio("CPU of replaying 400 calls, against 100", own["replay 400"], own["replay 100"], 5),
    ]
    return rows


def report(found: Measured, size: Size, seconds: float) -> str:
    """Write the results as Markdown."""
    cpu = {title: tuple(rounds) for title, rounds in found.contenders.items()}
    against = PARSE if PARSE in cpu else OURS
    profile = [Figure(n.removeprefix("parts "), tuple(v), " ms") for n, v in found.own.items() if n.startswith("parts")]
    profile += [ratio(f"our whole review, against {p.name}", cpu[OURS], p.rounds) for p in profile if "alone" in p.name]
    dumps = [Figure(n.removeprefix("pages "), tuple(v), " ms") for n, v in found.own.items() if n.startswith("pages")]
    lax = [title for title, refuses in found.refuses.items() if not refuses]
    shared = ", ".join(f"{name} {version(name)}" for name in ("openai", "httpx2", "pydantic"))
    ours = f"panelsynth {ps.__version__}, {shared}, Python {platform.python_version()}"
    values = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "rounds": str(size.rounds),
        "reviews": f"{size.reviews:,}",
        "minutes": number(seconds / 60),
        "targets": figures(targets(found, size)),
        "contest": contest(cpu, against),
        "refusals": f"These do not refuse a wrong answer: {', '.join(lax)}." if lax else "Each of them refuses it.",
        "skipped": "\n".join(f"- {title} was not measured: {fault}" for title, fault in found.skipped.items()),
        "profile": figures(profile),
        "dumps": figures(dumps),
        "versions": table(["contender", "versions"], [*({OURS: ours} | found.versions).items()]),
    }
    text = (HERE / "results.md.in").read_text(encoding="utf-8")
    return re.sub(r"\n{3,}", "\n\n", Template(text).substitute(values))


@click.command()
@click.option("--quick", is_flag=True, help="One short round: a look, not a result; nothing is written.")
@click.option("--rounds", default=5, show_default=True, help="Rounds, in which all take turns.")
def main(*, quick: bool, rounds: int) -> None:
    """Measure contenders and panelsynth's own promises; write RESULTS.md."""
    size = Size(1, 100, 128, 1_000) if quick else Size(rounds)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="panelsynth-bench-") as folder, server() as host:
        prompts = Path(folder) / "prompts.json"
        write_prompts(prompts, size.reviews)
        found = measure(host, size, prompts)
    text = report(found, size, time.monotonic() - began)
    click.echo(text)
    if not quick:
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
