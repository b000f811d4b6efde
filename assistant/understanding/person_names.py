"""Tells names of people from other names, by the words around them: "said", "led by", "and colleagues", "chief executive".

There is no list of people and no list of first names, so that it works for any catalogue.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.lexical import STOPWORDS, fold

_ROLE = (
    r"(?:chief (?:executive|scientist|technology|operating|financial|product|research)(?: officer)?|ceo|cto|coo|cfo|(?:co-?)?founders?|(?:vice[- ])?president|"
    r"(?:co-?)?chairs?|chair(?:man|woman|person)|(?:managing |executive |research |technical )?director|heads?|(?:co-?)?lead(?:s|er|ers)?|(?:computer |data )?scientists?|"
    r"researchers?|professors?|prof\.|dr\.?|mr\.?|mrs\.?|ms\.?|sir|engineers?|economists?|philosophers?|physicists?|lawyers?|attorney(?: general)?|judge|justice|"
    r"(?:prime )?ministers?|senators?|congress(?:man|woman)|representatives?|governor|mayor|secretary|commissioner|sheriff|officer|sergeant|detective|"
    r"board members?|co-authors?|authors?|investors?|journalists?|reporters?|writers?|actors?|actress|singers?|comedian|champion|player|pioneers?|"
    r"laureates?|students?|teachers?|employees?|executives?|spokes(?:man|woman|person)|critics?|artists?|activists?|advis[eo]rs?|officer|pope|king|queen|prince|"
    r"(?:\d+-year-old)|father|mother|son|daughter|husband|wife|man|woman|boy|girl|driver|pedestrian)"
)
_TITLE_BEFORE = re.compile(rf"\b{_ROLE},? $", re.IGNORECASE)
_ROLE_AFTER = re.compile(
    rf"^(?:, (?:(?:(?! and )[^,;:]){{1,50}} )?{_ROLE}\b|(?: and [\w’'.-]+ [\w’'.-]+)?(?: had)? (?:again )?(?:became|becomes|is|was|are|were|has been|served|as) "
    rf"(?:[^,;:]{{1,60}} )?{_ROLE}\b|, who (?:\w+ ){{0,3}}(?:chaired|led|lead|headed|ran)\b|(?: and [\w’'.-]+ [\w’'.-]+)? (?:again )?(?:chaired|chairs|headed|heads)\b)",
    re.IGNORECASE,
)
_LED_BY = re.compile(
    r"\b(?:(?:co-)?led|headed|run|chaired|(?:co-)?founded) by(?: [\w’'.-]+ [\w’'.-]+ and)? $|\bco-leads?, (?:[\w’'.-]+ [\w’'.-]+ and )?$",
    re.IGNORECASE,
)
_AGENT_BEFORE = re.compile(
    r"\b(?:(?:led|headed|run|founded|created|written|introduced|proposed|signed|co-led|co-founded|co-written|chaired|authored|developed|invented|built|"
    r"described|published|supported|endorsed|named|called) by(?: [\w’'.-]+ [\w’'.-]+ and)?|among them|told|hired?|fired|sued|co-leads?,) $",
    re.IGNORECASE,
)
_COLLEAGUES_AFTER = re.compile(
    r"^(?:, who\b|,? (?:and|with) (?:(?:\w+ )?(?:colleagues|co-authors|others|his|her)\b)|,? et al\b)", re.IGNORECASE
)
_PERSON_VERB = re.compile(
    r"^,? (?:(?:has|had|have|also|then|later|once|publicly|and colleagues) ){0,2}(?:said|says|told|wrote|writes|argued|argues|warned|testified|resigned|joined|left|"
    r"signed|sued|led|co-led|won|founded|co-founded|tweeted|believes|thinks|called|became|died|returned|succeeded|apologi[sz]ed|explained|described|proposed|"
    r"introduced|presented|sanctioned|ruled|ordered|let|granted|adopted|vetoed|(?:was|is) (?:leaving|removed|hired|elected|born|arrested|killed|jailed|fired|dismissed|appointed|named|replaced|ousted|charged|awarded)|"
    r"were the first|came back|received)\b",
    re.IGNORECASE,
)
_OF_PLACE = re.compile(r"^ (?:of|from|at) (?:the )?[A-Z]")
_IN_LIST = re.compile(r"^(?:,| and) [A-Z][\w’'.-]+ (?:van |de |von |der )?[A-Z]")
_AFTER_LIST = re.compile(r"[A-Z][\w’'.-]+ [A-Z][\w’'-]+(?:,| and|, and) $")
_NOT_PERSON_BEFORE = re.compile(r"\b(?:in|at|near|on|the|a|an|its|their|called|into|using|via) $", re.IGNORECASE)
_NOT_PERSON_AFTER = re.compile(
    r"^ (?:models?|team|act|project|institute|benchmark|paper|chatbot|family|system|policy|programme?|test|tests|line|app|api|summit|case|agreement|releases?|"
    r"dataset|versions?|scored|runs on)\b",
    re.IGNORECASE,
)
_NOT_PERSON_WORD = frozenset(
    fold(word)
    for word in (
        "University Institute Institution College School Lab Labs Laboratory Research Group Company Corporation Corp Inc Ltd Foundation Fund Center Centre Council "
        "Commission Committee Department Ministry Agency Office Bureau Court Act Order Bill Law Report Statement Declaration Summit Project Team Union Parliament Party "
        "Bank Times Post Journal News Street Park Valley City County State States Kingdom House Board Association Society Academy Prize Award Test Exam Model Models "
        "Learning Intelligence Network Networks Language Deep Machine Artificial Data Safety Security Alignment System Systems Policy Framework Constitution Code Service "
        "Services Technologies Technology Software Media Brain Search Cloud Maps Street Drive Police Airlines North South East West New Google Microsoft Apple Amazon "
        "January February March April June July August September October November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
    ).split()
)
_LEADING_ROLE = re.compile(rf"^(?:.*\s)?{_ROLE}\s+(?=[A-Z])", re.IGNORECASE)
_PART = r"(?:[A-ZÀ-ÖØ-Þ]\.|[A-ZÀ-ÖØ-Þ](?:[^\W\d_]*[^\W\d_A-Z])(?:[’'-][^\W\d_]{2,})*)"
_FULL_NAME = re.compile(
    rf"(?<![\w’'-]){_PART}(?: (?:(?:van|von|de|der|den|da|di|del|al|bin|la|le) )*{_PART}){{1,3}}(?![\w-])"
)


@dataclass(frozen=True, slots=True)
class NameInText:
    """A possible full name of a person in a text: two to four capitalised words, without a role in front."""

    text: str
    start: int
    end: int


def full_names(text: str) -> Iterator[NameInText]:
    """Yield the runs of words in a text that have the form of a person's full name."""
    for match in _FULL_NAME.finditer(text):
        start, name = match.start(), match.group()
        role = _LEADING_ROLE.match(name)
        cut = role.end() if role else 0
        first = name[cut:].split(" ")[0]
        if fold(first) in STOPWORDS:
            cut += len(first) + 1
        name = name[cut:]
        if " " in name and not any(fold(word) in _NOT_PERSON_WORD for word in name.split()):
            yield NameInText(name, start + cut, start + cut + len(name))


def evidence(text: str, start: int, end: int) -> int:
    """The evidence that the name at these characters of a sentence is a person's: above 0 for, below 0 against."""
    before, after = text[:start], re.sub(r"^['’]s?(?=\W)", "", text[end:])
    points = 0
    if _TITLE_BEFORE.search(before) or _ROLE_AFTER.match(after):
        points += 3
    if _AGENT_BEFORE.search(before) or _COLLEAGUES_AFTER.match(after):
        points += 2
    if _PERSON_VERB.match(after):
        points += 1
    if _IN_LIST.match(after) or _AFTER_LIST.search(before):
        points += 1
    if _OF_PLACE.match(after):
        points += 1
    if _NOT_PERSON_BEFORE.search(before):
        points -= 2
    if _NOT_PERSON_AFTER.match(after):
        points -= 3
    return points


def states_role(text: str, start: int, end: int) -> bool:
    """Whether a sentence gives the role of the person named at these characters: "chief executive X", "X, a professor"."""
    before, after = text[:start], text[end:]
    return bool(_TITLE_BEFORE.search(before) or _ROLE_AFTER.match(after) or _LED_BY.search(before))
