"""The program, as `panelsynth` or `python -m panelsynth`: ready for Ctrl-C before it imports the rest of itself."""

from __future__ import annotations

import os
import signal


def _end(number: int, _: object) -> None:
    """End at once: nothing has been done so far, and a traceback would say nothing."""
    os._exit(128 + number)


def main() -> None:
    """Run the command line."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # `nohup` and the like stay what they are
            signal.signal(number, _end)
    from .cli import main as run

    run()


if __name__ == "__main__":
    main()
