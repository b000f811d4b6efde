"""What users take away from an answer: references, receipts, and later checks of receipts."""
