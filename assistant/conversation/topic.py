"""What a question is about, as a phrase cut out of it, and what a whole conversation is about.

No tagger is at hand, so words are told apart by lists of English function words, of verbs that questions ask with and of
nouns that say a side of a thing ("the causes of …"); what is left between them are phrases of the thing itself.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.lexical import STOPWORDS, fold, terms

_TOKEN = re.compile(r"[^\W_](?:[\w’'.&+/-]*[\w+])?")
_VERBS = frozenset(
    "affect affects appear apply ask avoid based become becomes began begin believe bring build buy call called came cause caused causes "
    "change changed choose chosen come comes compare compared consider contain continue continued contrast cost create created cure cured "
    "cut deal deals decide describe design detect develop developed die died differ discover discovered discuss discussed done drop eat eats "
    "effect end ended enter exist exists explain fail fall feel fight find fit fix form formed found founded fund funded gave generate "
    "get getting give given go goes going got govern grow grows had happen happened happening happens hear heard help helped helps hold "
    "impact improve improves include includes increase influence introduce introduced invent invented invest involve involved keep kill kills knew know known "
    "lead learn leave left like live lived lives look looks lose lost love made maintain make makes making mean means measure meet move moved "
    "need needed needs occur offer open operate originate own paid pass passed pay performed pick plan play played plays popular prevent "
    "produce produced protect prove provide publish published put ran reach read received recommend reduce refer relate related release "
    "released remain remember replace report require required run running runs said sat save say says see seem seen sell set show signed "
    "sleep speak spend spread stand start started stay stop stopped store struggle study support survive survived take taken takes talk "
    "teach tell think told took train trained travel treat treated treatable try understand use used uses using visit want wanted wants "
    "watch went won wonder wondering work working works worry write written wrote worth".split()
)
_SIDES = frozenset(
    "advantage advantages adaptations amount answer argument arguments aspect aspects author authors beginning benefit benefits biography "
    "capital case cases category cause causes challenge challenges change changes characters characteristic characteristics charge "
    "color colors component components con concept cons consequence consequences cost costs country countries creator criticism culture "
    "cycle date day decision definition details development difference differences disadvantage disadvantages drawbacks effect effects "
    "evidence example examples experience extent fact facts factor factors feature features fine founder founders function functions future goal goals "
    "head history idea ideas impact impacts implication implications importance influence information interest invention inventor issue issues job "
    "kind kinds leader length level life list location locations main meaning member members method methods name names number option options "
    "order origin origins overview part parts people percentage person place places point policy population position possibility price "
    "problem problems process product products pros purpose quality rate reason reasons relationship relevance requirement requirements "
    "response responsibilities result results rights risk risks role roles rule rules sentence sign signs significance similarities similarity "
    "situation size slogan solution solutions sort sorts source sources species speed stage stages standing status step steps story strategies strategy structure "
    "subject success symptom symptoms term terms theme themes theories theory thing things time times title tool tools total treatment treatments type types "
    "uses value values version versions view views way ways weight winner year years".split()
)
_QUALIFIERS = frozenset(
    "actual average available bad basic best better big bigger biggest cheap cheapest close closest common current different difficult early easier easiest easy "
    "effective entire exact famous fast faster fastest favorite few final first free full general good great greatest hard high higher "
    "highest important interesting key large larger largest last late later latest legal little long longer longest low lower lowest main major "
    "many most much natural necessary negative new newest next nice normal old older oldest only original other particular past popular positive "
    "possible present previous primary prominent real recent recommended right safe same second serious short significant similar simple single small "
    "smaller smallest specific stand-alone successful sure third top true typical unique useful usual various well-known whole worst wrong".split()
)
_FUNCTION = STOPWORDS | frozenset(
    "actually almost already although always amongst among anything around away back besides cannot else enough even ever everything exactly far "
    "generally hello help hey hi however instead interesting like likely lot lots maybe might must near neither never next nothing now often ok okay one ones onto "
    "perhaps please possibly probably quite rather really regarding regardless shall simply since sometimes somewhere something soon still sure "
    "tell thank thanks therefore though thus today together tomorrow toward upon usually versus via vs well whatever whether within without wow "
    "yes yesterday yet us mr mrs let's i'm i've i'd it's that's what's who's there's".split()
)
_LEANS_ON = frozenset("of about for in on with behind between to from against by at".split())
_LONGEST = 6
"""Words; a longer phrase is a description, and its last words name the thing."""


class OwnTopic(Protocol):
    """Says what a question is about by itself."""

    def __call__(self, question: str, *, first: bool) -> str:
        """The phrase; "" where the question leans on those before it. `first` is true of the first one."""
        ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words cut out of a text, where they stand, and what speaks for them as the subject."""

    text: str
    start: int
    weight: float


def phrases_in(text: str, weigh: Callable[[str], float]) -> list[Phrase]:
    """The noun phrases of a question, in order; `weigh` says how much an index term tells."""
    found: list[Phrase] = []
    run: list[re.Match[str]] = []
    previous = ""
    leans = False
    for match in [*_TOKEN.finditer(text), None]:
        word = "" if match is None else fold(match.group()).replace("’", "'")
        gap = "" if match is None or not run else text[run[-1].end() : match.start()]
        proper = match is not None and _is_proper(match.group()) and match.start() > 0
        ends = (
            match is None or (not proper and (word in _FUNCTION or word in _VERBS)) or gap.strip() not in {"", "“", '"'}
        )
        if ends and run:
            phrase = _phrase(text, run, weigh, leans=leans)
            if phrase is not None:
                found.append(phrase)
            run = []
        if match is None:
            break
        if proper or not (word in _FUNCTION or word in _VERBS):
            if not run:
                leans = previous in _LEANS_ON
            run.append(match)
        if word not in {"the", "a", "an"}:
            previous = word
    return found


def _phrase(text: str, run: Sequence[re.Match[str]], weigh: Callable[[str], float], *, leans: bool) -> Phrase | None:
    words = list(run)
    while words and not _is_proper(words[0].group()) and fold(words[0].group()) in _QUALIFIERS:
        words.pop(0)
    plain = [fold(word.group()) for word in words]
    if not words or all(word in _SIDES or word in _QUALIFIERS or word.isdigit() for word in plain):
        return None
    words = words[-_LONGEST:]
    cut = re.sub(r"['’]s$", "", text[words[0].start() : words[-1].end()])
    weight = sum(weigh(term) for term in set(terms(cut)))
    if not weight:
        return None
    named = any(_is_proper(word.group()) and word.start() > 0 for word in words)
    return Phrase(cut, words[0].start(), weight * (1.5 if named else 1.0) * (1.3 if leans else 1.0))


def _is_proper(word: str) -> bool:
    return any(character.isupper() for character in word) and word != "I" and not word.startswith(("I'", "I’"))


def topic_of(text: str, weigh: Callable[[str], float]) -> str:
    """The phrase of a question that tells most; "" where it has none."""
    found = phrases_in(text, weigh)
    return max(found, key=lambda phrase: phrase.weight).text if found else ""


def followed(asked: Sequence[str], own_topic: OwnTopic) -> str:
    """What a conversation is about after some questions, oldest first.

    A question that leans on the conversation leaves its subject as it is; one that stands alone sets a new one.
    """
    topic = ""
    for place, question in enumerate(asked):
        topic = own_topic(question, first=place == 0) or topic
    return topic
