"""Interrupts: Ctrl-C and SIGTERM end a run alike, with the same grace for the calls under way."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine


class Interrupted(Exception):  # noqa: N818 - no error: the user's wish
    """A run was asked to stop, and has.

    Args:
        exit_code: 130 for Ctrl-C, 143 for SIGTERM.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def run_until_signal(work: Coroutine[object, object, None], on_stop: Callable[[], object] = lambda: None) -> None:
    """Run asynchronous work; the first signal cancels it, a second one ends it at once.

    Args:
        work: what to run.
        on_stop: called at the first signal, before the work winds up.

    Raises:
        Interrupted: a signal came, and what the work does when it is cancelled is done.
    """
    terminated = False

    async def run() -> None:
        task = asyncio.current_task()

        def stop() -> None:
            nonlocal terminated
            terminated = True
            if task:
                task.cancel()

        with contextlib.suppress(NotImplementedError):  # Windows: the handler in `main` ends the program at once
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
        under_way = asyncio.ensure_future(work)
        try:
            await asyncio.shield(under_way)
        except asyncio.CancelledError:
            on_stop()
            under_way.cancel()
            await under_way
            raise

    before = signal.getsignal(signal.SIGTERM)
    try:
        asyncio.run(run())
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise Interrupted(143 if terminated else 130) from None
    finally:
        signal.signal(signal.SIGTERM, before)  # a closing loop leaves the system's own
