"""The command line: `almanac ask`, `almanac serve` and the other commands."""


def main() -> None:
    """Run the command `almanac` and end the process with its exit status."""
    try:
        # The commands take most of a second to import. An interrupt during that time ends the program without a traceback.
        from .commands import run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
