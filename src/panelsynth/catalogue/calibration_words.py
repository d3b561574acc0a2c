"""Calibration words: what a calibration says beside its numbers, in sentences that terminal and page share."""

from __future__ import annotations

from .calibrate import FEW, Calibration, Rating

_ANCHORED = (
    "The labels are what editors left and changed: an override is a person's decision, and an unedited verdict on an"
    " approved page counts as the editor agreeing. Editors who see the model's vote first are anchored to it, so that"
    " this agreement says less than one with labels that were written beforehand."
)
_GIVEN = "The labels come from a file; where people saw the models' votes first, they were anchored to them."
_METHOD = (
    "Agreement has Wilson's 95% interval; Cohen's kappa has the large-sample interval of Fleiss, Cohen and Everitt"
    " (1969). A dash stands for what is undefined."
)


def agreement_words(rating: Rating) -> str:
    """Write an agreement with its denominator and interval: `75% (9 of 12), 47-91%`."""
    if rating.agreement is None or rating.interval is None:
        return "—"
    low, high = rating.interval
    return f"{rating.agreement}% ({rating.agreed} of {rating.n}), {low}-{high}%"


def kappa_words(rating: Rating) -> str:
    """Write kappa with its interval: `0.50 (0.02 to 0.98)`, and dashes for what is undefined."""
    if rating.kappa is None:
        return "—"
    reach = "—" if rating.kappa_interval is None else "{:.2f} to {:.2f}".format(*rating.kappa_interval)
    return f"{rating.kappa:.2f} ({reach})"


def undecided_words(rating: Rating) -> str:
    """Write the labelled tools without a decision: `2 (1 failed, 1 split)`."""
    if not rating.no_decision:
        return "0"
    parts = (f"{count} {word}" for word, count in rating.no_decision.items())
    return f"{sum(rating.no_decision.values())} ({', '.join(parts)})"


def few_words(found: Calibration) -> str:
    """Warn of those with too few labels; empty where there are none."""
    few = ["the panel"] if found.panel.few else []
    few += [rating.reviewer for rating in found.reviewers if rating.few]
    said = f"Fewer than {FEW} labels with a decision: nothing can be concluded about {', '.join(few)}."
    return said if few else ""


def notes(found: Calibration) -> tuple[str, ...]:
    """Say where the labels come from, how the figures are made and what was left out."""
    said = [_ANCHORED if found.origin == "overrides" else _GIVEN, _METHOD]
    if found.unmatched_labels:
        said.append(f"Labels without a panel, or without that reviewer on it: {', '.join(found.unmatched_labels)}.")
    if found.unlabelled:
        said.append(f"Panels without a label: {', '.join(found.unlabelled)}.")
    return tuple(said)
