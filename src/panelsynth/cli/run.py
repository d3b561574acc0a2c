"""One run of reviews: progress, what it costs, what a stop leaves to do, and its recording."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import PanelsynthError
from ..writing import check_folder

if TYPE_CHECKING:
    from ..model import Store
    from ..panel import Missing, Panel
    from ..tool import Tool
    from ..verdict import Verdict
    from .asking import Asking
    from .output import Ending
    from .progress import Progress

_STOPPING = "stopping: a few seconds for the calls under way, whose replies are kept; Ctrl-C again stops at once"


class Run:
    """Reviews as the options of a command ask for them.

    Args:
        asking: the options.
    """

    def __init__(self, asking: Asking) -> None:
        self.asking = asking

    def panels(self, *, into: Path | None = None) -> list[Panel]:
        """Review the tools, and return all panels in the tools' order; see `review`."""
        found: dict[int, Panel] = {}
        self.review(found.__setitem__, into=into)
        return [panel for _, panel in sorted(found.items())]

    def review(self, on_panel: Callable[[int, Panel], None] = lambda *_: None, *, into: Path | None = None) -> None:
        """Review the tools, and hand each panel over as it finishes; none is kept here.

        Args:
            on_panel: called with each panel's place among the tools, from 0, and the panel.
            into: the folder that will be written to; tried before anything is paid for.
        """
        from ..model import Store
        from .interrupts import Interrupted, run_until_signal
        from .progress import Progress, log_to_stderr

        asking = self.asking
        log_to_stderr(asking.verbose)
        total = asking.count
        model, spend = asking.opened, asking.spend  # what is wrong with them is found before any folder is made
        progress = Progress(total, quiet=asking.quiet, spend=spend)
        for folder in (into, Path(asking.record).parent if asking.record else None):
            if folder:
                check_folder(folder)
        with Store(asking.store_path) if asking.store_path else contextlib.nullcontext() as store:
            self._tell_held(model.name, store)
            try:
                with progress:
                    run_until_signal(
                        self._stream(store, progress, on_panel), lambda: progress.say(_STOPPING) if store else None
                    )
            except Interrupted as exc:
                click.echo(f"panelsynth: interrupted: {self._goes_on(model.name, store, progress)}", err=True)
                raise SystemExit(exc.exit_code) from None
            finally:
                self._tell_cost(model.name)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Write the recording, if one is asked for, after the block: its results are out before writing can fail."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(PanelsynthError):
                self._save(".partial")  # a whole recording that stands there is worth more
            raise
        self._save()

    def tell_rest(self, ending: Ending) -> None:
        """Say what the run has left to do."""
        if not self.asking.quiet:
            ending.tell_rest(is_kept=bool(self.asking.store_path) and not self.asking.passes_over)

    async def _stream(self, store: Store | None, progress: Progress, on_panel: Callable[[int, Panel], None]) -> None:
        from ..reviewing import stream

        asking = self.asking
        places: dict[str, int] = {}  # of the tools under way alone

        def tools() -> Iterator[Tool]:
            for place, (tool, _) in enumerate(asking.tools):
                places[tool.id] = place
                yield tool

        def watch(tool: str, persona: str, outcome: Verdict | Missing) -> None:
            asking.ended(tool, persona, outcome)
            progress.step(tool, persona, outcome)

        panels = stream(
            tools(),
            model=asking.opened,
            personas=[persona for persona, _ in asking.reviewers],
            template=asking.template,
            samples=asking.answers_each,
            in_flight=asking.in_flight,
            rpm=asking.rpm,
            store=store,
            refresh=asking.passes_over,
            spend=asking.spend,
            watch=watch,
            wanted=asking.wanted,
        )
        try:
            async for panel in panels:
                on_panel(places.pop(panel.tool.id), panel)
        finally:
            await panels.aclose()
            await asking.opened.aclose()

    def _tell_held(self, model: str, store: Store | None) -> None:
        """Say what the store holds, and why the rest is asked for."""
        from .bill import held
        from .progress import MANY

        asking = self.asking
        if asking.count > MANY:  # looking all of them up would take minutes
            return
        if store and asking.tells_held and not asking.quiet and not asking.passes_over and not store.is_empty:
            reasons = [reason for _, reason in asking.to_ask(model, store)]
            click.echo(held(Counter(filter(None, reasons)), len(reasons)), err=True)

    def _goes_on(self, model: str, store: Store | None, progress: Progress) -> str:
        """Say how far an interrupted run has come, and what the same command would do."""
        from .progress import MANY

        asking = self.asking
        done = f"{progress.done} of {progress.total} reviews are done"
        if asking.wanted is not None or (store and not asking.passes_over and asking.count > MANY):
            return f"{done}; the same command goes on from there"
        if store is None:
            return f"{done}; without a store nothing is kept"
        if asking.passes_over:
            return f"{done}; {'--record' if asking.record else '--refresh'} asks for all of them again"
        reasons = [reason for _, reason in asking.to_ask(model, store)]
        return f"{reasons.count('')} of {len(reasons)} reviews are in the store; the same command goes on from there"

    def _tell_cost(self, model: str) -> None:
        """Say what the server would not take, and what the run has cost."""
        from .bill import came_to

        if not self.asking.quiet and not self.asking.replay:
            for line in (*self.asking.opened.notices, came_to(self.asking.spend, model)):
                click.echo(line, err=True)

    def _save(self, suffix: str = "") -> None:
        from ..model import RecordingModel
        from .recording import save_recording

        asking = self.asking
        recorder = asking.__dict__.get("opened")  # absent when nothing was asked
        if asking.record and isinstance(recorder, RecordingModel) and recorder.recording.exchanges:
            save_recording(
                recorder,
                Path(asking.record + suffix),
                tools=asking.tools,
                reviewers=asking.reviewers,
                template=asking.template,
                own_template=asking.own_template,
                reviews=asking.reviews,
            )
