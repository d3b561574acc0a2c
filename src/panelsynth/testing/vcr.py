"""The serializer and matcher through which vcrpy reads and writes our recordings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import yaml
from pydantic import JsonValue

from ..errors import RecordingError
from ..model import REPLAY_URL, Exchange, Recording
from ..model.envelope import now, plain
from ..model.recording import LABEL_HEADER, SAMPLE_HEADER, About, dumps, exchange_key, loads
from ..model.transports import is_kept, reply_of
from ..request import canonical


class WireRequest(Protocol):
    """A request as vcrpy hands it to a matcher."""

    method: str
    uri: str
    body: bytes | None
    headers: Mapping[str, str]


def serialize(cassette_dict: dict[str, Any]) -> str:
    """Write what vcrpy has recorded in our own format, scrubbed; a cassette of other requests in vcrpy's.

    vcrpy hands no head over: `about` is made from the requests. What asks to try again is left out.

    Raises:
        RecordingError: an exchange holds what looks like a key.
    """
    interactions = cassette_dict["interactions"]
    if not any(LABEL_HEADER in _headers(row["request"]) for row in interactions):
        from vcr.serializers import yamlserializer  # type: ignore[import-untyped]

        return cast("str", yamlserializer.serialize(cassette_dict))
    exchanges = [_exchange(row) for row in interactions if is_kept(row["response"]["status"]["code"])]
    about = _about(exchanges)
    if found := Recording(about, exchanges).secrets():
        raise RecordingError(f"not recorded: {found[0]} holds what looks like an API key")
    return dumps(about.model_dump(), exchanges)


def deserialize(cassette_string: str) -> dict[str, Any]:
    """Read a recording of ours as vcrpy's interactions, under `https://replay.invalid/v1`; or a cassette of vcrpy's.

    Raises:
        RecordingError: it is neither.
    """
    try:
        _, exchanges = loads(cassette_string)
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as exc:
        from vcr.serializers import yamlserializer

        theirs = yamlserializer.deserialize(cassette_string)
        if not isinstance(theirs, dict) or "interactions" not in theirs:
            raise RecordingError(f"neither a recording of ours nor a cassette of vcrpy's: {plain(str(exc))}") from exc
        return cast("dict[str, Any]", theirs)
    return {"version": 1, "interactions": [_interaction(exchange) for exchange in exchanges]}


def same_exchange(one: WireRequest, other: WireRequest) -> None:
    """Match two requests on method, path, body and sample; those that carry no label of ours on method and address."""
    if _name(one) != _name(other):
        message = f"{one.method} {one.uri} is another request than the recorded {other.method} {other.uri}"
        raise AssertionError(message)


def _name(request: WireRequest) -> tuple[str, str]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    if LABEL_HEADER not in headers:
        return request.method, request.uri
    return request.method, _key(_path(request.uri), request.body or b"", headers.get(SAMPLE_HEADER, "0"))


@lru_cache(maxsize=4096)  # vcrpy compares every request with every recorded one
def _key(path: str, body: bytes, sample: str) -> str:
    return exchange_key(path, json.loads(body), sample)


def _path(uri: str) -> str:
    """Take the part of an address that is the same on every server."""
    path = urlsplit(uri).path
    return path[path.rfind("/chat/completions") :] if "/chat/completions" in path else path.removeprefix("/v1")


def _headers(request: dict[str, Any]) -> dict[str, str]:
    return {name.lower(): values[0] for name, values in request["headers"].items()}


def _exchange(row: dict[str, Any]) -> Exchange:
    request, response = row["request"], row["response"]
    headers, body = _headers(request), response["body"]["string"]
    return Exchange(
        label=headers.get(LABEL_HEADER, ""),
        path=_path(request["uri"]),
        sample=headers.get(SAMPLE_HEADER, "0"),
        request=reply_of((request["body"] or "").encode()),
        status=response["status"]["code"],
        reply=reply_of(body.encode() if isinstance(body, str) else body),
    )


def _interaction(exchange: Exchange) -> dict[str, Any]:
    is_text = isinstance(exchange.reply, str)
    return {
        "request": {
            "method": "POST",
            "uri": f"{REPLAY_URL}{exchange.path}",
            "body": canonical(exchange.request),
            "headers": {
                "content-type": ["application/json"],
                LABEL_HEADER: [exchange.label],
                SAMPLE_HEADER: [exchange.sample],
            },
        },
        "response": {
            "status": {"code": exchange.status, "message": ""},
            "headers": {"content-type": ["text/plain" if is_text else "application/json"]},
            "body": {"string": exchange.reply if is_text else json.dumps(exchange.reply)},
        },
    }


def _about(exchanges: list[Exchange]) -> About:
    """Say what a recording is of, as far as its exchanges tell."""
    names = [[*exchange.label.split("/"), "", ""][:2] for exchange in exchanges]
    bodies = [_fields(exchange.request) for exchange in exchanges]
    models = Counter(str(body.get("model")) for body in bodies)
    # A server's word alone does not do: one reply could turn a live recording into one written by hand.
    by_hand = any(
        body.get("model") == "authored" == _fields(exchange.reply).get("model")
        for body, exchange in zip(bodies, exchanges, strict=True)
    )
    rungs = [str(_fields(body.get("response_format")).get("type", "text")) for body in bodies]
    head: dict[str, object] = {
        "source": "authored" if by_hand else "live",
        "recorded_at": now(),
        "model": models.most_common(1)[0][0] if models else "",
        "tools": _nowhere(tool for tool, _ in names),
        "personas": _nowhere(persona for _, persona in names),
        "samples": len({exchange.sample for exchange in exchanges}) or 1,
        "rung": rungs[0] if rungs else "json_schema",
    }
    return About.model_validate(head)


def _fields(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _nowhere(names: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(sorted({*names} - {""}))
