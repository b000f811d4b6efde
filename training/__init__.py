"""From public data and the weights of all-MiniLM-L6-v2 to the reader; nothing here is imported at run time."""

import index  # noqa: F401 -- sets the variables that keep libraries from reporting, before any is imported
