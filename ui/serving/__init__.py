"""Serving many readers at once: admission, cancellation, recent answers, periodic sync."""
