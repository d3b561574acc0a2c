"""Grounding: answers held against their source, and what an editor should look at, as flags.

A flag never deletes a review, never changes a number and never asks a model again.
"""

from .flags import KINDS, ground, panel_flags
from .quoting import fold, is_verbatim

__all__ = ["KINDS", "fold", "ground", "is_verbatim", "panel_flags"]
