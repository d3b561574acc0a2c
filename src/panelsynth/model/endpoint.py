"""Which server is asked, by which model name, with which key: nothing is sent here."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..documents import read_text
from ..errors import InputError

DEFAULT_MODEL = "gpt-6.1-terra"
"""The model asked when none is named. This line is its only mention in the code."""

OPENAI_URL = "https://api.openai.com/v1"

_OPENAI_HOST = urlsplit(OPENAI_URL).hostname
_ADDRESS = re.compile(r"https?://[^\s?#\\\x00-\x20]+", re.IGNORECASE)

PLAIN_HTTP = "PANELSYNTH_PLAIN_HTTP"
"""Environment variable that names the one far host to which a key may go over plain http."""

NO_KEYS = frozenset({"none", "empty", "dummy", "ollama", "lm-studio", "no-key", "not-needed", "sk-no-key-required"})
"""What servers are given for want of a key: no secret."""

PRESETS = {
    "ollama": "http://127.0.0.1:11434/v1",
    "lmstudio": "http://127.0.0.1:1234/v1",
    "llamacpp": "http://127.0.0.1:8080/v1",
    "vllm": "http://127.0.0.1:8000/v1",
}
"""Local servers at their usual address, by the word before the first slash of a model's name."""

WAYS_ON = """Choose one of three ways on:
  a key         export OPENAI_API_KEY=..., and repeat the command
  a server      add --model ollama/qwen3:8b, or --base-url http://127.0.0.1:8000/v1 --model NAME
  a recording   add --replay FILE; 'panelsynth demo' shows one"""


@dataclass(frozen=True)
class Endpoint:
    """A server, the model asked there, and the key for it."""

    model: str
    base_url: str
    key: SecretStr | None = None
    """None for a loopback server that wants none."""

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine: slow, free, and in need of no key."""
        return is_loopback(self.base_url)


def find_endpoint(
    model: str | None = None,
    *,
    base_url: str | None = None,
    key_env: str | None = None,
    key_file: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Endpoint:
    """Find the server, model name and key that the given words and the environment mean.

    `OPENAI_API_KEY` goes only to OpenAI's own host and to the address in `OPENAI_BASE_URL`; any other host gets the key
    that `key_env`, `key_file` or `PANELSYNTH_KEY_ENV` names, and a loopback server needs none.

    Args:
        model: a model's name, or `preset/name` for a local server.
        base_url: address of an OpenAI-compatible server, `/v1` included; presets are then not looked at.
        key_env: name of the environment variable that holds the key.
        key_file: file that holds the key.
        environ: the environment; `os.environ` when None.

    Raises:
        InputError: no key for a host that needs one, a malformed key, or an address that is none.

    Example:
        >>> find_endpoint("ollama/qwen3:8b", environ={})
        Endpoint(model='qwen3:8b', base_url='http://127.0.0.1:11434/v1', key=None)
    """
    environ = os.environ if environ is None else environ
    name, base_url = split_preset(model, base_url)
    address = (base_url or environ.get("OPENAI_BASE_URL", "").strip() or OPENAI_URL).strip().rstrip("/")
    _check_address(address)
    key_env = key_env or environ.get("PANELSYNTH_KEY_ENV")
    key: SecretStr | None = None
    if key_file:
        key = check_key(read_text(Path(key_file), limit=10_000), f"the key file {key_file}")
    elif key_env:
        key = check_key(environ.get(key_env, ""), f"the environment variable {key_env}")
    elif is_openais(address, environ) and environ.get("OPENAI_API_KEY", "").strip():
        key = check_key(environ["OPENAI_API_KEY"], "OPENAI_API_KEY")
    if key is None and not is_loopback(address):
        raise _no_key(name, address, environ)
    check_clear(address, key, environ)
    return Endpoint(name, address, key)


def _no_key(name: str, address: str, environ: Mapping[str, str]) -> InputError:
    """Say that a host needs a key, and the ways to give it one, or to ask another."""
    host = urlsplit(address).hostname
    if host == _OPENAI_HOST:
        meant = difflib.get_close_matches(name.partition("/")[0], PRESETS, n=1) if "/" in name else []
        hint = f"Did you mean {meant[0]}/{name.partition('/')[2]}? If not:\n" if meant else ""
        return InputError("there is no model to ask: no key, no server and no recording.", remedy=hint + WAYS_ON)
    remedy = "Name the variable that holds its key: --key-env NAME (or --key-file)."
    if not is_openais(address, environ):
        remedy = f"OPENAI_API_KEY is not sent there. {remedy}"
    return InputError(f"no key for {host}", remedy=remedy)


def split_preset(model: str | None, base_url: str | None = None) -> tuple[str, str | None]:
    """Split `preset/name` into the name to ask for and the preset's address.

    A word that is no preset is part of the name, and with a `base_url` of its own the whole name is.

    Example:
        >>> split_preset("ollama/qwen3:8b"), split_preset("acme/model", "http://127.0.0.1:8000/v1")
        (('qwen3:8b', 'http://127.0.0.1:11434/v1'), ('acme/model', 'http://127.0.0.1:8000/v1'))
    """
    preset, slash, name = (model or "").partition("/")
    if model and model != model.encode(errors="replace").decode():
        raise InputError(f"the model {model!r} is no text", remedy="Write its name in UTF-8.")
    if not slash or base_url or preset not in PRESETS:
        return model or DEFAULT_MODEL, base_url
    if not name:
        raise InputError(f"the model {model!r} names no model", remedy=f"Write {preset}/NAME.")
    return name, PRESETS[preset]


def is_openais(address: str, environ: Mapping[str, str]) -> bool:
    """Whether what is meant for OpenAI may go to an address: its own host, or the one in `OPENAI_BASE_URL`."""
    own = environ.get("OPENAI_BASE_URL", "").strip().rstrip("/")
    return urlsplit(address).hostname == _OPENAI_HOST or address == own


def without_secrets(address: str) -> str:
    """Take off what may hold a key: name and password, and all that follows the path.

    Example:
        >>> without_secrets("https://me:secret@models.test:8443/v1/?key=secret")
        'https://models.test:8443/v1'
    """
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def _check_address(address: str) -> None:
    if "@" in address:
        remedy = "Use --key-env or --key-file for keys."
        raise InputError("the server's address holds a name or password", remedy=remedy)
    remedy = "Write it whole, such as http://127.0.0.1:8000/v1."
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not _ADDRESS.fullmatch(address):
        raise InputError(f"{address!r} is no address of a server", remedy=remedy)
    if host == _OPENAI_HOST and parts.scheme != "https":
        raise InputError(f"{address}: a key would go there in clear", remedy=f"Write {OPENAI_URL}.")


def check_clear(address: str, key: SecretStr | None, environ: Mapping[str, str]) -> None:
    """Refuse to send a real key where everybody on the way can read it.

    `PANELSYNTH_PLAIN_HTTP=HOST` allows one host; words such as `none` or `ollama` that servers are given for want of a
    key are no secret.

    Raises:
        InputError: a key would go over plain http to a host that is not this machine.
    """
    parts = urlsplit(address)
    if key is None or parts.scheme != "http" or is_loopback(address):
        return
    if key.get_secret_value().lower() in NO_KEYS or environ.get(PLAIN_HTTP, "").strip().lower() == parts.hostname:
        return
    remedy = f"Write https://, or, on a network of your own, allow it: export {PLAIN_HTTP}={parts.hostname}"
    raise InputError(f"{address}: the key would go there in clear, over plain http", remedy=remedy)


def check_key(raw: str, place: str) -> SecretStr:
    """Strip a key and refuse what no header can carry, without ever showing it.

    Raises:
        InputError: there is no key in `place`, or one that was copied wrongly.
    """
    key = raw.strip()
    if not key:
        raise InputError(f"{place} holds no key", remedy="Set it, or name another with --key-env or --key-file.")
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise InputError(
            f"{place} holds characters that no key has (blanks, line ends or non-ASCII)", remedy="Copy it again."
        )
    return SecretStr(key)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
