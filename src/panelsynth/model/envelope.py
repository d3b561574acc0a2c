"""What a server's HTTP answer says: a completion taken apart, or the fault that it names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from ..errors import CallError, EndpointError
from ..verdict import Usage

if TYPE_CHECKING:
    import httpx2

_UTC_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
REMEDIES = {
    "authentication": "Check that the key is whole and belongs to this server.",
    "quota": "The account has no credit left: top it up, then run again.",
    "unknown-model": "Check --model; for a server of your own check that --base-url ends in /v1.",
    "unreachable": "Check --base-url, and that the server runs.",
}
_FATAL = {401: "authentication", 402: "quota", 403: "authentication", 404: "unknown-model"}


def plain(text: str, limit: int = 300) -> str:
    """Make one short line of printable characters out of anybody's words: no escapes, no lone surrogates."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 10 * limit]).split())[:limit]


def scrub(text: str, key: SecretStr | None) -> str:
    """Take a key out of somebody's words, in every way that it may be written there, and make one line of them."""
    secret = key.get_secret_value() if key else ""
    for written in {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]} - {""}:
        text = text.replace(written, "[key]")
    return plain(text)


def refusal(response: httpx2.Response, place: str, key: SecretStr | None) -> CallError | EndpointError:
    """Name an answer that is no completion: fatal when every call would meet it, else this call's own."""
    status = response.status_code
    data = load(response)
    error = data.get("error", data) if isinstance(data, dict) else {}
    codes = {str(error.get(name)) for name in ("code", "type")} if isinstance(error, dict) else set()
    said = f"answers {status}: {scrub(_words(data, response.text), key) or '(no words)'}"
    cause = "quota" if "insufficient_quota" in codes else _FATAL.get(status)
    if 300 <= status < 400:
        to = scrub(response.headers.get("location", ""), key)
        said, cause = f"answers {status}: it sends elsewhere, to {to or 'no address'}", "unreachable"
    if cause:
        return EndpointError(f"{place} {said}", cause=cause, remedy=REMEDIES[cause])
    message = f"the server {said}"  # without its address: a replay of the answer gives the same panel
    if status == 429:
        return CallError(message, cause="rate-limited", wait=_wait(response))
    if status >= 500 or status in {200, 408, 409}:
        return CallError(message, cause="server-error", wait=_wait(response))
    return CallError(message, cause="request-refused")


def completion_text(response: httpx2.Response, place: str, key: SecretStr | None) -> str:
    """Take the text out of a 2xx answer.

    Raises:
        CallError: it is no completion, or one that was withheld, refused or cut.
        EndpointError: it is an error after all, and one that every call would meet.
    """
    data = load(response)
    choices = data.get("choices") if isinstance(data, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if isinstance(data, dict) and data.get("error") and not choices:
        raise refusal(response, place, key)
    if not isinstance(choice, dict) or not isinstance(message, dict):
        said = scrub(_words(data, response.text), key) or "(an empty body)"
        raise CallError(f"the server sent no chat completion: {said}", cause="malformed-reply")
    if choice.get("finish_reason") == "content_filter":
        raise CallError("the server's content filter withheld the reply", cause="content-filter")
    if refused := message.get("refusal"):
        raise CallError(f"the model refused: {scrub(str(refused), key)}", cause="refusal")
    if choice.get("finish_reason") == "length":
        raise CallError("the reply was cut at the output limit", cause="truncated")
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"text": content}]
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def load(response: httpx2.Response) -> Any:  # noqa: ANN401 - whatever a server sends
    """Read the body as JSON; None when it is none."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def born(created: object) -> str | None:
    """Say when a reply was born, by the server's clock."""
    if isinstance(created, int | float) and not isinstance(created, bool) and 0 < created < 10**11:
        return datetime.fromtimestamp(int(created), UTC).strftime(_UTC_FORMAT)
    return None


def now() -> str:
    """Say what time it is, as recordings and verdicts write it."""
    return datetime.now(UTC).strftime(_UTC_FORMAT)


def usage(data: object) -> Usage | None:
    """Read the tokens that a server counted; None when it did not, or not in earnest."""
    if not isinstance(data, dict):
        return None
    given, taken = data.get("prompt_tokens"), data.get("completion_tokens")
    if type(given) is int and type(taken) is int and 0 <= given < 10**12 and 0 <= taken < 10**12:
        return Usage(input=given, output=taken)
    return None


def _words(data: object, text: str) -> str:
    """Find the server's own words in any of the shapes that servers use."""
    for name in ("error", "message", "detail"):
        if isinstance(data, dict) and data.get(name):
            data = data[name]
    return text if data is None else str(data)


def _wait(response: httpx2.Response) -> float | None:
    """Read Retry-After, a number of seconds or a date, as seconds from now."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
