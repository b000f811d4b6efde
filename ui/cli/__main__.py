"""`python -m ui.cli`: the command `almanac` where it is not installed."""

from . import main

main()
