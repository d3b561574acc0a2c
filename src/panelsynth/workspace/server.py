"""The server that a workspace asks: its own settings below those of the command line and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..model import Endpoint, find_endpoint, split_preset
from ..model.endpoint import is_openais
from .config import CONFIG_NAME, ModelSection

_KEY_ENV = "PANELSYNTH_KEY_ENV"
_OPENAIS_KEY = "OPENAI_API_KEY"
NO_KEY = "PANELSYNTH_NO_KEY"
"""Names a variable with a stand-in, for what needs to know the server and sends nothing."""


@dataclass(frozen=True)
class Wanted:
    """The model and the address in force, before any key is looked for."""

    model: str
    base_url: str | None
    """None where the model's preset, `OPENAI_BASE_URL` or OpenAI's own address is meant."""
    model_is_ours: bool
    """Whether the workspace's settings name the model, and nothing above them does."""
    address_is_ours: bool
    """Whether they alone name the address: a key of OpenAI's must not go there."""


def wanted_server(
    section: ModelSection, *, model: str | None, base_url: str | None, environ: Mapping[str, str]
) -> Wanted:
    """Put the settings in their order: option, `PANELSYNTH_*`, `OPENAI_*`, `panelsynth.toml`.

    An option that names a preset, such as `ollama/qwen3:8b`, brings the preset's address.
    """
    name = model or section.name
    brings_address = split_preset(name)[1] is not None
    if base_url:
        return Wanted(name, base_url, model is None, address_is_ours=False)
    if model and brings_address:
        return Wanted(name, None, model_is_ours=False, address_is_ours=False)
    if environ.get("OPENAI_BASE_URL", "").strip():
        return Wanted(name, None, model is None, address_is_ours=brings_address)
    return Wanted(name, section.base_url, model is None, address_is_ours=bool(section.base_url or brings_address))


def find_server(
    section: ModelSection,
    *,
    model: str | None = None,
    base_url: str | None = None,
    key_env: str | None = None,
    key_file: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Endpoint:
    """Find whom a workspace asks, and the key for it.

    Args:
        section: `[model]` of the workspace.
        model: as an option or `PANELSYNTH_MODEL` names it.
        base_url: as an option or `PANELSYNTH_BASE_URL` names it.
        key_env: as an option names it.
        key_file: as an option names it.
        environ: the environment; `os.environ` when None.

    Raises:
        InputError: there is no key, or OpenAI's key would go to an address that the settings alone name.
    """
    environ = os.environ if environ is None else environ
    wanted = wanted_server(section, model=model, base_url=base_url, environ=environ)
    if wanted.address_is_ours and not (key_env or key_file):
        environ = _without_openais_key(environ, wanted)
    return find_endpoint(wanted.model, base_url=wanted.base_url, key_env=key_env, key_file=key_file, environ=environ)


def know_server(section: ModelSection, *, model: str | None = None, base_url: str | None = None) -> Endpoint:
    """Find whom a workspace asks without a key: to know names and prices; nothing can be sent with it."""
    environ = {**os.environ, NO_KEY: "none"}
    return find_server(section, model=model, base_url=base_url, key_env=NO_KEY, environ=environ)


def _without_openais_key(environ: Mapping[str, str], wanted: Wanted) -> Mapping[str, str]:
    """See that `PANELSYNTH_KEY_ENV` sends OpenAI's key to no address out of a file that others may have written.

    Under whatever name it is kept: a server on this machine gets none, and a far one makes an error.
    """
    named, own = environ.get(_KEY_ENV, ""), environ.get(_OPENAIS_KEY, "").strip()
    address = (wanted.base_url or split_preset(wanted.model)[1] or "").rstrip("/")
    is_openais_key = named == _OPENAIS_KEY or (own and environ.get(named, "").strip() == own)
    if not is_openais_key or is_openais(address, environ):
        return environ
    if Endpoint(wanted.model, address).is_local:
        return {name: value for name, value in environ.items() if name != _KEY_ENV}
    remedy = (
        f"Name that server's own key with --key-env; or, if this is meant, say so: --base-url {address}, or"
        f" --key-env {_OPENAIS_KEY}."
    )
    raise InputError(f"{_OPENAIS_KEY} is not sent to {address}, which {CONFIG_NAME} alone names", remedy=remedy)
