"""Trains the reader from public data and the weights of all-MiniLM-L6-v2; the product imports nothing from here."""

import index  # noqa: F401 -- sets the variables that keep libraries from reporting, before any is imported
