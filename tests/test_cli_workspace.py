"""A content team's week from the shell: init, edit, approve, build, edit again, retire; the network is blocked."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from shell import Cli, Ran, run_main
from workspaces import mend

SLUG = "mistral-3b-vs-gpt-5-fine-tuning-api"
PAGE = Path(f"public/compare/{SLUG}.html")
REVIEW = Path("reviews/mistral-3b/skeptic.md")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Run the command line in this process, in a new workspace, without network and key."""
    monkeypatch.chdir(tmp_path)

    def refuse(*_: object) -> None:
        raise AssertionError("nothing may be asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    def run(*args: str) -> Ran:
        return run_main(monkeypatch, capsys, *args)

    assert run("init", "my-site").code == 0
    monkeypatch.chdir(tmp_path / "my-site")
    return run


def held() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path("public").rglob("*") if path.is_file()}


def test_a_weeks_work(cli: Cli) -> None:
    assert cli("build").code == 0
    assert not PAGE.exists()
    assert cli("approve", SLUG, "--by", "Jane").code == 0
    assert cli("build").code == 0
    online = PAGE.read_bytes()
    assert cli("build", "--check").code == 0

    mend(REVIEW, "decision: ship", "decision: skip")
    waiting = cli("build")
    assert (waiting.code, PAGE.read_bytes()) == (0, online)
    assert f"an update waits for approval: panelsynth approve {SLUG}" in waiting.err
    assert cli("build", "--check").code == 1
    assert f"{SLUG}: update waiting" in cli("status").out
    refused = cli("approve", SLUG, "--by", "Jane")
    assert (refused.code, "without a 'reason:'" in refused.err) == (2, True)
    mend(REVIEW, "decision: skip", "decision: skip\nreason: the benchmark has no name")
    agreed = cli("approve", SLUG, "--by", "Jane")
    assert (agreed.code, "75% (3 of 4) ship (1 edited" in agreed.out) == (0, True)
    assert cli("build").code == 0
    assert b"the benchmark has no name" in PAGE.read_bytes()

    assert cli("retire", SLUG, "--reason", "both were discontinued").code == 0
    assert cli("build").code == 0
    assert b"noindex" in PAGE.read_bytes()
    assert [json.loads(path.read_text())["status"] for path in Path("published").glob("*.json")] == ["retired"]


def test_a_second_build_does_nothing_and_says_so(cli: Cli) -> None:
    cli("approve", SLUG, "--by", "Jane")
    first = cli("build")
    before = held()
    second = cli("build")
    assert second.out == f"public: 0 files changed, {len(before) - 1} as before\n"
    assert first.out != second.out
    assert held() == before


def test_a_clone_builds_the_same_and_asks_nobody(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("approve", SLUG, "--by", "Jane")
    cli("build")
    before = held()
    shutil.copytree(".", tmp_path / "clone", ignore=shutil.ignore_patterns("public", ".panelsynth"))
    monkeypatch.chdir(tmp_path / "clone")
    assert cli("build").code == 0
    assert held() == before


def test_an_approval_says_in_which_states_reviews_are_and_a_second_one_of_the_same_writes_nothing(cli: Cli) -> None:
    mend(Path("tools/mistral-3b.yaml"), "category: Developer Tools", "category: Models")
    Path("reviews/mistral-3b/business.md").unlink()
    first = cli("approve", SLUG, "--by", "Jane")
    assert (first.code, "(3 stale, 1 missing" in first.out) == (0, True)
    before = Path(f"published/{SLUG}.json").read_bytes()
    again = cli("approve", SLUG, "--by", "Joe")
    assert (again.code, "is approved as it stands, by Jane" in again.err) == (0, True)
    assert Path(f"published/{SLUG}.json").read_bytes() == before
    assert not Path("published/history").exists()


def test_an_approval_is_by_gits_user_and_never_by_the_systems(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"USER": "root", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}.items():
        monkeypatch.setenv(name, value)
    refused = cli("approve", SLUG)
    assert (refused.code, '--by "Jane Doe"' in refused.err) == (2, True)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Git Jane")
    assert "approved by Git Jane." in cli("approve", SLUG).out


def test_a_check_tells_each_thing_that_is_not_up_to_date(cli: Cli) -> None:
    cli("approve", SLUG, "--by", "Jane")
    assert cli("build", "--check").code == 1
    cli("build")
    assert cli("build", "--check").code == 0
    PAGE.write_text("edited by hand", encoding="utf-8")
    differs = cli("build", "--check")
    assert (differs.code, f"{PAGE}: would be written" in differs.out) == (1, True)
    assert PAGE.read_text(encoding="utf-8") == "edited by hand"
    cli("build")
    Path("reviews/mistral-3b/skeptic.md").unlink()
    missing = cli("build", "--check")
    assert (missing.code, "1 missing" in missing.out) == (1, True)


def test_a_broken_review_ends_a_build_with_its_place_and_what_is_online_stays(cli: Cli) -> None:
    cli("approve", SLUG, "--by", "Jane")
    cli("build")
    before = held()
    mend(REVIEW, "decision: ship", "decision: perhaps")
    for words in (["build"], ["build", "--check"], ["approve", SLUG, "--by", "Jane"]):
        broken = cli(*words)
        assert (broken.code, "skeptic.md:2" in broken.err) == (2, True)
    assert held() == before


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_build_that_is_killed_leaves_whole_files_and_the_next_one_makes_the_site_whole(cli: Cli) -> None:
    for number in range(40):
        Path(f"comparisons/page-{number}.md").write_bytes(Path(f"comparisons/{SLUG}.md").read_bytes())
    words = [sys.executable, "-m", "panelsynth", "build", "--drafts"]
    for least in (1, 15):
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            while child.poll() is None and len([*Path("public").rglob("*.html")]) < least:
                pass
            child.kill()
        assert all(
            path.read_text(encoding="utf-8").rstrip().endswith("</html>") for path in Path("public").rglob("*.html")
        )
    for path in Path("public").rglob(".*.part"):
        os.utime(path, (1, 1))
    assert cli("build", "--drafts").code == 0
    built = held()
    shutil.rmtree("public")
    cli("build", "--drafts")
    assert built == held()


def test_a_link_in_the_sites_place_is_not_followed_unless_it_is_named(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    Path("public").symlink_to(tmp_path / "elsewhere")
    refused = cli("build")
    assert (refused.code, "public: is a link" in refused.err) == (6, True)
    assert [*(tmp_path / "elsewhere").iterdir()] == []
    assert cli("build", "-o", "public").code == 0


def test_two_builds_at_once_leave_a_whole_site(cli: Cli) -> None:
    words = [sys.executable, "-m", "panelsynth", "build", "--drafts"]
    both = [subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    for child in both:
        _, said = child.communicate(timeout=60)
        assert child.returncode == 0, said
    assert cli("build", "--drafts", "--check").code == 0


def test_a_dry_run_of_an_approval_writes_nothing(cli: Cli) -> None:
    ran = cli("approve", SLUG, "--by", "Jane", "--dry-run")
    assert (ran.code, "100% (4 of 4) ship" in ran.out) == (0, True)
    assert not Path("published").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["approve", SLUG, "--by", " "], 'Name yourself: --by "Jane Doe"'),
        (["approve", SLUG, "--by", "J", "--waive", "length"], "--waive and --reason go together"),
        (["approve", "nothing", "--by", "J"], "there is no page 'nothing'"),
        (["retire", SLUG, "--reason", "x"], "was never approved"),
        (["retire", SLUG, "--reason", " "], "--reason is blank"),
        (["new", "comparison", "x", "mistral-3b"], "at least two tools"),
        (["new", "tool", "mistral-3b"], "is there already"),
        (["new", "comparisons", "--pairs", "--max", "3"], "no pair is left"),
        (["build", "-o", "panelsynth.toml"], "panelsynth.toml"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(cli: Cli, words: list[str], said: str) -> None:
    ran = cli(*words)
    assert ran.code in {2, 6}
    assert said in ran.err


def test_new_files_are_named_with_the_next_step(cli: Cli) -> None:
    tool = cli("new", "tool", "acme")
    assert tool.out.startswith("tools/acme.yaml\n")
    assert "panelsynth new comparison SLUG acme OTHER" in tool.out
    assert cli("new", "comparison", "acme-vs-mistral-3b", "acme", "mistral-3b").code == 0
    persona = cli("new", "persona", "security")
    assert persona.out.startswith("prompts/personas/security.md\n")
    pairs = cli("new", "comparisons", "--pairs", "--max", "5")
    assert (pairs.code, pairs.out.splitlines()) == (0, ["comparisons/acme-vs-gpt-5-fine-tuning-api.md"])
    assert "scaled content" in pairs.err


@pytest.mark.parametrize("command", ["build", "serve", "status", "approve x", "retire x --reason y", "new tool x"])
def test_outside_a_workspace_the_way_in_is_said(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = cli(*command.split())
    assert (ran.code, "panelsynth init my-site" in ran.err) == (2, True)


def test_commands_work_below_the_workspaces_root(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("reviews/mistral-3b")
    assert cli("approve", SLUG, "--by", "Jane").code == 0
    assert cli("build").code == 0
    assert Path("../..", PAGE).exists()


def test_the_preview_ends_quietly_with_ctrl_c(cli: Cli) -> None:
    del cli
    words = [sys.executable, "-u", "-m", "panelsynth", "serve", "--port", "0"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as child:
        assert child.stdout
        assert child.stderr
        assert child.stdout.readline().startswith("http://127.0.0.1:")
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 130
        assert child.stderr.read() == ""
