"""Replies to messages that are not questions to the catalogue: greetings, thanks, complaints, requests out of reach.

Each reply is one or two plain sentences, and true of this program. Reasons for refusing a question are in
`assistant/answering/refusal.py`.
"""

import re

from index.catalogue import Catalogue

from .acts import Act

NOTHING_YET = "There is no answer yet that I could change. Ask me something about this catalogue first."
NO_SHORTER = "The last answer was one sentence of the catalogue, which I quote whole. I cannot make it shorter."
NO_SIMPLER = (
    "The catalogue has no simpler words for this. Name the word that is unclear, and I look for its definition."
)
NO_EXAMPLE = (
    "I found no example of this in the entries around the last answer. Name a case or a system, and I look for it."
)
NO_SOURCES_YET = (
    "I have not quoted anything yet. Every sentence of an answer comes from an entry of this catalogue, which it names."
)
OPINION = "I have no opinions of my own: I only quote what this catalogue says."
OPINION_AND_ANSWER = "I have no opinions of my own. This is what the catalogue says about it:"
IN_NEED = (
    "I am only a program and cannot help with this, but people can: please talk to somebody you trust, or to a crisis line "
    "or the emergency number of your country. You do not have to be alone with it."
)
_IN_NEED = re.compile(
    r"\bi(?:'m|’m|m| am)? (?:am |really |just )?(?:feeling |feel )?suicidal\b|\bi (?:really |just )?(?:want to|wanna|am going to) die\b|"
    r"\b(?:kill|hurt|hurting|harm|harming|cut|cutting) myself\b|\bend my life\b|\b(?:hits|hit|beats|beat|hurts) me\b",
    re.IGNORECASE,
)
_LONGEST_PLEA = 300
"""Characters; a longer text with such words is rather a quotation."""
_HOW_ARE_YOU = re.compile(
    r"\bhow(?:'s|’s| is| are| r)? (?:you|u|ya|it going|things|life|your day)\b|\bhow do you do\b|\bwhat'?s up\b|\bwass?up\b|\bsup\b",
    re.IGNORECASE,
)
_PRIVACY = re.compile(
    r"\b(?:read|see|store|stor\w+|sav\w+|record\w*|keep|remember|track\w*|private|privacy|log|logs|logged|spy\w*|listen\w*|data|chats?)\b",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"\b(?:sure|certain|correct|true|reliable|trust\w*|accurate|wrong|mistakes?|lie|lies|lying|hallucinat\w+|make (?:things|stuff|it) up)\b",
    re.IGNORECASE,
)
_MAKER = re.compile(
    r"\bwho\b.{0,30}\b(?:made|make|makes|built|build|created|wrote|writes|owns|own|runs|pays?|behind|trained|programmed|developed|designed|invented)\b|\bwhere\b.{0,20}\bfrom\b",
    re.IGNORECASE,
)


def in_need(text: str) -> bool:
    """Whether the writer speaks of being in danger; such a message gets the reply `IN_NEED`, whatever else it does."""
    return len(text) <= _LONGEST_PLEA and _IN_NEED.search(text) is not None


def reply(act: Act, text: str, catalogue: Catalogue, *, quotes_only: bool, has_answer: bool) -> str | None:
    """Return the reply to a visitor's act; None for an act that needs more than a reply.

    Args:
        act: What the message does.
        text: The message.
        catalogue: The catalogue that is asked.
        quotes_only: Whether answers are quotations, not written by a language model.
        has_answer: Whether the conversation has an answer with citations.
    """
    match act:
        case "greeting":
            start = "Hello, I am fine, thank you." if _HOW_ARE_YOU.search(text) else "Hello."
            return f"{start} {offer(catalogue)}"
        case "capabilities":
            return (
                f"{offer(catalogue)} You can also ask for lists, dates and comparisons, and then say “shorter”, “simpler”, "
                "“an example” or “tell me more”."
            )
        case "about_assistant":
            return _about(text, quotes_only=quotes_only)
        case "small_talk":
            if _HOW_ARE_YOU.search(text):
                return "I am fine, thank you: a program always is. What would you like to know from this catalogue?"
            return "I am only a program without jokes, moods or a life to talk about. What I can do is quote this catalogue."
        case "complaint" if not has_answer:
            return "I am sorry. Ask in other words, or name the thing that you mean; I can only quote this catalogue."
    return _SIMPLE_REPLIES.get(act)


_SIMPLE_REPLIES: dict[Act, str] = {
    "goodbye": "Goodbye, and thank you for your questions.",
    "thanks": "You are welcome. Ask me anything else about this catalogue.",
    "praise": "Thank you, I am glad that it helped. What else would you like to know?",
    "complaint": (
        "I am sorry that this did not help. Ask in other words, or name the thing that you mean; each quotation links to its "
        "entry, so that you can check it."
    ),
    "insult": "I am sorry that I was no help. Tell me what you are looking for, and I search the catalogue for it.",
    "human_request": (
        "I cannot connect you with a person: I am a program that quotes this catalogue. The catalogue does not say whom to "
        "call; the people who run this site can tell you."
    ),
    "code_request": "I cannot write code: I only quote this catalogue. I can look up what it says about a method or a tool.",
    "creative_request": (
        "I cannot write texts of my own: I only quote this catalogue. I can give you its sentences on a subject, with sources."
    ),
    "personal_advice": (
        "I cannot advise you personally: please ask somebody who knows your situation. I can only look up what this catalogue "
        "says about a subject."
    ),
    "cancel": "All right. Ask me something else whenever you like.",
    "agree": "Good. What would you like to know next?",
    "disagree": "All right. What would you like to know instead?",
}


def offer(catalogue: Catalogue) -> str:
    """What can be asked, and how many entries the catalogue has."""
    counts = [(kind, sum(entry.kind == kind for entry in catalogue.entries)) for kind in ("event", "guide", "path")]
    contents = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts if count)
    return f"Ask me about this catalogue: {contents}. I answer in its own sentences, each with its source."


def _about(text: str, *, quotes_only: bool) -> str:
    what = (
        "I am the Almanac Assistant, a program: no person, not ChatGPT, and no other language model. I search this catalogue "
        "and quote its sentences."
        if quotes_only
        else "I am the Almanac Assistant, a program and no person. A language model writes my sentences, and each one is checked "
        "against this catalogue."
    )
    if _SURE.search(text):
        return "Every sentence is an exact quotation from the entry that it links to. Whether it is right depends on that source."
    if _MAKER.search(text):
        return f"{what} The catalogue does not say who runs this site."
    if _PRIVACY.search(text):
        return f"{what} What is kept of our conversation is up to those who run this site; I cannot see it."
    return what
