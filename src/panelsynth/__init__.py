"""panelsynth turns tools' descriptions into honest panel reviews: the model argues, the code counts.

Nouns: Tool, Persona, Verdict, Panel, Comparison, and Request, Reply, Model for clients of your own. Verbs: `review`
(and `areview`, `stream`) asks a model; `compare` puts panels side by side and needs none.

Example:
    >>> import panelsynth as ps
    >>> from panelsynth.testing import ScriptedModel
    >>> tools = [ps.Tool(id=name, name=name.title(), description="A linter.") for name in ("acme", "zenith")]
    >>> panels = ps.review(tools, model=ScriptedModel({"acme": "ship", "zenith/business": "skip", "zenith": "ship"}))
    >>> ps.compare(*panels).reading.headline
    'Acme: 100% (4 of 4) ship; Zenith: 75% (3 of 4) ship.'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from .comparison import Comparison, compare
    from .errors import PanelsynthError
    from .model import Model, OpenAIModel, Reply
    from .panel import Panel
    from .persona import Persona
    from .request import Request
    from .reviewing import areview, review, stream
    from .tool import Tool
    from .verdict import Verdict

__all__ = [
    "Comparison",
    "Model",
    "OpenAIModel",
    "Panel",
    "PanelsynthError",
    "Persona",
    "Reply",
    "Request",
    "Tool",
    "Verdict",
    "areview",
    "compare",
    "review",
    "stream",
]

_HOMES = {
    "Comparison": "comparison",
    "compare": "comparison",
    "PanelsynthError": "errors",
    "Model": "model",
    "OpenAIModel": "model",
    "Reply": "model",
    "Panel": "panel",
    "Persona": "persona",
    "Request": "request",
    "areview": "reviewing",
    "review": "reviewing",
    "stream": "reviewing",
    "Tool": "tool",
    "Verdict": "verdict",
}

if not TYPE_CHECKING:  # a __getattr__ that type checkers can see would hide every misspelt name

    def __getattr__(name: str) -> object:
        """Load a public name on first use: importing the package alone costs next to nothing."""
        if name not in _HOMES:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)

    def __dir__() -> list[str]:
        """List the public names."""
        return [*__all__, "__version__"]
