"""What a server's HTTP answer says: a completion taken apart, or the fault that it names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import SecretStr

from ..errors import CallError, EndpointError
from ..verdict import Usage

if TYPE_CHECKING:
    import httpx2

_EPOCH = 1_577_836_800  # 2020: servers with no clock say 0 or 1
_UTC_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
REMEDIES = {
    "authentication": "Check that the key is whole and belongs to this server.",
    "quota": "The account has no credit left: top it up, then run again.",
    "unknown-model": "Check --model; for a server of your own check that --base-url ends in /v1.",
    "unreachable": "Check --base-url, and that the server runs.",
}
_HINT = ": did you forget /v1 at the end of --base-url?"
_CODES = {"content_filter": "content-filter", "json_validate_failed": "malformed-reply"}
"""Refusals of one prompt or one reply, by their code at Azure and at Groq."""
_SHORT = 12
"""Characters of a key up to which it may be a word of somebody's prose, such as `none`."""
_FATAL = {401: "authentication", 402: "quota", 403: "authentication", 404: "unknown-model"}


def plain(text: str, limit: int = 300) -> str:
    """Make one short line of printable characters out of anybody's words: no escapes, no lone surrogates."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 10 * limit]).split())[:limit]


def scrub(text: str, key: SecretStr | None) -> str:
    """Take a key out of somebody's words, in every way that it may be written there, and make one line of them."""
    secret = key.get_secret_value() if key else ""
    for written in {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe="")} - {""}:
        text = text.replace(written, "[key]")
    return plain(text)


@dataclass(frozen=True)
class Completion:
    """What a 2xx answer says."""

    text: str
    model: str
    """The model that says it has answered; empty when none does."""
    born: str | None
    """When, by the server's clock."""
    usage: Usage | None


def refusal(response: httpx2.Response, place: str, key: SecretStr | None) -> CallError | EndpointError:
    """Name an answer that is no completion: fatal when every call would meet it, else this call's own."""
    status = response.status_code
    data = load(response)
    error = data.get("error", data) if isinstance(data, dict) else {}
    codes = {str(error.get(name)) for name in ("code", "type")} if isinstance(error, dict) else set()
    said = f"answers {status}: {scrub(words(data, body_text(response)), key) or '(no words)'}"
    cause = "quota" if "insufficient_quota" in codes else _FATAL.get(status)
    cause = "unknown-model" if "model_not_found" in codes else cause
    if 300 <= status < 400:
        to = scrub(response.headers.get("location", ""), key)
        said, cause = f"answers {status}: it sends elsewhere, to {to or 'no address'}", "unreachable"
    if cause:
        return EndpointError(f"{place} {said}", cause=cause, remedy=REMEDIES[cause])
    message = f"the server {said}"  # without its address: a replay of the answer gives the same panel
    if status == 429:
        return CallError(message, cause="rate-limited", wait=_wait(response))
    if status == 200 and "Unexpected endpoint" in said:  # LM Studio's way of saying 404
        return CallError(message + _HINT, cause="not-a-completion")
    if status >= 500 or status in {200, 408, 409}:
        return CallError(message, cause="server-error", wait=_wait(response))
    for code, known in _CODES.items():
        if code in codes:
            return CallError(message, cause=known)
    return CallError(message, cause="request-refused")


def objection(response: httpx2.Response) -> str:
    """Find what a server says instead of a completion; empty when it sent one."""
    data = load(response)
    if response.is_success and isinstance(data, dict) and data.get("choices"):
        return ""
    return words(data, body_text(response))[:2_000]


def completion(response: httpx2.Response, place: str, key: SecretStr | None) -> Completion:
    """Take a 2xx answer apart.

    Raises:
        CallError: it is no completion, or one that was withheld, refused or cut; with what it cost, if the server says.
        EndpointError: it is an error after all, and one that every call would meet.
    """
    data = load(response)
    choices = data.get("choices") if isinstance(data, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if isinstance(data, dict) and data.get("error") and not choices:
        raise refusal(response, place, key)
    spent = usage(data.get("usage")) if isinstance(data, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        said = scrub(words(data, body_text(response)), key) or "(an empty body)"
        page = body_text(response)[:200].lstrip().lower().startswith(("<!doctype", "<html", "<?xml"))
        what = f"a web page{_HINT}" if page else said
        raise CallError(f"the server sent no chat completion: {what}", cause="not-a-completion", usage=spent)
    if choice.get("finish_reason") == "content_filter":
        raise CallError("the server's content filter withheld the reply", cause="content-filter", usage=spent)
    if refused := message.get("refusal"):
        raise CallError(f"the model refused: {scrub(str(refused), key)}", cause="refusal", usage=spent)
    if choice.get("finish_reason") == "length":
        raise CallError("the reply was cut at the output limit: be brief", cause="truncated", usage=spent)
    text = _text(message.get("content")) or _text(message.get("reasoning_content"))
    secret = key.get_secret_value() if key else ""
    text = text.replace(secret, "[key]") if len(secret) > _SHORT else text
    named = data.get("model")
    return Completion(text, scrub(named, key)[:200] if isinstance(named, str) else "", born(data.get("created")), spent)


def _text(content: object) -> str:
    """Join content that came in parts."""
    parts = content if isinstance(content, list) else [{"text": content}]
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def body_text(response: httpx2.Response) -> str:
    """Read the body as UTF-8, whatever charset its header claims: some claims make Python look up no text codec."""
    return response.content.decode("utf-8", errors="replace")


def load(response: httpx2.Response) -> Any:  # noqa: ANN401 - whatever a server sends
    """Read the body as JSON; None when it is none."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def born(created: object) -> str | None:
    """Say when a reply was born, by the server's clock."""
    if isinstance(created, int | float) and not isinstance(created, bool) and _EPOCH <= created < 10**11:
        return datetime.fromtimestamp(int(created), UTC).strftime(_UTC_FORMAT)
    return None


def now() -> str:
    """Say what time it is, as recordings and verdicts write it."""
    return datetime.now(UTC).strftime(_UTC_FORMAT)


def usage(data: object) -> Usage | None:
    """Read the tokens that a server counted; None when it did not, or not in earnest.

    Some servers charge for thoughts that only their total holds: whatever is no prompt was answered.
    """
    if not isinstance(data, dict):
        return None
    given, taken, total = (data.get(f"{name}_tokens") for name in ("prompt", "completion", "total"))
    if type(given) is int and type(taken) is int and 0 <= given < 10**12 and 0 <= taken < 10**12 and given + taken:
        thoughts = total - given if type(total) is int and total < 10**12 else 0
        return Usage(input=given, output=max(taken, thoughts))
    return None


def words(data: object, text: str) -> str:
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
