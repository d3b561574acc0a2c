"""`panelsynth check`: what is in force and where it comes from, and what a server really does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from local_server import serving

from panelsynth.cli import main
from panelsynth.shipped import demo_tools


@pytest.fixture
def check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str]]:
    """Run the command in an empty folder; return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["panelsynth", "check", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


def test_each_setting_is_shown_with_its_origin(
    check: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-made-up-key")
    monkeypatch.setenv("PANELSYNTH_MODEL", "some-model")
    code, out = check("--personas", "skeptic,business", demo_tools())
    assert code == 0
    for line in (
        "reviewers   skeptic, business  [option]",
        "model       some-model  [environment]",
        "server      https://api.openai.com/v1  [default]",
        "key         set, 13 characters  [variable OPENAI_API_KEY]",
        "tools       2 read  [argument]",
    ):
        assert line in out
    assert "a-made-up-key" not in out


def test_without_a_key_the_way_on_is_named(check: Callable[..., tuple[int, str]]) -> None:
    code, out = check()
    assert code == 2
    assert "OPENAI_API_KEY" in out


def test_a_broken_file_is_found_before_anything_is_asked(check: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: x\nnmae: y\n", encoding="utf-8")
    assert check("bad.yaml", "--model", "ollama/x")[0] == 2


def test_live_asks_once_and_says_what_the_server_does(check: Callable[..., tuple[int, str]]) -> None:
    with serving() as (url, received):
        code, out = check("--live", "--base-url", url, "--model", "some-model")
    assert (code, len(received)) == (0, 1)
    assert "rung        json_schema, honoured  [live]" in out
    assert "answered by authored" in out


def test_live_offline_is_exit_4(check: Callable[..., tuple[int, str]]) -> None:
    assert check("--live", "--base-url", "http://127.0.0.1:9/v1", "--model", "x")[0] == 4
