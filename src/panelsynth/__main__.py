"""`python -m panelsynth` is the command line."""

from .cli import main

main()
