"""`panelsynth personas diff` and `adopt`: shipped prompts beside the team's own, and what taking them would cost."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from shell import run_main
from workspaces import fill, mend, new_workspace, one, states

from panelsynth.shipped import prompts_folder
from panelsynth.workspace import Workspace
from panelsynth.workspace.adoption import RECORD, record_shipped

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose prompts were taken before the shipped ones changed."""
    monkeypatch.chdir(tmp_path)
    made = new_workspace(tmp_path)
    record_shipped(tmp_path / "prompts")
    fill(made)
    return made


@pytest.fixture
def shipped(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A newer version's prompts: the skeptic's have changed."""
    folder = tmp_path_factory.mktemp("newer") / "prompts"
    shutil.copytree(prompts_folder(), folder)
    mend(folder / "personas" / "skeptic.md", "tires: ", "tires: Superlatives. ")
    monkeypatch.setattr("panelsynth.workspace.adoption.prompts_folder", lambda: folder)
    return folder


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def run(*words: str, says: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO() if says is None else Terminal(says))
        ran = run_main(monkeypatch, capsys, "personas", *words)
        return ran.code, ran.out, ran.err

    return run


def test_what_is_as_shipped_shows_no_difference(ws: Workspace, cli: Cli) -> None:
    assert cli("diff") == (0, "", "")
    assert cli("adopt")[1] == "Nothing to take: every file is as shipped.\n"


def test_a_difference_is_a_unified_diff_and_exit_code_1(ws: Workspace, shipped: Path, cli: Cli) -> None:
    code, out, _ = cli("diff")
    assert code == 1
    assert out.startswith("--- prompts/personas/skeptic.md\n+++ panelsynth-0.1.0/personas/skeptic.md\n@@ ")
    assert [row[:8] for row in out.splitlines() if row.startswith(("-tires", "+tires"))] == ["-tires: ", "+tires: "]
    assert cli("diff", "skeptic")[1] == out
    assert cli("diff", "business") == (0, "", "")


@pytest.mark.parametrize(("name", "said"), [("sceptic", "Did you mean 'skeptic'"), ("auditor", "It is your own")])
def test_only_shipped_prompts_can_be_compared(ws: Workspace, cli: Cli, name: str, said: str) -> None:
    text = (ws.root / "prompts" / "personas" / "skeptic.md").read_text(encoding="utf-8")
    (ws.root / "prompts" / "personas" / "auditor.md").write_text(text.replace("id: skeptic\n", ""), encoding="utf-8")
    code, _, err = cli("diff", name)
    assert (code, said in err) == (2, True)


def test_calls_and_cost_come_before_the_question_and_a_no_changes_nothing(
    ws: Workspace, shipped: Path, cli: Cli
) -> None:
    before = (ws.root / "prompts" / "personas" / "skeptic.md").read_bytes()
    code, out, err = cli("adopt", says="n\n")
    assert code == 0
    assert out.splitlines()[:3] == [
        "take  prompts/personas/skeptic.md: changed",
        "2 reviews would be asked for, by the next 'panelsynth review':",
        "2 calls: stale: persona changed, price of m-1 unknown",
    ]
    assert "Take it? [y/N]" in err
    assert out.endswith("Nothing was taken.\n")
    assert (ws.root / "prompts" / "personas" / "skeptic.md").read_bytes() == before


def test_a_yes_takes_the_file_and_the_reviews_become_stale(ws: Workspace, shipped: Path, cli: Cli) -> None:
    assert cli("adopt", says="y\n")[0] == 0
    assert cli("diff") == (0, "", "")
    assert {r.persona.id for r in states(ws) if r.state == "stale"} == {"skeptic"}
    mend(shipped / "personas" / "skeptic.md", "Superlatives. ", "")
    assert cli("adopt", "--yes")[1].startswith(
        "take  prompts/personas/skeptic.md: changed\nNo review becomes stale"[:42]
    )
    assert one(ws).state == "current"


def test_without_a_terminal_a_yes_must_be_given_beforehand(ws: Workspace, shipped: Path, cli: Cli) -> None:
    code, _, err = cli("adopt")
    assert (code, "Repeat the command with --yes" in err) == (2, True)


def test_what_the_team_has_edited_is_kept_unless_it_says_otherwise(ws: Workspace, shipped: Path, cli: Cli) -> None:
    path = ws.root / "prompts" / "personas" / "skeptic.md"
    mend(path, "excites: ", "excites: Candour. ")
    mine = path.read_bytes()
    _, out, _ = cli("adopt", "--yes")
    assert out == (
        "kept  prompts/personas/skeptic.md: the team has edited it; --force takes the shipped one instead\n"
        "Nothing was taken.\n"
    )
    assert path.read_bytes() == mine
    _, out, _ = cli("adopt", "skeptic", "--force", "--yes")
    assert "take  prompts/personas/skeptic.md: changed, and the team's edits go with it" in out
    assert path.read_text(encoding="utf-8") == (shipped / "personas" / "skeptic.md").read_text(encoding="utf-8")


def test_without_a_record_a_file_that_differs_counts_as_edited(ws: Workspace, shipped: Path, cli: Cli) -> None:
    (ws.root / "prompts" / RECORD).unlink()
    assert cli("adopt", "--yes")[1].startswith("kept  prompts/personas/skeptic.md")


def test_missing_prompts_come_back(ws: Workspace, cli: Cli) -> None:
    shutil.rmtree(ws.root / "prompts")
    assert cli("adopt", "--yes")[1].count(": new\n") == 5
    assert not any(review.state == "stale" for review in states(ws))
    assert cli("diff")[0] == 0


def test_another_template_touches_every_review(ws: Workspace, shipped: Path, cli: Cli) -> None:
    mend(shipped / "review.md.j2", "{% block system %}", "{% block system %}Be brief.\n")
    out = cli("adopt", "review.md.j2", says="n\n")[1]
    assert "8 reviews would be asked for" in out
