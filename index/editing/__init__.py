"""Changes of the catalogue that are recorded: editing, removing, renaming, pruning, and undoing any of them."""
