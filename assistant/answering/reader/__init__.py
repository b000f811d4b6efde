"""The entry reader: a model that reads a question and a whole entry."""
