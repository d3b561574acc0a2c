"""How long a workspace takes to build, first, again and after one edit: `.venv/bin/python benchmarks/build.py`.

The reviews are a scripted model's, written by hand and labelled so. The figures are for reading: no test fails on them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

import panelsynth as ps
from panelsynth.testing import ScriptedModel
from panelsynth.workspace import ReviewFile, Workspace, reviews_of
from panelsynth.workspace.approval import approve, freeze
from panelsynth.workspace.beginning import begin, new_comparison
from panelsynth.workspace.desk import Desk
from panelsynth.workspace.reviews import asked


def workspace_of(root: Path, count: int) -> Workspace:
    """Make a workspace of so many tools, half as many pages, all reviewed, half of the pages approved."""
    workspace = begin(root, bare=True)
    for number in range(count):
        text = f"name: Tool {number}\ncategory: Kind {number % 7}\ndescription: Linter number {number} for prose.\n"
        (root / "tools" / f"tool-{number:04}.yaml").write_text(text, encoding="utf-8")
    config = root / "panelsynth.toml"
    settings = config.read_text(encoding="utf-8").replace("# max_comparisons = 200", "max_comparisons = 10000")
    config.write_text(settings, encoding="utf-8")
    workspace = Workspace(root)
    panels = ps.review(workspace.tools.values(), model=ScriptedModel("ship ship skip ship"), in_flight=64)
    verdicts = {(panel.tool.id, verdict.reviewer): verdict for panel in panels for verdict in panel.verdicts}
    for review in reviews_of(workspace, [*workspace.tools.values()]):
        file = ReviewFile.of(verdicts[review.tool.id, review.persona.id], asked(review.request))
        for path in (review.path, review.path.parent / ".originals" / review.path.name):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text(), encoding="utf-8")
    slugs = []
    for number in range(0, count - 1, 2):
        slugs.append(f"tool-{number:04}-vs-tool-{number + 1:04}")
        new_comparison(workspace, slugs[-1], slugs[-1].split("-vs-"))
    desk = Desk(Workspace(root))
    for slug in slugs[::2]:
        freeze(workspace, slug, approve(desk, slug, by="Jane", at="2026-11-25T10:00:00Z"))
    return workspace


def build(root: Path) -> tuple[float, float, str]:
    """Run the command; return its seconds of CPU, of the clock, and its words."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ran = subprocess.run(
        [sys.executable, "-m", "panelsynth", "build", "--drafts"],
        cwd=root,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - began, ran.stdout.strip()


@click.command()
@click.option("--tools", "counts", multiple=True, type=int, default=(100, 1_000), show_default=True, help="Tools.")
def main(counts: tuple[int, ...]) -> None:
    """Build workspaces of several sizes three times each."""
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="panelsynth-bench-") as folder:
            root = Path(folder) / "site"
            workspace = workspace_of(root, count)
            click.echo(f"\n{count} tools, {4 * count} reviews, {len(workspace.comparisons) or count // 2} pages")
            for name in ("first", "second", "after one edit"):
                if name == "after one edit":
                    path = root / "reviews" / "tool-0000" / "skeptic.md"
                    path.write_text(path.read_text(encoding="utf-8") + "\nAn editor adds a line.\n", encoding="utf-8")
                cpu, seconds, words = build(root)
                click.echo(f"  {name:15} {cpu:6.2f} s CPU, {seconds:6.2f} s   {words}")


if __name__ == "__main__":
    main()
