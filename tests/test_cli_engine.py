"""The engine from the shell: what is asked and why, what it costs, what stops it, and where replies are kept."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_server import serving
from shell import Cli, Ran, run_main

from panelsynth.model import Endpoint, Prices
from panelsynth.shipped import demo_recording, demo_tools, prompts_folder

NAMES = ("mistral-3b", "gpt-5-fine-tuning-api")
TOOLS = [f"{name}.yaml" for name in NAMES]
REPLAY = ["--replay", str(demo_recording())]
STORE = Path(".panelsynth/store.sqlite")
KEY = "sk-" + "made-up-" * 3


Bodies = list[dict[str, Any]]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Run the command line in this process, in a folder that holds the example tools."""
    monkeypatch.chdir(tmp_path)
    for tool in TOOLS:
        shutil.copy(demo_tools() / tool, tool)

    def run(*args: str | Path) -> Ran:
        return run_main(monkeypatch, capsys, *args)

    return run


@pytest.fixture
def server() -> Iterator[tuple[str, Bodies]]:
    """A server that counts 1,000 tokens in and 900 out for each call."""
    with serving(model="m-live", usage=(1_000, 900)) as found:
        yield found


@pytest.fixture
def priced(server: tuple[str, Bodies], monkeypatch: pytest.MonkeyPatch) -> tuple[str, Bodies]:
    """The same, and it charges what OpenAI does."""
    openai = Prices(Endpoint("any", "https://api.openai.com/v1"))
    monkeypatch.setattr("panelsynth.model.Prices", lambda _: openai)
    return server


def asked(bodies: Bodies) -> list[str]:
    """Take the reviews that were asked for since the last time."""
    labels = ["/".join(body["headers"]["x-panelsynth-label"].split("/")[:2]) for body in bodies]
    bodies.clear()
    return sorted(labels)


def test_what_is_in_the_store_is_not_asked_again_and_gives_the_same_page(
    cli: Cli, server: tuple[str, Bodies], tmp_path: Path
) -> None:
    url, bodies = server
    first = cli("compare", *TOOLS, "--base-url", url, "-o", "one")
    assert (first.code, len(asked(bodies))) == (0, 8)
    assert "8 calls, 8,000 tokens in, 7,200 out, local, no charge" in first.err
    again = cli("compare", *TOOLS, "--base-url", url, "-o", "two")
    assert (again.code, asked(bodies)) == (0, [])
    assert "8 of 8 reviews are in the store; nothing to ask" in again.err
    assert "no call was made" in again.err
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_change_asks_just_those_again_and_says_why(cli: Cli, server: tuple[str, Bodies], tmp_path: Path) -> None:
    """A word of a persona, of a tool, a rubric field, a model: each named, nothing else asked."""
    url, bodies = server
    shutil.copytree(prompts_folder() / "personas", tmp_path / "personas")
    words = ["review", *TOOLS, "--base-url", url, "--personas", "personas"]
    assert cli(*words).code == 0
    assert len(asked(bodies)) == 8

    skeptic = tmp_path / "personas" / "skeptic.md"
    edit(skeptic, "What weighs most is the worst case", "What weighs most is the best case")
    ran = cli(*words)
    assert asked(bodies) == [f"{name}/skeptic" for name in sorted(NAMES)]
    assert "6 of 8 reviews are in the store; 2 to ask (2 persona changed)" in ran.err

    edit(tmp_path / TOOLS[0], "name: Mistral 3B", "name: Mistral 3C")
    ran = cli(*words)
    assert asked(bodies) == [f"mistral-3b/{name}" for name in ("business", "developer", "futurist", "skeptic")]
    assert "4 of 8 reviews are in the store; 4 to ask (4 tool changed)" in ran.err

    text = skeptic.read_text(encoding="utf-8")
    skeptic.write_text(re.sub(r"(rubric:\n)", r"\1  lock_in: Can one leave again?\n", text), encoding="utf-8")
    ran = cli(*words)
    assert asked(bodies) == [f"{name}/skeptic" for name in sorted(NAMES)]
    assert "2 to ask (2 schema and persona changed)" in ran.err

    ran = cli(*words, "--model", "another")
    assert len(asked(bodies)) == 8
    assert "0 of 8 reviews are in the store; 8 to ask (8 model changed)" in ran.err


def test_refresh_asks_again_and_the_newer_reply_counts(cli: Cli, server: tuple[str, Bodies]) -> None:
    url, bodies = server
    for _ in range(2):
        assert cli("review", *TOOLS, "--base-url", url, "--refresh").code == 0
        assert len(asked(bodies)) == 8


def test_the_store_is_where_the_option_says_or_nowhere(cli: Cli, server: tuple[str, Bodies], tmp_path: Path) -> None:
    url, bodies = server
    assert cli("review", *TOOLS, "--base-url", url, "--no-store").code == 0
    assert cli("review", *TOOLS, "--base-url", url, "--store", "deep/er/s.db").code == 0
    assert len(asked(bodies)) == 16
    assert ((tmp_path / ".panelsynth").exists(), (tmp_path / "deep/er/s.db").exists()) == (False, True)
    for other in (["--no-store"], REPLAY):
        ran = cli("review", *TOOLS, "--store", "s.db", *other, "--base-url", url)
        assert (ran.code, "do not go together" in ran.err) == (2, True)


def test_neither_a_replay_nor_the_demo_touches_the_store(cli: Cli, tmp_path: Path) -> None:
    assert cli("compare", *TOOLS, *REPLAY).code == 0
    assert cli("demo").code == 0
    assert not (tmp_path / ".panelsynth").exists()


def test_authored_replies_never_enter_the_store(cli: Cli, tmp_path: Path) -> None:
    with serving() as (url, bodies):
        for _ in range(2):
            assert cli("review", *TOOLS, "--base-url", url, "--model", "authored").code == 0
    assert len(bodies) == 16


def test_a_recording_holds_every_exchange_whatever_the_store_holds(
    cli: Cli, server: tuple[str, Bodies], tmp_path: Path
) -> None:
    url, bodies = server
    assert cli("review", *TOOLS, "--base-url", url).code == 0
    assert cli("review", *TOOLS, "--base-url", url, "--record", "tape.yaml").code == 0
    assert len(asked(bodies)) == 16
    assert cli("cassettes", "check", "tape.yaml").code == 0


def test_a_replay_refuses_replies_to_part_of_a_prompt_as_the_run_did(cli: Cli) -> None:
    with serving(model="m-live", usage=(200, 50)) as (address, _):
        ran = cli("review", TOOLS[0], "--base-url", address, "--no-store", "--record", "cut.yaml")
    played = cli("review", TOOLS[0], "--replay", "cut.yaml")
    assert (ran.code, played.code) == (1, 1)
    assert "prompt-cut" in ran.out
    assert played.out == ran.out


def test_a_recording_whose_tools_have_moved_says_how_to_name_them(cli: Cli, tmp_path: Path) -> None:
    with serving() as (url, _):
        assert cli("compare", *TOOLS, "--base-url", url, "--record", "tape.yaml").code == 0
    (tmp_path / "kept").mkdir()
    (tmp_path / "tape.yaml").rename(tmp_path / "kept" / "tape.yaml")
    ran = cli("cassettes", "check", "kept")
    assert ran.code == 2
    assert ran.err == (
        f"panelsynth: kept/tape.yaml: its tool kept/{TOOLS[0]} is not there\nName where it is now: --tools PATH.\n"
    )
    words = [word for tool in TOOLS for word in ("--tools", tool)]
    assert cli("cassettes", "check", "kept", *words).code == 0


def test_a_local_server_gets_four_calls_at_once_recorded_or_not(cli: Cli) -> None:
    """Each call waits for a fourth beside it; a fifth would be seen."""
    full, counted, most, under_way = threading.Barrier(4), threading.Lock(), 0, 0

    def count(_: str) -> None:
        nonlocal most, under_way
        with counted:
            under_way += 1
            most = max(most, under_way)
        full.wait(30)
        time.sleep(0.05)
        with counted:
            under_way -= 1

    with serving(before=count) as (url, _):
        assert cli("compare", *TOOLS, "--base-url", url, "--no-store").code == 0
        assert cli("compare", *TOOLS, "--base-url", url, "--record", "r.yaml").code == 0
    assert most == 4


def test_a_store_that_is_none_is_exit_2_and_one_that_cannot_be_written_6_before_anything_is_asked(
    cli: Cli, server: tuple[str, Bodies], tmp_path: Path
) -> None:
    url, bodies = server
    (tmp_path / "notes.txt").write_text("no database " * 99, encoding="utf-8")
    for place, code in (("notes.txt", 2), ("notes.txt/s.sqlite", 6)):
        ran = cli("review", *TOOLS, "--base-url", url, "--store", place)
        assert (ran.code, "--store PATH" in ran.err, "Traceback" in ran.err) == (code, True, False)
    assert bodies == []


@pytest.mark.parametrize("options", [["-o", "taken"], ["-o", "out", "--record", "taken/tape.yaml"]])
def test_an_output_that_cannot_be_written_is_found_before_anything_is_asked(
    cli: Cli, server: tuple[str, Bodies], tmp_path: Path, options: list[str]
) -> None:
    url, bodies = server
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    for command in ("review", "compare"):
        ran = cli(command, *TOOLS, "--base-url", url, *options)
        assert (ran.code, "taken" in ran.err) == (6, True)
    assert bodies == []


def test_a_disk_that_fills_up_ends_the_run_with_6_and_what_was_kept_is_kept(
    cli: Cli, server: tuple[str, Bodies], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, bodies = server
    connect = sqlite3.connect

    def small(*args: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **options)
        connection.execute("pragma max_page_count = 8")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    ran = cli("review", *TOOLS, "--base-url", url, "--in-flight", "1")
    assert (ran.code, "full" in ran.err, "Traceback" in ran.err) == (6, True, False)
    assert 0 < len(asked(bodies)) < 8


def test_a_limit_of_calls_stops_with_3_and_the_next_run_goes_on(cli: Cli, server: tuple[str, Bodies]) -> None:
    url, bodies = server
    seen: set[str] = set()
    for limit, code in ((3, 3), (0, 3), (5, 0)):
        ran = cli("review", *TOOLS, "--base-url", url, "--max-calls", str(limit), "-o", "out")
        labels = asked(bodies)
        assert (ran.code, len(labels)) == (code, limit)
        assert not seen & {*labels}
        seen |= {*labels}
        if code:
            assert f"the limit of {limit} calls is reached" in ran.err


@pytest.mark.parametrize("usd", ["0.05", "0.2", "0.35"])
def test_a_limit_of_money_is_never_crossed(cli: Cli, priced: tuple[str, Bodies], usd: str) -> None:
    """gpt-5 is 1.25 dollars a million in and 10 out: 0.01025 a call here, some 0.09 at the worst."""
    url, bodies = priced
    ran = cli("review", *TOOLS, "--base-url", url, "--model", "gpt-5", "--max-usd", usd)
    calls = len(asked(bodies))
    assert calls * 0.01025 <= float(usd)
    assert ran.code == (0 if calls == 8 else 3)
    if ran.code:
        assert f"more than the limit of ${usd} leaves: up to" in ran.err
    assert ("no call was made" if calls == 0 else f"${calls * 0.01025:.4f}") in ran.err


def test_a_limit_of_money_with_an_unknown_price_is_3_and_asks_nobody(cli: Cli, priced: tuple[str, Bodies]) -> None:
    url, bodies = priced
    ran = cli("review", *TOOLS, "--base-url", url, "--model", "no-such-model", "--max-usd", "5")
    assert (ran.code, bodies) == (3, [])
    assert "price of no-such-model is unknown" in ran.err
    assert cli("review", *TOOLS, "--base-url", url, "--max-usd", "nan").code == 2


def test_an_unknown_price_is_said(cli: Cli, priced: tuple[str, Bodies]) -> None:
    ran = cli("review", *TOOLS, "--base-url", priced[0], "--model", "no-such-model")
    assert "8 calls, 8,000 tokens in, 7,200 out, price of no-such-model unknown" in ran.err


def test_calls_without_a_count_are_said_with_what_they_may_cost(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    openai = Prices(Endpoint("any", "https://api.openai.com/v1"))
    monkeypatch.setattr("panelsynth.model.Prices", lambda _: openai)
    with serving(model="m-live") as (url, _):
        ran = cli("review", TOOLS[0], "--base-url", url, "--model", "gpt-5", "--personas", "skeptic")
    assert re.search(r"1 call, .* \(1 call without a count\), \$0\.0000 counted, at most \$0\.0\d+ in all", ran.err)


def test_a_run_says_what_is_left_to_do(cli: Cli) -> None:
    """Missing votes and loud flags decide over --strict, so they are counted in words."""
    with serving({"mistral-3b/business": "maybe"}) as (url, _):
        words = ["compare", *TOOLS, "--base-url", url, "--strict"]
        ran = cli(*words)
        assert ran.code == 1
        assert "1 review without a vote; the same command asks for nothing else\n" in ran.err
        assert "7 loud flags: see to them before you publish\n" in ran.err
        unkept = cli(*words, "--no-store")
        assert "1 review without a vote\n" in unkept.err
        assert cli(*words, "-q").err == ""


def test_quiet_says_nothing_of_stores_and_costs(cli: Cli, server: tuple[str, Bodies]) -> None:
    for _ in range(2):
        assert cli("review", *TOOLS, "--base-url", server[0], "-q").err == ""


def money(line: str) -> list[float]:
    return [float(amount) for amount in re.findall(r"\$([\d.]+\d)", line)]


def test_a_dry_run_asks_nobody_needs_no_key_writes_nothing_and_bounds_the_bill(
    cli: Cli, priced: tuple[str, Bodies], tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    dry = cli("compare", *TOOLS, "--model", "gpt-5", "--dry-run")
    assert (dry.code, dry.err, sorted(tmp_path.iterdir())) == (0, "", before)
    assert "calls    8 (8 new)" in dry.out
    assert re.search(r"input    about [\d,]+ tokens \(estimated as bytes / 4: [\d,]+ to [\d,]+\)", dry.out)
    assert "output   about 7,200 tokens, at most 64,000" in dry.out
    url, bodies = priced
    ran = cli("compare", *TOOLS, "--model", "gpt-5", "--base-url", url)
    usual, most = money(dry.out.partition("cost")[2])
    [bill] = money(ran.err)
    assert 0 < bill <= most
    assert usual <= most
    assert len(asked(bodies)) == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--max-calls", "7"), "limit    7 calls: the run would stop there\n"),
        (("--max-usd", "0.01"), "limit    $0.01 is less than it may cost at most: the run may stop before its end\n"),
        (("--max-calls", "8", "--max-usd", "5"), ""),
    ],
)
def test_a_dry_run_says_which_limit_is_too_tight(cli: Cli, words: tuple[str, ...], said: str) -> None:
    out = cli("compare", *TOOLS, "--model", "gpt-5", "--dry-run", *words).out
    assert out.partition("come on top\n")[2] == said


def test_a_dry_run_says_what_the_store_holds_and_why_the_rest_is_asked(cli: Cli, server: tuple[str, Bodies]) -> None:
    url, bodies = server
    cli("review", TOOLS[0], "--base-url", url)
    asked(bodies)
    dry = cli("review", *TOOLS, "--base-url", url, "--dry-run")
    assert f"4 of them held by the store ({STORE})" in dry.out
    assert "calls    4 (4 new)" in dry.out
    assert "local, no charge" in dry.out
    assert "calls    0, no charge" in cli("review", TOOLS[0], "--base-url", url, "--dry-run").out
    assert "none is used" in cli("review", *TOOLS, "--base-url", url, "--dry-run", "--no-store").out
    assert bodies == []


def test_a_dry_run_counts_with_the_vocabulary_where_there_is_one(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panelsynth.preflight.count_tokens", lambda _: (10, True))
    dry = cli("review", TOOLS[0], "--dry-run", "--model", "no-such-model")
    assert "input    120 tokens (by tiktoken's vocabulary of OpenAI's models)" in dry.out
    assert "cost     price of no-such-model unknown" in dry.out


def test_a_replay_has_no_dry_run(cli: Cli) -> None:
    ran = cli("compare", *TOOLS, *REPLAY, "--dry-run")
    assert (ran.code, "costs nothing" in ran.err) == (2, True)


@pytest.mark.parametrize("rung", ["json_schema", "json_object", "text"])
def test_the_rung_that_is_asked_for_is_sent(cli: Cli, rung: str) -> None:
    with serving(model="m-live") as (url, bodies):
        cli("review", TOOLS[0], "--base-url", url, "--rung", rung, "--rpm", "100000", "--personas", "skeptic")
    wanted = None if rung == "text" else rung
    assert {(body["body"].get("response_format") or {}).get("type") for body in bodies} == {wanted}


def test_the_key_is_not_in_the_store(cli: Cli, server: tuple[str, Bodies], tmp_path: Path) -> None:
    key = "sk-" + "made-up-" * 4
    (tmp_path / "key.txt").write_text(key, encoding="utf-8")
    assert cli("review", *TOOLS, "--base-url", server[0], "--key-file", "key.txt").code == 0
    held = b"".join(path.read_bytes() for path in (tmp_path / ".panelsynth").iterdir())
    assert key.encode() not in held


def test_the_saved_panels_name_live_replies(cli: Cli, server: tuple[str, Bodies], tmp_path: Path) -> None:
    """Where and when a reply was born is carried through the store unchanged."""
    for folder in ("one", "two"):
        cli("review", TOOLS[0], "--base-url", server[0], "-o", folder)
        panel = json.loads((tmp_path / folder / "mistral-3b.panel.json").read_text(encoding="utf-8"))
        sources = {(v["provenance"]["source"], v["provenance"]["answered_at"]) for v in panel["verdicts"]}
        assert sources == {("live", "2027-01-15T08:00:00Z")}


@pytest.mark.parametrize("flag", ["-q", "", "-v", "-vv"])
def test_the_log_holds_ids_and_texts_only_at_vv_and_the_key_never(
    cli: Cli, server: tuple[str, Bodies], monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    ran = cli("review", TOOLS[0], "--base-url", server[0], "--key-env", "MY_KEY", *filter(None, [flag]))
    assert ran.code == 0
    assert KEY not in ran.out + ran.err
    assert ("mistral-3b/skeptic/0: answered by call 1" in ran.err) == (flag in {"-v", "-vv"})
    assert ("open-weight language model" in ran.err) == (flag == "-vv")


def test_what_a_reply_cost_stands_in_its_panel(cli: Cli, priced: tuple[str, Bodies]) -> None:
    assert cli("review", TOOLS[0], "--base-url", priced[0], "--model", "gpt-5", "-o", "out").code == 0
    saved = json.loads(Path("out/mistral-3b.panel.json").read_text(encoding="utf-8"))
    assert [verdict["provenance"]["cost_usd"] for verdict in saved["verdicts"]] == [0.01025] * 4
