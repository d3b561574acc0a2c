"""What all tests share: no key in the environment, no sleeping, recordings that must be played whole."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["panelsynth.testing.plugin", "pytester"]

ROOT = Path(__file__).resolve().parents[1]

# A shell that runs the tests in the background has Ctrl-C ignored, and every program that a test starts inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "panelsynth",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("panelsynth")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what a developer's shell may hold: keys, addresses, proxies."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "PANELSYNTH_")) and name != "PANELSYNTH_TESTS_WHEEL":
            monkeypatch.delenv(name)
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note how long the program would have slept, and do not sleep."""
    noted: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        noted.append(seconds)
        await sleep(0)

    monkeypatch.setattr("asyncio.sleep", note)
    monkeypatch.setattr("random.uniform", lambda low, high: (low + high) / 2)
    return noted


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(ROOT / "cassettes")


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, object]:
    return {"record_mode": "none", "match_on": ["panelsynth"]}


@pytest.fixture(autouse=True)
def every_exchange_is_played(vcr: Any) -> Iterator[None]:
    """Fail a test that leaves part of its cassette unplayed."""
    yield
    assert vcr is None or vcr.all_played, "part of the cassette was not played"
