"""From public data and the weights of all-MiniLM-L6-v2 to the reader; nothing here is imported at run time."""
