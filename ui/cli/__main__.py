"""`python -m ui.cli`: the command `almanac` in a checkout that is not installed."""

from . import main

main()
