"""`report`: how reviewers voted across many panels; asks no model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from ..catalogue.report import Report
from ..catalogue.report import report as count
from ..pages.plain import line
from ..pages.report import counted, figure, money, report_html
from .findings import format_option, json_of, output_option, plan_output, put_findings
from .runs import load_run


@click.command()
@click.argument("panels", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PANELS...")
@output_option
@format_option
def report(panels: tuple[Path, ...], output: str | None, forms: str | None) -> None:
    """Count across saved panels: ship rates, agreement, pivots, near duplicates, flags, cost.

    PANELS are panel files, comparisons' JSON, JSONL files of panels, or folders of such.

    \b
      panelsynth report panels -o out
    """
    places = plan_output("report", output, forms)
    made = count(load_run(panels))
    if output is None:
        for text in _lines(made):
            click.echo(line(text))
    put_findings(places, {"html": lambda: report_html(made), "json": lambda: json_of(made)})


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
    yield f"cost {money(bill.cost_usd)}; not known of {bill.cost_unknown} replies"
    yield f"tokens {bill.input_tokens} in, {bill.output_tokens} out; not known of {bill.tokens_unknown} replies"
