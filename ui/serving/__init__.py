"""Serves many users at once: admission control, cancellation, recent answers, periodic sync."""
