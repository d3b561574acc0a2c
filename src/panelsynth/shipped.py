"""Folders that ship with the package: prompts, and the demo's tools and recording."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
_CHECKOUT = _HERE.parents[1]


def prompts_folder() -> Path:
    """Find `prompts/`: inside the installed package, or beside `src` in a checkout."""
    return _first(_HERE / "_prompts", _CHECKOUT / "prompts")


def demo_tools() -> Path:
    """Find the folder of example tools."""
    return _first(_HERE / "_demo" / "tools", _CHECKOUT / "examples" / "tools")


def demo_recording() -> Path:
    """Find the recording of the example tools' reviews."""
    return _first(_HERE / "_demo" / "demo.yaml", _CHECKOUT / "cassettes" / "demo.yaml")


def _first(packaged: Path, checkout: Path) -> Path:
    return packaged if packaged.exists() else checkout
