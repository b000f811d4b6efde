"""Questions with known answers: files of them, and generators."""
