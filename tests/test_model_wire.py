from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from vcr import VCR  # type: ignore[import-untyped]
from wire import (
    ABOUT,
    DEMO,
    KEY,
    TEXTS,
    TOOL,
    TREES,
    URL,
    answering,
    demo_tools,
    exchange,
    recorder,
    respond,
    save,
)

import panelsynth as ps
from panelsynth.errors import CallError, RecordingError
from panelsynth.model import Endpoint, Exchange, RecordedModel, Recording, parse_answer
from panelsynth.model.recording import dumps, loads
from panelsynth.persona import read_personas
from panelsynth.prompting import ReviewTemplate
from panelsynth.testing import vcr as serializer
from panelsynth.testing.plugin import pytest_recording_configure


def on_the_wire(name: str = "authored", **options: Any) -> ps.OpenAIModel:
    """A model that would really send, were there no cassette in between."""
    return ps.OpenAIModel(endpoint=Endpoint(name, URL, SecretStr(KEY)), **options)


@pytest.mark.vcr
@pytest.mark.default_cassette("demo.yaml")
def test_vcrpy_replays_the_demo_to_the_same_panels(vcr: Any) -> None:
    panels = ps.review(demo_tools(), model=on_the_wire())
    assert panels == ps.review(demo_tools(), model=RecordedModel(DEMO))
    assert [panel.tally.percent for panel in panels] == [75, 100]
    assert (len(vcr), vcr.play_count, vcr.record_mode.value) == (8, 8, "none")


@pytest.mark.vcr
@pytest.mark.default_cassette("demo.yaml")
def test_a_request_that_was_not_recorded_stops_the_run_and_is_not_sent(vcr: Any) -> None:
    with pytest.raises(ps.PanelsynthError, match="the cassette has nothing similar"):
        ps.review([TOOL], model=on_the_wire())
    ps.review(demo_tools(), model=on_the_wire())


def cassettes(folder: Path, mode: str) -> VCR:
    made = VCR(cassette_library_dir=str(folder), record_mode=mode)
    pytest_recording_configure(made)
    return made


@pytest.mark.parametrize("reader", ["own", "vcr"])
@pytest.mark.parametrize("writer", ["own", "vcr"])
def test_either_writes_what_either_reads(
    writer: str, reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = [ps.Tool(id=f"tool-{n}", name=f"Tool {n}", description=f"Line.\n  Number {n} \u4e2d\n") for n in range(5)]
    file = tmp_path / "r.yaml"
    live = on_the_wire("m-1", transport=httpx2.MockTransport(answering))
    if writer == "own":
        model = recorder(monkeypatch)
        made = ps.review(tools, model=model, in_flight=8)
        save(model, file)
    else:
        with cassettes(tmp_path, "once").use_cassette("r.yaml"):
            made = ps.review(tools, model=live, in_flight=8)
    text = file.read_text(encoding="utf-8")
    assert not [word for word in (KEY, "cookie-1", "req-1", "org-1") if word in text]
    if reader == "own":
        played = RecordedModel(file)
        again = ps.review(tools, model=played, in_flight=8)
        assert played.unplayed == []
    else:
        with cassettes(tmp_path, "none").use_cassette("r.yaml") as cassette:
            again = ps.review(tools, model=live, in_flight=8)
        assert cassette.all_played
        assert cassette.play_count == 20
    assert again == made
    assert made[0].tally.text == "3 ship / 1 skip"


def test_the_head_of_what_vcrpy_records_says_what_it_is_of(tmp_path: Path) -> None:
    live = on_the_wire("m-1", transport=httpx2.MockTransport(answering), rung="json_object")
    with cassettes(tmp_path, "once").use_cassette("r.yaml"):
        ps.review([TOOL], model=live, personas="skeptic,business")
    about = Recording.read(tmp_path / "r.yaml").about
    assert (about.source, about.model, about.rung, about.samples) == ("live", "m-1", "json_object", 1)
    assert ([*about.tools], [*about.personas]) == (["acme"], ["business", "skeptic"])


def test_vcrpy_records_no_secret_and_nothing_that_asks_to_try_again(tmp_path: Path, waits: list[float]) -> None:
    tool = TOOL.model_copy(update={"description": f"Use\n{KEY}"})
    live = on_the_wire(transport=httpx2.MockTransport(answering))
    with cassettes(tmp_path, "once").use_cassette("r.yaml") as cassette:
        ps.review([tool], model=live, personas="skeptic")
        with pytest.raises(RecordingError, match="API key"):
            cassette._save()
        cassette.dirty = False  # vcrpy stays patched in when its own save, at the end of the block, raises
    busy = on_the_wire(transport=httpx2.MockTransport(lambda _: respond(503, "")))
    with cassettes(tmp_path, "once").use_cassette("busy.yaml"):
        ps.review([TOOL], model=busy, personas="skeptic")
    assert Recording.read(tmp_path / "busy.yaml").exchanges == []


def test_what_vcrpy_records_packed_is_kept_readable(tmp_path: Path) -> None:
    def packed(wire: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            200,
            stream=httpx2.ByteStream(gzip.compress(answering(wire).content)),
            headers={"content-encoding": "gzip"},
        )

    live = on_the_wire("m-1", transport=httpx2.MockTransport(packed))
    with cassettes(tmp_path, "once").use_cassette("r.yaml"):
        made = ps.review([TOOL], model=live)
    assert made[0].tally.voted == 4
    assert all(isinstance(e.reply, dict) for e in Recording.read(tmp_path / "r.yaml").exchanges)


def test_a_cassette_of_other_requests_stays_vcrpys_own(tmp_path: Path) -> None:
    transport = httpx2.MockTransport(lambda wire: httpx2.Response(200, text=wire.url.path))

    def get() -> list[str]:
        with httpx2.Client(transport=transport) as client:
            return [client.get(f"https://other.test/{name}").text for name in "ab"]

    with cassettes(tmp_path, "once").use_cassette("o.yaml"):
        made = get()
    assert "interactions" in yaml.safe_load((tmp_path / "o.yaml").read_text(encoding="utf-8"))
    with cassettes(tmp_path, "none").use_cassette("o.yaml") as cassette:
        assert get() == made == ["/a", "/b"]
    assert cassette.all_played


def test_replies_do_not_land_on_the_wrong_persona_whatever_their_order_in_the_file(tmp_path: Path) -> None:
    """Labels and order are for people: only path, sample and body decide who gets which reply."""
    recording = Recording.read(DEMO)
    labels = [e.label for e in recording.exchanges]
    moved = [
        e.model_copy(update={"label": label}) for e, label in zip(recording.exchanges, reversed(labels), strict=True)
    ]
    (tmp_path / "r.yaml").write_text(dumps(recording.about.model_dump(), moved), encoding="utf-8")
    usual = ps.review(demo_tools(), model=RecordedModel(DEMO))
    assert ps.review(demo_tools(), model=RecordedModel(tmp_path / "r.yaml")) == usual
    with cassettes(tmp_path, "none").use_cassette("r.yaml"):
        assert ps.review(demo_tools(), model=on_the_wire()) == usual


def asked_again(first: Exchange, attempt: int) -> Exchange:
    """Make the exchange of a later attempt, whose request names the fault of the reply."""
    reply: Any = first.reply
    body: Any = first.request
    persona = read_personas(first.label.split("/")[1])[0]
    with pytest.raises(CallError) as caught:
        parse_answer(reply["choices"][0]["message"]["content"], persona.answer_type)
    note = {"role": "user", "content": ReviewTemplate.read().again(caught.value.message)}
    body = body | {"messages": [*body["messages"], note]}
    return first.model_copy(update={"label": f"{first.label[:-1]}{attempt}", "request": body})


def test_two_replies_swapped_are_two_failed_reviews_and_no_votes(tmp_path: Path, waits: list[float]) -> None:
    recording = Recording.read(DEMO)
    one, other, *rest = recording.exchanges
    swapped = [one.model_copy(update={"reply": other.reply}), other.model_copy(update={"reply": one.reply})]
    copies = [copy for e in swapped for copy in (e, *[asked_again(e, n) for n in (2, 3, 4)])]
    (tmp_path / "r.yaml").write_text(dumps(recording.about.model_dump(), [*copies, *rest]), encoding="utf-8")
    first, _ = ps.review(demo_tools(), model=RecordedModel(tmp_path / "r.yaml"))
    assert {gone.cause for gone in first.missing} == {"invalid-answer"}
    assert len(first.missing) == 2


def test_a_flipped_decision_in_a_copy_changes_the_percent(tmp_path: Path) -> None:
    text = DEMO.read_text(encoding="utf-8")
    assert text.count('"decision": "skip"') == 1
    (tmp_path / "r.yaml").write_text(text.replace('"decision": "skip"', '"decision": "ship"'), encoding="utf-8")
    panels = ps.review(demo_tools(), model=RecordedModel(tmp_path / "r.yaml"))
    assert [panel.tally.percent for panel in panels] == [100, 100]


@given(st.dictionaries(TEXTS, TREES, max_size=3), TREES)
def test_the_serializer_gives_back_what_it_was_given(asked: object, reply: object) -> None:
    made = exchange(asked=asked, reply=reply)
    interactions = serializer.deserialize(dumps(ABOUT.model_dump(), [made]))
    _, [again] = loads(serializer.serialize(interactions))
    assert json.dumps(again.request, sort_keys=True) == json.dumps(made.request, sort_keys=True)
    assert again.reply == (made.reply if not isinstance(made.reply, str) else again.reply)
