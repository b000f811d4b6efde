"""Finds words that refer back to the conversation: pronouns, "the second one", "and in 2024?", "tell me more"."""

import re
from collections.abc import Callable

from assistant.understanding.phrases import BEFORE_POINTING_THAT

MORE = re.compile(
    r"^\W*(?:(?:ok|okay|yes|yeah|sure|great|thanks|thank you|cool|interesting|and|please)\W+)*"
    r"(?:(?:can|could|would) you (?:please )?)?"
    r"(?:(?:tell|give|show) (?:me|us) (?:some |a bit |a little |any )?more(?: details?| information| about (?:it|that|this|them|those|these))?|"
    r"(?:some |a bit |any )?more(?: details?| information| please| on (?:that|this|it))?|go on|continue|keep going|carry on|what else|anything else|"
    r"elaborate(?: on (?:that|this|it))?|expand(?: on (?:that|this|it))?|say more|in more detail|and\?*|yes|yeah|yes please|sure)"
    r"(?:\W+please)?\W*$",
    re.IGNORECASE,
)
SIMPLER = re.compile(
    r"\b(?:simpl(?:er|y|ify)|plain(?:er|ly)?|easier|layman'?s?|like i'?m (?:five|5)|eli5|dumb it down|for (?:a |an )?(?:beginner|newcomer|child|kid)s?|"
    r"(?:do not|don'?t|didn'?t) (?:understand|get (?:it|that|this))|less technical|without jargon|what does (?:that|this|it) mean)\b",
    re.IGNORECASE,
)
DEEPER = re.compile(r"\b(?:more technical(?:ly)?|in more depth|more advanced|for an expert)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?P<word>it|its|they|them|their|theirs|he|him|his|she|her|hers|these|those|this|that|the (?:same|former|latter|first one|second one|last one|other one|others)|"
    r"(?:this|that|these|those|the) (?P<noun>paper|papers|model|models|company|companies|lab|labs|law|laws|act|report|method|methods|approach|technique|"
    r"techniques|system|systems|study|work|team|authors?|researchers?|event|events|guide|guides|framework|frameworks|policy|policies|incident|incidents|idea|result|results|one|ones))\b",
    re.IGNORECASE,
)
_THAT_JOINS = re.compile(
    r"\b(?:(?:say|says|said|show|shows|showed|shown|claim|claims|claimed|argue|argues|argued|mean|means|know|think|believe|found|find|so|"
    r"fact|evidence|idea|sure|true|likely|possible|clear)\s+that|that\s+(?:is|are|was|were|can|could|may|might|has|have|had|will|would|do|does|did|"
    r"\w+(?:s|ed))\b)",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|does|did|will|would|makes?|make|take|takes|took)\s+it\s+(?:(?:still|also|really|more|so|very)\s+)?"
    r"(?:possible|necessary|important|hard|difficult|easy|safe|legal|illegal|true|okay|ok|advisable|common|free to|normal to|"
    r"take|mean to|matter|that|worth|better|cost to|like to|(?:an?|the)\s+(?:good|best))\b|\bit\s+(?:rain|snow)s?\b|\b(?:does|did|will|would)\s+it\s+(?:make|take)\s+(?:an?|to)\b|\bit(?:'s|’s| is) (?:possible|true|said|known)\b|\bit\s+is\s+better\s+(?:to|never|not|if|that)\b|\bwhat time is it\b",
    re.IGNORECASE,
)
OPENER = re.compile(
    r"^\W*(?:and|but|so|or|then|also|plus|what about|how about|and what about|what of|same for|why not|how so|how come|why|really|like what|such as|"
    r"for example|which ones?|any others?|who else|what else|where else|when else|in what way|since when|by whom|by how much)\b",
    re.IGNORECASE,
)
ABOUT = re.compile(
    r"^\W*(?:and |but |so |ok(?:ay)?,? )?(?:what about|how about|what of|same (?:question )?for|and(?: for| in| from| by| with)?|or)\s++(?P<rest>.+?)\W*+$",
    re.IGNORECASE,
)
CLAUSE_BOUNDARY = re.compile(
    r"[,;:?!]|\b(?:and|but|because|when|if|so|or|after|before|while|then|what|that|which|who|how|whether|where|as|than)\b",
    re.IGNORECASE,
)
ONE_OF_THEM = re.compile(
    r"\b(?:(?:the|that|this|which)\s+(?:[\w-]+\s+){0,2}|(?:an?|any|other|another)\s+(?:[\w-]+\s+){0,1})(?P<one>ones?)\b(?!\s+of\b)",
    re.IGNORECASE,
)
DEFINITE = re.compile(
    r"\bthe\s+(?:(?:first|second|third|fourth|last|next|other|new|old|original|final|main|biggest|whole)\s+)?[\w-]+(?!\s+(?:of|that|which|who|for|in|on|"
    r"between|behind|with)\b)(?=\s|[?.!,]|$)",
    re.IGNORECASE,
)
LEADING = re.compile(r"^\W*(?:and|but|so|or|then|also|plus|ok(?:ay)?|well)\b[,\s]*", re.IGNORECASE)
WHICH_THINGS = re.compile(r"\b(?:which|what)\s+(?:of the\s+)?(?!(?:is|was|does|has)\b)(\w{3,}[^s\W]s)\b", re.IGNORECASE)
NAMES_ITS_SUBJECT = re.compile(
    r"\b(?:is|are)\s+(?!(?:there|the|this|that|these|those|any|some|all|most|more|it|they|he|she|you|we|i|an?|one|other|another|such)\b)"
    r"[^\W\d_]{3,}\s+\w|^\W*how\s+\w+\s+(?:is|are)\s+(?!(?:there|the|this|that|these|those|they|you|it)\b)[^\W\d_]{3,}\W*$|"
    r"\bthe\s+(?:term|word|concept|notion|acronym|abbreviation)\s+\w",
    re.IGNORECASE,
)
"""A question that names its own subject, so that nothing has to be completed from the conversation.

The subject is a noun without an article after "is" ("Is melatonin bad for you?"), or it is named as in "the term …".
"""
_OWNER = re.compile(r"\b(?P<owner>[^\W\d_]{3,}[^s\W]s)\b(?:\s+\w+){0,4}\s+their\b", re.IGNORECASE)
_NOT_A_REFERENCE = re.compile(
    r"(?:(?:year|month|week|weekend|quarter|decade|century|summer|winter|spring|autumn|fall|time|morning|evening)s?|kinds?|sorts?)(?:['’]s)?\W*",
    re.IGNORECASE,
)
"""Words that show that a "this" before them does not refer back: "this year?", "this kind"."""
PLURAL = frozenset("they them their theirs these those ones".split())
PERSON = frozenset("he him his she her hers".split())
FEMALE = frozenset("she her hers".split())
GROUP = frozenset("they them their theirs".split())
"""Pronouns for several people, or for an organisation that the previous question named."""
POSSESSIVE = frozenset("its their his her".split())


def pointer(text: str, has_names: Callable[[], bool]) -> re.Match[str] | None:
    """Return the first word or phrase that refers back; `has_names` returns whether the text contains names."""
    named = None
    masked = text
    for pattern in (_THAT_JOINS, _EXPLETIVE):
        masked = pattern.sub(lambda match: "#" * len(match.group()), masked)
    for match in _POINTS_BACK.finditer(masked):
        noun, word = match["noun"], match["word"].lower()
        following = masked[match.end() :].split()
        if noun and word.startswith("the "):
            # "the model that wrote Hamlet", "the EU act": described in the question itself.
            if re.match(
                r"\s+(?:that|which|who|of|for|on|by|from|called|named|behind|about|to|in|with)\b", masked[match.end() :]
            ):
                continue
            named = (
                has_names() if named is None else named
            )  # called at most once: a text may contain "the model" many times
            if named:
                continue
        if word in {"this", "that", "these", "those"} and following and _NOT_A_REFERENCE.fullmatch(following[0]):
            continue
        if word == "that" and _is_relative(masked[: match.start()], masked[match.end() :]):
            continue
        owner = _OWNER.search(text) if word == "their" else None
        if owner is not None and owner.start("owner") < match.start():
            continue  # "How do companies hire their employees?"
        return match
    return None


def _is_relative(before: str, after: str) -> bool:
    """Whether "that" is a conjunction or relative pronoun: "the reasons that most firms fail".

    At the end of a clause, or after a word such as "of", it refers back.
    """
    if not re.match(r"\s+\w", after):
        return False
    words = re.findall(r"[\w'’]++\W*+$", before)
    last = words[0].lower() if words else ""
    return last.rstrip() not in BEFORE_POINTING_THAT and bool(re.fullmatch(r"[\w'’]+\s+", last))
