"""The import formats: one module per format."""
