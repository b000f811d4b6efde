"""The HTTP API: answers, streams, search, chat completions compatible with OpenAI, the Model Context Protocol."""
