"""The test suite. `tests` is a package so that pytest does not put this folder on the import path."""
