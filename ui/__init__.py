"""Every way a person or a program reaches the assistant."""
