"""Filing: a fresh verdict goes into its file, or beside one that somebody has worked on."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import InputError
from ..verdict import Verdict
from ..writing import write_whole
from .folder import Workspace
from .review_file import ORIGINALS, ReviewFile
from .reviews import Review, asked, original_copy


def file_verdict(workspace: Workspace, review: Review, verdict: Verdict) -> Path | None:
    """Write a fresh verdict at once, in a place where it overwrites nobody's work.

    What stands there is looked at anew: it may have been edited while the model was answering.

    Returns:
        Where it is now: the review's own file; the one beside it; None where that has been worked on too, so that the
        verdict is in the store alone.

    Raises:
        OutputError: it cannot be written, or a link leads out of the workspace.
    """
    fresh = ReviewFile.of(verdict, asked(review.request))
    beside = workspace.beside(review.tool.id, review.persona.id)
    for place in (review.path, beside):
        if not is_worked_on(place):
            workspace.check_place(place)
            workspace.check_place(place.parent / ORIGINALS / place.name)
            if place == beside:
                _secure_copy(review.path)
            fresh.write(place, keep_original=True)
            return place
    return None


def is_worked_on(path: Path) -> bool:
    """Tell whether a file holds what a person has written or changed, or what cannot be read: it is left alone."""
    if not os.path.lexists(path):
        return False
    try:
        file = ReviewFile.read(path)
    except InputError:
        return True
    return file.is_by_hand or file.is_edited or bool(file.reason or file.by)


def _secure_copy(path: Path) -> None:
    """Move the copy of an edited review's first words out of the way of a new draft's, where it has that name."""
    try:
        copy = original_copy(path, ReviewFile.read(path))
    except InputError:
        return
    own = path.parent / ORIGINALS / path.name
    if copy and copy != own:
        write_whole(own, copy.read_text(encoding="utf-8"))
