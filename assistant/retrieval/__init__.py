"""Search: passages and entries by words and by vectors, fused into one ranking, and filters."""
