"""What a question wants to be told, in the reader's own words: "how many tokens", "which law firm", "the monthly price".

For the reason why there is no answer: naming what is missing shows that the question was understood.
"""

import re

_VERBS = frozenset(
    "is are was were be been being am do does did has have had having can could may might must shall should will would "
    "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't "
    "get gets got make makes made take takes took go goes went come comes came say says said give gives gave let lets "
    "win wins won lose loses lost run runs ran build builds built write writes wrote lead leads led pay pays paid "
    "sell sells sold buy buys bought begin begins began see sees saw happen happens happened cause causes caused know knows knew find finds found mean means meant".split()
)
_BREAKS = frozenset(
    "of for in on at by to from with about between behind into over under after before during since than that who whom "
    "which when where why how and or but if as per the a an its his her their it he she they you we i one".split()
)
_LONGEST = 4
"""Words of a thing asked for; a longer run is no name of a thing."""
_AMOUNT = re.compile(r"\bhow (?P<how>many|much)\b(?: of the| more| different| other)?\s*(?P<rest>.*)", re.IGNORECASE)
_DEGREE = re.compile(
    r"\bhow (?P<how>old|big|large|long|often|tall|far|high|fast|expensive|few|small|deep|wide|heavy|accurate|well|soon)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"\b(?P<how>which|what)\s+(?P<rest>.*)", re.IGNORECASE)
_NAMED = re.compile(
    r"\bwhat(?:'s|’s|s| is| are| was| were)\s+(?P<the>the|its|his|her|their)\s+(?P<rest>.*)", re.IGNORECASE
)
_PLAIN = (
    (re.compile(r"^\W*(?:and\s+|so\s+|but\s+)?(?:who|whom)\b", re.IGNORECASE), "who"),
    (re.compile(r"^\W*(?:and\s+|so\s+|but\s+)?whose\b", re.IGNORECASE), "whose"),
    (re.compile(r"^\W*(?:and\s+|so\s+|but\s+)?when\b", re.IGNORECASE), "when"),
    (re.compile(r"^\W*(?:and\s+|so\s+|but\s+)?where\b", re.IGNORECASE), "where"),
    (re.compile(r"^\W*(?:and\s+|so\s+|but\s+)?why\b|\bhow come\b", re.IGNORECASE), "why"),
)


def wanted(question: str) -> str | None:
    """What is asked for, as words that can follow "does not say"; None where that cannot be told."""
    for pattern, phrase in _PLAIN:
        if pattern.search(question):
            return phrase
    if match := _AMOUNT.search(question):
        thing = _thing(match["rest"])
        return f"how {match['how'].lower()}{f' {thing}' if thing else ''}"
    if match := _DEGREE.search(question):
        return f"how {match['how'].lower()}"
    if match := _NAMED.search(question):
        thing = _thing(match["rest"])
        return f"what {match['the'].lower()} {thing} is" if thing else None
    if match := _CHOICE.search(question):
        thing = _thing(match["rest"])
        return f"which {thing}" if thing else None
    return None


def _thing(text: str) -> str:
    """The words of a thing at the start of a text: those before a verb or a word that joins."""
    words: list[str] = []
    for word in re.findall(r"[^\W_][\w’'-]*|[^\w\s]", text):
        ends = not word[0].isalnum() or word.lower() in _VERBS or word.lower() in _BREAKS
        # "which law firm defended …": a word in -ed after a first one is taken for a verb.
        if ends or (words and re.fullmatch(r"[a-z]{3,}ed", word)):
            break
        words.append(word)
    return " ".join(words) if len(words) <= _LONGEST else ""
