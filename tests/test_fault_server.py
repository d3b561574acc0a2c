"""The fault server itself: it answers, errs as planned, and remembers both."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from fault_server import FATAL, INSTALLED, KINDS, MALFORMED, RECOVERABLE, Ask, FaultServer, Plan, faulty
from wire import request

LABEL = "acme/skeptic/0/1"


def post(
    server: FaultServer, body: dict[str, Any] | None = None, label: str = LABEL, patience: float = 3
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=patience)
    headers = {"x-panelsynth-label": label, "authorization": "Bearer k-1"}
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps(body or request().body()), headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def content(raw: bytes) -> Any:
    return json.loads(json.loads(raw)["choices"][0]["message"]["content"])


def test_a_sound_answer_has_the_asked_shape_and_the_remembered_decision() -> None:
    with faulty(Plan(share=0)) as server:
        status, raw = post(server)
    assert status == 200
    assert {*content(raw)} == {*request().answer_schema["properties"]}  # type: ignore[misc]
    assert server.truth == {"acme/skeptic": content(raw)["decision"]}
    assert [(call.label, call.kind, call.key, call.shape) for call in server.received] == [
        (LABEL, "ok", "k-1", "json_schema")
    ]


def test_below_the_first_rung_the_shape_is_remembered() -> None:
    with faulty(Plan(share=0)) as server:
        _, first = post(server)
        _, second = post(server, request().body("text"))
    assert content(first) == content(second)


def test_the_plan_is_the_same_for_the_same_seed_and_uses_every_kind() -> None:
    labels = [f"tool-{n}/skeptic/0/1" for n in range(3_000)]
    plan = Plan(seed=1)
    drawn = [plan.kind(label, 0) for label in labels]
    assert drawn == [Plan(seed=1).kind(label, 0) for label in labels]
    assert drawn != [Plan(seed=2).kind(label, 0) for label in labels]
    assert {*drawn} == {"ok", *RECOVERABLE}
    assert 0.27 < sum(kind != "ok" for kind in drawn) / len(drawn) < 0.33


def test_a_body_that_was_paid_for_and_comes_again_is_counted() -> None:
    with faulty(Plan(("missing-field",), share=1)) as server:
        post(server)
        post(server)
        post(server, request("developer").body())
    assert server.paid_twice == {"missing-field": 1}


def test_what_was_not_answered_is_not_paid() -> None:
    with faulty(Plan(("500",), share=1)) as server:
        post(server)
        post(server)
    assert not server.paid_twice


@pytest.mark.parametrize("kind", ["reset", "reset-in-body", "close", "close-in-body", "length-too-long"])
def test_a_broken_connection_breaks(kind: str) -> None:
    with faulty(Plan((kind,), share=1)) as server, pytest.raises((ConnectionError, http.client.IncompleteRead)):
        post(server)


def test_a_server_that_hangs_says_nothing() -> None:
    with faulty(Plan(("hang",), share=1)) as server, pytest.raises(TimeoutError):
        post(server, patience=0.3)


def test_a_drip_never_pauses_long_enough_for_a_timeout_between_reads() -> None:
    with faulty(Plan(("drip",), share=1)) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=0.5)
        connection.request("POST", "/v1/chat/completions", json.dumps(request().body()))
        response = connection.getresponse()
        assert [len(response.read(1)) for _ in range(8)] == [1] * 8
        connection.close()


def test_calls_beyond_the_places_wait_their_turn() -> None:
    plan = Plan(share=0, seconds=0.05, places=1)
    with faulty(plan) as server:
        assert [post(server)[0] for _ in range(3)] == [200] * 3
    assert len(server.received) == 3


def test_the_installed_models_are_told() -> None:
    with faulty() as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=3)
        connection.request("GET", "/v1/models")
        listed = json.loads(connection.getresponse().read())
        connection.close()
    assert tuple(model["id"] for model in listed["data"]) == INSTALLED
    assert server.received == []


@pytest.mark.parametrize("kind", [*MALFORMED])
def test_a_malformed_answer_never_argues_for_the_truth_alone(kind: str) -> None:
    """Who reads a vote out of it, differs from the truth, or had a choice."""
    said = KINDS[kind](Ask(LABEL, request().body(), "k-1", "http://127.0.0.1:1", "ship")).body.decode()
    text = json.loads(said)["choices"][0]["message"]["content"] or ""
    assert 'decision": "ship' not in text or "skip" in text


def test_an_account_s_fault_is_no_success() -> None:
    for kind in FATAL:
        assert KINDS[kind](Ask(LABEL, request().body(), "k-1", "http://127.0.0.1:1", "ship")).status >= 300
