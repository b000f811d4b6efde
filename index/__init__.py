"""The catalogue and its indexes; nobody has asked anything yet."""
