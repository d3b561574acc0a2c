"""Prompt templates: a small part of Jinja, plain data only, undefined names and runaway output refused."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import cast

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    nodes,
    pass_context,
)
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import SandboxedEnvironment

from .documents import Tree, did_you_mean
from .errors import DocumentError

_MAX_OUTPUT, _MAX_ROUNDS = 200_000, 10_000
_WHOLE = ""
_ROUNDS = "rounds of all loops"

# Whatever can grow, call or load is left out: 'x' * 10**8 needs no loop to fill the memory, and no prompt needs it.
_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Block, nodes.For, nodes.If, nodes.CondExpr),
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Tuple, nodes.List),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Test),
)
_FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "title", "trim", "upper")
_ALLOWED = f"A prompt takes {{{{ values }}}}, for, if, block, and the filters {', '.join(_FILTERS)}."
_FAULTS = (TemplateError, TypeError, ValueError, AttributeError, LookupError, RecursionError, SyntaxError, MemoryError)


class _Unknown(StrictUndefined):
    """A name that stands for nothing: an error that says which one was probably meant."""

    @property
    def _undefined_message(self) -> str:
        known = self._undefined_obj if isinstance(self._undefined_obj, dict) else ()
        remedy = did_you_mean(str(self._undefined_name), known) if known else ""
        return f"{self._undefined_name!r} is not known here\n{remedy}"


class _Environment(SandboxedEnvironment):
    def getattr(self, obj: object, attribute: str) -> object:
        """Read keys of plain data, and nothing of the Python objects that hold it."""
        if isinstance(obj, LoopContext) or (isinstance(obj, dict) and attribute == "items"):
            return super().getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """Read keys and places likewise."""
        found = self.undefined(obj=obj, name=str(argument))
        if isinstance(obj, dict):
            return obj.get(argument, found)
        if isinstance(obj, list | tuple) and isinstance(argument, int) and argument < len(obj):
            return obj[argument]
        return obj if isinstance(obj, Undefined) else found


def _text(value: object) -> object:
    """Let texts and numbers through; the rest is written as Python writes it, with an address that changes."""
    if isinstance(value, str | int | float | Undefined):
        return value
    what = "a list" if isinstance(value, list) else "keys and values" if isinstance(value, dict) else "something else"
    raise TypeError(f"a text is wanted here, found {what}")


def _join(values: object, separator: str = "") -> str:
    parts = [str(_text(value)) for value in _items(values)]
    if sum(map(len, parts)) + len(str(_text(separator))) * len(parts) > _MAX_OUTPUT:
        raise ValueError(f"joins to more than {_MAX_OUTPUT:,} characters")
    return str(separator).join(parts)


def _items(values: object) -> Iterator[object]:
    if isinstance(values, str):
        raise TypeError("a list is wanted here, found a text")
    return iter(cast("list[object]", values))


@pass_context
def _each(context: Context, values: object) -> Iterator[object]:
    """Go through a list for a loop, as far as all loops of one rendering may go."""
    for value in _items(values):
        if next(context[_ROUNDS]) >= _MAX_ROUNDS:
            raise ValueError(f"its loops go round more than {_MAX_ROUNDS:,} times")
        yield value


def _of_text(function: Callable[..., str]) -> Callable[..., str]:
    return lambda value, *more: function(_text(value), *more)


@lru_cache
def _environment() -> SandboxedEnvironment:
    made = _Environment(undefined=_Unknown, autoescape=False, trim_blocks=True, lstrip_blocks=True, finalize=_text)
    made.globals.clear()
    made.filters |= {name: _of_text(made.filters[name]) for name in ("capitalize", "lower", "title", "trim", "upper")}
    made.filters |= {"join": _join, _ROUNDS: _each}
    return made


@lru_cache(maxsize=64)
def _compiled(text: str) -> Template:
    tree = _environment().parse(text)
    todo: list[nodes.Node] = [tree]
    while todo:
        node = todo.pop()
        called = isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr) and node.node.attr == "items"
        if not called and not isinstance(node, _NODES):
            raise TemplateSyntaxError(f"{type(node).__name__.lower()} is not allowed in a prompt", node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise TemplateSyntaxError(f"the filter {node.name!r} is not allowed in a prompt", node.lineno)
        todo += node.iter_child_nodes()
        if isinstance(node, nodes.For):
            node.iter = nodes.Filter(node.iter, _ROUNDS, [], [], None, None, lineno=node.lineno)
    return _environment().from_string(tree)


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
    template: Template | None = None
    try:
        template = _compiled(text)
        return _joined(template, values, block, source).strip()
    except DocumentError:
        raise
    except _FAULTS as exc:
        line = exc.lineno if isinstance(exc, TemplateSyntaxError) else _line_of(exc, template)
        message, _, remedy = str(exc.message if isinstance(exc, TemplateError) else exc).partition("\n")
        if isinstance(exc, UndefinedError) and "'" in message:
            remedy = remedy or did_you_mean(message.split("'")[1], values)
        place = None if line is None else first_line + line - 1
        raise DocumentError(f"template: {message}", source=source, line=place, remedy=remedy or _ALLOWED) from exc


def _joined(template: Template, values: Mapping[str, Tree], block: str, source: str) -> str:
    if block and block not in template.blocks:
        remedy = "A review template has two blocks, 'system' and 'user'."
        raise DocumentError(f"no block named {block!r}", source=source, remedy=remedy)
    context = template.new_context({**values, _ROUNDS: itertools.count()})
    pieces = template.blocks[block](context) if block else template.root_render_func(context)
    parts: list[str] = []
    size = 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size > _MAX_OUTPUT:
            remedy = "Shorten the text, or take a loop out."
            raise DocumentError(f"renders more than {_MAX_OUTPUT:,} characters", source=source, remedy=remedy)
    return "".join(parts)


def _line_of(exc: Exception, template: Template | None) -> int | None:
    """Tell the template's line: the frames count the lines of the Python code that it became."""
    frames = [f for f in traceback.extract_tb(exc.__traceback__) if f.filename == "<template>" and f.lineno]
    return template.get_corresponding_lineno(frames[-1].lineno or 1) if template and frames else None
