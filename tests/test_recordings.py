from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from wire import (
    ABOUT,
    DEMO,
    KEY,
    ROOT,
    TOOL,
    TREES,
    URL,
    answer,
    answering,
    ask,
    completion,
    exchange,
    recorder,
    request,
    respond,
    save,
)
from yaml.constructor import ConstructorError

import panelsynth as ps
from panelsynth.errors import RecordingError
from panelsynth.model import Endpoint, Exchange, OpenAIModel, RecordedModel, Recording
from panelsynth.model.recording import About, dumps, loads
from panelsynth.model.transports import RecordTransport

# The file


@given(TREES, TREES, st.text("0123456789", min_size=1, max_size=3))
def test_what_is_written_is_read_back_as_it_was(asked: object, reply: object, sample: str) -> None:
    made = exchange(asked=asked, reply=reply).model_copy(update={"sample": sample})
    about, exchanges = loads(dumps(ABOUT.model_dump(), [made]))
    assert (About.model_validate(about), exchanges) == (ABOUT, [made])


def test_exchanges_are_sorted_by_label_and_long_texts_are_blocks() -> None:
    labels = ["b/x/0/1", "a/y/0/2", "a/y/0/1"]
    text = dumps({}, [exchange(label, asked={"text": "one\ntwo\n"}) for label in labels])
    assert re.findall(r"label: (\S+)", text) == sorted(labels)
    assert "text: |\n" in text


def test_the_demo_is_written_as_dumps_writes() -> None:
    recording = Recording.read(DEMO)
    assert dumps(recording.about.model_dump(), recording.exchanges) == DEMO.read_text(encoding="utf-8")


UNQUOTED = """
about: {}
version: 1
exchanges:
- label: a
  request: {path: /x, sample: 0, json: {}}
  response: {status: 200, text: hi}
"""
ONE = UNQUOTED.replace("sample: 0", "sample: '0'")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it should begin with 'about:'"),
        ("- a", "it should begin with 'about:'"),
        ("interactions: []\nversion: 1", "'about'"),
        ("about: {}\nversion: 2\nexchanges: []", "it is of version 2"),
        ("about: {}\nversion: 1\nexchanges: []", "about.source: field required"),
        ("about: [\n", "not a recording"),
        ("about: !!python/object:os.system {}\nversion: 1", "not a recording"),
        ("about: {}\nversion: 1\nexchanges: [7]", "not a recording"),
        ("about: {}\nversion: 1\nexchanges: [{label: a}]", "'request'"),
        (UNQUOTED, "exchange.sample: input should be a valid string"),
        ("[" * 5000, "not a recording"),
        ("about: {source: live, source: authored}\nversion: 1", "the key 'source' is given twice"),
        ("about: {}\nabout: {}\nversion: 1", "the key 'about' is given twice"),
        ("about: &a {model: m}\nversion: 1\nexchanges: [*a]", "an alias (*name) is not allowed"),
        ("about: {<<: {source: live}}\nversion: 1", "not a recording"),
        (ONE.replace("{}", "{seed: .nan}"), "input should be a finite number"),
        (ONE.replace("{}", "[-.inf]"), "input should be a finite number"),
        (ONE.replace("text: hi", "json: .inf"), "input should be a finite number"),
        (ONE.replace("200", "99"), "exchange.status: input should be greater than"),
        (ONE.replace("200", "600"), "exchange.status: input should be less than"),
        (ONE.replace("label: a", 'label: "\\e[2J"'), "exchange.label: string should match"),
        ('about: {source: live, recorded_at: x, model: m, "\\e[2J": 1}\nversion: 1', "about. [2J: extra"),
    ],
)
def test_what_is_no_recording_is_an_error_that_names_the_file(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "r.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError) as caught:
        Recording.read(file)
    assert caught.value.message.startswith(f"{file}: ")
    assert words in caught.value.message
    assert (caught.value.exit_code, "--record" in caught.value.remedy) == (5, True)


def bomb(levels: int, repeat: str) -> str:
    """Write values that each stand for several of the one before."""
    rows = [f"- &a{n} {repeat.replace('*', f'*a{n - 1}')}" for n in range(1, levels)]
    return "\n".join(["version: 1", "about: {}", "exchanges:", "- &a0 {k: v}", *rows])


@pytest.mark.parametrize("repeat", ["[*, *, *, *, *, *, *, *]", "{<<: [*, *, *, *, *, *, *, *]}", "{k: *, l: *}"])
def test_a_recording_cannot_grow_by_aliases_or_merges(repeat: str) -> None:
    with pytest.raises(ConstructorError):
        loads(bomb(40, repeat))


def test_merges_inside_merges_are_not_followed() -> None:
    inner = "{k: v}"
    for level in range(40):
        inner = f"{{<<: [&a{level} {inner}, *a{level}]}}"
    with pytest.raises(ConstructorError):
        loads(f"version: 1\nabout: {inner}\nexchanges: []")


def test_two_exchanges_of_one_label_are_neither_read_nor_written(tmp_path: Path) -> None:
    """Played in the order of the file, the first of them would decide."""
    first, second = exchange(reply=completion(json.dumps(answer("skip")))), exchange(reply=completion())
    file = tmp_path / "r.yaml"
    file.write_text(dumps(ABOUT.model_dump(), [first, second]), encoding="utf-8")
    with pytest.raises(RecordingError, match=r"r\.yaml: acme/skeptic/0/1 is recorded twice"):
        Recording.read(file)
    with pytest.raises(RecordingError, match="not recorded: acme/skeptic/0/1 was asked twice"):
        Recording(ABOUT, [first, second]).write(tmp_path / "other.yaml")
    assert not (tmp_path / "other.yaml").exists()


def test_the_head_names_the_review_template_only_where_it_was_not_the_shipped_one() -> None:
    assert "template" not in ABOUT.model_dump()
    own = ABOUT.model_copy(update={"template": "../prompts/review.md.j2"})
    assert About.model_validate(loads(dumps(own.model_dump(), []))[0]) == own


def test_a_recording_that_is_not_there_is_a_recording_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"none\.yaml: cannot be read"):
        RecordedModel(tmp_path / "none.yaml")


@given(
    st.text(max_size=60) | st.text("abouterxchngsvi:1- \n[]{}!&*", max_size=60).map("version: 1\nabout: {}\n".__add__)
)
def test_any_text_is_a_recording_or_a_recording_error(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "r.yaml"
        file.write_bytes(text.encode(errors="replace"))
        with pytest.raises(RecordingError):
            Recording.read(file)


# Recording and replaying


def test_a_replay_equals_the_live_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = recorder(monkeypatch)
    live = ps.review([TOOL], model=model)
    save(model, tmp_path / "r.yaml")
    played = RecordedModel(tmp_path / "r.yaml")
    assert ps.review([TOOL], model=played) == live
    assert played.unplayed == []
    assert live[0].verdicts[0].provenance.answered_at == "2026-09-21T14:13:20Z"
    assert live[0].tally.text == "3 ship / 1 skip"


def test_no_key_cookie_organisation_or_request_id_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = recorder(monkeypatch)
    ps.review([TOOL], model=model)
    save(model, tmp_path / "r.yaml")
    text = (tmp_path / "r.yaml").read_text(encoding="utf-8")
    assert not [word for word in (KEY, "Bearer", "cookie-1", "req-1", "org-1", "user-agent") if word in text]


@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 409, 429, 500, 503])
def test_an_answer_that_asks_to_try_again_or_is_about_an_account_is_not_kept(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = recorder(monkeypatch, lambda _: respond(status, {"error": {"message": f"key {KEY}"}}))
    file = tmp_path / "r.yaml"
    file.write_text("an older recording", encoding="utf-8")
    with pytest.raises(ps.PanelsynthError):
        asyncio.run(model.ask(request()))
    assert model.recording.exchanges == []
    save(model, file)
    assert file.read_text(encoding="utf-8") == "an older recording", "an empty recording takes no other's place"


@pytest.mark.parametrize(
    "content",
    [
        b"plain words",
        b'"a JSON text"',
        b"7",
        b"NaN",
        b'{"a": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 5000,
        b"",
        b'{"a": 1e999}',
    ],
)
def test_an_odd_body_is_replayed_so_that_it_fails_alike(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    model = recorder(monkeypatch, lambda _: respond(200, content))
    live = ps.review([TOOL], model=model, personas="skeptic")
    save(model, tmp_path / "r.yaml")
    assert ps.review([TOOL], model=RecordedModel(tmp_path / "r.yaml"), personas="skeptic") == live
    assert live[0].missing[0].cause == "not-a-completion"


def test_a_passing_fault_is_not_in_the_recording_and_the_replay_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    answers = [respond(503, "")]
    model = recorder(monkeypatch, lambda wire: answers.pop() if answers else answering(wire))
    live = ps.review([TOOL], model=model, personas="skeptic")
    save(model, tmp_path / "r.yaml")
    assert [e.label for e in model.recording.exchanges] == ["acme/skeptic/0/2"]
    assert waits == [0.5]
    assert ps.review([TOOL], model=RecordedModel(tmp_path / "r.yaml"), personas="skeptic") == live
    assert waits == [0.5], "a replay does not wait"


@pytest.mark.parametrize("url", [URL, "http://127.0.0.1:9/api/v1", "http://127.0.0.1:9"])
def test_a_recording_does_not_depend_on_the_servers_address(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = recorder(monkeypatch, url=url)
    live = ps.review([TOOL], model=model)
    assert {e.path for e in model.recording.exchanges} == {"/chat/completions"}
    save(model, tmp_path / "r.yaml")
    assert ps.review([TOOL], model=RecordedModel(tmp_path / "r.yaml")) == live


def test_one_reply_cannot_make_a_live_recording_an_authored_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = recorder(monkeypatch, lambda _: respond(body=completion(model="authored")))
    [panel] = ps.review([TOOL], model=model, personas="skeptic")
    save(model, tmp_path / "r.yaml")
    assert Recording.read(tmp_path / "r.yaml").about.source == "live"
    assert panel.verdicts[0].provenance.source == "live"


def secrets() -> list[str]:
    return [KEY, "gsk_" + "a1" * 12, "AK" + "IA" + "A1" * 8, "AI" + "za" + "x" * 35, "ghp_" + "a1" * 15]


@pytest.mark.parametrize("secret", secrets())
@pytest.mark.parametrize("before", ["", "\n", "key=", "\t", '"'])
def test_a_secret_in_a_description_is_not_written_and_the_panels_are_not_lost(
    secret: str, before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = TOOL.model_copy(update={"description": f"Export your key:{before}{secret}"})
    model = recorder(monkeypatch)
    panels = ps.review([tool], model=model, personas="skeptic")
    with pytest.raises(RecordingError, match="acme/skeptic/0/1 holds what looks like an API key") as caught:
        save(model, tmp_path / "r.yaml")
    assert (caught.value.exit_code, panels[0].tally.ships, [*tmp_path.iterdir()]) == (5, 1, [])
    assert secret not in str(caught.value)


def test_a_secret_in_the_head_is_found() -> None:
    recording = Recording(ABOUT.model_copy(update={"tools": {"acme": f"{KEY}.yaml"}}))
    assert recording.secrets() == ["about"]


@pytest.mark.parametrize("text", ["task-runner-for-everything-long", "sk-learn", "the AKIA prefix", "a hf_model"])
def test_ordinary_words_are_no_secret(text: str) -> None:
    assert Recording(ABOUT, [exchange(asked={"text": text})]).secrets() == []


# Nothing that looks like a key is kept in the repository


def test_no_file_of_the_repository_holds_what_looks_like_a_key() -> None:
    """Made-up keys in tests are put together at run time, so any hit is real or must be rewritten so."""
    folders = ("cassettes", "docs", "examples", "prompts", "requirements", "scripts", "src", "tests")
    files = [file for name in folders for file in (ROOT / name).rglob("*") if file.is_file()]
    texts = {file: file.read_bytes().decode(errors="replace") for file in files if "__pycache__" not in file.parts}
    assert len(texts) > 50
    found = [file for file, text in texts.items() if looks_like_a_key(text)]
    assert found == []


def looks_like_a_key(text: str) -> bool:
    return Recording(
        ABOUT, [Exchange(label="", path="", sample="", request=text, status=200, reply=None)]
    ).secrets() == [""]


def test_the_scan_would_see_a_key() -> None:
    assert looks_like_a_key(f"openai_key: {KEY}\n")


@pytest.mark.parametrize(
    ("key", "said", "kept"),
    [
        ("x/y+z==secret-key", rb"k x\/y+z==secret-key", "k [key]"),
        ("ollama", b"ollama run", "ollama run"),
    ],
)
def test_a_key_that_is_echoed_is_not_recorded_however_it_is_escaped_and_a_word_is_no_key(
    key: str, said: bytes, kept: str
) -> None:
    recording = Recording(ABOUT)
    raw = b'{"choices": [{"message": {"content": "' + said + b'"}}]}'
    inner = httpx2.MockTransport(lambda _: httpx2.Response(200, content=raw))
    endpoint = Endpoint("m-1", URL, SecretStr(key))
    model = OpenAIModel(endpoint=endpoint, transport=RecordTransport(recording, inner, "/v1"))
    live = asyncio.run(ask(model)).text
    assert recording.exchanges[0].reply == {"choices": [{"message": {"content": kept}}]}
    assert live == kept
