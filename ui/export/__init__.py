"""Files that a reader takes away from an answer: references, the whole answer, its entries as a table, its receipt."""
