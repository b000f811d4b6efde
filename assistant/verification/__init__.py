"""Whether a sentence is supported by its evidence: rules, and a small cross-encoder."""
