"""Reviews on a Dask cluster: nothing finished is lost, nothing is asked twice, limits hold, no key is in any task."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_server import serving
from shell import Cli, Ran, run_main
from wire import request

from panelsynth.batch.chunk import Job, Share, Told, ask_chunk, let_go, packed, unpacked
from panelsynth.batch.cluster import split
from panelsynth.model import Reply, Store
from panelsynth.persona import read_personas
from panelsynth.prompting import ReviewTemplate
from panelsynth.verdict import Usage

psutil: Any = pytest.importorskip("psutil")
pytest.importorskip("distributed")

KEY = "sk-" + "made-up-" * 3
TOOLS = 40


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path) -> Ran:
        return run_main(monkeypatch, capsys, *args)

    return run


class Cluster:
    """`panelsynth batch run --workers 2` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, ""
        self.heard: list[str] = []
        self.under_way = self.most = 0
        self._counted = threading.Lock()
        self._hold = threading.Event()
        self._hold.set()
        rows = ({"id": f"t-{n}", "name": f"T {n}", "description": f"It does thing {n}."} for n in range(TOOLS))
        (folder / "tools.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def __call__(self, label: str) -> None:
        with self._counted:
            self.heard.append("/".join(label.split("/")[:2]))
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        time.sleep(0.02)
        self._hold.wait(30)
        with self._counted:
            self.under_way -= 1

    @contextmanager
    def started(self, *more: str) -> Iterator[subprocess.Popen[str]]:
        """Start a run; whatever of it is left at the end is ended, by its ids."""
        words = ["batch", "run", "tools.jsonl", "--base-url", self.url, "--model", "m-live", "--personas", "skeptic"]
        words += ["--workers", "2", "--in-flight", "5", "-o", "x.jsonl", "--key-env", "TEAM_KEY", *more]
        process = subprocess.Popen(
            [sys.executable, "-m", "panelsynth", *words], cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TEAM_KEY": KEY},
        )  # fmt: skip
        try:
            yield process
        finally:
            for one in [*self.workers(process), *([psutil.Process(process.pid)] if process.poll() is None else [])]:
                one.kill()
            process.communicate(timeout=30)

    @staticmethod
    def workers(process: subprocess.Popen[str]) -> list[Any]:
        if process.poll() is not None:
            return []
        found = psutil.Process(process.pid).children(recursive=True)
        return [one for one in found if "resource_tracker" not in " ".join(one.cmdline())]

    def wait_for(self, calls: int) -> None:
        until = time.monotonic() + 60
        while len(self.heard) < calls and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.heard) >= calls

    def pause(self) -> None:
        self._hold.clear()
        time.sleep(1)  # what is answered is on the disk by then

    def go_on(self) -> None:
        self._hold.set()

    def held(self) -> set[str]:
        with Store(self.folder / ".panelsynth" / "store.sqlite") as store:
            rows = store._reader.execute("select review from replies").fetchall()
        return {review.rpartition("/")[0] for (review,) in rows}

    def lines(self) -> list[str]:
        text = (self.folder / "x.jsonl").read_text(encoding="utf-8")
        return [json.loads(line)["tool"]["id"] for line in text.splitlines()]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    found = Cluster(tmp_path)
    with serving(model="m-live", usage=(1_000, 900), before=found) as (url, bodies):
        found.url = url
        yield found
    assert {body["headers"]["authorization"] for body in bodies} == {f"Bearer {KEY}"}


def test_a_killed_worker_loses_nothing_that_was_finished_and_the_limit_holds(cluster: Cluster) -> None:
    with cluster.started() as process:
        cluster.wait_for(12)
        cluster.pause()
        before = cluster.held()
        worker = cluster.workers(process)[0]
        worker.kill()
        cluster.go_on()
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert cluster.most <= 5 + 5, "those of the killed worker count until the server notices"
    assert before
    counts = Counter(cluster.heard)
    assert not {name for name, count in counts.items() if count > 1} & before
    assert sum(counts.values()) <= TOOLS + 5, "only what the killed worker had under way is asked again"
    assert cluster.lines() == [f"t-{n}" for n in range(TOOLS)]
    assert f"{TOOLS} panels in x.jsonl" in out


def test_a_killed_driver_loses_nothing_that_was_finished_and_a_rerun_asks_what_is_missing(cluster: Cluster) -> None:
    with cluster.started() as process:
        cluster.wait_for(12)
        cluster.pause()
        left = cluster.workers(process)
        process.kill()
        process.wait(30)
        for one in left:
            if one.is_running():
                one.kill()
        cluster.go_on()
    before, heard = cluster.held(), len(cluster.heard)
    assert len(before) >= 12 - 5
    with cluster.started() as process:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert sorted(cluster.heard[heard:]) == sorted({f"t-{n}/skeptic" for n in range(TOOLS)} - before)
    assert cluster.lines() == [f"t-{n}" for n in range(TOOLS)]
    with cluster.started() as process:
        process.communicate(timeout=120)
    assert len(cluster.heard) == heard + TOOLS - len(before), "a third run asks nobody"


def test_a_stop_keeps_the_replies_of_calls_under_way_and_ends_as_everywhere(cluster: Cluster) -> None:
    with cluster.started() as process:
        cluster.wait_for(12)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 143, err
    assert "Traceback" not in err
    assert cluster.held() == {*cluster.heard}
    assert f"{len(cluster.heard)} of {TOOLS} reviews are in the store" in err


@given(st.integers(1, 200), st.none() | st.integers(1, 500), st.integers(1, 40))
def test_the_workers_limits_never_add_up_to_more_than_the_whole(places: int, rpm: int | None, workers: int) -> None:
    shares = split(places, rpm, workers)
    assert sum(share.places for share in shares) == places
    assert all(share.places > 0 for share in shares)
    assert [share.number for share in shares] == list(range(len(shares)))
    if rpm is None:
        assert all(share.rpm is None for share in shares)
    else:
        assert 0 < sum(share.rpm or 0 for share in shares) <= rpm
        assert all(share.rpm for share in shares)


@given(st.text(st.characters(), max_size=20), st.none() | st.just(Usage(input=1, output=2)))
def test_what_a_worker_says_arrives_as_it_was(text: str, usage: Usage | None) -> None:
    reply = Reply(text, "m-1", "2026-11-23T10:00:00Z", "live", usage, 0.5)
    assert unpacked(packed((3, reply))) == (3, reply)
    assert unpacked(packed((0, (text, text)))) == (0, (text, text))


def job(url: str, key_env: str | None = "TEAM_KEY") -> Job:
    personas = {persona.id: persona.model_dump() for persona in read_personas("skeptic")}
    return Job("run", "m-1", url, key_env, 30, None, ReviewTemplate.read(), personas)


def ask(work: Job) -> Told:
    asked = [request().model_copy(update={"label": "acme/skeptic/0"})]

    async def run() -> Told:
        try:
            return await ask_chunk(work, Share(0, 2, None), asked, lambda _: None)
        finally:
            await let_go()

    return asyncio.run(run())


def test_no_key_is_in_what_is_sent_to_workers_or_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker reads it from its own environment by the name that the task carries."""
    monkeypatch.setenv("TEAM_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving(model="m-live") as (url, bodies):
        work = job(url)
        told = ask(work)
    assert [body["headers"]["authorization"] for body in bodies] == [f"Bearer {KEY}"]
    assert (len(told.said), told.calls, told.fault) == (1, 1, None)
    sent = pickle.dumps((work, Share(0, 2, None), [request()], told))
    assert KEY.encode() not in sent


def test_a_worker_without_the_key_says_so_by_its_name() -> None:
    told = ask(job("https://models.test/v1"))
    assert told.fault is not None
    assert told.fault[0] == "InputError"
    assert "TEAM_KEY" in told.fault[1]


def test_a_server_that_refuses_every_call_stops_the_chunk() -> None:
    with serving("401") as (url, bodies):
        told = ask(job(url, None))
    assert told.fault is not None
    assert (told.fault[0], told.fault[3], len(bodies)) == ("EndpointError", "authentication", 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "which cluster?"),
        (("--workers", "1", "--scheduler", "tcp://127.0.0.1:1"), "which cluster?"),
        (("--workers", "1", "--max-usd", "1"), "--max-usd does not go with 'batch run'"),
        (("--workers", "1", "--no-store"), "--no-store does not go with 'batch run'"),
        (("--workers", "1"), "no model to ask"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused_before_it_is_started(
    cli: Cli, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "a.yaml").write_text("name: A\ndescription: D\n", encoding="utf-8")
    ran = cli("batch", "run", "a.yaml", *words)
    assert (ran.code, said in ran.err) == (2, True)
