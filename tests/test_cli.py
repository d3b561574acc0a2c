"""The command line as its users meet it: words, streams, exit codes, and messages that name the way on."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from local_server import serving
from rich.console import Console
from shell import Cli, Ran, run_main

from panelsynth import compare
from panelsynth.cli import screen
from panelsynth.persona import SHIPPED
from panelsynth.shipped import demo_recording, demo_tools, prompts_folder
from panelsynth.testing import panel

SLUG = "gpt-5-fine-tuning-api-vs-mistral-3b"
TOOLS = [str(demo_tools() / f"{name}.yaml") for name in ("mistral-3b", "gpt-5-fine-tuning-api")]
REPLAY = ["--replay", str(demo_recording())]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Run the command line in this process, in an empty folder, with no key in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [*os.environ]:
        if name.startswith(("OPENAI_", "PANELSYNTH_")):
            monkeypatch.delenv(name)

    def run(*args: str | Path) -> Ran:
        return run_main(monkeypatch, capsys, *args)

    return run


def test_the_demo_writes_four_files_and_prints_the_panel(cli: Cli, tmp_path: Path) -> None:
    ran = cli("demo", "-o", "out")
    assert ran.code == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        f"{SLUG}.{f}" for f in ("html", "json", "md", "txt")
    ]
    text = " ".join(ran.out.split())
    for part in (
        "100% (4 of 4",
        "75% (3 of 4",
        "4 ship / 0 skip",
        "3 ship / 1 skip",
        "Free",
        "Paid",
        "One vote apart: business.",
    ):
        assert part in text
    assert [line.split()[0] for line in ran.out.splitlines() if line.startswith(SHIPPED)][:4] == [*SHIPPED]
    assert f"out/{SLUG}.html" in ran.out


def test_the_demo_says_that_nobody_was_asked_and_how_to_ask(cli: Cli) -> None:
    err = cli("demo").err
    assert "no model was asked" in err
    assert "written by hand" in err
    assert "panelsynth compare my-tool.yaml other-tool.yaml -o out" in err


def test_every_page_of_the_demo_says_that_its_texts_are_authored(cli: Cli, tmp_path: Path) -> None:
    cli("demo", "-o", "out")
    for form in ("html", "md", "txt", "json"):
        assert "no model wrote it" in " ".join(
            (tmp_path / "out" / f"{SLUG}.{form}").read_text(encoding="utf-8").split()
        )


def test_a_second_run_gives_the_same_bytes(cli: Cli, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        cli("demo", "-o", folder)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_the_json_keeps_to_the_published_schema(cli: Cli) -> None:
    schema = json.loads(cli("schema", "comparison").out)
    document = json.loads(cli("demo", "-o", "-", "--format", "json").out)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    assert document["schema_version"] == 1


@pytest.mark.parametrize(
    "name", ["comparison", "panel", "tool", "persona", "answer", "config", "review", "comparison-file"]
)
def test_each_schema_is_valid(cli: Cli, name: str) -> None:
    Draft202012Validator.check_schema(json.loads(cli("schema", name).out))


def test_comparing_from_a_recording_needs_no_key(cli: Cli) -> None:
    ran = cli("compare", *TOOLS, *REPLAY, "-o", "out")
    assert (ran.code, ran.out.count("Page: ")) == (0, 4)
    assert "[8/8]" in ran.err


def test_a_recording_made_by_the_command_line_replays_to_the_same_page(cli: Cli, tmp_path: Path) -> None:
    with serving({"mistral-3b/skeptic": "skip"}) as (url, received):
        live = cli("compare", *TOOLS, "--base-url", url, "--record", "tape.yaml", "-o", "live")
    assert len(received) == 8
    assert "cookie" not in (tmp_path / "tape.yaml").read_text(encoding="utf-8").lower()
    replayed = cli("compare", *TOOLS, "--replay", "tape.yaml", "-o", "replayed")
    assert (live.code, replayed.code) == (0, 0)
    for path in (tmp_path / "live").iterdir():
        assert path.read_bytes() == (tmp_path / "replayed" / path.name).read_bytes()
    assert cli("cassettes", "check", "tape.yaml").code == 0


def test_a_secret_stays_out_of_the_recording_and_costs_no_page(cli: Cli, tmp_path: Path) -> None:
    secret = "sk-" + "a1b2" * 6
    for name in ("acme", "zenith"):
        text = f"name: {name}\ndescription: Set the key to {secret}.\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with serving() as (url, _):
        ran = cli("compare", "acme.yaml", "zenith.yaml", "--base-url", url, "--record", "tape.yaml", "-o", "out")
    assert (ran.code, (tmp_path / "tape.yaml").exists()) == (5, False)
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_a_changed_word_in_a_persona_is_exit_5_and_named(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "personas"
    folder.mkdir()
    for name in SHIPPED:
        text = (prompts_folder() / "personas" / f"{name}.md").read_text(encoding="utf-8")
        changed = text.replace("What weighs most is the worst case", "What weighs most is the best case")
        (folder / f"{name}.md").write_text(changed, encoding="utf-8")
    ran = cli("compare", *TOOLS, *REPLAY, "--personas", folder)
    assert ran.code == 5
    assert "persona 'skeptic'" in ran.err
    assert "- What weighs most is the worst case" in ran.err
    assert "+ What weighs most is the best case" in ran.err
    checked = cli("cassettes", "check", demo_recording(), "--tools", demo_tools(), "--personas", folder)
    assert (checked.code, checked.out.count("\n  stale: ")) == (5, 2)


def test_a_hand_edited_percent_is_refused(cli: Cli, tmp_path: Path) -> None:
    cli("demo", "-o", "out")
    path = tmp_path / "out" / f"{SLUG}.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"percent": 75', '"percent": 95'), encoding="utf-8")
    ran = cli("render", path, "-o", "again")
    assert ran.code == 2
    assert "tally.percent says 95, but counting again gives 75" in ran.err
    assert not (tmp_path / "again").exists()


def test_a_flipped_decision_in_a_recording_changes_the_percent(cli: Cli, tmp_path: Path) -> None:
    text = demo_recording().read_text(encoding="utf-8")
    flipped, count = re.subn(r'"decision": "skip"', '"decision": "ship"', text)
    assert count == 1
    (tmp_path / "flipped.yaml").write_text(flipped, encoding="utf-8")
    ran = cli("compare", *TOOLS, "--replay", "flipped.yaml")
    assert " ".join(ran.out.split()).count("100% (4 of 4") == 2


def test_rendering_a_saved_comparison_gives_the_same_bytes(cli: Cli, tmp_path: Path) -> None:
    cli("demo", "-o", "out")
    assert cli("render", tmp_path / "out" / f"{SLUG}.json", "-o", "again").code == 0
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_reviewed_panels_render_to_the_compared_page(cli: Cli, tmp_path: Path) -> None:
    assert cli("review", *TOOLS, *REPLAY, "-o", "panels").code == 0
    panels = [tmp_path / "panels" / f"{Path(tool).stem}.panel.json" for tool in TOOLS]
    assert cli("render", *panels, "-o", "rendered").code == 0
    cli("demo", "-o", "out")
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "rendered" / path.name).read_bytes()


def test_a_folder_to_render_is_answered_with_the_names_of_its_files(cli: Cli) -> None:
    cli("review", *TOOLS, *REPLAY, "-o", "panels")
    ran = cli("render", "panels", "-o", "out")
    assert (ran.code, ran.err) == (
        2,
        "panelsynth: panels: a folder\nName the files in it, such as panels/*.panel.json.\n",
    )


def test_review_writes_one_panel_a_line(cli: Cli, tmp_path: Path) -> None:
    assert cli("review", *TOOLS, *REPLAY, "-o", "all.jsonl").code == 0
    rows = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["tool"]["id"], row["tally"]["percent"]) for row in rows] == [
        ("mistral-3b", 100),
        ("gpt-5-fine-tuning-api", 75),
    ]


def test_a_file_of_panels_renders_too(cli: Cli) -> None:
    cli("review", *TOOLS, *REPLAY, "-o", "all.jsonl")
    assert cli("render", "all.jsonl", "-o", "out").out.count("Page: ") == 4


def test_a_recording_with_a_gap_says_so(cli: Cli) -> None:
    """A server that never answers one reviewer leaves nothing to replay there."""
    with serving({"mistral-3b/skeptic": "500"}) as (url, _):
        ran = cli("compare", *TOOLS, "--base-url", url, "--record", "tape.yaml")
    assert "a replay will stop there: mistral-3b/skeptic" in ran.err


def test_without_key_server_or_recording_one_message_names_the_three_ways_on(cli: Cli) -> None:
    ran = cli("compare", *TOOLS)
    assert ran.code == 2
    for way in ("OPENAI_API_KEY", "--model ollama/", "--base-url", "--replay", "panelsynth demo"):
        assert way in ran.err
    assert ran.out == ""


def test_one_tool_is_no_comparison(cli: Cli) -> None:
    ran = cli("compare", TOOLS[0], *REPLAY)
    assert ran.code == 2
    assert "panelsynth review" in ran.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("compare", "nowhere.yaml", "neither.yaml"), "nowhere.yaml"),
        (("compare", *TOOLS, "--personas", "developr"), "Did you mean 'developer'?"),
        (("compare", *TOOLS, "--format", "pdf"), "html"),
        (("compare", *TOOLS, *REPLAY, "-o", "-"), "--format json"),
        (("compare", *TOOLS, "-f", "json"), "-o DIR"),
        (("compare", *TOOLS, "-o", "page.html"), "a folder is wanted"),
        (("compare", *TOOLS, *REPLAY, "--record", "x.yaml"), "Leave one of them out"),
        (("compare",), "TOOLS"),
        (("render", "nowhere.json"), "nowhere.json"),
        (("personas", "show", "skeptik"), "Did you mean 'skeptic'?"),
        (("personas", "new", "My Reviewer"), "lower-case"),
        (("schema", "page"), "comparison"),
        (("compar",), "Did you mean 'compare'?"),
    ],
)
def test_wrong_input_is_exit_2_with_the_remedy_and_no_traceback(cli: Cli, args: tuple[str, ...], said: str) -> None:
    ran = cli(*args)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_missing_recording_is_exit_5(cli: Cli) -> None:
    assert cli("compare", *TOOLS, "--replay", "nowhere.yaml").code == 5


def test_a_place_that_cannot_be_written_is_exit_6(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder", encoding="utf-8")
    ran = cli("demo", "-o", "taken")
    assert ran.code == 6
    assert "taken" in ran.err


def test_an_endpoint_that_says_no_is_exit_4(cli: Cli, unused_port: int) -> None:
    ran = cli("compare", *TOOLS, "--base-url", f"http://127.0.0.1:{unused_port}/v1")
    assert ran.code == 4
    assert f"127.0.0.1:{unused_port}" in ran.err


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_below_quorum_is_a_dash_and_exit_1(cli: Cli) -> None:
    """Three reviewers that fail leave one vote of four: no percent."""
    with serving({f"mistral-3b/{name}": "maybe" for name in ("developer", "futurist", "business")}) as (url, _):
        ran = cli("compare", *TOOLS, "--base-url", url)
    assert ran.code == 1
    assert "— · 1 of 1 ship, 3 of 4 missing (no quorum)" in ran.out
    assert "invalid-answer" in ran.out


def test_a_gap_is_exit_1_only_when_strict(cli: Cli) -> None:
    with serving({"mistral-3b/business": "maybe"}) as (url, _):
        codes = [cli("compare", *TOOLS, "--base-url", url, *strict).code for strict in ((), ("--strict",))]
    assert codes == [0, 1]


def test_show_prompts_prints_what_the_server_gets_and_asks_nobody(cli: Cli) -> None:
    shown = cli("compare", *TOOLS, "--show-prompts", "--model", "some-model")
    assert shown.code == 0
    with serving() as (url, received):
        cli("compare", *TOOLS, "--base-url", url, "--model", "some-model")
    assert len(received) == 8
    for exchange in received:
        for message in exchange["body"]["messages"]:
            assert message["content"] in shown.out
        for part in ("model", "max_completion_tokens", "response_format"):
            assert json.dumps(exchange["body"][part], ensure_ascii=False) in shown.out
    assert "8 requests" in shown.err


def test_tools_come_in_on_standard_input(tmp_path: Path) -> None:
    lines = "\n".join(
        json.dumps({"id": f"tool-{n}", "name": f"Tool {n}", "description": "Does one thing."}) for n in (1, 2)
    )
    with serving() as (url, _):
        ran = subprocess.run(
            [sys.executable, "-m", "panelsynth", "compare", "-", "--base-url", url, "-o", "-", "-f", "json"],
            input=lines, capture_output=True, text=True, cwd=tmp_path, check=True,
        )  # fmt: skip
    assert json.loads(ran.stdout)["slug"] == "tool-1-vs-tool-2"


def test_personas_are_listed_as_they_ship(cli: Cli) -> None:
    out = cli("personas").out
    assert [line.split()[0] for line in out.splitlines()] == [*SHIPPED]
    assert {path.stem for path in (prompts_folder() / "personas").iterdir()} == {*SHIPPED}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_persona_is_shown_as_its_file(cli: Cli, name: str) -> None:
    assert cli("personas", "show", name).out == (prompts_folder() / "personas" / f"{name}.md").read_text(
        encoding="utf-8"
    )


def test_a_new_persona_votes_once_it_is_edited_and_is_never_overwritten(cli: Cli, tmp_path: Path) -> None:
    assert cli("personas", "new", "security").code == 0
    untouched = cli("compare", *TOOLS, "--model", "ollama/x", "--personas", "personas/security.md")
    assert (untouched.code, "personas/security.md" in untouched.err) == (2, True)
    path = tmp_path / "personas" / "security.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text.rpartition('---')[0]}---\nAsk what it would cost to trust this.\n", encoding="utf-8")
    with serving() as (url, received):
        ran = cli("compare", *TOOLS, "--base-url", url, "--personas", "skeptic,personas/security.md")
    assert (ran.code, len(received)) == (0, 4)
    assert "\nsecurity" in ran.out
    assert cli("personas", "new", "security").code == 2


@pytest.mark.parametrize(("name", "asked"), [("security", "developer,skeptic"), ("skeptic", "developer")])
def test_what_personas_new_proposes_names_no_reviewer_twice(cli: Cli, name: str, asked: str) -> None:
    assert cli("personas", "new", name).out.endswith(f"--personas {asked},{Path('personas') / name}.md\n")


def test_results_go_to_stdout_and_the_rest_to_stderr(cli: Cli) -> None:
    ran = cli("demo", "-o", "-", "-f", "txt")
    assert ran.out.endswith("\n")
    assert "no model was asked" not in ran.out
    assert "no model was asked" in ran.err


def program(*args: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "panelsynth", *args]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, env=env)


def test_a_plain_terminal_gets_its_text_too(tmp_path: Path) -> None:
    """No UTF-8, no colour, 40 columns: everything is said, nothing breaks."""
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "COLUMNS": "40"}
    run = program("demo", "-o", "out", cwd=tmp_path, env={**os.environ, **plain})
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert b"\x1b" not in out
    assert b"100%" in out


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_number_is_cut_on_a_narrow_screen(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(screen, "_console", lambda: Console(file=shown, width=columns))
    screen.show_comparison(compare(panel("Mistral 3B", "ship"), panel("GPT-5 Fine-Tuning API", "ship skip fail fail")))
    text = shown.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= columns
    for part in ("100% (4 of 4) ship", "— · 1 of 2 ship, 2 of 4 missing (no quorum)", "1 ship / 1 skip / 2 missing"):
        assert part in " ".join(text.split())


def test_no_escape_in_a_saved_file_reaches_the_terminal(cli: Cli, tmp_path: Path) -> None:
    cli("demo", "-o", "out")
    saved = json.loads((tmp_path / "out" / f"{SLUG}.json").read_text(encoding="utf-8"))
    saved = {name: value for name, value in saved.items() if name not in {"slug", "reading", "disclosure"}}
    (tmp_path / "bad.json").write_text(json.dumps({**saved, "title": "A \x1b]0;owned\x07 \x9b31m \u202e B"}))
    ran = cli("render", "bad.json")
    assert ran.code == 0
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & {*ran.out}


@pytest.mark.parametrize(("shell", "code"), [("> /dev/full", 6), (">&-", 0), ("2>&-", 0), ("2> /dev/full", 0)])
def test_a_stream_that_takes_nothing_loses_no_page(tmp_path: Path, shell: str, code: int) -> None:
    command = f"{sys.executable} -m panelsynth compare {' '.join(TOOLS + REPLAY)} -o out {shell}"
    ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, len(list((tmp_path / "out").iterdir()))) == (code, 4)
    assert "Traceback" not in ran.stdout + ran.stderr


def test_a_reader_of_progress_that_leaves_costs_no_page(tmp_path: Path) -> None:
    run = program("compare", *TOOLS, *REPLAY, "-o", "out", cwd=tmp_path)
    with run:
        assert run.stderr is not None
        run.stderr.close()
        assert run.stdout is not None
        run.stdout.read()
    assert (run.returncode, len(list((tmp_path / "out").iterdir()))) == (0, 4)


def test_a_bug_of_ours_is_neither_a_traceback_nor_a_result(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panelsynth.cli.schema._schema", lambda _: 1 / 0)
    ran = cli("schema")
    assert ran.code == 70
    assert "a bug in panelsynth: ZeroDivisionError" in ran.err


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    run = program("demo", "-o", "-", "-f", "html", cwd=tmp_path)
    assert run.stdout is not None
    run.stdout.close()
    with run:
        assert run.stderr is not None
        err = run.stderr.read()
    assert run.returncode == 0
    assert b"Traceback" not in err


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_is_quiet(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    with socket.socket() as hanging:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen(64)
        run = program(
            "review", *TOOLS, "--base-url", f"http://127.0.0.1:{hanging.getsockname()[1]}/v1", "-o", "x", cwd=tmp_path
        )
        with hanging.accept()[0]:
            time.sleep(0.3)
            run.send_signal(sent)
            _, err = run.communicate(timeout=30)
    assert run.returncode == code
    assert b"Traceback" not in err
