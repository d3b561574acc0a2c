from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from wire import KEY, shown

from panelsynth import OpenAIModel
from panelsynth.errors import InputError
from panelsynth.model import DEFAULT_MODEL, PRESETS, Endpoint, find_endpoint, split_preset
from panelsynth.model.endpoint import OPENAI_URL

OPENAI = {"OPENAI_API_KEY": KEY}
FAR = "https://models.test/v1"


def secret(endpoint: Endpoint) -> str | None:
    return endpoint.key.get_secret_value() if endpoint.key else None


def test_without_any_word_openai_is_asked_for_the_default_model() -> None:
    endpoint = find_endpoint(environ=OPENAI)
    assert (endpoint.model, endpoint.base_url, secret(endpoint)) == (DEFAULT_MODEL, OPENAI_URL, KEY)


def test_the_default_model_does_not_end_within_the_year() -> None:
    assert not DEFAULT_MODEL.startswith(("gpt-4", "o3", "gpt-5-")), "these end in December 2026 and January 2027"
    assert DEFAULT_MODEL != "gpt-5"


def test_without_a_key_one_message_names_three_ways_on() -> None:
    with pytest.raises(InputError) as caught:
        find_endpoint(environ={"OPENAI_API_KEY": "  "})
    assert [word for word in ("OPENAI_API_KEY", "--base-url", "--replay") if word in caught.value.remedy] == [
        "OPENAI_API_KEY",
        "--base-url",
        "--replay",
    ]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("typed", "meant"), [("olama/qwen3:8b", "ollama/qwen3:8b"), ("lm-studio/a/b", "lmstudio/a/b")])
def test_a_preset_with_a_slip_is_named(typed: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        find_endpoint(typed, environ={})
    assert caught.value.remedy.startswith(f"Did you mean {meant}? If not:\nChoose one of three ways on:")


@pytest.mark.parametrize("typed", [None, "qwen3:8b", "meta/llama-4", "ollama"])
def test_other_names_are_not_taken_for_slips(typed: str | None) -> None:
    with pytest.raises(InputError) as caught:
        find_endpoint(typed, environ={})
    assert "Did you mean" not in caught.value.remedy


@pytest.mark.parametrize(
    "address",
    [
        FAR,
        "https://api.openai.com.evil.test/v1",
        "https://evil.test/api.openai.com/v1",
        "https://api-openai.com/v1",
        "http://127.0.0.1.evil.test/v1",
        "http://localhost.evil.test/v1",
        "http://127.0.0.1evil.test/v1",
        "https://api.openai.com.:443/v1",
        "https://api\u3002openai\u3002com/v1",
    ],
)
def test_openais_key_goes_to_no_other_host(address: str) -> None:
    with pytest.raises(InputError, match="no key for") as caught:
        find_endpoint("m", base_url=address, environ=OPENAI)
    assert "OPENAI_API_KEY is not sent there" in caught.value.remedy


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/v1", "http://localhost:9", "http://[::1]:9/v1", "http://127.3.2.1"]
)
def test_a_loopback_server_needs_no_key_and_gets_none_of_openais(address: str) -> None:
    endpoint = find_endpoint("m", base_url=address, environ=OPENAI)
    assert (endpoint.is_local, endpoint.key) == (True, None)


@pytest.mark.parametrize("own", [FAR, f"{FAR}/", "http://127.0.0.1:9/v1"])
def test_openais_key_goes_where_openai_base_url_points(own: str) -> None:
    endpoint = find_endpoint("m", environ=OPENAI | {"OPENAI_BASE_URL": own})
    assert (endpoint.base_url, secret(endpoint)) == (own.rstrip("/"), KEY)


def test_openai_base_url_on_loopback_needs_no_key() -> None:
    assert find_endpoint("m", environ={"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}).key is None


def test_openai_base_url_without_its_key_says_so() -> None:
    with pytest.raises(InputError) as caught:
        find_endpoint("m", environ={"OPENAI_BASE_URL": FAR})
    assert "is not sent there" not in caught.value.remedy


def test_a_base_url_or_a_preset_goes_before_openai_base_url_and_leaves_its_key_behind() -> None:
    environ = OPENAI | {"OPENAI_BASE_URL": FAR}
    assert find_endpoint("ollama/qwen3:8b", environ=environ) == Endpoint("qwen3:8b", PRESETS["ollama"], None)
    with pytest.raises(InputError, match=r"no key for other\.test"):
        find_endpoint("m", base_url="https://other.test/v1", environ=environ)


@pytest.mark.parametrize(("given_", "environ"), [("MINE", {}), (None, {"PANELSYNTH_KEY_ENV": "MINE"})])
def test_a_named_variable_holds_the_key_of_any_server(given_: str | None, environ: dict[str, str]) -> None:
    endpoint = find_endpoint("m", base_url=FAR, key_env=given_, environ=OPENAI | environ | {"MINE": "mine-1"})
    assert secret(endpoint) == "mine-1"


def test_a_named_variable_without_a_key_is_an_error_even_where_openais_would_do() -> None:
    with pytest.raises(InputError, match="MINE holds no key"):
        find_endpoint(key_env="MINE", environ=OPENAI)


def test_a_key_file_goes_before_a_variable_and_loses_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"  {KEY}\n", encoding="utf-8")
    endpoint = find_endpoint("m", base_url=FAR, key_env="MINE", key_file=tmp_path / "key", environ={"MINE": "other"})
    assert secret(endpoint) == KEY


def test_a_key_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        find_endpoint("m", key_file=tmp_path / "key", environ={})


@pytest.mark.parametrize("key", [f"{KEY} {KEY}", f"{KEY}\n{KEY}", f"{KEY}\u2014", f"{KEY}\x00", f"\u201c{KEY}\u201d"])
def test_a_malformed_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(InputError, match="OPENAI_API_KEY holds characters") as caught:
        find_endpoint(environ={"OPENAI_API_KEY": key})
    assert KEY[:9] not in shown(caught.value)


@pytest.mark.parametrize(
    "address", ["https://me:pass-1@models.test/v1", "me:pass-1@models.test", "https://k@h.test/v1"]
)
def test_an_address_with_a_password_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(InputError, match="name or password") as caught:
        find_endpoint("m", base_url=address, environ={})
    assert "pass-1" not in shown(caught.value)


@pytest.mark.parametrize("address", ["http://api.openai.com/v1", "HTTP://API.OPENAI.COM:80/v1"])
@pytest.mark.parametrize("name", ["base_url", "OPENAI_BASE_URL"])
def test_openais_key_is_not_sent_in_clear(address: str, name: str) -> None:
    base_url, environ = (address, {}) if name == "base_url" else (None, {name: address})
    with pytest.raises(InputError, match="in clear"):
        find_endpoint(base_url=base_url, environ=OPENAI | environ)


@pytest.mark.parametrize("address", ["http://gpu-box:8000/v1", "HTTP://10.0.0.5/v1", "http://127.0.0.1.nip.test/v1"])
def test_a_real_key_goes_to_no_far_host_over_plain_http_unless_that_host_is_named(address: str) -> None:
    environ = {"MINE": KEY}
    with pytest.raises(InputError, match="in clear, over plain http") as caught:
        find_endpoint("m", base_url=address, key_env="MINE", environ=environ)
    assert KEY[:9] not in shown(caught.value)
    host = caught.value.remedy.split("PANELSYNTH_PLAIN_HTTP=")[1]
    with pytest.raises(InputError, match="in clear"):
        find_endpoint("m", base_url=address, key_env="MINE", environ=environ | {"PANELSYNTH_PLAIN_HTTP": f"x{host}"})
    allowed = find_endpoint("m", base_url=address, key_env="MINE", environ=environ | {"PANELSYNTH_PLAIN_HTTP": host})
    assert secret(allowed) == KEY


def test_a_model_made_from_an_endpoint_does_not_send_its_key_in_clear_either(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint("m", "http://gpu-box:8000/v1", SecretStr(KEY))
    with pytest.raises(InputError, match="in clear"):
        OpenAIModel(endpoint=endpoint)
    monkeypatch.setenv("PANELSYNTH_PLAIN_HTTP", "gpu-box")
    assert OpenAIModel(endpoint=endpoint).endpoint == endpoint


@pytest.mark.parametrize(("address", "key"), [("http://gpu-box/v1", "EMPTY"), ("http://127.0.0.1/v1", KEY)])
def test_a_word_for_want_of_a_key_and_a_key_on_this_machine_go_over_plain_http(address: str, key: str) -> None:
    assert secret(find_endpoint("m", base_url=address, key_env="MINE", environ={"MINE": key})) == key


@pytest.mark.parametrize(
    "address",
    [
        "models.test/v1",
        "ftp://models.test/v1",
        "file:///etc/passwd",
        "http://",
        "http:///v1",
        "http://[::1",
        "http://host:99999/v1",
        "http://host:port/v1",
        "https://models.test/v1?api-version=1",
        "https://models.test/v1#top",
        "https://models\n.test/v1",
        "https://models .test/v1",
        "https://models.test\\.evil.test/v1",
        "127.0.0.1:8000",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="is no address of a server"):
        find_endpoint("m", base_url=address, environ=OPENAI)


@given(st.text(max_size=40) | st.text("htps:/@.[]#?1\\ \n", max_size=30).map("http://".__add__))
def test_any_text_is_an_address_or_an_input_error(text: str) -> None:
    try:
        endpoint = find_endpoint("m", base_url=text, environ=OPENAI)
    except InputError:
        return
    assert endpoint.is_local or endpoint.base_url == OPENAI_URL


def test_a_preset_is_split_at_the_first_slash_only() -> None:
    assert split_preset("ollama/hf.co/acme/m:Q4") == ("hf.co/acme/m:Q4", PRESETS["ollama"])
    assert split_preset("acme/ollama/m") == ("acme/ollama/m", None)
    assert split_preset("ollama") == ("ollama", None)
    assert split_preset("ollama/m", "http://127.0.0.1:9/v1") == ("ollama/m", "http://127.0.0.1:9/v1")


def test_a_models_name_that_is_no_text_is_refused() -> None:
    """A shell hands over bytes that are no UTF-8 as lone surrogates."""
    for name in ("m-\udcff", "ollama/\udcff"):
        with pytest.raises(InputError, match="the model"):
            split_preset(name)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_without_a_name_is_an_error_and_with_one_is_local(preset: str) -> None:
    assert find_endpoint(f"{preset}/m", environ={}).is_local
    with pytest.raises(InputError, match="names no model"):
        find_endpoint(f"{preset}/", environ={})
