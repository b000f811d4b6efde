"""Detect file types, and unpack ZIP archives."""
