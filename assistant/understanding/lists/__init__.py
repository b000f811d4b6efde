"""Which entries a request asks for: the kinds, names, topics, dates and order of lists and counts."""
