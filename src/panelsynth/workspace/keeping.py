"""Keeping: an editor's word that a stale verdict stands, written into its file and nowhere else in it."""

from __future__ import annotations

from pathlib import Path

from ..documents import parse_document, read_text
from ..errors import DocumentError, InputError
from ..writing import write_whole
from .folder import Workspace
from .review_file import Kept, ReviewFile, dump_front
from .reviews import Review


def keep(workspace: Workspace, review: Review, *, reason: str, by: str, on: str) -> None:
    """Accept a stale verdict as it stands, and record who did, when and why.

    The rest of the file stays as it is, comments and spelling of its front matter included.

    Args:
        workspace: the workspace.
        review: the stale review.
        reason: why it stands, for readers.
        by: whose word it is.
        on: the day, such as `2026-11-25`.

    Raises:
        InputError: it is not stale.
    """
    if review.state != "stale" or review.file is None:
        raise InputError(f"{review.path}: is {review.state}, not stale", remedy="There is nothing to keep.")
    workspace.check_place(review.path)
    kept = Kept(key=review.key, reason=reason, by=by, on=on)
    wanted = review.file.model_copy(update={"kept": (*review.file.kept, kept)})
    write_whole(review.path, _grafted(review.path, wanted) or wanted.text())


def _grafted(path: Path, wanted: ReviewFile) -> str | None:
    """Put `kept` into the text of a file; None where its front matter is written in a way that does not allow it."""
    text = read_text(path)
    lines = text.split("\n")
    document = parse_document(text, kind="markdown", source=str(path))
    starts = sorted(line for keys, line in document.lines.items() if len(keys) == 1)
    end = next(at for at in range(starts[0], len(lines)) if lines[at].rstrip() == "---")
    begin = end
    if own := document.lines.get(("kept",)):
        begin = own - 1
        end = next((line - 1 for line in starts if line > own), end)
    block = dump_front({"kept": [one.model_dump() for one in wanted.kept]})
    made = "\n".join([*lines[:begin], *block.rstrip("\n").split("\n"), *lines[end:]])
    try:
        found = parse_document(made, kind="markdown", source=str(path))
    except DocumentError:
        return None
    data = {**found.data, "review": found.body.strip()}
    return made if ReviewFile.model_validate(data) == wanted else None
