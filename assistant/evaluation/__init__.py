"""Measurements of the product: data sets, metrics, and the conditions with their expected figures."""
