"""What kind of file some bytes are, and ZIP archives."""
