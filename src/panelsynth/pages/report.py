"""A report across panels as a page, and its figures as text."""

from __future__ import annotations

from ..catalogue.report import Counted, Report
from .html import render_page
from .plain import line, mapped
from .setting import Setting
from .templating import SHEETS


def report_html(report: Report, setting: Setting | None = None) -> str:
    """Write a report as a self-contained page: no script, nothing fetched."""
    values = {"title": "How the reviewers voted", "noindex": True, "report": mapped(report.model_dump(), line)}
    return render_page(
        "report.html.j2",
        {**values, "counted": counted, "figure": figure, "money": money},
        setting or Setting(),
        (*SHEETS, "report.css"),
    )


def counted(share: Counted | dict[str, object]) -> str:
    """Write a share with its denominator: `75% (3 of 4; 30-95)`, or a dash of nothing."""
    one = share if isinstance(share, Counted) else Counted.model_validate(share)
    if one.percent is None:
        return "—"
    spread = f"; {one.interval[0]}-{one.interval[1]}" if one.interval else ""
    return f"{one.percent}% ({one.part} of {one.whole}{spread})"


def figure(value: float | None) -> str:
    """Write a coefficient with two decimals, or a dash where it is undefined."""
    return "—" if value is None else f"{value:.2f}"


def money(value: float | None) -> str:
    """Write a cost in dollars, or a dash where none is known."""
    return "—" if value is None else f"${value:.4f}"
