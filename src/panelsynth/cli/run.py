"""One run of reviews: progress, what it costs, what a stop leaves to do, and its recording."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import PanelsynthError
from ..writing import check_folder
from .output import tell_rest

if TYPE_CHECKING:
    from ..model import Store
    from ..panel import Missing, Panel
    from ..verdict import Verdict
    from .asking import Asking
    from .progress import Progress

_STOPPING = "stopping: a few seconds for the calls under way, whose replies are kept; Ctrl-C again stops at once"


class Run:
    """Reviews as the options of a command ask for them.

    Args:
        asking: the options.
    """

    def __init__(self, asking: Asking) -> None:
        self.asking = asking

    def review(self, on_panel: Callable[[Panel], None] = lambda _: None, *, into: Path | None = None) -> list[Panel]:
        """Review the tools; hand each panel over as it finishes, and return all in the tools' order.

        Args:
            on_panel: called with each panel.
            into: the folder that will be written to; tried before anything is paid for.
        """
        from ..model import Store
        from .interrupts import Interrupted, run_until_signal
        from .progress import Progress, log_to_stderr

        asking = self.asking
        log_to_stderr(asking.verbose)
        progress = Progress(len(asking.reviews), quiet=asking.quiet)
        model, _ = asking.opened, asking.spend  # what is wrong with them is found before any folder is made
        for folder in (into, Path(asking.record).parent if asking.record else None):
            if folder:
                check_folder(folder)
        done: dict[str, Panel] = {}

        def finish(panel: Panel) -> None:
            done[panel.tool.id] = panel
            on_panel(panel)

        with Store(asking.store_path) if asking.store_path else contextlib.nullcontext() as store:
            self._tell_held(model.name, store)
            try:
                with progress:
                    run_until_signal(
                        self._stream(store, progress, finish), lambda: progress.say(_STOPPING) if store else None
                    )
            except Interrupted as exc:
                click.echo(f"panelsynth: interrupted: {self._goes_on(model.name, store, progress)}", err=True)
                raise SystemExit(exc.exit_code) from None
            finally:
                self._tell_cost(model.name)
        return [done[tool.id] for tool, _ in asking.tools]

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

    def tell_rest(self, panels: Sequence[Panel]) -> None:
        """Say what the run has left to do."""
        if not self.asking.quiet:
            tell_rest(panels, is_kept=bool(self.asking.store_path) and not self.asking.passes_over)

    async def _stream(self, store: Store | None, progress: Progress, on_panel: Callable[[Panel], None]) -> None:
        from ..reviewing import stream

        asking = self.asking

        def watch(tool: str, persona: str, outcome: Verdict | Missing) -> None:
            asking.ended(tool, persona, outcome)
            progress.step(tool, persona, outcome)

        panels = stream(
            [tool for tool, _ in asking.tools],
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
                on_panel(panel)
        finally:
            await panels.aclose()
            await asking.opened.aclose()

    def _tell_held(self, model: str, store: Store | None) -> None:
        """Say what the store holds, and why the rest is asked for."""
        from .bill import held

        asking = self.asking
        if store and asking.tells_held and not asking.quiet and not asking.passes_over and not store.is_empty:
            reasons = [reason for _, reason in asking.to_ask(model, store)]
            click.echo(held(Counter(filter(None, reasons)), len(reasons)), err=True)

    def _goes_on(self, model: str, store: Store | None, progress: Progress) -> str:
        """Say how far an interrupted run has come, and what the same command would do."""
        asking = self.asking
        done = f"{progress.done} of {progress.total} reviews are done"
        if asking.wanted is not None:
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
