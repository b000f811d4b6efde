"""The command `mcp`: an MCP server over standard input and output."""

from . import terminal
from .shared import CatalogueOption, app, get_workplace


@app.command()
def mcp(catalogue: CatalogueOption = None) -> None:
    """Run as an MCP server over standard input and output, for an assistant that starts this program."""
    from assistant.live import LiveAssistant
    from ui.api.mcp import serve_stdio

    workplace = get_workplace(catalogue)
    with terminal.progress() as report:
        assistant = workplace.assistant(report)
    if assistant.notice:
        terminal.say(f"note: {assistant.notice}")
    # A session may last for days. `LiveAssistant` switches to a new index between two questions.
    serve_stdio(LiveAssistant(workplace, assistant))
