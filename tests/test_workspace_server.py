"""Whom a workspace asks: settings in their order, and OpenAI's key kept from addresses that a file alone names."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelsynth.errors import InputError
from panelsynth.model import Endpoint
from panelsynth.workspace.config import ModelSection
from panelsynth.workspace.server import find_server

KEY, OTHER = "sk-" + "made-up-" * 4, "other-" + "made-up-" * 4
FAR = "https://models.example/v1"
NEAR = "http://127.0.0.1:8000/v1"


def found(
    ours: str | None = None, name: str = "m-1", environ: dict[str, str] | None = None, **options: str
) -> Endpoint:
    section = ModelSection.model_validate({"name": name, "base_url": ours})
    return find_server(section, environ={"OPENAI_API_KEY": KEY} if environ is None else environ, **options)


def key(endpoint: Endpoint) -> str | None:
    return endpoint.key.get_secret_value() if endpoint.key else None


def test_the_settings_name_the_model_and_openais_own_host_is_asked_with_its_key() -> None:
    assert (found().model, found().base_url, key(found())) == ("m-1", "https://api.openai.com/v1", KEY)
    assert key(found("https://api.openai.com/v1")) == KEY


def test_options_come_before_the_environment_and_that_before_the_settings() -> None:
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://own.example/v1", "K": OTHER}
    assert found(FAR, environ=environ).base_url == "https://own.example/v1"
    assert found(FAR, environ=environ, base_url=NEAR).base_url == NEAR
    assert found(FAR, environ={"K": OTHER}, key_env="K").base_url == FAR
    assert found(NEAR, model="m-2").model == "m-2"


def test_a_preset_brings_its_own_address_whoever_names_it() -> None:
    assert found(FAR, model="ollama/qwen3:8b").base_url == "http://127.0.0.1:11434/v1"
    assert (found(name="ollama/qwen3:8b").model, key(found(name="ollama/qwen3:8b"))) == ("qwen3:8b", None)


def test_openais_key_never_goes_to_an_address_that_the_settings_alone_name() -> None:
    with pytest.raises(InputError, match=r"no key for models.example\nOPENAI_API_KEY is not sent there.*--key-env"):
        found(FAR)


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "ALIAS"])
def test_nor_does_it_when_a_variable_means_it_under_whatever_name(name: str) -> None:
    environ = {"OPENAI_API_KEY": KEY, "ALIAS": f" {KEY}\n", "PANELSYNTH_KEY_ENV": name}
    with pytest.raises(InputError, match=r"which panelsynth.toml alone names\n.*--base-url https://models.example/v1"):
        found(FAR, environ=environ)
    assert key(found(NEAR, environ=environ)) is None
    assert key(found(name="ollama/m-1", environ=environ)) is None


def test_it_goes_where_the_command_line_or_openais_own_variable_says() -> None:
    environ = {"OPENAI_API_KEY": KEY, "PANELSYNTH_KEY_ENV": "OPENAI_API_KEY"}
    assert key(found(FAR, environ=environ, base_url=FAR)) == KEY
    assert key(found(FAR, environ=environ, key_env="OPENAI_API_KEY")) == KEY
    assert key(found(FAR, environ={**environ, "OPENAI_BASE_URL": FAR})) == KEY


def test_a_servers_own_key_goes_to_it(tmp_path: Path) -> None:
    environ = {"OPENAI_API_KEY": KEY, "OTHER_KEY": OTHER}
    assert key(found(FAR, environ={**environ, "PANELSYNTH_KEY_ENV": "OTHER_KEY"})) == OTHER
    assert key(found(FAR, environ=environ, key_env="OTHER_KEY")) == OTHER
    (tmp_path / "key").write_text(OTHER, encoding="utf-8")
    assert key(found(FAR, environ=environ, key_file=str(tmp_path / "key"))) == OTHER


def test_a_server_on_this_machine_needs_no_key() -> None:
    assert key(found(NEAR, environ={})) is None
