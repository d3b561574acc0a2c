"""Upkeep of stores: told, exported, merged without loss or doubling, pruned only after a yes."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sqlite3
from pathlib import Path

import pytest
from local_server import serving
from shell import Cli, Ran, run_main
from wire import KEY, request

from panelsynth.errors import InputError
from panelsynth.model import Reply, Store, Upkeep
from panelsynth.verdict import Usage

REPLY = Reply("{}", "m-1-large", "2026-11-23T10:00:00Z", "live", Usage(input=1_000, output=900), 0.25)
ASKED, OTHER = request(), request("developer")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path) -> Ran:
        return run_main(monkeypatch, capsys, *args)

    return run


@pytest.fixture
def kept_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The time at which replies are kept: the last of the list."""
    times = ["2026-11-23T10:00:00Z"]
    monkeypatch.setattr("panelsynth.model.store.store.now", lambda: times[-1])
    return times


def keep(path: Path, text: str = "{}", asked: object = ASKED, **fields: object) -> None:
    with Store(path) as store:
        asyncio.run(store.keep(asked, dataclasses.replace(REPLY, text=text, **fields)))  # type: ignore[arg-type]


def texts(path: Path, asked: object = ASKED) -> list[str]:
    with Store(path) as store:
        return [reply.text for reply in store.find(asked.key)]  # type: ignore[attr-defined]


def rows(path: Path) -> list[object]:
    with sqlite3.connect(path) as other:
        found = other.execute("select * from replies order by key, id").fetchall()
    other.close()
    return [row[1:] for row in found]


@pytest.mark.parametrize("exported", [True, False])
def test_merging_brings_all_over_once_with_its_provenance_unchanged(tmp_path: Path, exported: bool) -> None:
    one, two, other = tmp_path / "one.db", tmp_path / "two.db", tmp_path / "two.jsonl"
    keep(one, "a")
    keep(two, "b", OTHER, source="batch", answered_by="m-2 \ud800")
    with Store(two) as store:
        asyncio.run(store.note_failure(OTHER, "timeout", "no reply"))
    before = rows(two)
    if exported:
        with Upkeep(two) as upkeep:
            other.write_text("".join(upkeep.export()), encoding="utf-8")
    for counts in ((1, 1, 0), (0, 0, 2)):
        with Upkeep(one) as upkeep:
            merged = upkeep.merge(other if exported else two)
        assert (merged.replies, merged.failures, merged.known) == counts
    assert (texts(one), texts(one, OTHER)) == (["a"], ["b"])
    assert rows(two) == before
    assert {*before} < {*rows(one)}
    with Store(one) as store:
        assert store.failure(OTHER.key) == ("timeout", "no reply")


def test_replies_to_one_request_stand_in_the_order_in_which_they_were_kept(tmp_path: Path, kept_at: list[str]) -> None:
    """Whichever store is merged into which, the newest counts."""
    one, two = tmp_path / "one.db", tmp_path / "two.db"
    for hour, (path, text) in enumerate(((one, "a"), (two, "b"), (one, "c"), (two, "d"))):
        kept_at.append(f"2026-11-23T1{hour}:00:00Z")
        keep(path, text)
    copy = tmp_path / "copy.db"
    for into, other in ((copy, one), (copy, two), (two, one)):
        with Upkeep(into, makes=True) as upkeep:
            upkeep.merge(other)
    assert texts(copy) == texts(two) == ["d", "c", "b", "a"]


def test_more_rows_than_one_transaction_takes_are_all_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panelsynth.model.store.upkeep._AT_ONCE", 2)
    for text in "abcde":
        keep(tmp_path / "one.db", text)
    with Upkeep(tmp_path / "two.db", makes=True) as upkeep:
        assert upkeep.merge(tmp_path / "one.db").replies == 5


def test_an_export_holds_every_reply_and_no_key(tmp_path: Path) -> None:
    keep(tmp_path / "one.db", "ü")
    with Upkeep(tmp_path / "one.db") as upkeep:
        [line] = upkeep.export()
    assert KEY not in line
    row = json.loads(line)
    assert (row["table"], row["key"], json.loads(row["reply"])["text"]) == ("replies", ASKED.key, "ü")


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"table": "opened"}', '{"table": "failures", "key": 1}', '{"table": "replies", "key": "a"}'],
)
def test_a_line_that_is_no_reply_is_named_and_nothing_of_its_part_is_taken_in(tmp_path: Path, line: str) -> None:
    keep(tmp_path / "one.db")
    with Upkeep(tmp_path / "one.db") as upkeep:
        whole = "".join(upkeep.export())
    (tmp_path / "all.jsonl").write_text(whole + line + "\n", encoding="utf-8")
    with Upkeep(tmp_path / "two.db", makes=True) as upkeep:
        with pytest.raises(InputError, match=r"all\.jsonl:2: is no line of an export"):
            upkeep.merge(tmp_path / "all.jsonl")
        assert upkeep.contents().replies == 0


def test_a_damaged_reply_is_counted_and_not_carried_on(tmp_path: Path) -> None:
    keep(tmp_path / "one.db")
    keep(tmp_path / "one.db")
    with sqlite3.connect(tmp_path / "one.db") as other:
        other.execute("update replies set reply = '{' where id = 2")
    other.close()
    with Upkeep(tmp_path / "one.db") as upkeep:
        contents = upkeep.contents()
        assert (contents.replies, contents.damaged, len(list(upkeep.export()))) == (2, 1, 1)
        bad = next(iter(upkeep.export())).replace('\\"text\\"', '\\"txt\\"')
    (tmp_path / "bad.jsonl").write_text(bad, encoding="utf-8")
    with Upkeep(tmp_path / "one.db") as upkeep, pytest.raises(InputError, match="no line of an export"):
        upkeep.merge(tmp_path / "bad.jsonl")


def test_what_is_no_store_is_refused_with_its_own_name(cli: Cli, tmp_path: Path) -> None:
    keep(tmp_path / "one.db")
    (tmp_path / "notes.db").write_text("no database " * 99, encoding="utf-8")
    with sqlite3.connect(tmp_path / "theirs.db") as other:
        other.execute("create table theirs (x)")
    other.close()
    (tmp_path / "empty.db").touch()
    for other_name, said in (
        ("one.db", "is the store itself"),
        ("notes.db", "is no store"),
        ("theirs.db", "another program's"),
        ("absent.db", "there is no store"),
    ):
        ran = cli("store", "merge", other_name, "--store", "one.db")
        assert (ran.code, f"{other_name}: " in ran.err, said in ran.err) == (2, True, True)
    assert cli("store", "merge", "empty.db", "--store", "one.db").code == 0


@pytest.mark.parametrize("words", [("info",), ("export",), ("prune", "--model", "m")])
def test_a_store_that_is_not_there_is_not_made(cli: Cli, tmp_path: Path, words: tuple[str, ...]) -> None:
    ran = cli("store", *words)
    assert (ran.code, "there is no store" in ran.err, list(tmp_path.iterdir())) == (2, True, [])


def test_info_tells_replies_failures_models_dates_size_and_cost(cli: Cli, tmp_path: Path, kept_at: list[str]) -> None:
    path = tmp_path / "one.db"
    keep(path)
    kept_at.append("2026-11-24T10:00:00Z")
    keep(path, "b", answered_by="m-2\x1b[2J", cost_usd=None)
    with Store(path) as store:
        asyncio.run(store.note_failure(OTHER, "timeout", "no reply"))
    out = cli("store", "info", "--store", "one.db").out
    assert f"store     one.db, {path.stat().st_size:,} bytes\n" in out
    assert "replies   2\nkept      2026-11-23T10:00:00Z to 2026-11-24T10:00:00Z\n" in out
    assert "cost      $0.2500, 1 replies of unknown price on top\n" in out
    assert "model     m-1-large: 1\n" in out
    assert "failures  1 noted\n" in out
    assert "\x1b" not in out


def test_machines_with_a_shard_each_merge_into_a_store_that_answers_everything(cli: Cli, tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"t-{n}", "name": "T", "description": f"D {n}"}) for n in range(6)]
    (tmp_path / "tools.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with serving(model="m-live") as (url, bodies):
        for n in (1, 2):
            words = ("tools.jsonl", "--base-url", url, "--shard", f"{n}/2", "--store", f"{n}.db")
            assert cli("review", *words).code == 0
        assert cli("store", "export", "--store", "2.db", "-o", "2.jsonl").code == 0
        assert cli("store", "export", "--store", "2.db").out == (tmp_path / "2.jsonl").read_text(encoding="utf-8")
        assert cli("store", "export", "--store", "2.db", "-o", "2.txt").code == 2
        ran = cli("store", "merge", "1.db", "2.jsonl")
        assert (ran.code, len(bodies)) == (0, 24)
        assert cli("compare", "tools.jsonl", "--base-url", url, "-o", "out").code == 0
        assert len(bodies) == 24


def test_pruning_says_what_would_go_and_does_it_after_a_yes(cli: Cli, tmp_path: Path, kept_at: list[str]) -> None:
    path = tmp_path / "one.db"
    keep(path, "a")
    kept_at.append("2026-11-24T10:00:00Z")
    keep(path, "b", OTHER, answered_by="m-2")
    for words in (
        ("--before", "2026-11-24"),
        ("--model", "m-1-large"),
        ("--before", "2026-11-25", "--model", "m-1-large"),
    ):
        ran = cli("store", "prune", "--store", "one.db", *words)
        assert (ran.code, "replies   1\n" in ran.out, "Nothing was thrown away" in ran.out) == (0, True, True)
    assert "replies   2\n" in cli("store", "prune", "--store", "one.db", "--model", ASKED.model).out
    assert len(rows(path)) == 2
    assert "Thrown away." in cli("store", "prune", "--store", "one.db", "--before", "2026-11-24", "--yes").out
    assert (texts(path), texts(path, OTHER)) == ([], ["b"])


@pytest.mark.parametrize(
    "words", [(), ("--unused",), ("a.yaml", "--model", "m"), ("--before", "yesterday"), ("--before", "2026-1-1")]
)
def test_pruning_without_a_whole_condition_is_refused(cli: Cli, tmp_path: Path, words: tuple[str, ...]) -> None:
    keep(tmp_path / "one.db")
    assert cli("store", "prune", "--store", "one.db", *words, "--yes").code == 2
    assert len(rows(tmp_path / "one.db")) == 1


def test_unused_replies_are_those_that_todays_tools_and_reviewers_would_not_be_answered_by(
    cli: Cli, tmp_path: Path
) -> None:
    """Whatever model was asked."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\ndescription: It does {name}.\n", encoding="utf-8")
    with serving(model="m-live") as (url, bodies):
        words = ("--base-url", url, "--store", "one.db", "--model")
        for model in ("m-1", "m-2"):
            assert cli("review", "a.yaml", "b.yaml", *words, model).code == 0
        prune = ("store", "prune", "--store", "one.db", "--unused", "a.yaml", "--personas", "skeptic,developer")
        assert "replies   12\n" in cli(*prune).out
        assert cli(*prune, "--yes").code == 0
        bodies.clear()
        assert cli("review", "a.yaml", *words, "m-2", "--personas", "skeptic,developer").code == 0
        assert bodies == []
