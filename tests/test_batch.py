"""Batch files: out and back in by the published format, in any order, and nothing is guessed or asked."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_server import serving
from shell import Cli, Ran, run_main
from wire import answer, completion

from panelsynth import Tool
from panelsynth.batch import Exporter, Head, Manifest, Results, bring_in
from panelsynth.batch.export import line
from panelsynth.batch.results import read_reply
from panelsynth.errors import CallError, InputError
from panelsynth.model import BatchPrices, Endpoint, Prices, Store
from panelsynth.persona import Persona, read_personas
from panelsynth.prompting import ReviewTemplate, build_requests
from panelsynth.request import Request
from panelsynth.verdict import Usage

HEAD = Head(model="m-1", base_url="https://models.test/v1", tools=("tools",))
PRICE = BatchPrices(Endpoint("gpt-5", "https://api.openai.com/v1"))
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 900, "total_tokens": 1_900}
Line = dict[str, Any]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """A folder with two tools, no key in sight."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tools").mkdir()
    for name in ("acme", "zenith"):
        write_tool(name)

    def run(*args: object) -> Ran:
        return run_main(monkeypatch, capsys, *args)

    return run


def write_tool(name: str, text: str = "A linter for prose") -> None:
    Path(f"tools/{name}.yaml").write_text(f"name: {name.title()}\ndescription: {text}, by {name}.\n", encoding="utf-8")


def lines_of(folder: str | Path = "batch") -> list[Line]:
    files = sorted(Path(folder).glob("[0-9]*.jsonl"))
    return [json.loads(row) for file in files for row in file.read_bytes().split(b"\n") if row]


def persona_of(asked: Line) -> str:
    fields = {*asked["body"]["response_format"]["json_schema"]["schema"]["properties"]}
    return next(one.id for one in read_personas() if {*one.rubric} <= fields)


def answered(asked: Line, decision: str = "ship", *, flat: bool = False, **fields: Any) -> Line:
    """Answer a line as OpenAI does, or, if flat, as vLLM may."""
    text = fields.pop("content", None) or json.dumps(answer(decision, persona_of(asked)))
    body = completion(text, **fields) | {"usage": USAGE}
    response = body if flat else {"status_code": 200, "request_id": "r", "body": body}
    return {"id": "batch_req_1", "custom_id": asked["custom_id"], "response": response, "error": None}


def write(path: str | Path, rows: list[Line]) -> str:
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def rows_of(store: str | Path, columns: str = "key, reply") -> list[Any]:
    with sqlite3.connect(store) as opened:
        return sorted(opened.execute(f"select {columns} from replies").fetchall())  # noqa: S608


def some_requests(count: int = 3, *, personas: str = "developer,skeptic") -> list[tuple[Request, Persona]]:
    chosen = read_personas(personas)
    tools = [Tool(id=f"t{n}", name=f"T{n}", description="A linter.") for n in range(count)]
    made = [build_requests(tool, chosen, model="gpt-5", template=ReviewTemplate.read()) for tool in tools]
    return [pair for requests in made for pair in zip(requests, chosen, strict=True)]


# Out


def test_a_lines_body_is_byte_for_byte_what_a_live_call_sends(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[bytes] = []
    parse = BaseHTTPRequestHandler.parse_request

    def noting(self: Any) -> bool:
        ok = parse(self)
        read = self.rfile.read

        def reading(size: int) -> bytes:
            received.append(read(size))
            return received[-1]

        self.rfile.read = reading
        return ok

    monkeypatch.setattr(BaseHTTPRequestHandler, "parse_request", noting)
    write_tool("acme", 'Ein Prüfer \\u2028 \U0001f600 "quoted" für Prosa')
    with serving() as (url, _):
        assert cli("review", "tools", "--base-url", url, "--no-store", "-q").code == 0
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    rows = next(Path("batch").glob("0*.jsonl")).read_bytes().split(b"\n")
    bodies = {row.split(b',"body":', 1)[1][:-1] for row in rows if row}
    assert len(bodies) == 8
    assert bodies == {*received}


def test_an_export_sends_nothing_needs_no_key_and_writes_the_same_bytes_again(cli: Cli) -> None:
    first = cli("batch", "export", "tools", "-o", "batch")
    assert first.code == 0
    assert first.out == "batch/001-gpt-6.1-terra.jsonl\n"
    assert "8 requests for gpt-6.1-terra" in first.err
    assert "0 of 8 reviews are in the store already" in first.err
    assert "at batch rates" in first.err
    assert "panelsynth batch import RESULTS... --export batch" in first.err
    assert not Path(".panelsynth").exists()
    before = {path.name: path.read_bytes() for path in Path("batch").iterdir()}
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    assert {path.name: path.read_bytes() for path in Path("batch").iterdir()} == before
    for row in lines_of():
        assert [*row] == ["custom_id", "method", "url", "body"]
        assert (row["method"], row["url"], len(row["custom_id"])) == ("POST", "/v1/chat/completions", 64)


def test_an_export_never_overwrites_another_one(cli: Cli) -> None:
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    before = lines_of()
    write_tool("acme", "Changed")
    refused = cli("batch", "export", "tools", "-o", "batch")
    assert refused.code == 2
    assert "is of another export" in refused.err
    assert lines_of() == before
    assert not [*Path("batch").glob(".export*")]


def test_each_file_holds_one_model_within_the_limits(tmp_path: Path) -> None:
    asked = [request for request, _ in some_requests(4, personas="developer,skeptic")]
    other = [one.model_copy(update={"model": "a/b"}) for one in asked[:1]]
    asked += [Request(**one.model_dump()) for one in other]
    size = max(len(line(one)) for one in asked)
    for limits, most in (({"max_lines": 3}, 3), ({"max_bytes": 2 * size}, 2)):
        folder = tmp_path / str(most)
        with Exporter(folder, HEAD, **limits) as exporter:
            for one in asked:
                assert exporter.add(one)
                assert not exporter.add(one)  # the same request takes one line
            written = exporter.finish()
        assert [file.model for file in written].count("a/b") == 1
        for file in written:
            rows = [json.loads(row) for row in (folder / file.name).read_bytes().splitlines()]
            assert {row["body"]["model"] for row in rows} == {file.model}
            assert len(rows) == file.lines <= most
        ids = [row["custom_id"] for row in lines_of(folder)]
        assert sorted(ids) == sorted(one.key for one in asked)


# Back in


def test_a_round_trip_leaves_nothing_to_ask_and_needs_no_key(cli: Cli) -> None:
    """Shuffled, in two files, nested and flat, with a repeated line: then compare and review run without a key."""
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    rows = [answered(row, flat=number % 2 == 0) for number, row in enumerate(lines_of())]
    random.Random(7).shuffle(rows)  # noqa: S311 - the same order each time
    files = write("one.jsonl", rows[:3]), write("two.jsonl", [*rows[3:], rows[0]])
    ran = cli("batch", "import", *files, "--export", "batch")
    assert ran.code == 0, ran.err
    assert "9 lines\n  8 accepted\n  1 repeated word for word\n8 of 8 reviews are in the store; 0" in ran.out
    again = cli("batch", "import", *files, "--export", "batch")
    assert again.code == 0
    assert "8 held before" in again.out
    compared = cli("compare", "tools/acme.yaml", "tools/zenith.yaml", "-o", "out")
    assert compared.code == 0, compared.err
    assert "no call was made" in compared.err
    page = json.loads(next(Path("out").glob("*.json")).read_text(encoding="utf-8"))
    provenance = page["panels"][0]["verdicts"][0]["provenance"]
    assert provenance["source"] == "batch"
    assert provenance["answered_at"] == "2026-09-21T14:13:20Z"
    assert provenance["answered_by"] == "m-1-large"
    assert provenance["usage"] == {"input": 1000, "output": 900}
    assert provenance["cost_usd"] > 0
    assert cli("review", "tools", "-o", "panels").code == 0
    exported = cli("batch", "export", "tools", "-o", "second")
    assert "nothing to export" in exported.err
    assert exported.out == ""


def test_without_a_key_what_the_store_lacks_is_still_an_error(cli: Cli) -> None:
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    write("results.jsonl", [answered(row) for row in lines_of()[1:]])
    assert cli("batch", "import", "results.jsonl", "--export", "batch").code == 1
    assert "no key" in cli("compare", "tools/acme.yaml", "tools/zenith.yaml").err


def test_what_no_reader_takes_is_a_failure_by_its_cause_and_never_a_vote(cli: Cli) -> None:
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    asked = lines_of()
    failed = {"id": "x", "response": None, "error": {"code": "batch_expired", "message": "Too late."}}
    http = {"status_code": 429, "body": {"error": {"message": "slow down"}}}
    rows = [
        answered(asked[0], content="no JSON"),
        answered(asked[1], finish="length"),
        answered(asked[2], finish="content_filter"),
        answered(asked[3], content=" "),
        {"custom_id": asked[4]["custom_id"], **failed},
        {"custom_id": asked[5]["custom_id"], "response": http, "error": None},
        {"custom_id": asked[6]["custom_id"], "response": {"status_code": 500, "body": None}, "error": {"message": "x"}},
    ]
    write("results.jsonl", rows)
    for _ in range(2):
        ran = cli("batch", "import", "results.jsonl", "--export", "batch")
        assert ran.code == 1
        for cause in ("malformed-reply", "truncated", "content-filter", "empty-reply", "batch-expired", "rate-limited"):
            assert f"1 {cause}" in ran.out
        assert "7 failed (" in ran.out
        assert "0 of 8 reviews are in the store; 8 are still missing" in ran.out
    with sqlite3.connect(".panelsynth/store.sqlite") as store:
        assert store.execute("select count(*) from failures").fetchone() == (7,)  # an import again notes none anew
        assert store.execute("select count(*) from replies").fetchone() == (2,)  # what came is paid for, and kept
    assert "7 failed before" in cli("review", "tools", "--dry-run").out
    mended = write("mended.jsonl", [answered(row) for row in asked])
    assert cli("batch", "import", "results.jsonl", mended, "--export", "batch").code == 0


def test_what_has_changed_since_is_refused_and_named(cli: Cli) -> None:
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    write("batch/results.jsonl", [answered(row) for row in lines_of()])
    write_tool("acme", "Something else")
    Path("tools/zenith.yaml").rename("tools/zebra.yaml")
    ran = cli("batch", "import", "batch/results.jsonl")  # its manifest stands beside it
    assert ran.code == 1
    assert "acme/skeptic/0: tool changed" in ran.err
    assert "4 stale: no longer asked so" in ran.out
    assert "4 accepted" in ran.out  # the id of a tool is no part of what is asked


def test_a_stranger_is_reported_and_never_guessed(cli: Cli) -> None:
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    rows = [answered(row) for row in lines_of()]
    rows += [rows[0] | {"custom_id": "acme/skeptic"}, rows[1] | {"custom_id": "0" * 64}]
    ran = cli("batch", "import", write("r.jsonl", rows), "--export", "batch")
    assert ran.code == 1
    assert "8 accepted\n  2 of no export known here" in ran.out
    assert "acme/skeptic" in ran.err


def test_a_line_that_is_cut_off_costs_its_own_review_alone(cli: Cli) -> None:
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    path = Path(write("r.jsonl", [answered(row) for row in lines_of()]))
    path.write_bytes(path.read_bytes()[:-100])
    ran = cli("batch", "import", "r.jsonl", "--export", "batch")
    assert ran.code == 1
    assert "7 accepted\n  1 cut off or no result" in ran.out
    assert "1 are still missing" in ran.out


@pytest.mark.parametrize("name", ["001-gpt-6.1-terra.jsonl", "manifest.jsonl", "empty", "none", "binary"])
def test_a_file_that_holds_no_results_is_refused_before_anything_is_kept(cli: Cli, name: str) -> None:
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    Path("batch/empty").write_bytes(b"")
    Path("batch/binary").write_bytes(b"\xff\x00\n{[" * 99)
    good = write("good.jsonl", [answered(row) for row in lines_of()])
    ran = cli("batch", "import", good, f"batch/{name}")
    assert ran.code == 2
    assert name in ran.err
    assert not Path(".panelsynth/store.sqlite").exists()


def test_without_manifest_or_tools_the_way_on_is_named(cli: Cli) -> None:
    assert cli("batch", "export", "tools", "-o", "batch").code == 0
    write("r.jsonl", [answered(row) for row in lines_of()])
    refused = cli("batch", "import", "r.jsonl")
    assert refused.code == 2
    assert "--export DIR" in refused.err
    assert cli("batch", "import", "r.jsonl", "--tools", "tools").code == 0


def test_of_two_replies_to_one_request_the_earliest_stands_in_any_order(tmp_path: Path) -> None:
    """No vote is chosen: neither the line's place nor the decision plays a part, and what is held stays."""
    [pair] = some_requests(1, personas="skeptic")
    asked = json.loads(line(pair[0]))
    early, late = answered(asked, "skip", created=1_790_000_000), answered(asked, "ship", created=1_790_000_001)
    for number, rows in enumerate([[early, late], [late, early]]):
        with Store(tmp_path / f"{number}.sqlite") as store:
            results = Results([Path(write(tmp_path / "r.jsonl", rows))])
            found = bring_in(results, lambda: [pair], store, price=PRICE)
            assert found.differing == [pair[0].label]
            assert '"skip"' in store.find(pair[0].key)[0].text
            found = bring_in(Results([Path(write(tmp_path / "r.jsonl", [late]))]), lambda: [pair], store, price=PRICE)
            assert (found.accepted, found.differing) == (0, [pair[0].label])
            assert len(store.find(pair[0].key)) == 1


PAIRS = some_requests(3)
ROWS = [answered(json.loads(line(request)), "ship", flat=n % 2 == 0) for n, (request, _) in enumerate(PAIRS)]
ROWS += [ROWS[0] | {"id": "again"}, answered(json.loads(line(PAIRS[1][0])), content="no JSON")]


@settings(max_examples=30)
@given(st.permutations(range(len(ROWS))), st.lists(st.integers(0, len(ROWS) - 1), max_size=5), st.integers(0, 400))
def test_no_order_repetition_or_cut_changes_what_the_store_holds(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], twice: list[int], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("batch")
    path = Path(write(folder / "r.jsonl", [ROWS[n] for n in [*order, *twice]]))
    with path.open("ab") as file:
        file.write(json.dumps(ROWS[0]).encode()[:cut])
    with Store(folder / "s.sqlite") as store:
        found = bring_in(Results([path]), lambda: PAIRS, store, price=PRICE)
        assert (found.accepted, found.missing) == (6, 0)
    got = rows_of(folder / "s.sqlite")
    assert [key for key, _ in got] == sorted(request.key for request, _ in PAIRS)
    assert all(json.loads(reply)["text"] == json.dumps(answer("ship", persona.id)) for (_, reply), (_, persona) in zip(
        got, sorted(PAIRS, key=lambda pair: pair[0].key), strict=True
    ))  # fmt: skip


def test_an_interrupted_import_keeps_what_it_has_read_and_the_same_one_goes_on(tmp_path: Path) -> None:
    results = Results([Path(write(tmp_path / "r.jsonl", ROWS[:6]))])

    def interrupted() -> Iterator[tuple[Request, Persona]]:
        yield from PAIRS[:4]
        raise KeyboardInterrupt

    with Store(tmp_path / "s.sqlite") as store:
        with pytest.raises(KeyboardInterrupt):
            bring_in(results, interrupted, store, price=PRICE)
        found = bring_in(results, lambda: PAIRS, store, price=PRICE)
    assert (found.accepted, found.known, found.missing) == (2, 4, 0)


def test_tools_from_standard_input_are_named_anew(cli: Cli) -> None:
    assert cli("batch", "import", "r.jsonl", "--tools", "-").code == 2


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["body", "choices", "error", "code", "status_code", "message", "usage"]), inner
        )
    ),
    max_leaves=8,
)


@given(HOSTILE, HOSTILE)
def test_whatever_stands_in_a_result_it_is_a_reply_or_a_named_fault(response: object, error: object) -> None:
    with contextlib.suppress(CallError):
        assert read_reply({"response": response, "error": error}, "m").source == "batch"


def test_a_batch_costs_the_listed_rate_or_half() -> None:
    usage = Usage(input=10**6, output=10**6)
    for url, model in (("https://api.openai.com/v1", "gpt-5"), ("https://api.anthropic.com/v1", "claude-fable-5-1")):
        endpoint = Endpoint(model, url)
        whole, batch = (kind(endpoint).cost(model, usage, "2026-11-23T10:00:00Z") for kind in (Prices, BatchPrices))
        assert whole
        assert batch == whole / 2
    assert PRICE.cost("no-such-model", usage) is None
    assert BatchPrices(Endpoint("m", "http://127.0.0.1:8000/v1")).cost("m", usage) == 0


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no manifest\.jsonl"):
        Manifest(tmp_path)
    (tmp_path / "manifest.jsonl").write_text("[]\n", encoding="utf-8")
    with pytest.raises(InputError, match="no manifest of this version"):
        Manifest(tmp_path)
