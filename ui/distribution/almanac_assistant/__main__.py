"""`python -m almanac_assistant`: the command `almanac`."""

from almanac_assistant import main

main()
