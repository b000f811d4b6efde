"""What a request may do: login, rate limits, origins, headers, sizes, connections."""
