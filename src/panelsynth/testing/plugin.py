"""The pytest plugin: the fixture `recorded`, and vcrpy reading and writing our recordings.

Enable it with `pytest_plugins = ["panelsynth.testing.plugin"]` in your `conftest.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest

from ..model import RecordedModel
from . import replay
from . import vcr as recordings


class _Recorder(Protocol):
    """What is used of vcrpy's `VCR`."""

    match_on: Sequence[str]
    decode_compressed_response: bool

    def register_serializer(self, name: str, serializer: ModuleType) -> None: ...

    def register_matcher(
        self, name: str, matcher: Callable[[recordings.WireRequest, recordings.WireRequest], None]
    ) -> None: ...


@pytest.hookimpl(optionalhook=True)
def pytest_recording_configure(vcr: _Recorder) -> None:
    """Teach pytest-recording our format, under the name that makes files end in `.yaml`, and to match on the body."""
    vcr.register_serializer("yaml", recordings)
    vcr.register_matcher("panelsynth", recordings.same_exchange)
    vcr.match_on = ["panelsynth"]
    vcr.decode_compressed_response = True


@pytest.fixture
def recorded(pytestconfig: pytest.Config) -> Iterator[Callable[[str | Path], RecordedModel]]:
    """Open recordings as models, by their path from pytest's root; the test fails when one was not played whole.

    Example:
        def test_panel(recorded):
            panels = panelsynth.review(tools, model=recorded("cassettes/demo.yaml"))
    """
    with ExitStack() as played:
        yield lambda path: played.enter_context(replay(pytestconfig.rootpath / path))
