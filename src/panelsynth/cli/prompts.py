"""`--show-prompts`: everything that would be sent, word for word."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from ..model import count_tokens
from ..request import Request


def print_requests(requests: Iterable[Request]) -> None:
    """Print requests as they would be sent, and how long they are."""
    sent: list[str] = []
    for request in requests:
        review = request.label.removesuffix("/0")
        for part, value in request.body().items():
            if part != "messages":
                click.echo(f"=== {review} {part}\n{json.dumps(value, ensure_ascii=False)}\n")
        for message in request.messages:
            sent.append(message.content)
            click.echo(f"=== {review} {message.role}\n{message.content}\n")
    tokens, exact = count_tokens(sent)
    kind = "" if exact else ", estimated as bytes / 4"
    click.echo(f"{len(sent) // 2} requests, {tokens:,} tokens of messages{kind}. Nothing was sent.", err=True)
