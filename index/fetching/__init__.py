"""Fetching http(s) addresses safely: only public addresses, within limits."""
