"""The command line: words of the shell become verbs of the library."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

import click

from .._version import __version__
from ..errors import OutputError, PanelsynthError
from .group import LazyGroup
from .streams import inert, open_streams

BUG = 70
"""The exit code of a fault of our own: EX_SOFTWARE, no result of a panel."""

_COMMANDS = {
    "demo": ("compare", "Compare two example tools from a recording: no key, no network."),
    "compare": ("compare", "Review tools and put them side by side on one page."),
    "review": ("review", "Review tools: one panel file each; in a workspace: what it lacks."),
    "batch": ("batch", "Reviews by batch files: half the price, within a day."),
    "probe": ("probe", "Ask whether a name or planted orders move decisions."),
    "status": ("status", "Show how a workspace's pages stand, and what comes next."),
    "render": ("render", "Make pages again from saved panels or a saved comparison."),
    "report": ("report", "Count across saved panels: ship rates, agreement, flags, cost."),
    "diff": ("diff", "Show what moved between two saved runs, and what may have moved it."),
    "calibrate": ("calibrate", "Hold reviewers and panels against people's decisions."),
    "personas": ("personas", "List, show and write reviewers; take shipped ones into a workspace."),
    "schema": ("schema", "Print a file format as JSON Schema."),
    "check": ("check", "Show the settings in force; --live asks the server too."),
    "cassettes": ("cassettes", "Check recordings against today's tools and personas."),
    "store": ("store", "See what paid replies are kept; export, merge and prune them."),
    "init": ("init", "Make a workspace: tools, reviews and pages that people edit."),
    "new": ("init", "Add a tool, a reviewer or a page to the workspace."),
    "serve": ("serve", "Show the site on this machine, drafts among it."),
    "approve": ("approve", "Freeze a page that you have read, for the next build."),
    "retire": ("approve", "Take a page out of use, marked, at its address."),
    "digest": ("digest", "Write a mail of the pages approved since a day; sends nothing."),
    "build": ("build", "Build the site: pages, feeds, index; asks nobody."),
}


@click.group(cls=LazyGroup, commands_in=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="panelsynth %(version)s")
def panelsynth() -> None:
    """Turn tools' descriptions into honest panel reviews: the model argues, the code counts.

    Start with 'panelsynth demo -o out', then open the page it names.
    """


def main() -> NoReturn:
    """Run the command line; every error ends here as one message and an exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    before = signal.getsignal(signal.SIGINT)
    with open_streams():
        try:
            code = _run(sys.argv[1:])
        except KeyboardInterrupt:  # a second one, while the first is being told
            code = 130
        finally:
            signal.signal(signal.SIGINT, before)
    sys.exit(code)


def _run(words: list[str]) -> int:
    code = 0
    try:
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # from here on somebody catches what it raises
        # Not click's own main(): it would end a closed pipe with 1.
        with panelsynth.make_context("panelsynth", words) as context:
            panelsynth.invoke(context)
        sys.stdout.flush()
    except PanelsynthError as exc:
        code = _show(str(exc), exc.exit_code)
    except click.exceptions.Exit as exc:
        code = exc.exit_code
    except click.ClickException as exc:
        exc.show()
        code = exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _show("interrupted; what was written is kept", 130)
    except BrokenPipeError:
        # The reader has gone, as in `| head`: what it wanted it has. (What goes to stderr never gets here.)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as exc:
        code = _show(f"cannot write to standard output: {exc.strerror or exc}", OutputError.exit_code)
    except Exception as exc:
        if "PANELSYNTH_DEBUG" in os.environ:
            raise
        said = f"a bug in panelsynth: {type(exc).__name__}; please report what you did"
        code = _show(f"{said}\nSet PANELSYNTH_DEBUG=1 and run it again to see where.", BUG)
    return code


def _show(message: str, code: int) -> int:
    click.echo(f"panelsynth: {inert(message)}", err=True)
    return code
