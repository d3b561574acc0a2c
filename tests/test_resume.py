"""Resume: a run that is killed, interrupted or repeated asks only what is missing, and ends in the same pages."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from local_server import serving

from panelsynth import Tool, areview
from panelsynth.model import Store
from panelsynth.persona import read_personas
from panelsynth.prompting import ReviewTemplate, build_requests

KILLS = int(os.environ.get("PANELSYNTH_KILLS", "8"))
TOOLS = max(5, KILLS * 5 // 8)
MODEL = "m-live"
DECISIONS = {"tool-1/skeptic": "skip"}


class Run:
    """`panelsynth review` in a folder of its own, against a server that tells each request before it is answered."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        folder.mkdir()
        for number in range(TOOLS):
            text = f"name: Tool {number}\ndescription: It does thing number {number}, and nothing else.\n"
            (folder / f"tool-{number}.yaml").write_text(text, encoding="utf-8")

    def start(self, *options: str) -> subprocess.Popen[str]:
        tools = [f"tool-{number}.yaml" for number in range(TOOLS)]
        words = ["review", *tools, "--base-url", self.url, "--model", MODEL, "-o", "out", *options]
        return subprocess.Popen(
            [sys.executable, "-m", "panelsynth", *words],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def finish(self, *options: str) -> tuple[int, str]:
        process = self.start(*options)
        _, err = process.communicate(timeout=120)
        return process.returncode, err

    def held(self) -> set[str]:
        """Labels of the reviews in the store."""
        if not (path := self.folder / ".panelsynth" / "store.sqlite").exists():
            return set()
        tools = [Tool.from_file(self.folder / f"tool-{number}.yaml") for number in range(TOOLS)]
        with Store(path) as store:
            template, personas = ReviewTemplate.read(), read_personas(None)
            asked = [r for t in tools for r in build_requests(t, personas, model=MODEL, template=template)]
            return {request.label for request in asked if store.find(request.key)}

    def pages(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / "out").glob("*.json"))}


class Signals:
    """Send a signal to a process when the server has heard so many more requests."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._at: int | None = None
        self._send: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def after(self, requests: int, send: Callable[[], None]) -> None:
        self._at, self._send = len(self.heard) + requests, send

    def __call__(self, label: str) -> None:
        with self._lock:
            self.heard.append("/".join(label.split("/")[:3]))
            due = self._at is not None and len(self.heard) >= self._at
            self._at = None if due else self._at
        time.sleep(0.01)  # several are under way at once
        if due:
            self._send()


@pytest.fixture
def signals() -> Signals:
    return Signals()


@pytest.fixture
def url(signals: Signals) -> Iterator[str]:
    with serving(DECISIONS, model=MODEL, usage=(1_000, 900), before=signals) as (address, _):
        yield address


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The panels of a run that nothing disturbed."""
    with serving(DECISIONS, model=MODEL, usage=(1_000, 900)) as (address, _):
        run = Run(tmp_path_factory.mktemp("unbroken") / "run", address)
        assert run.finish()[0] == 0
    return run.pages()


def test_a_killed_run_goes_on_and_pays_for_nothing_twice(
    tmp_path: Path, url: str, signals: Signals, unbroken: dict[str, bytes]
) -> None:
    """kill -9 again and again, at random moments: what the store held then is never asked for again."""
    luck = random.Random(3)  # noqa: S311
    run, killed = Run(tmp_path / "killed", url), 0
    for _ in range(KILLS):
        before, already = run.held(), len(signals.heard)
        process = run.start()
        delay = luck.random() * 0.03

        def kill(process: subprocess.Popen[str] = process, delay: float = delay) -> None:
            time.sleep(delay)
            process.kill()

        signals.after(luck.randint(1, 4), kill)
        process.communicate(timeout=120)
        killed += process.returncode == -signal.SIGKILL
        assert not before & {*signals.heard[already:]}
    before, already = run.held(), len(signals.heard)
    code, err = run.finish()
    assert (code, killed > 0) == (0, True)
    assert not before & {*signals.heard[already:]}
    assert f"{len(before)} of {4 * TOOLS} reviews are in the store" in err
    assert run.pages() == unbroken


@pytest.mark.parametrize(("sent", "code", "point"), [(signal.SIGINT, 130, 6), (signal.SIGTERM, 143, 1)])
def test_an_interrupted_run_keeps_what_came_and_says_how_to_go_on(
    tmp_path: Path, url: str, signals: Signals, unbroken: dict[str, bytes], sent: signal.Signals, code: int, point: int
) -> None:
    run = Run(tmp_path / "interrupted", url)
    process = run.start()
    signals.after(point, lambda: process.send_signal(sent))
    _, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    assert "Traceback" not in err
    assert f"of {4 * TOOLS} reviews are done; the same command goes on from there" in err
    kept = run.held()
    assert kept == {*signals.heard}, "every call under way had its grace"
    assert len(signals.heard) < 4 * TOOLS, "no new calls"
    assert run.finish()[0] == 0
    assert Counter(signals.heard).most_common(1)[0][1] == 1
    assert run.pages() == unbroken


def test_a_second_signal_ends_the_grace(tmp_path: Path) -> None:
    """The server never answers: one signal waits for it a while, two do not."""
    release = threading.Event()
    heard = threading.Event()

    def hang(_: str) -> None:
        heard.set()
        release.wait(60)

    with serving(model=MODEL, before=hang) as (url, _):
        process = Run(tmp_path / "hanging", url).start()
        assert heard.wait(60)
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        _, err = process.communicate(timeout=60)
        release.set()
    assert process.returncode == 143
    assert "Traceback" not in err


def test_without_a_store_an_interrupt_says_that_nothing_is_kept(tmp_path: Path, url: str, signals: Signals) -> None:
    run = Run(tmp_path / "plain", url)
    process = run.start("--no-store")
    signals.after(2, lambda: process.send_signal(signal.SIGINT))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "without a store nothing is kept" in err
    assert not (run.folder / ".panelsynth").exists()


INTERRUPTED = """
import os, signal, sys

class Import:
    def find_spec(self, name, *_):
        if name == {name!r}:
            os.kill(os.getpid(), {number})

sys.meta_path.insert(0, Import())
sys.argv[1:] = ["demo"]
from panelsynth.__main__ import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["panelsynth.cli", "click", "click.core", "panelsynth.cli.compare", "rich.console"])
def test_a_signal_at_the_start_shows_no_traceback(name: str, number: signal.Signals, tmp_path: Path) -> None:
    """While the program imports itself, too: what `panelsynth` runs is `panelsynth.__main__:main`."""
    code = INTERRUPTED.format(name=name, number=int(number))
    words = [sys.executable, "-c", code]
    ran = subprocess.run(words, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, "Traceback" in ran.stderr) == (128 + number, False), ran.stderr


def test_an_ignored_signal_stays_ignored(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)" + INTERRUPTED.format(name="click", number=2)
    words = [sys.executable, "-c", code]
    ran = subprocess.run(words, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


def test_a_failure_never_satisfies_a_resume(tmp_path: Path) -> None:
    """A review that failed is asked again; the others are not."""
    broken = {"tool-0/skeptic/0"}
    heard: list[str] = []

    def refuse(label: str) -> int | None:
        heard.append("/".join(label.split("/")[:3]))
        return 400 if heard[-1] in broken else None

    with serving(model=MODEL, before=refuse) as (url, _):
        run = Run(tmp_path / "failing", url)
        assert run.finish()[0] == 0
        heard.clear()
        broken.clear()
        code, err = run.finish()
    assert (code, heard) == (0, ["tool-0/skeptic/0"])
    assert f"{4 * TOOLS - 1} of {4 * TOOLS} reviews are in the store; 1 to ask (1 failed before)" in err


def test_in_a_library_the_store_serves_run_after_run(tmp_path: Path) -> None:
    from panelsynth import review
    from panelsynth.testing import ScriptedModel

    class Live(ScriptedModel):
        async def ask(self, request: Any) -> Any:
            import dataclasses

            return dataclasses.replace(await super().ask(request), source="live")

    tools = [Tool(id="acme", name="Acme", description="A linter.")]
    with Store(tmp_path / "store.sqlite") as store:
        first, second = Live("ship"), Live("skip")
        panels = review(tools, model=first, store=store)
        assert review(tools, model=second, store=store) == panels

        async def inside() -> Any:
            return await areview(tools, model=second, store=store)

        assert asyncio.run(inside()) == panels
        assert review(tools, model=second, store=store, refresh=True)[0].tally.percent == 0
