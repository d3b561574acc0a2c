"""The public surface, and what it costs to walk in."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import panelsynth

HEAVY = ("openai", "tiktoken", "httpx2", "rich")


def test_the_front_door_is_these_names() -> None:
    assert panelsynth.__all__ == [
        "Comparison", "Model", "OpenAIModel", "Panel", "PanelsynthError", "Persona", "Reply", "Request", "Tool",
        "Verdict", "areview", "compare", "review", "stream",
    ]  # fmt: skip
    assert all(getattr(panelsynth, name).__doc__ for name in panelsynth.__all__)


def test_no_public_name_is_a_modules_name() -> None:
    """A submodule's import would overwrite it."""
    modules = {name for name, value in vars(panelsynth).items() if isinstance(value, type(sys))}
    assert not modules & {*panelsynth.__all__}


def test_a_misspelt_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="reviw"):
        panelsynth.reviw  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    "code", ["import panelsynth", "import panelsynth.cli; panelsynth.cli.panelsynth(['--help'], standalone_mode=False)"]
)
def test_starting_loads_nothing_heavy(code: str) -> None:
    loaded = f"{code}; import sys, json; print('\\n' + json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    out = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    assert json.loads(out.splitlines()[-1]) == []


def test_rendering_loads_no_client() -> None:
    loaded = "[m for m in ('openai', 'httpx2', 'rich') if m in sys.modules]"
    code = f"import panelsynth.cli.render, panelsynth.pages, sys; print({loaded})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
