"""The HTTP interfaces for programs: answers, streams, search, the OpenAI shape, the Model Context Protocol."""
