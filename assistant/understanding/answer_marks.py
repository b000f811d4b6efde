"""Patterns that a sentence must match to contain an answer of a certain type: an amount of money, a reason, an example."""

import re

from index import dates

from .phrases import COUNTING_WORDS

COUNTS = "|".join(COUNTING_WORDS)
NUMBER = re.compile(rf"\d|\b(?:{COUNTS})\b", re.IGNORECASE)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
DATE = re.compile(rf"\b(?:19|20)\d\d\b|\b(?:{'|'.join(dates.MONTHS)})\b")
MONEY = re.compile(
    r"[$€£¥₹]\s?\d|\b\d[\d,.]*\s?(?:thousand|million|billion|trillion)?\s?(?:dollars?|euros?|pounds?|yuan|yen|rupees?|cents?|USD|EUR|GBP)\b"
    r"|\b(?:free of charge|for free|at no cost|free to use)\b",
    re.IGNORECASE,
)
SHARE = re.compile(
    rf"%|\bper ?cent\b|\b(?:half|third|quarter|fifth|tenth|majority|most|all|none)\b|\b(?:\d+|{COUNTS})(?: \w+)? (?:in|of|out of)(?: the| every)? (?:\d|(?:{COUNTS})\b)",
    re.IGNORECASE,
)
AGE = re.compile(r"\bage[ds]?\b|\byears? old\b|-year-old\b|\bborn\b|\bteen\w*\b", re.IGNORECASE)
SPAN = re.compile(
    rf"\b(?:\d[\d,.]*|{COUNTS}|a|an|few|many)[\s-]+(?:\w+[\s-]+)?(?:second|minute|hour|day|night|week|month|year|decade|page|word|token)s?\b"
    r"|\b(?:since|until|from|between)\b.*\b(?:19|20)\d\d\b|\bovernight\b|\bpermanent\w*\b",
    re.IGNORECASE,
)
BECAUSE = re.compile(
    r"\b(?:because|since|so that|in order to|to (?:make|avoid|prevent|keep|reduce|help|let|show|test|protect)|therefore|due to|"
    r"as a result|reason|why|means that|leads? to|caus(?:e|es|ed|ing)|after|aim(?:s|ed)?|concern\w*|worr\w+|saying|said|argu\w+|over)\b",
    re.IGNORECASE,
)
NAME = re.compile(r"[A-ZÀÖØ-Þ][\w’'-]+")
INNER_NAME = re.compile(r"(?<=[a-z,;)0-9] )[A-ZÀÖØ-Þ][\w’'-]+")

DEFINES = re.compile(
    r"^(?:[Aa]n?\s|[Tt]he\s)?[^.;:]{2,80}?(?:,\s[^,]{2,60},)?\s(?:is|are|means?|refers? to|stands? for|describes?)\s(?:short for|called|an?|the|any|when|one|what|how|[a-z]+ing)\b",
)
PROOF = re.compile(
    r"\d|\b(?:found|finds?|showed|shown|shows?|stud(?:y|ies|ied)|tests?|tested|experiments?|measur\w+|observ\w+|result\w*|evidence|report\w*|survey\w*|caught|detected|demonstrat\w+)\b",
    re.IGNORECASE,
)
INSTANCE = re.compile(
    r"\b(?:for example|for instance|such as|e\.g\.|example|instance|one (?:model|system|case|test|agent)|in (?:one|a|an|the) (?:test|case|experiment|game|study)|including|among them|like when)\b"
    r"|\b(?:19|20)\d\d\b|\d\s?%",
    re.IGNORECASE,
)
CRITICISM = re.compile(
    r"\b(?:criti\w+|oppos\w+|object\w*|reject\w*|limit\w*|weakness\w*|flaw\w*|fail\w*|drawback\w*|problem\w*|concern\w*|worr\w+|doubt\w*|argu\w+|warn\w*|against|"
    r"disput\w+|however|but|although|not|cannot|no|unclear|risk\w*|misleading|too)\b",
    re.IGNORECASE,
)
