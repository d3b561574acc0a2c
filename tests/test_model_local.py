"""Servers on this machine: models that are not installed, prompts that do not fit, keys in clear."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx2
import pytest
from wire import KEY, ask, completion, recorder, request, respond, served, shown

from panelsynth.errors import CallError, EndpointError
from panelsynth.model import DEFAULT_MODEL, Endpoint
from panelsynth.model.local import remedy
from panelsynth.request import Message, Request

OLLAMA, OTHER = "http://127.0.0.1:11434/v1", "http://127.0.0.1:1234/v1"
MODELS = {"object": "list", "data": [{"id": "qwen3:8b"}, {"id": "gemma3:4b\x1b[31m"}, {"id": 7}, "x"]}
ECHO = {"data": [{"id": KEY}]}

UNKNOWN: list[tuple[str, int, Any]] = [
    # Ollama, QAnything#555
    (OLLAMA, 404, {"error": {"message": 'model "m-1" not found, try pulling it first', "type": "api_error"}}),
    # LM Studio, letta#1876; some versions say it with 400
    (OTHER, 404, {"error": {"message": 'Model "m-1" not found.', "param": "model", "code": "model_not_found"}}),
    (OTHER, 400, {"error": {"message": 'Model "m-1" not found.', "param": "model", "code": "model_not_found"}}),
    # vLLM
    (
        OTHER,
        404,
        {"object": "error", "message": "The model `m-1` does not exist.", "type": "NotFoundError", "code": 404},
    ),
]


def unknown(url: str, status: int, body: object, models: object = MODELS) -> tuple[EndpointError, list[str]]:
    paths: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        paths.append(f"{wire.method} {wire.url.path}")
        return respond(status, body) if wire.method == "POST" else respond(body=models)

    async def run() -> EndpointError:
        model = served(handler, url=url)
        errors = await asyncio.gather(*[model.ask(request()) for _ in range(4)], return_exceptions=True)
        await model.aclose()
        assert len({str(error) for error in errors}) == 1
        assert isinstance(errors[0], EndpointError)
        return errors[0]

    return asyncio.run(run()), paths


@pytest.mark.parametrize(("url", "status", "body"), UNKNOWN)
def test_an_unknown_model_names_those_that_are_installed_asked_for_once(url: str, status: int, body: object) -> None:
    error, paths = unknown(url, status, body)
    assert error.cause == "unknown-model"
    assert "Installed there: gemma3:4b [31m, qwen3:8b." in error.remedy
    assert ("ollama pull m-1" in error.remedy) == (url == OLLAMA)
    assert paths.count("GET /v1/models") == 1


@pytest.mark.parametrize("models", [{"data": []}, {"data": None}, [], "<html>", {"data": [{"name": "x"}]}])
def test_a_server_that_names_no_models_leaves_a_remedy_all_the_same(models: object) -> None:
    error, _ = unknown(OLLAMA, 404, UNKNOWN[0][2], models)
    assert error.remedy == "It names no installed models. To install it: ollama pull m-1"


@pytest.mark.parametrize("path", ["", "/", "/v1/chat/completions", "/api"])
def test_an_address_without_v1_is_told_so_and_no_model_is_to_be_installed(path: str) -> None:
    error = unknown(f"http://127.0.0.1:11434{path}", 404, "404 page not found", "404 page not found")[0]
    assert error.remedy == "Most servers answer under /v1 alone: try --base-url http://127.0.0.1:11434/v1."


@pytest.mark.parametrize("url", [OLLAMA, OTHER])
def test_nobody_is_sent_to_install_the_default_model(url: str) -> None:
    endpoint = Endpoint(DEFAULT_MODEL, url)
    told = remedy(DEFAULT_MODEL, ["qwen3:8b"], endpoint)
    assert told.startswith("Installed there: qwen3:8b. Choose one with --model;")
    assert "pull" not in told


def test_a_key_that_a_server_names_as_a_model_is_not_shown() -> None:
    assert "Installed there: [key]." in unknown(OLLAMA, 404, UNKNOWN[0][2], ECHO)[0].remedy


def test_a_far_server_is_not_asked_for_its_models() -> None:
    error, paths = unknown("https://models.test/v1", 404, UNKNOWN[3][2])
    assert (error.cause, {*paths}) == ("unknown-model", {"POST /v1/chat/completions"})
    assert KEY not in shown(error)


def test_a_list_of_models_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never slow enough for a timeout between two reads; 'check --live' would wait for it without end."""
    monkeypatch.setattr("panelsynth.model.local.MODELS_DEADLINE", 0.1)

    async def handler(wire: httpx2.Request) -> httpx2.Response:
        if wire.method == "GET":
            await asyncio.sleep(20)
        return respond(404, UNKNOWN[0][2])

    started = time.monotonic()
    with pytest.raises(EndpointError):
        asyncio.run(ask(served(handler, url=OLLAMA)))
    assert time.monotonic() - started < 10


def test_a_list_of_models_that_fails_hides_nothing() -> None:
    def handler(wire: httpx2.Request) -> httpx2.Response:
        if wire.method == "POST":
            return respond(404, UNKNOWN[0][2])
        message = f"Illegal header value b'Bearer {KEY}'"
        raise httpx2.ConnectError(message)

    with pytest.raises(EndpointError) as caught:
        asyncio.run(ask(served(handler, url=OLLAMA)))
    assert caught.value.cause == "unknown-model"
    assert KEY not in shown(caught.value)


# Cut prompts


def asked(content: str) -> Request:
    return request().model_copy(update={"messages": (Message(role="user", content=content),)})


def counted(content: str, *counts: object, url: str = OLLAMA, cached: object = None) -> list[str]:
    """Send one prompt as often as there are counts, and say what became of each."""
    left = list(counts)

    async def run() -> list[str]:
        details = {"prompt_tokens_details": {"cached_tokens": cached}} if cached is not None else {}
        model = served(
            lambda _: respond(body=completion(usage={"prompt_tokens": left.pop(0), "completion_tokens": 9, **details})),
            url=url,
        )
        ended: list[str] = []
        for _ in counts:
            [end] = await asyncio.gather(model.ask(asked(content)), return_exceptions=True)
            if isinstance(end, CallError):
                assert end.usage
                assert "num_ctx" in end.message
            ended.append(getattr(end, "cause", "ok"))
        await model.aclose()
        return ended

    return asyncio.run(run())


ENGLISH = "The tool reads a description and judges it by its own rules. " * 500
CHINESE = (
    "\u8fd9\u4e2a\u5de5\u5177\u8bfb\u53d6\u8bf4\u660e\u5e76\u6309\u81ea\u5df1\u7684\u89c4\u5219\u8bc4\u5224\u3002" * 500
)


def test_a_prompt_that_a_local_server_has_cut_is_named_with_its_remedy() -> None:
    assert counted(ENGLISH, 2048, 2048) == ["prompt-cut"] * 2


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        (ENGLISH, 7_000),  # 1.17 tokens a word: fewer than any tokenizer needs
        (ENGLISH, 6_001),
        (CHINESE, 2_500),  # 3.6 characters a token: more than any tokenizer packs
        (ENGLISH, None),
        (ENGLISH, 0),  # Ollama of 2024 says 0 for a prompt in its cache, ollama#5370
        (ENGLISH, 1),
    ],
)
def test_an_honest_count_is_never_taken_for_a_cut(prompt: str, count: object) -> None:
    assert counted(prompt, count) == ["ok"]


def test_a_server_that_leaves_its_cache_out_of_the_count_is_believed() -> None:
    """Ollama 0.30 counted only what was new, ollama#16428; others say apart what was cached."""
    assert counted(ENGLISH, 7_000, 400) == ["ok", "ok"]
    assert counted(ENGLISH, 400, cached=6_600) == ["ok"]
    assert counted(ENGLISH, 400, cached="many") == ["prompt-cut"]


def test_a_far_server_is_not_doubted() -> None:
    assert counted(ENGLISH, 2048, url="https://models.test/v1") == ["ok"]


def test_the_question_for_models_is_no_part_of_a_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    model = recorder(monkeypatch, lambda wire: respond(404 if wire.method == "POST" else 200, MODELS), url=OLLAMA)
    with pytest.raises(EndpointError, match="qwen3:8b"):
        asyncio.run(model.ask(request()))
    assert model.recording.exchanges == []
