from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import openai
import pytest
from pydantic import SecretStr
from wire import KEY, TOOL, URL, Handler, answer, ask, completion, fault, request, respond, served, shown

import panelsynth as ps
from panelsynth.errors import CallError, EndpointError, InputError
from panelsynth.model import Endpoint
from panelsynth.request import Rung


def sent(model: Callable[[Any], ps.OpenAIModel]) -> httpx2.Request:
    seen: list[httpx2.Request] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(wire)
        return respond()

    asyncio.run(ask(model(handler)))
    return seen[0]


# What is sent


def test_the_body_is_model_messages_output_limit_and_schema_and_nothing_else() -> None:
    wire = sent(served)
    body = json.loads(wire.content)
    assert list(body) == ["model", "messages", "max_completion_tokens", "response_format"]
    assert body["model"] == "m-1"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert [*body["response_format"]["json_schema"]] == ["name", "strict", "schema"]
    assert (wire.method, str(wire.url)) == ("POST", f"{URL}/chat/completions")


@pytest.mark.parametrize(("rung", "format_"), [("json_object", {"type": "json_object"}), ("text", None)])
def test_a_lower_rung_asks_less_firmly_in_the_same_messages(rung: Rung, format_: object) -> None:
    body = json.loads(sent(lambda handler: served(handler, rung=rung)).content)
    assert body.get("response_format") == format_
    assert body["messages"] == [message.model_dump() for message in request().messages]


def test_headers_carry_label_and_sample_and_the_key_only_as_authorization() -> None:
    headers = sent(served).headers
    assert headers["x-panelsynth-label"] == "acme/skeptic/0/1"
    assert headers["x-panelsynth-sample"] == "0"
    assert [name for name, value in headers.items() if KEY in value] == ["authorization"]
    assert headers["authorization"] == f"Bearer {KEY}"


def test_what_the_environment_holds_for_openai_goes_to_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "admin-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer other-mine\nX-Secret: mine")
    foreign = sent(served).headers
    assert not [value for value in foreign.values() if "mine" in value]
    assert foreign["authorization"] == f"Bearer {KEY}"
    own = sent(lambda handler: served(handler, url="https://api.openai.com/v1")).headers
    assert own["openai-organization"] == "org-mine"


def test_a_loopback_server_without_a_key_gets_a_dummy() -> None:
    wire = sent(lambda handler: served(handler, url="http://127.0.0.1:8000/v1", key=None))
    assert wire.headers["authorization"] == "Bearer none"


def test_a_redirect_is_not_followed_with_prompt_and_key() -> None:
    hosts: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        hosts.append(wire.url.host)
        return respond(307, "", location="https://elsewhere.test/v1/chat/completions")

    with pytest.raises(EndpointError, match=r"elsewhere\.test") as caught:
        asyncio.run(ask(served(handler)))
    assert (hosts, caught.value.cause) == (["models.test"], "unreachable")


# What comes back


def test_a_reply_carries_text_model_time_and_usage() -> None:
    counted = completion("hello", usage={"prompt_tokens": 7, "completion_tokens": 3, "extra": 1})
    reply = asyncio.run(ask(served(lambda _: respond(body=counted))))
    assert (reply.text, reply.answered_by, reply.answered_at) == ("hello", "m-1-large", "2026-09-21T14:13:20Z")
    assert reply.usage is not None
    assert (reply.usage.input, reply.usage.output, reply.source) == (7, 3, "live")


def test_only_a_model_asked_for_as_authored_answers_as_authored() -> None:
    """No server can make a page say that a person wrote its replies."""
    for asked, source in (("authored", "authored"), ("m-1", "live")):
        model = served(lambda _: respond(body=completion(model="authored")), name=asked)
        assert asyncio.run(ask(model)).source == source


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "thinking", "thinking": []}, {"type": "text", "text": "b"}, 7], "b"),
        ([{"type": "text", "text": ["a"]}], ""),
        (7, ""),
        ({"a": 1}, ""),
        ([], ""),
    ],
)
def test_content_in_parts_is_joined_and_any_other_is_empty(content: object, text: str) -> None:
    assert asyncio.run(ask(served(lambda _: respond(body=completion(content))))).text == text


@pytest.mark.parametrize(("content", "text"), [(None, "thought"), ("", "thought"), ("said", "said")])
def test_reasoning_content_is_read_only_where_there_is_no_other(content: object, text: str) -> None:
    body = completion()
    body["choices"] = [{"message": {"content": content, "reasoning_content": "thought"}, "finish_reason": "stop"}]
    assert asyncio.run(ask(served(lambda _: respond(body=body)))).text == text


def test_null_content_is_an_empty_text() -> None:
    body = completion()
    body["choices"] = [{"message": {"content": None}, "finish_reason": "stop"}]
    assert asyncio.run(ask(served(lambda _: respond(body=body)))).text == ""


@pytest.mark.parametrize(
    "usage", ["many", {"prompt_tokens": "7"}, {"prompt_tokens": True, "completion_tokens": 1}, [1]]
)
def test_odd_usage_is_no_usage(usage: object) -> None:
    assert asyncio.run(ask(served(lambda _: respond(body=completion(usage=usage))))).usage is None


@pytest.mark.parametrize(
    ("counted", "output"),
    [
        ({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 920}, 820),
        ({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}, 20),
        ({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 7}, 20),
        ({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": True}, 20),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, None),
    ],
)
def test_thoughts_that_only_the_total_holds_are_paid_for_and_nothing_counted_is_no_count(
    counted: dict[str, object], output: int | None
) -> None:
    """Gemini and Grok leave thoughts out of completion_tokens, and charge for them; a limit of money must see them."""
    usage = asyncio.run(ask(served(lambda _: respond(body=completion(usage=counted))))).usage
    assert (usage and usage.output) == output


@pytest.mark.parametrize("created", ["yesterday", True, -1, 10**12, None, [], 1e300])
def test_an_odd_time_is_replaced_by_now(created: object) -> None:
    reply = asyncio.run(ask(served(lambda _: respond(body=completion(created=created)))))
    born = datetime.strptime(reply.answered_at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - born) < timedelta(minutes=1)


def test_a_reply_that_names_no_model_is_by_the_one_that_was_asked() -> None:
    """A persona may have a model of its own."""
    body = completion()
    del body["model"]
    asked = request().model_copy(update={"model": "another"})
    assert asyncio.run(ask(served(lambda _: respond(body=body)), asked)).answered_by == "another"


@pytest.mark.parametrize("deadline", [-1.0, float("nan")])
def test_a_deadline_that_is_none_is_refused(deadline: float) -> None:
    with pytest.raises(InputError, match="deadline"):
        served(lambda _: respond(), deadline=deadline)


# The key is never shown


def test_a_key_is_not_shown_as_an_address_writes_it() -> None:
    key = "x/y+z==secret-key"
    error = fault(respond(307, "", location=f"https://elsewhere.test/?k={quote(key, safe='')}"), key=key)
    assert "x%2Fy" not in shown(error)


@pytest.mark.parametrize("key", [KEY, "a\"b\\c'd-secret", "x/y+z==secret"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 429, 500])
def test_a_key_that_a_server_echoes_is_not_shown(key: str, status: int) -> None:
    text = f"{'.' * 290} Bearer {key} is wrong"  # on the edge where long words are cut
    for body in (
        text,
        {"error": {"message": f"Incorrect API key: {key}"}},
        json.dumps({"e": key}),
        f"{key!r} is wrong",
    ):
        error = fault(respond(status, body, location=f"https://x.test/?k={key}"), key=key)
        assert "secret" not in shown(error)
        assert key[:12] not in shown(error)


def test_a_key_that_a_server_puts_into_a_completion_is_not_kept() -> None:
    body = completion(f"I was asked with Bearer {KEY}, none other.", model=f"m-1 {KEY}")
    reply = asyncio.run(ask(served(lambda _: respond(body=body))))
    assert (reply.text, reply.answered_by) == ("I was asked with Bearer [key], none other.", "m-1 [key]")
    local = served(lambda _: respond(body=body), url="http://127.0.0.1:8000/v1", key="none")
    assert "none other" in asyncio.run(ask(local)).text


@pytest.mark.parametrize("failure", [httpx2.LocalProtocolError, httpx2.ConnectError, httpx2.ReadTimeout, ValueError])
def test_a_key_in_a_clients_own_error_is_not_shown(failure: type[Exception]) -> None:
    assert KEY not in shown(fault(failure(f"Illegal header value b'Bearer {KEY}'")))


@pytest.mark.parametrize(
    "key", [f"{KEY}\n", f" {KEY}", f"{KEY[:9]} {KEY[9:]}", f"{KEY}\u00e9", f"{KEY}\r\nX-More: 1", " "]
)
def test_a_malformed_key_is_refused_before_a_client_exists_and_not_shown(key: str) -> None:
    with pytest.raises(InputError) as caught:
        ps.OpenAIModel(endpoint=Endpoint("m-1", URL, SecretStr(key)))
    assert KEY[:9] not in shown(caught.value)
    with pytest.raises(InputError) as caught:
        ps.OpenAIModel("m-1", client=openai.AsyncOpenAI(api_key=key, base_url=URL))
    assert KEY[:9] not in shown(caught.value)


def test_reprs_do_not_show_the_key() -> None:
    model = served(lambda _: respond())
    assert KEY not in f"{model!r} {model.endpoint!r} {vars(model)}"


# A client of one's own


def test_a_client_of_ones_own_is_used_as_it_is_and_not_closed() -> None:
    seen: list[httpx2.Request] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(wire)
        return respond(body=completion(json.dumps(answer("skip"))))

    async def run() -> list[ps.Panel]:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(handler))
        async with openai.AsyncOpenAI(api_key=KEY, base_url=URL, http_client=http, max_retries=5) as client:
            model = ps.OpenAIModel("mine", client=client)
            panels = await ps.areview([TOOL], model=model, personas="skeptic")
            await model.aclose()
            assert not http.is_closed
            return panels

    [panel] = asyncio.run(run())
    assert [verdict.decision for verdict in panel.verdicts] == ["skip"]
    assert json.loads(seen[0].content)["model"] == "mine"
    assert len(seen) == 1


def refused_by(client: Callable[[httpx2.AsyncClient], openai.AsyncOpenAI], answer: Handler) -> str:
    """Ask through a client of one's own and return all that its error shows."""

    async def run() -> BaseException:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer), follow_redirects=True)
        model = ps.OpenAIModel("mine", client=client(http))
        with pytest.raises((CallError, EndpointError)) as caught:
            await model.ask(request())
        assert KEY not in repr(model.endpoint)
        return caught.value

    return shown(asyncio.run(run()))


def echoing(wire: httpx2.Request) -> httpx2.Response:
    return respond(401, {"error": {"message": f"no such key: {wire.headers['authorization']}"}})


def test_a_key_that_a_client_fetches_itself_is_not_shown() -> None:
    async def fetch() -> str:
        return KEY

    said = refused_by(lambda http: openai.AsyncOpenAI(api_key=fetch, base_url=URL, http_client=http), echoing)
    assert (KEY in said, "[key]" in said) == (False, True)


def test_a_key_in_the_address_of_a_client_is_not_shown() -> None:
    address = f"https://me:{KEY}@models.test/v1?key={KEY}"
    said = refused_by(lambda http: openai.AsyncOpenAI(api_key="none", base_url=address, http_client=http), echoing)
    assert (KEY in said, "https://models.test/v1 answers 401" in said) == (False, True)


def test_a_client_of_ones_own_follows_no_redirect_either() -> None:
    seen: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(wire.url.host)
        return respond(307, "", location="https://elsewhere.test/v1")

    said = refused_by(lambda http: openai.AsyncOpenAI(api_key=KEY, base_url=URL, http_client=http), handler)
    assert (seen, "it sends elsewhere" in said) == (["models.test"], True)


def test_a_client_that_has_a_token_in_place_of_a_key_is_taken() -> None:
    client = openai.AsyncAzureOpenAI(
        azure_ad_token_provider=lambda: "a-token", azure_endpoint="https://models.test", api_version="1"
    )
    assert ps.OpenAIModel("mine", client=client).endpoint.key is None


def test_each_event_loop_gets_a_client_of_its_own() -> None:
    model = served(lambda _: respond())

    async def clients() -> tuple[object, object]:
        return model.client(), model.client()

    (one, again), (other, _) = asyncio.run(clients()), asyncio.run(clients())
    assert one is again
    assert one is not other


def test_what_is_no_client_is_refused() -> None:
    with pytest.raises(InputError, match="no AsyncOpenAI"):
        ps.OpenAIModel(client=object())  # type: ignore[arg-type]
