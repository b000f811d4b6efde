"""Fetch http(s) addresses safely: public addresses only, with limits on size and time."""
