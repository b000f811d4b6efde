"""Settings: one frozen tree, read once at start-up and passed down."""
