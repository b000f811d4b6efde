"""The command that speaks to other people's assistants: `mcp`."""

from . import terminal
from .shared import CatalogueOption, app, workplace_of


@app.command()
def mcp(catalogue: CatalogueOption = None) -> None:
    """Speak the Model Context Protocol over standard input and output, for an assistant that starts this program."""
    from assistant.live import LiveAssistant
    from ui.api.mcp import serve_stdio

    workplace = workplace_of(catalogue)
    with terminal.progress() as report:
        assistant = workplace.assistant(report)
    if assistant.notice:
        terminal.say(f"note: {assistant.notice}")
    # Such a session may last for days: a new index is taken up between two questions, as by the server.
    serve_stdio(LiveAssistant(workplace, assistant))
