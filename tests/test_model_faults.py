from __future__ import annotations

import asyncio
import gzip
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import ask, completion, fault, respond, served

from panelsynth.errors import TRIES, CallError, EndpointError
from panelsynth.verdict import Usage


@pytest.mark.parametrize(
    ("status", "cause"),
    [(401, "authentication"), (402, "quota"), (403, "authentication"), (404, "unknown-model"), (301, "unreachable")],
)
def test_a_status_that_every_call_would_meet_is_fatal(status: int, cause: str) -> None:
    error = fault(respond(status, {"error": {"message": "no"}}))
    assert isinstance(error, EndpointError)
    assert (error.cause, error.exit_code) == (cause, 4)
    assert error.remedy


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (400, "request-refused"),
        (408, "server-error"),
        (409, "server-error"),
        (422, "request-refused"),
        (429, "rate-limited"),
        (500, "server-error"),
        (503, "server-error"),
    ],
)
def test_a_status_of_this_call_alone_fails_its_review(status: int, cause: str) -> None:
    error = fault(respond(status, "plain words, no JSON"))
    assert isinstance(error, CallError)
    assert error.cause == cause
    assert str(error) == f"the server answers {status}: plain words, no JSON"


@pytest.mark.parametrize("name", ["code", "type"])
def test_a_quota_that_is_spent_is_fatal(name: str) -> None:
    error = fault(respond(429, {"error": {"message": "pay", name: "insufficient_quota"}}))
    assert isinstance(error, EndpointError)
    assert error.cause == "quota"


def test_a_description_that_a_server_echoes_cannot_stop_the_run() -> None:
    error = fault(respond(400, {"error": {"message": "bad input: insufficient_quota", "code": "invalid"}}))
    assert isinstance(error, CallError)


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7.0), ("0.5", 0.5), ("soon", None), ("", None), ("-3", None), ("\u00b2", None), ("1" * 400, float("inf"))],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_as_seconds(status: int, header: str, wait: float | None) -> None:
    response = httpx2.Response(status, content="", headers=[(b"retry-after", header.encode("latin-1"))])
    error = fault(response)
    assert isinstance(error, CallError)
    assert error.wait == wait


def test_retry_after_is_read_as_a_date() -> None:
    later = fault(respond(429, "", retry_after=format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)))
    assert isinstance(later, CallError)
    assert later.wait == pytest.approx(40, abs=3)
    for zone in ("GMT", "-0000"):
        earlier = fault(respond(429, "", retry_after=f"Wed, 21 Oct 2015 07:28:00 {zone}"))
        assert isinstance(earlier, CallError)
        assert earlier.wait == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "from OpenAI"}}, "from OpenAI"),
        ({"error": "from LM Studio"}, "from LM Studio"),
        ({"object": "error", "message": "from vLLM"}, "from vLLM"),
        ({"detail": "from FastAPI"}, "from FastAPI"),
        ("<html>from  a\nproxy</html>", "<html>from a proxy</html>"),
        ("", "(no words)"),
        ("\x1b[31mred\x07 \u202e", "[31mred"),
        ("[" * 100_000, "[" * 300),
    ],
)
def test_a_servers_own_words_are_shown_on_one_printable_line(body: object, words: str) -> None:
    assert fault(respond(400, body)).message == f"the server answers 400: {words}"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({"error": {"message": "overloaded"}, "choices": None}, "server-error"),
        ("<html>hello</html>", "not-a-completion"),
        ("", "not-a-completion"),
        (b"\xff\xfe\x00", "not-a-completion"),
        ("[" * 100_000, "not-a-completion"),
        ("9" * 5000, "not-a-completion"),
        ([], "not-a-completion"),
        ({"choices": {}}, "not-a-completion"),
        ({"choices": "abc"}, "not-a-completion"),
        ({"choices": [None]}, "not-a-completion"),
        ({"choices": [{"message": None}]}, "not-a-completion"),
        ({"choices": [{"message": "hi"}]}, "not-a-completion"),
        (completion(finish="length"), "truncated"),
    ],
)
def test_a_200_without_a_completion_is_worth_another_try(body: object, cause: str) -> None:
    error = fault(respond(body=body))
    assert isinstance(error, CallError)
    assert error.cause == cause
    assert TRIES[cause] > 1


def test_a_200_that_says_quota_is_fatal() -> None:
    error = fault(respond(body={"error": {"code": "insufficient_quota"}, "choices": None}))
    assert isinstance(error, EndpointError)
    assert error.cause == "quota"


def refused() -> dict[str, object]:
    body = completion()
    body["choices"] = [{"message": {"content": None, "refusal": "I cannot"}, "finish_reason": "stop"}]
    return body


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (completion(finish="content_filter"), "content-filter"),
        (refused(), "refusal"),
        (completion(finish="length"), "truncated"),
        ({"choices": [{"message": None}]}, "not-a-completion"),
        ({"choices": []}, "not-a-completion"),
    ],
)
def test_a_reply_that_cannot_be_used_says_what_it_cost(body: dict[str, object], cause: str) -> None:
    error = fault(respond(body=body | {"usage": {"prompt_tokens": 7, "completion_tokens": 3}}))
    assert isinstance(error, CallError)
    assert (error.cause, error.usage) == (cause, Usage(input=7, output=3))
    free = fault(respond(body=body))
    assert isinstance(free, CallError)
    assert free.usage is None


@pytest.mark.parametrize(
    "page", ["<!DOCTYPE html><title>Ollama</title>", "\n<HTML><body>", '<?xml version="1.0"?><error/>']
)
def test_a_web_page_asks_after_v1(page: str) -> None:
    error = fault(respond(body=page))
    assert isinstance(error, CallError)
    assert (error.cause, "did you forget /v1" in error.message) == ("not-a-completion", True)


def test_lm_studios_200_for_an_unknown_path_asks_after_v1() -> None:
    """lmstudio-bug-tracker#618."""
    error = fault(respond(body={"error": "Unexpected endpoint or method. (POST /chat/completions)"}))
    assert isinstance(error, CallError)
    assert (error.cause, "did you forget /v1" in error.message) == ("not-a-completion", True)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("content_filter", "content-filter"),  # Azure, of a prompt
        ("json_validate_failed", "malformed-reply"),  # Groq, of a reply that breaks the schema
    ],
)
def test_a_400_about_one_prompt_or_one_reply_is_named_so(code: str, cause: str) -> None:
    error = fault(respond(400, {"error": {"message": "no, by response_format", "code": code}}), rung="text")
    assert isinstance(error, CallError)
    assert error.cause == cause


def test_a_body_that_cannot_be_unpacked_is_no_completion() -> None:
    error = fault(httpx2.Response(200, stream=_Bytes(b"no gzip"), headers={"content-encoding": "gzip"}))
    assert isinstance(error, CallError)
    assert error.cause == "not-a-completion"


class _Bytes(httpx2.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> Any:
        yield self._content


def test_a_packed_body_is_unpacked() -> None:
    packed = gzip.compress(json.dumps(completion("hello")).encode())
    response = httpx2.Response(200, stream=_Bytes(packed), headers={"content-encoding": "gzip"})
    assert asyncio.run(ask(served(lambda _: response))).text == "hello"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    body=st.fixed_dictionaries(
        {},
        optional={
            "choices": JSON
            | st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "message": JSON | st.fixed_dictionaries({}, optional={"content": JSON, "refusal": JSON}),
                        "finish_reason": JSON,
                    },
                ),
                max_size=2,
            ),
            "model": JSON,
            "created": JSON,
            "usage": JSON | st.fixed_dictionaries({"prompt_tokens": JSON, "completion_tokens": JSON}),
            "error": JSON,
        },
    )
    | JSON,
    status=st.sampled_from([200, 200, 200, 201, 204, 302, 400, 418, 429, 500]),
)
def test_no_answer_of_a_server_raises_a_foreign_exception(body: object, status: int) -> None:
    """Whatever JSON comes, a review of it ends with a panel or with an error of ours."""
    content = json.dumps(body)  # ASCII: lone surrogates travel as escapes, as they do from real servers
    model = served(lambda _: respond(status, content))
    try:
        reply = asyncio.run(ask(model))
        words = reply.answered_by
    except (CallError, EndpointError) as error:
        words = str(error)
    assert words.replace("\n", "").isprintable()
