"""The command that speaks to other people's assistants: `mcp`."""

from .shared import CatalogueOption, app, ready


@app.command()
def mcp(catalogue: CatalogueOption = None) -> None:
    """Speak the Model Context Protocol over standard input and output, for an assistant that starts this program."""
    from ui.mcp_server import serve_stdio

    serve_stdio(ready(catalogue))
