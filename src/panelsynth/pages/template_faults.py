"""Template faults: what is wrong in a template of the user's own, told with file, line and remedy."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import NoReturn

from jinja2 import TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from ..errors import InputError, PanelsynthError


class FaultTellingEnvironment(SandboxedEnvironment):
    """An environment in which a fault of a template in `theirs` is the user's to mend, and no bug of ours.

    It is a sandbox: a workspace may be somebody else's, and building it must not run their programs.
    """

    theirs: Path | None = None
    """The folder of the user's own templates."""

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise what a template has raised, under its own name where the template is the user's."""
        try:
            super().handle_exception(source)
        except PanelsynthError:
            raise
        except Exception as exc:
            place = self._place(exc)
            if place is None:
                raise
            remedy = "Mend it there, or take the template out: panelsynth's own then stands in its place."
            said = f"there is no template {exc.name!r}" if isinstance(exc, TemplateNotFound) else f"{exc}"
            raise InputError(f"{place}: {said}", remedy=remedy) from exc

    def _place(self, exc: Exception) -> str | None:
        """Find the last line of the user's own that led to a fault; None where there is none."""
        if self.theirs is None:
            return None
        frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(exc.__traceback__)]
        if isinstance(exc, TemplateSyntaxError) and exc.filename:
            frames.append((exc.filename, exc.lineno))
        own = [(name, line) for name, line in frames if Path(name).is_relative_to(self.theirs)]
        return f"{own[-1][0]}:{own[-1][1]}" if own else None
