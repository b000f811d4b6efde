"""Formats of reference managers: BibTeX, CSL-JSON, RIS, EndNote, PubMed and Zotero."""
