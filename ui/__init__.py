"""Every way a person or a program reaches the assistant."""

import index  # noqa: F401 -- sets the variables that keep libraries from reporting, before any is imported
