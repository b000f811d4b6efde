"""Feeds and exports of blogs and newsletters."""
