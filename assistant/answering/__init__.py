"""From search hits to an answer: evidence, selection, abstention, lists, comparisons, related entries, suggestions."""
