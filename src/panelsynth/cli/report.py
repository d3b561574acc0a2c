"""`report`: how reviewers voted across many panels; asks no model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from ..catalogue.report import Report
from ..catalogue.report import report as count
from ..comparison import Comparison
from ..documents import is_folder
from ..errors import InputError
from ..pages.plain import line
from ..pages.report import counted, figure, money, report_html, report_json
from ..panel import Panel
from ..saving import load_lines, load_saved
from ..writing import write_whole

_FORMS = {"json": report_json, "html": report_html}


@click.command()
@click.argument("panels", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PANELS...")
@click.option("--output", "-o", metavar="DIR or FILE.json", help="Folder or file; '-' prints one format.")
@click.option("--format", "-f", "forms", metavar="FORMS", help="Formats to make: json,html (both when left out).")
def report(panels: tuple[Path, ...], output: str | None, forms: str | None) -> None:
    """Count across saved panels: ship rates, agreement, pivots, near duplicates, flags, cost.

    PANELS are files (.panel.json, a comparison's .json, .jsonl) or folders of .panel.json files.

    \b
      panelsynth report panels -o out
    """
    whole = output is not None and output != "-" and Path(output).suffix.lstrip(".") in _FORMS
    wanted = _wanted(Path(output or "").suffix.lstrip(".") if whole and not forms else forms or "json,html", output)
    if whole and wanted != [Path(output or "").suffix.lstrip(".")]:
        raise InputError(f"-o {output}: one file of one format", remedy="Leave --format out, or name a folder.")
    made = count(one for path in panels for one in _load(path))
    if output == "-":
        click.echo(_FORMS[wanted[0]](made), nl=False)
    elif output is None:
        for text in _lines(made):
            click.echo(line(text))
    else:
        for form in wanted:
            path = Path(output) if whole else Path(output) / f"report.{form}"
            write_whole(path, _FORMS[form](made))
            click.echo(f"Report: {path}")


def _wanted(forms: str, output: str | None) -> list[str]:
    wanted = list(dict.fromkeys(part.strip() for part in forms.split(",")))
    if unknown := [word for word in wanted if word not in _FORMS]:
        raise InputError(f"--format: no format {unknown[0]!r}", remedy=f"Known: {', '.join(_FORMS)}.")
    if output == "-" and len(wanted) != 1:
        raise InputError("-o - prints one format", remedy="Name it, such as --format json.")
    return wanted


def _load(path: Path) -> Iterator[Panel]:
    if is_folder(path):
        paths = sorted(path.glob("*.panel.json"))
        if not paths:
            raise InputError(f"{path}: no .panel.json in this folder", remedy="Write some with 'panelsynth review -o'.")
    else:
        paths = [path]
    for each in paths:
        for one in load_lines(each) if each.suffix == ".jsonl" else [load_saved(each)]:
            yield from one.panels if isinstance(one, Comparison) else [one]


def _lines(made: Report) -> Iterator[str]:
    yield f"{made.tools} {'panel' if made.tools == 1 else 'panels'}"
    for one in made.reviewers:
        yield f"{one.reviewer}: ships {counted(one.ship)}{', uninformative' if one.uninformative else ''}"
        yield f"without a vote {one.missing}, pivotal {one.pivotal.part} of {one.pivotal.whole}"
        if one.sampled:
            yield f"consistency {figure(one.consistency)} over {one.sampled} tools"
    both = made.agreement
    yield f"agreement {counted(both.raw)}"
    yield f"alpha {figure(both.krippendorff_alpha)}, Fleiss' kappa {figure(both.fleiss_kappa)} ({both.complete} panels)"
    yield f"diversity {figure(both.diversity)}"
    yield f"effective votes {figure(both.effective_votes)} of {both.effective_of}"
    for pair in made.pairs:
        yield f"{pair.first} + {pair.second}: {counted(pair.agreement)}, kappa {figure(pair.kappa)}"
    for pivot in made.pivots:
        yield f"{pivot.tool} ({pivot.label}) hangs on {', '.join(pivot.reviewers)}"
    for twins in made.near_duplicates:
        yield f"near duplicates: {' / '.join(twins.first)}, {' / '.join(twins.second)}"
    for found in (*made.flags, *made.failures):
        yield f"{found.kind} ({found.state}): {found.count}"
    bill = made.bill
    yield f"cost {money(bill.cost_usd)}, of {bill.cost_unknown} reviews unknown"
    yield f"tokens {bill.input_tokens} in, {bill.output_tokens} out, of {bill.tokens_unknown} reviews unknown"
