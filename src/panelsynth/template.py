"""Prompt templates: Jinja in a sandbox, plain data only, undefined names and runaway output refused."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from .documents import Tree
from .errors import DocumentError

_MAX_OUTPUT = 200_000
_WHOLE = ""


class _Sandbox(SandboxedEnvironment):
    # 'x' * 10**8 and 9 ** 9 ** 9 need no loop to fill the memory, and no prompt needs them.
    intercepted_binops = frozenset(["*", "**"])

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        message = f"the operator {operator} is not allowed in a prompt"
        raise TemplateError(message)


@lru_cache
def _environment() -> SandboxedEnvironment:
    return _Sandbox(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=64)
def _compiled(text: str) -> Template:
    return _environment().from_string(text)


def render_template(
    text: str, values: Mapping[str, Tree], *, source: str, first_line: int = 1, block: str = _WHOLE
) -> str:
    """Render a template, or one named block of it, with plain data.

    Args:
        text: the template.
        values: what its variables mean: texts, lists and dicts only, never objects.
        source: the file to name in errors.
        first_line: the line of that file on which `text` begins.
        block: render this `{% block %}` alone.

    Raises:
        DocumentError: a syntax fault, an undefined variable, or more output than a prompt may have.
    """
    try:
        template = _compiled(text)
        if block and block not in template.blocks:
            remedy = "A review template has two blocks, 'system' and 'user'."
            raise DocumentError(f"no block named {block!r}", source=source, remedy=remedy)
        context = template.new_context(dict(values))
        pieces = template.blocks[block](context) if block else template.root_render_func(context)
        parts: list[str] = []
        size = 0
        for piece in pieces:
            parts.append(piece)
            size += len(piece)
            if size > _MAX_OUTPUT:
                raise DocumentError(f"renders more than {_MAX_OUTPUT:,} characters", source=source)
    except TemplateSyntaxError as exc:
        raise DocumentError(f"template: {exc.message}", source=source, line=first_line + exc.lineno - 1) from exc
    except (TemplateError, TypeError) as exc:
        remedy = f"Known here: {', '.join(sorted(values))}." if isinstance(exc, UndefinedError) else ""
        line = _line_of(exc)
        place = None if line is None else first_line + line - 1
        raise DocumentError(f"template: {exc}", source=source, line=place, remedy=remedy) from exc
    return "".join(parts).strip()


def _line_of(exc: Exception) -> int | None:
    frames = [f for f in traceback.extract_tb(exc.__traceback__) if f.filename == "<template>"]
    return frames[-1].lineno if frames else None
