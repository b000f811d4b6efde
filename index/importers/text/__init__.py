"""Clean texts: HTML, TeX, Markdown, encodings and JSON."""
