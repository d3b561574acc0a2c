"""Refusals of the answer's shape, in the words of real servers, and what is asked instead."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from wire import ABOUT, KEY, TOOL, answer, ask, completion, exchange, fault, recorder, request, respond, save, served

import panelsynth as ps
from panelsynth.errors import CallError, PanelsynthError
from panelsynth.model import RecordedModel, Recording
from panelsynth.model.ladder import Shape

SCHEMA, OBJECT, TEXT = "json_schema", "json_object", "text"


def format_of(wire: httpx2.Request) -> str:
    return Shape.of(json.loads(wire.content)).rung


def error(message: object, **fields: object) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **fields}}


SCHEMA_REFUSED: list[tuple[int, Any]] = [
    # Azure, langchain#31490
    (
        400,
        error(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more "
            "about supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/"
        ),
    ),
    # Azure of an older API version, litellm#5295
    (400, error("Invalid parameter: 'response_format' must be one of 'json_object', 'text'.", param="response_format")),
    # Groq: a model without structured outputs; a schema with a keyword it lacks, beeai-framework#1215
    (400, error("This model does not support response format `json_schema`. See supported models")),
    (400, error("invalid schema for response format: response_format/json_schema/answer: minItems is not supported")),
    # Groq of 2025, vercel/ai#7808
    (
        400,
        error(
            "'response_format' : one of the following must be satisfied[('response_format.type' : value is not one of "
            "the allowed values ['text']) OR ('response_format.type' : value is not one of ['json_object'])]"
        ),
    ),
    # DeepSeek, crewAI#6357; and as plain text with 422, litellm#7580 and deep-research#22
    (400, error("This response_format type is unavailable now")),
    (
        422,
        "Failed to deserialize the JSON body into the target type: response_format: "  # noqa: ISC004
        "response_format.type `json_schema` is unavailable now at line 1 column 1193",
    ),
    # LM Studio, receipt-ocr#20
    (400, {"error": "'response_format.json_schema.schema' must be an object"}),
    # llama.cpp: before 2025 with 500, llama.cpp#9522; later, opencodex#2135; llama.cpp#11847 names both words
    (
        500,
        {
            "error": {
                "code": 500,
                "message": 'response_format type must be one of "text" or "json_object", but got: json_schema',
                "type": "server_error",
            }
        },
    ),
    (400, error("Failed to initialize samplers: failed to parse grammar", code=400)),
    (400, error('Either "json_schema" or "grammar" can be specified, but not both', code=400)),
    # vLLM, vllm#26421 and paroquant#31: no `error` key
    (
        400,
        {
            "object": "error",
            "message": "The provided JSON schema contains features not supported by xgrammar.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    (400, {"object": "error", "message": "Grammar error: Unknown format: uri", "type": "BadRequestError", "code": 400}),
    # a proxy that wraps the refusal in 200
    (200, error("response_format is not supported") | {"choices": None}),
]


@pytest.mark.parametrize(("status", "body"), SCHEMA_REFUSED)
def test_a_refused_schema_is_asked_for_as_a_json_object_and_said_once(status: int, body: object) -> None:
    seen: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(format_of(wire))
        return respond(status, body) if seen[-1] == SCHEMA else respond()

    model = served(handler)
    panels = [ps.review([TOOL.model_copy(update={"id": f"t-{n}"})], model=model, personas="skeptic") for n in range(3)]
    assert [panel.tally.ships for [panel] in panels] == [1, 1, 1]
    assert seen == [SCHEMA, OBJECT, OBJECT, OBJECT]
    [notice] = model.notices
    assert "--rung json_object" in notice
    assert model.rung == OBJECT


def test_lm_studios_refusal_of_json_object_leads_to_text() -> None:
    """LM Studio takes a schema and no json_object: support is not monotone; lmstudio-bug-tracker#189."""
    seen: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(format_of(wire))
        if seen[-1] == SCHEMA:
            return respond(400, error("Invalid grammar"))
        refusal = {"error": "'response_format.type' must be 'json_schema' or 'text'"}
        return respond(400, refusal) if seen[-1] == OBJECT else respond()

    model = served(handler)
    asyncio.run(ask(model))
    assert (seen, len(model.notices)) == ([SCHEMA, OBJECT, TEXT], 2)


def test_a_server_that_refuses_every_rung_fails_the_review_after_three_requests() -> None:
    seen: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(format_of(wire))
        return respond(400, error("response_format is not supported"))

    with pytest.raises(CallError) as caught:
        asyncio.run(ask(served(handler)))
    assert (caught.value.cause, seen) == ("request-refused", [SCHEMA, OBJECT, TEXT])


@pytest.mark.parametrize("tools", [1, 8])
def test_each_step_is_taken_once_however_many_calls_are_under_way(tools: int) -> None:
    seen: list[str] = []

    async def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(format_of(wire))
        await asyncio.sleep(0.01)
        if seen and format_of(wire) == SCHEMA:
            return respond(400, error("response_format json_schema is not supported"))
        persona = wire.headers["x-panelsynth-label"].split("/")[1]
        return respond(body=completion(json.dumps(answer(persona=persona))))

    model = served(handler)
    made = [TOOL.model_copy(update={"id": f"t-{n}"}) for n in range(tools)]
    panels = ps.review(made, model=model)
    assert [panel.tally.voted for panel in panels] == [4] * tools
    assert len(model.notices) == 1
    assert seen.count(OBJECT) == 4 * tools
    assert seen.count(SCHEMA) == min(4 * tools, 16)


def test_a_server_that_has_honoured_a_schema_is_not_stepped_down_by_one_refusal() -> None:
    """Behind one address stand many machines: the refusal is one call's own and costs nothing."""
    no = respond(400, error("response_format is not supported"))
    answers = [respond(), no, respond(), no, no, respond()]
    seen: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(format_of(wire))
        return answers.pop(0)

    async def run() -> None:
        model = served(handler)
        await model.ask(request())
        await model.ask(request())
        with pytest.raises(CallError) as caught:
            await model.ask(request())
        assert caught.value.cause == "server-error"
        await ask(model)
        assert model.notices == []

    asyncio.run(run())
    assert seen == [SCHEMA] * 6


@pytest.mark.parametrize("rung", [SCHEMA, OBJECT])
def test_a_rung_that_the_user_chose_is_kept_and_its_refusal_names_the_option(rung: str) -> None:
    refused = fault(respond(400, error("response_format is not supported")), rung=rung)
    assert isinstance(refused, CallError)
    assert refused.cause == "request-refused"
    assert f"--rung {rung} was asked for" in refused.message


@pytest.mark.parametrize("status", [401, 403, 413, 429, 503])
def test_a_refusal_of_another_kind_is_no_step(status: int) -> None:
    seen: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(format_of(wire))
        return respond(status, error("no response_format today"))

    with pytest.raises(PanelsynthError):
        asyncio.run(ask(served(handler)))
    assert seen == [SCHEMA]


def test_a_refusal_without_words_about_the_shape_is_no_step() -> None:
    refused = fault(respond(400, error("This model's maximum context length is 8192 tokens.")))
    assert isinstance(refused, CallError)
    assert refused.cause == "request-refused"


def test_models_of_one_server_have_ladders_of_their_own() -> None:
    def handler(wire: httpx2.Request) -> httpx2.Response:
        if json.loads(wire.content)["model"] == "old" and format_of(wire) == SCHEMA:
            return respond(400, error("'response_format' of type 'json_schema' is not supported with this model"))
        return respond()

    async def run() -> ps.OpenAIModel:
        model = served(handler)
        await model.ask(request().model_copy(update={"model": "old"}))
        await ask(model)
        return model

    model = asyncio.run(run())
    assert (model.ladder("old").shape.rung, model.rung) == (OBJECT, SCHEMA)


# The output limit

LIMIT_REFUSED: list[tuple[int, Any]] = [
    # Azure, openai-python#1724
    (400, error("Unrecognized request argument supplied: max_completion_tokens")),
    # Mistral, eca#231
    (
        422,
        {
            "object": "error",
            "message": {
                "detail": [
                    {
                        "type": "extra_forbidden",
                        "loc": ["body", "max_completion_tokens"],
                        "msg": "Extra inputs are not permitted",
                        "input": 8000,
                    }
                ]
            },
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        },
    ),
    # FastAPI servers
    (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"], "msg": "no"}]}),
]


def limits(wire: httpx2.Request) -> dict[str, object]:
    return {name: value for name, value in json.loads(wire.content).items() if "max" in name}


@pytest.mark.parametrize(("status", "body"), LIMIT_REFUSED)
def test_a_refused_output_limit_is_renamed(status: int, body: object) -> None:
    seen: list[dict[str, object]] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(limits(wire))
        return respond(status, body) if "max_completion_tokens" in seen[-1] else respond()

    model = served(handler)
    asyncio.run(ask(model))
    assert seen == [{"max_completion_tokens": 8000}, {"max_tokens": 8000}]
    assert (len(model.notices), model.rung, model.limits_output) == (1, SCHEMA, True)


def test_an_output_limit_that_is_refused_twice_is_dropped_and_said() -> None:
    """As vLLM does where the context is small: the limit's value is what it refuses, under either name."""
    words = "'max_tokens' or 'max_completion_tokens' is too large: 8000. This model's maximum context length is 4096"
    model = served(lambda wire: respond(400, {"object": "error", "message": words}) if limits(wire) else respond())
    asyncio.run(ask(model))
    assert "no output limit is sent, so a reply may cost more than foreseen" in model.notices[-1]
    assert (len(model.notices), model.limits_output) == (2, False)


def test_more_room_that_is_refused_ends_the_review_and_changes_nothing_for_others() -> None:
    async def run() -> None:
        model = served(
            lambda wire: respond() if limits(wire) == {"max_completion_tokens": 8000} else respond(400, error(words))
        )
        await model.ask(request())
        with pytest.raises(CallError, match="at most 8192") as caught:
            await ask(model, request().model_copy(update={"room": 2}))
        assert (caught.value.cause, model.notices) == ("request-refused", [])

    words = "max_completion_tokens is too large: 16000. This model supports at most 8192 completion tokens."
    asyncio.run(run())


def test_the_key_of_a_request_is_the_same_on_every_rung_and_under_every_limit() -> None:
    asked = request()
    bodies = [Shape(rung, limit).body(asked) for rung, limit in [(SCHEMA, "max_tokens"), (TEXT, "")]]  # type: ignore[arg-type]
    assert [[*body] for body in bodies] == [
        ["model", "messages", "max_tokens", "response_format"],
        ["model", "messages"],
    ]
    assert Shape().body(asked) == asked.body()
    assert asked.key == request().key


# Recordings


def test_a_recording_of_a_server_that_refuses_replays_without_its_refusals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handler(wire: httpx2.Request) -> httpx2.Response:
        if format_of(wire) == SCHEMA:
            return respond(400, error("response_format is not supported"))
        if "max_completion_tokens" in limits(wire):
            return respond(422, LIMIT_REFUSED[1][1])
        persona = wire.headers["x-panelsynth-label"].split("/")[1]
        return respond(body=completion(json.dumps(answer(persona=persona))))

    model = recorder(monkeypatch, handler)
    made = ps.review([TOOL], model=model)
    assert len(model.notices) == 2
    save(model, tmp_path / "r.yaml")
    recording = Recording.read(tmp_path / "r.yaml")
    assert (recording.about.rung, [e.status for e in recording.exchanges]) == (OBJECT, [200] * 4)
    played = RecordedModel(tmp_path / "r.yaml")
    assert ps.review([TOOL], model=played) == made
    assert (played.unplayed, played.notices) == ([], [])


def test_a_refusal_that_is_no_matter_of_shape_stays_in_the_recording() -> None:
    recording = Recording(ABOUT, [exchange(reply=error("too long"), status=400)])
    [panel] = ps.review([TOOL], model=RecordedModel(recording), personas="skeptic")
    assert panel.missing[0].cause == "request-refused"


@pytest.mark.parametrize("body", [[], "x", None, {}, {"response_format": 7}, {"response_format": {"type": "xml"}}])
def test_a_body_of_no_known_shape_is_text_without_a_limit(body: Any) -> None:
    assert Shape.of(body) == Shape("text", "")


def test_notices_never_show_the_key() -> None:
    def handler(wire: httpx2.Request) -> httpx2.Response:
        if format_of(wire) == SCHEMA or limits(wire):
            return respond(400, error(f"response_format or max_completion_tokens? Bearer {KEY}"))
        return respond()

    model = served(handler)
    with pytest.raises(CallError) as caught:
        asyncio.run(ask(model))
    assert KEY not in "".join([*model.notices, str(caught.value)])
