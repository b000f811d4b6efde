"""The suite; `tests` is a package so that pytest never puts this folder on the import path."""
