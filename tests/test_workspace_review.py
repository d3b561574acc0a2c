"""`panelsynth review` in a workspace: a bill by cause, a question, and files as the result that overwrite nobody's."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_server import serving
from shell import Cli, Ran, run_main
from workspaces import fill, mend, new_workspace, one, states

from panelsynth.shipped import demo_recording, demo_tools
from panelsynth.workspace import Workspace
from panelsynth.workspace.review_file import ORIGINALS

Bodies = list[dict[str, Any]]
KEY = "sk-" + "made-up-" * 4


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    return new_workspace(tmp_path)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run the command line in this process; `says` is what a person at a terminal types."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def run(*args: str | Path, says: str | None = None) -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO() if says is None else Terminal(says))
        return run_main(monkeypatch, capsys, *args)

    return run


@pytest.fixture
def server(ws: Workspace) -> Iterator[Bodies]:
    """Serve the model that the workspace pins."""
    with serving({"acme/futurist": "skip"}, model="m-1-large", usage=(1_000, 900)) as (url, bodies):
        mend(ws.root / "panelsynth.toml", 'name = "m-1"', f'name = "m-1"\nbase_url = "{url}"')
        yield bodies


def labels(bodies: Bodies) -> list[str]:
    found = [{name.lower(): value for name, value in body["headers"].items()} for body in bodies]
    return sorted("/".join(headers["x-panelsynth-label"].split("/")[:2]) for headers in found)


def test_what_is_missing_is_asked_for_after_the_bill_and_written(ws: Workspace, server: Bodies, cli: Cli) -> None:
    ran = cli("review", "--yes")
    assert ran.code == 0
    assert "8 calls: missing, local, no charge\n8 calls in all, local, no charge" in ran.err
    assert len(server) == 8
    assert "8 reviews written in reviews" in ran.out
    assert Counter(review.state for review in states(ws)) == {"current": 8}
    review = one(ws, persona="futurist")
    assert review.file
    assert review.file.provenance
    assert (review.file.decision, review.file.provenance.answered_by) == ("skip", "m-1-large")
    assert (ws.root / "reviews" / "acme" / ORIGINALS / "futurist.md").read_text() == review.path.read_text()


def test_a_tool_that_nobody_has_described_is_not_asked_about(ws: Workspace, server: Bodies, cli: Cli) -> None:
    assert cli("new", "tool", "third").code == 0
    ran = cli("review", "--yes")
    assert (ran.code, len(server)) == (2, 0)
    assert "third: nobody has described it yet" in ran.err


def test_a_second_run_asks_nothing_and_needs_no_key(ws: Workspace, server: Bodies, cli: Cli) -> None:
    cli("review", "--yes")
    shutil.rmtree(ws.root / ".panelsynth")
    mend(ws.root / "panelsynth.toml", "http://127.0.0.1", "https://models.example")
    ran = cli("review")
    assert (ran.code, ran.out) == (0, "Nothing to ask for. How all of it stands: panelsynth status\n")
    assert len(server) == 8


def test_a_lost_file_comes_back_from_the_store_without_a_call_or_a_question(
    ws: Workspace, server: Bodies, cli: Cli
) -> None:
    cli("review", "--yes")
    before = one(ws).path.read_bytes()
    one(ws).path.unlink()
    ran = cli("review")
    assert ran.code == 0
    assert "0 calls: 1 from the store, no charge" in ran.err
    assert (one(ws).path.read_bytes(), len(server)) == (before, 8)


def test_only_what_changed_is_asked_again_and_told_by_cause(ws: Workspace, server: Bodies, cli: Cli) -> None:
    cli("review", "--yes")
    mend(ws.root / "tools" / "acme.yaml", "runs offline", "needs a network")
    mend(ws.root / "prompts" / "personas" / "skeptic.md", "tires: ", "tires: Also ")
    (ws.root / "reviews" / "zenith" / "business.md").unlink()
    shutil.rmtree(ws.root / ".panelsynth")
    server.clear()
    ran = cli("review", "--dry-run")
    assert set(ran.out.splitlines()[1:]) == {
        "3 calls: stale: tool changed, local, no charge",
        "1 call: stale: persona and tool changed, local, no charge",
        "1 call: stale: persona changed, local, no charge",
        "1 call: missing, local, no charge",
        "6 calls in all, local, no charge",
    }
    assert (ran.code, server) == (0, [])
    assert cli("review", "--only", "missing", "--yes").code == 0
    assert labels(server) == ["zenith/business"]
    cli("review", "--only", "stale", "--tool", "zenith", "--yes")
    assert labels(server) == ["zenith/business", "zenith/skeptic"]
    cli("review", "--personas", "skeptic", "--yes")
    assert labels(server) == ["acme/skeptic", "zenith/business", "zenith/skeptic"]
    cli("review", "--yes")
    assert Counter(review.state for review in states(ws)) == {"current": 8}


def test_a_yes_on_the_terminal_starts_the_run_and_anything_else_does_not(
    ws: Workspace, server: Bodies, cli: Cli
) -> None:
    ran = cli("review", says="\n")
    assert "Ask 8 calls (local, no charge)? [y/N]:" in ran.err
    assert "Nothing was asked." in ran.err
    assert (ran.code, server) == (1, [])
    assert cli("review", says="y\n").code == 0
    assert len(server) == 8


def test_without_a_terminal_the_bill_is_printed_and_nothing_is_sent(ws: Workspace, server: Bodies, cli: Cli) -> None:
    ran = cli("review")
    assert ran.code == 2
    assert "8 calls: missing" in ran.err
    assert "There is no terminal to say yes on.\nNothing was sent. Repeat the command with --yes" in ran.err
    assert server == []


def test_the_question_names_the_money(ws: Workspace, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    mend(ws.root / "panelsynth.toml", "m-1", "gpt-6.1-terra")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    ran = cli("review", says="n\n")
    assert re.search(r"Ask 8 calls for about \$\d\.\d{4}\? \[y/N\]", ran.err)
    assert re.search(r"8 calls: missing, about \$\d.\d{4}\n8 calls in all, about .* at most \$", ran.err)


def test_an_edit_is_never_overwritten_and_the_draft_goes_beside_it(ws: Workspace, server: Bodies, cli: Cli) -> None:
    cli("review", "--yes")
    path = one(ws).path
    mend(path, "A stand-in for review.", "My own words.")
    mine = path.read_bytes()
    mend(ws.root / "tools" / "acme.yaml", "runs offline", "needs a network")
    server.clear()
    ran = cli("review", "--yes")
    assert path.read_bytes() == mine
    beside = path.with_name("skeptic.new.md")
    assert "beside your own words: reviews/acme/skeptic.new.md" in ran.out
    assert "A stand-in for review." in beside.read_text(encoding="utf-8")
    assert len(server) == 4
    assert one(ws, persona="business").state == "current"  # unedited: replaced
    assert cli("review", "--yes").out.startswith("Nothing to ask")  # not while the draft waits
    mend(ws.root / "tools" / "acme.yaml", "needs a network", "needs two networks")
    cli("review", "--yes")
    assert labels(server).count("acme/skeptic") == 2  # the draft itself was outdated
    assert path.read_bytes() == mine
    mend(beside, "A stand-in for review.", "Half mended.")
    half = beside.read_bytes()
    mend(ws.root / "tools" / "acme.yaml", "needs two networks", "needs three")
    cli("review", "--yes")
    assert (path.read_bytes(), beside.read_bytes()) == (mine, half)


def test_an_edit_made_while_the_model_answers_is_kept(ws: Workspace, cli: Cli) -> None:
    def edit(label: str) -> None:
        path = ws.root / "reviews" / "acme" / "skeptic.md"
        if label.startswith("acme/skeptic"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("---\ndecision: skip\nscore: 5\n---\nMine.\n", encoding="utf-8")

    with serving("ship", before=edit) as (url, _):
        cli("review", "--yes", "--base-url", url)
    assert one(ws).path.read_text(encoding="utf-8").endswith("Mine.\n")
    assert one(ws).beside


def test_a_persons_file_and_a_broken_one_are_left_alone(ws: Workspace, server: Bodies, cli: Cli) -> None:
    path = ws.root / "reviews" / "acme" / "skeptic.md"
    path.parent.mkdir(parents=True)
    path.write_text("---\ndecision: skip\nscore: 5\n---\nMine.\n", encoding="utf-8")
    cli("review", "--yes")
    assert "acme/skeptic" not in labels(server)
    mend(path, "decision: skip", "decison: skip")
    server.clear()
    mend(ws.root / "tools" / "acme.yaml", "runs offline", "needs a network")
    ran = cli("review", "--yes")
    assert (ran.code, server) == (2, [])
    assert "reviews/acme/skeptic.md:2" in ran.err
    assert path.read_text(encoding="utf-8").endswith("Mine.\n")


def test_a_failed_review_is_told_and_asked_for_again(ws: Workspace, cli: Cli) -> None:
    with serving({"acme/skeptic": "400"}) as (url, _):
        ran = cli("review", "--yes", "--base-url", url)
    assert "failed: acme/skeptic (request-refused)" in ran.out
    assert "failed on Acme (request-refused)" in ran.out
    assert ran.code == 0
    with serving() as (url, bodies):
        ran = cli("review", "--yes", "--base-url", url, "--only", "failed", "--strict")
        assert labels(bodies) == ["acme/skeptic"]
    assert "1 call: failed: request-refused" in ran.err


def test_keep_accepts_stale_verdicts_without_asking_and_says_who_and_why(
    ws: Workspace, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ws)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(ws.root / "gitconfig"))
    (ws.root / "gitconfig").write_text("[user]\n\tname = Mo  Reed\n", encoding="utf-8")
    mend(one(ws).path, "score: 70", "score: 70 # not mine to judge")
    mend(ws.root / "tools" / "acme.yaml", "cliches", "clichés")
    mend(ws.root / "tools" / "zenith.yaml", "formatter", "formater")
    ran = cli("review", "--keep", "skeptic", "--keep", "business", "--tool", "acme", "--reason", "A typo.")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "kept reviews/acme/skeptic.md (tool changed)",
        "kept reviews/acme/business.md (tool changed)",
    ]
    review = one(ws)
    assert review.file
    [kept] = review.file.kept
    assert (kept.reason, kept.by, kept.key) == ("A typo.", "Mo Reed", review.request.key)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", kept.on)
    assert "# not mine to judge" in review.path.read_text(encoding="utf-8")
    assert review.state == "kept"
    assert one(ws, persona="futurist").state == one(ws, "zenith").state == "stale"
    mend(ws.root / "tools" / "acme.yaml", "clichés", "cliches and puns")
    assert cli("review", "--keep", "skeptic", "--reason", "Again.").code == 0
    review = one(ws)
    assert review.file
    assert [kept.reason for kept in review.file.kept] == ["A typo.", "Again."]
    assert "nothing to keep" in cli("review", "--keep", "skeptic", "--reason", "Again.").err


def test_front_matter_on_one_line_is_kept_too(ws: Workspace, cli: Cli) -> None:
    fill(ws)
    review = one(ws)
    import yaml

    front, body = review.path.read_text(encoding="utf-8").removeprefix("---\n").split("\n---\n")
    flow = yaml.safe_dump(yaml.safe_load(front), default_flow_style=True, width=10_000)
    review.path.write_text(f"---\n{flow}---\n{body}", encoding="utf-8")
    mend(ws.root / "tools" / "acme.yaml", "cliches", "clichés")
    assert cli("review", "--keep", "skeptic", "--reason", "A typo.").code == 0
    assert one(ws).state == "kept"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--keep", "skeptic"], "--keep needs a reason"),
        (["--reason", "x"], "--reason goes with --keep"),
        (["--keep", "sceptic", "--reason", "x"], "Did you mean 'skeptic'"),
        (["--tool", "acne"], "Did you mean 'acme'"),
        (["--personas", "auditor"], "there is no reviewer 'auditor' in prompts/personas/"),
        (["-o", "panels"], "-o without TOOLS"),
        (["tools", "--only", "stale"], "do not go with TOOLS"),
    ],
)
def test_words_that_do_not_fit_are_refused(ws: Workspace, cli: Cli, words: list[str], said: str) -> None:
    ran = cli("review", *words)
    assert ran.code == 2
    assert said in ran.err


def test_outside_a_workspace_both_ways_are_named(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = cli("review")
    assert ran.code == 2
    assert "panelsynth review tools/ -o panels" in ran.err
    assert "panelsynth init" in ran.err


def test_with_tools_named_a_workspace_changes_nothing(ws: Workspace, cli: Cli) -> None:
    for file in demo_tools().iterdir():
        shutil.copy(file, ws.root)
    names = ["mistral-3b.yaml", "gpt-5-fine-tuning-api.yaml"]
    ran = cli("review", *names, "--replay", demo_recording(), "-o", "panels")
    assert ran.code == 0
    assert len([*(ws.root / "panels").iterdir()]) == 2
    assert not (ws.root / "reviews").exists()


def test_a_replay_fills_a_workspace_without_key_store_or_question(ws: Workspace, cli: Cli) -> None:
    shutil.rmtree(ws.root / "tools")
    shutil.rmtree(ws.root / "comparisons")
    shutil.copytree(demo_tools(), ws.root / "tools")
    ran = cli("review", "--replay", demo_recording())
    assert ran.code == 0
    assert Counter(review.state for review in states(ws)) == {"current": 8}
    assert not (ws.root / ".panelsynth").exists()


def test_a_recording_of_a_run_replays_it(ws: Workspace, server: Bodies, cli: Cli) -> None:
    assert cli("review", "--yes", "--record", "run.yaml").code == 0
    shutil.rmtree(ws.root / "reviews")
    assert cli("review", "--replay", "run.yaml").code == 0
    assert len(server) == 8
    assert cli("cassettes", "check", "run.yaml").code == 0


def test_limits_hold_and_what_is_finished_is_in_its_file(ws: Workspace, server: Bodies, cli: Cli) -> None:
    ran = cli("review", "--yes", "--max-calls", "3", "--in-flight", "1")
    assert ran.code == 3
    assert Counter(review.state for review in states(ws)) == {"current": 3, "missing": 5}
    assert cli("review", "--yes").code == 0
    assert len(server) == 8


@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_loses_no_finished_review(ws: Workspace, how: signal.Signals, code: int) -> None:
    victims: list[subprocess.Popen[bytes]] = []
    heard: list[str] = []

    def stop(label: str) -> None:
        heard.append(label)
        if len(heard) == 6:
            victims[0].send_signal(how)

    with serving(before=stop) as (url, bodies):
        words = ["review", "--yes", "--base-url", url, "--in-flight", "1"]
        victims.append(subprocess.Popen([sys.executable, "-m", "panelsynth", *words], cwd=ws.root, env=os.environ))
        assert victims[0].wait(60) == code
        assert Counter(review.state for review in states(ws))["current"] >= 5
        subprocess.run([sys.executable, "-m", "panelsynth", *words], cwd=ws.root, check=True, capture_output=True)
        assert len(bodies) <= 9  # only the one that was under way may be asked twice
    assert Counter(review.state for review in states(ws)) == {"current": 8}


def test_another_model_than_the_pinned_one_is_told_as_such(ws: Workspace, server: Bodies, cli: Cli) -> None:
    ran = cli("review", "--yes", "--model", "m-2")
    assert "panelsynth.toml pins m-1: reviews by m-2 will count as stale there." in ran.err
    assert Counter(review.state for review in states(ws)) == {"stale": 8}


def test_a_link_in_place_of_a_review_folder_is_not_written_through(ws: Workspace, server: Bodies, cli: Cli) -> None:
    elsewhere = ws.root.parent / f"{ws.root.name}-elsewhere"
    elsewhere.mkdir()
    (ws.root / "reviews").mkdir()
    (ws.root / "reviews" / "acme").symlink_to(elsewhere)
    ran = cli("review", "--yes")
    assert ran.code == 6
    assert "is a link to" in ran.err
    assert [*elsewhere.iterdir()] == []
