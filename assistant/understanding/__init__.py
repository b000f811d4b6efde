"""What a question asks: its kind of answer, its dates, its names, its restrictions."""
