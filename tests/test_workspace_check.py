"""`panelsynth check` in a workspace: its settings with their origin, and every file read; schemas of its files."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from workspaces import fill, mend, new_workspace, one

from panelsynth.cli import main
from panelsynth.workspace import Workspace

Check = Callable[..., tuple[int, str]]
KEY = "sk-" + "made-up-" * 4


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    made = new_workspace(tmp_path)
    mend(tmp_path / "panelsynth.toml", 'name = "m-1"', 'name = "m-1"\nbase_url = "http://127.0.0.1:8000/v1"')
    fill(made)
    return made


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["panelsynth", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


def test_settings_name_the_workspace_as_their_origin(run: Check, ws: Workspace) -> None:
    code, out = run("check")
    assert code == 0
    for line in (
        "reviewers   developer, skeptic, futurist, business  [prompts/]",
        "tools       2 of 2 read  [tools/]",
        "comparisons 1 of 1 read  [comparisons/]",
        "reviews     8 files, 0 edited, 0 by hand  [reviews/]",
        "store       .panelsynth/store.sqlite (none yet)  [default]",
        "model       m-1  [panelsynth.toml]",
        "server      http://127.0.0.1:8000/v1  [panelsynth.toml]",
    ):
        assert line in out.splitlines()


def test_options_and_the_environment_come_first(run: Check, ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://own.example/v1")
    _, out = run("check", "--model", "m-2")
    assert "model       m-2  [option]" in out
    assert "server      https://own.example/v1  [environment]" in out
    assert KEY not in out


def test_a_key_that_must_not_go_to_the_settings_address_is_told(
    run: Check, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    mend(ws.root / "panelsynth.toml", "http://127.0.0.1:8000/v1", "https://models.example/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("PANELSYNTH_KEY_ENV", "OPENAI_API_KEY")
    code, out = run("check")
    assert code == 2
    assert "OPENAI_API_KEY is not sent to https://models.example/v1, which panelsynth.toml alone names" in out


def test_every_broken_file_is_told_at_once(run: Check, ws: Workspace) -> None:
    mend(ws.review_path("acme", "skeptic"), "decision: ship", "decision: maybe")
    mend(ws.review_path("acme", "business"), "score: 70", "score: 700")
    mend(ws.root / "tools" / "zenith.yaml", "name:", "nmae:")
    (ws.root / "published").mkdir()
    (ws.root / "published" / "a.json").write_text("{}", encoding="utf-8")
    code, out = run("check")
    assert code == 2
    broken = [line for line in out.splitlines() if line.startswith("broken")]
    for place in ("skeptic.md:2: decision", "business.md:3: score", "zenith.yaml:1: nmae", "a.json: schema_version"):
        assert sum(place in line for line in broken) == 1, place


def test_files_that_do_not_fit_together_are_told(run: Check, ws: Workspace) -> None:
    mend(ws.root / "comparisons" / "acme-vs-zenith.md", "zenith", "zenit")
    code, out = run("check")
    assert (code, "there is no tool 'zenit'" in out) == (2, True)


def test_reviews_that_nobody_reads_are_named(run: Check, ws: Workspace) -> None:
    (ws.root / "prompts" / "personas" / "skeptic.md").unlink()
    code, out = run("check")
    assert code == 0
    assert "unused      reviews/acme/skeptic.md: there is no such tool or reviewer" in out


def test_the_schemas_take_what_the_files_hold(run: Check, ws: Workspace) -> None:
    def valid(name: str, data: object) -> bool:
        return Draft202012Validator(json.loads(run("schema", name)[1])).is_valid(data)

    def front(path: Path) -> dict[str, object]:
        found: dict[str, object] = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
        return found

    assert valid("config", tomllib.loads((ws.root / "panelsynth.toml").read_text(encoding="utf-8")))
    assert valid("review", front(one(ws).path))
    assert valid("review", {"decision": "ship", "score": 80})
    assert valid("comparison-file", front(ws.root / "comparisons" / "acme-vs-zenith.md"))
    assert not valid("review", {"decision": "maybe", "score": 80})
    assert not valid("comparison-file", {"tools": ["a", "b"], "toools": []})
