"""What a reader takes along: references, receipts and their replay."""
