"""Arithmetic over decisions given as words: shares, a panel's tally, agreement across many panels."""

from __future__ import annotations

from .counting import Tally, tally
from .shares import Count, Label, Percent, Share, Vote, interval, label, percent

__all__ = ["Count", "Label", "Percent", "Share", "Tally", "Vote", "interval", "label", "percent", "tally"]
