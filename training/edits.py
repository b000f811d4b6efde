"""Edits true sentences by rules: some edits change the meaning, others only the wording."""

import random
import re
from collections.abc import Callable, Sequence
from functools import partial

NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w]|\.\d)")
MONTHS = tuple("January February March April May June July August September October November December".split())
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
COUNTS = tuple("two three four five six seven eight nine ten eleven twelve twenty thirty hundred thousand".split())
ORDINALS = tuple("first second third fourth fifth sixth last".split())
SCALES = ("thousand", "million", "billion", "trillion")
NAME = re.compile(r"(?:[A-Z][\w’'-]*[\w](?:\s(?:of|the|de|van|and)(?=\s[A-Z]))?\s?)+(?:\d[\w.-]*)?")
_NEGATED = re.compile(r"\b(is|are|was|were|can|could|will|would|should|did|does|do|has|have|had|may|might|must)\b")
_NOT = re.compile(r"\b(?:not|never)\s|n't\b")
OPPOSITES = tuple(
    tuple(pair.split("/"))
    for pair in (
        "more/less more/fewer higher/lower larger/smaller bigger/smaller longer/shorter faster/slower stronger/weaker "
        "better/worse best/worst most/least before/after above/below over/under increase/decrease increased/decreased "
        "increases/decreases increasing/decreasing rose/fell rise/fall grew/shrank gained/lost won/lost accept/reject "
        "accepted/rejected approved/rejected allow/forbid allowed/forbade allows/forbids always/never all/none "
        "everyone/nobody early/late earlier/later older/younger old/new first/last north/south east/west northern/southern "
        "eastern/western public/private open/closed success/failure succeeded/failed support/oppose supported/opposed "
        "with/without includes/excludes included/excluded present/absent major/minor maximum/minimum positive/negative "
        "true/false legal/illegal able/unable possible/impossible safe/unsafe male/female men/women largest/smallest "
        "highest/lowest up/down top/bottom start/end began/ended remove/add removed/added reduce/raise reduced/raised "
        "bought/sold buys/sells agreed/refused necessary/unnecessary similar/different often/rarely many/few both/neither "
        "likely/unlikely common/rare rich/poor long/short hot/cold strong/weak high/low large/small human/machine "
        "inside/outside internal/external national/international local/global direct/indirect simple/complex"
    ).split()
)
HEDGES = {
    "may": "will",
    "might": "will",
    "could": "will",
    "some": "all",
    "many": "all",
    "several": "all",
    "sometimes": "always",
    "often": "always",
    "partly": "entirely",
    "almost": "exactly",
    "about": "exactly",
    "reportedly": "certainly",
    "allegedly": "certainly",
    "suggests": "proves",
    "suggested": "proved",
    "proposed": "adopted",
    "planned": "completed",
}
SYNONYMS = {
    "said": "stated",
    "stated": "said",
    "company": "firm",
    "showed": "demonstrated",
    "shows": "demonstrates",
    "began": "started",
    "started": "began",
    "about": "approximately",
    "approximately": "about",
    "large": "big",
    "released": "published",
    "published": "released",
    "announced": "made public",
    "created": "made",
    "used": "employed",
    "uses": "employs",
    "use": "employ",
    "helped": "assisted",
    "bought": "purchased",
    "because": "since",
    "also": "additionally",
    "however": "but",
    "many": "a lot of",
    "while": "whereas",
    "people": "persons",
    "film": "movie",
    "important": "significant",
    "located": "situated",
    "reportedly": "according to reports",
    "allegedly": "it is alleged",
    "such as": "like",
    "in order to": "to",
    "according to": "as reported by",
    "died": "passed away",
    "received": "got",
    "country": "nation",
    "children": "kids",
    "difficult": "hard",
    "often": "frequently",
    "percent": "per cent",
    "introduced": "presented",
    "developed": "built",
    "requires": "needs",
    "allows": "lets",
    "became": "turned into",
}

Edit = Callable[[str, random.Random], str | None]


def _replace_one(
    pattern: re.Pattern[str], text: str, rng: random.Random, other: Callable[[str], str | None]
) -> str | None:
    found = list(pattern.finditer(text))
    rng.shuffle(found)
    for match in found:
        new = other(match.group())
        if new is not None and new != match.group():
            return text[: match.start()] + new + text[match.end() :]
    return None


def _words(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + r")\b", re.IGNORECASE)


def _cased(new: str, like: str) -> str:
    return new[0].upper() + new[1:] if like[:1].isupper() else new


def another_number(number: str, rng: random.Random) -> str | None:
    """Another number in the same format: a close year for a year, else a close or a much larger or smaller number."""
    digits = number.replace(",", "")
    if re.fullmatch(r"(?:1[5-9]|20)\d\d", digits) and "," not in number:
        return str(int(digits) + rng.choice((-10, -5, -3, -2, -1, 1, 2, 3, 5, 10)))
    places = len(digits.split(".")[1]) if "." in digits else 0
    value = float(digits)
    new = rng.choice(
        (value + rng.choice((1, 2, 3)), value * 2, value * 10, value + 10, max(0.0, value - 1), value * 1.5)
    )
    if places == 0:
        new = round(new)
    text = f"{new:,.{places}f}" if "," in number else f"{new:.{places}f}"
    return text if float(text.replace(",", "")) != value else None


def wrong_number(text: str, rng: random.Random) -> str | None:
    """Change one number, in digits or in words."""

    def other_word(word: str) -> str:
        for family in (COUNTS, ORDINALS, SCALES):
            if word.lower() in family:
                return _cased(rng.choice([one for one in family if one != word.lower()]), word)
        return word

    in_digits = _replace_one(NUMBER, text, rng, lambda found: another_number(found, rng))
    in_words = _replace_one(_words((*COUNTS, *ORDINALS, *SCALES)), text, rng, other_word)
    options = [one for one in (in_digits, in_digits, in_words) if one is not None]
    return rng.choice(options) if options else None


def wrong_date(text: str, rng: random.Random) -> str | None:
    """Change a month, a weekday or a year."""
    month = re.compile(r"\b(?:" + "|".join(one for one in MONTHS if one != "May") + r"|(?<=\d )May|May(?= \d))\b")
    options = [
        _replace_one(month, text, rng, lambda found: rng.choice([one for one in MONTHS if one != found])),
        _replace_one(
            re.compile(r"\b(?:" + "|".join(DAYS) + r")\b"),
            text,
            rng,
            lambda found: rng.choice([one for one in DAYS if one != found]),
        ),
        _replace_one(re.compile(r"\b(?:1[5-9]|20)\d\d\b"), text, rng, lambda found: another_number(found, rng)),
    ]
    made = [one for one in options if one is not None]
    return rng.choice(made) if made else None


def names(text: str) -> list[str]:
    """The capitalised names in a text; a single word at the start of a sentence may not be a name, so it does not count."""
    found = []
    for match in NAME.finditer(text):
        name = match.group().strip()
        at_start = match.start() == 0 or text[: match.start()].rstrip()[-1:] in {".", "!", "?", '"'}
        if (" " in name or not at_start) and len(name) > 2 and name not in MONTHS and name not in DAYS:
            found.append(name)
    return found


def wrong_name(text: str, rng: random.Random, pool: Sequence[str]) -> str | None:
    """Replace one name by another with as many words, from `pool`."""
    own = names(text)
    if not own:
        return None
    old = rng.choice(own)
    for _ in range(12):
        new = rng.choice(pool)
        if new not in text and old not in new and len(new.split()) == len(old.split()):
            return text.replace(old, new, 1)
    return None


def swapped_roles(text: str, rng: random.Random) -> str | None:
    """Swap two names of a sentence, unless they are only items of a list."""
    own = list(dict.fromkeys(names(text)))
    pairs = [
        (one, two) for place, one in enumerate(own) for two in own[place + 1 :] if one not in two and two not in one
    ]
    rng.shuffle(pairs)
    for one, two in pairs:
        begin, end = text.find(one), text.find(two)
        between = text[begin + len(one) : end]
        words = re.findall(r"\b[a-z]{2,}\b", between)
        if begin < end and len([word for word in words if word not in {"and", "or", "the", "of", "in"}]) >= 1:
            return text[:begin] + two + between + one + text[end + len(two) :]
    return None


def negated(text: str, rng: random.Random) -> str | None:
    """Add a negation, or remove the existing one."""
    if _NOT.search(text):
        return _replace_one(re.compile(r"\b(?:not|never) "), text, rng, lambda _: "")
    found = [match for match in _NEGATED.finditer(text) if text[match.end() : match.end() + 1] == " "]
    if not found:
        return None
    match = rng.choice(found[:2])
    if match.group() == "can":
        return text[: match.start()] + "cannot" + text[match.end() :]
    return text[: match.end()] + rng.choice((" not", " not", " never")) + text[match.end() :]


def opposite(text: str, rng: random.Random) -> str | None:
    """Replace one word by its opposite: comparatives, directions, outcomes."""
    table: dict[str, list[str]] = {}
    for one, two in OPPOSITES:
        table.setdefault(one, []).append(two)
        table.setdefault(two, []).append(one)
    return _replace_one(_words(tuple(table)), text, rng, lambda found: _cased(rng.choice(table[found.lower()]), found))


def overclaimed(text: str, rng: random.Random) -> str | None:
    """Turn a hedge into a certainty: "may" into "will", "some" into "all"."""
    pattern = re.compile(r"\b(?:" + "|".join(HEDGES) + r")\b")  # lower case only: "May" is a month
    return _replace_one(pattern, text, rng, HEDGES.__getitem__)


def falsified(text: str, rng: random.Random, pool: Sequence[str]) -> tuple[str, str] | None:
    """Make one edit that changes the meaning; return the text and the kind of edit, or None if no rule applies."""
    kinds: list[tuple[str, Edit]] = [
        ("number", wrong_number),
        ("date", wrong_date),
        ("name", partial(wrong_name, pool=pool)),
        ("roles", swapped_roles),
        ("negation", negated),
        ("opposite", opposite),
        ("hedge", overclaimed),
    ]
    rng.shuffle(kinds)
    for kind, edit in kinds:
        made = edit(text, rng)
        if made is not None and made != text:
            return made, kind
    return None


def reworded(text: str, rng: random.Random) -> str:
    """Change the wording and keep the meaning: synonyms, a removed bracket or opening, other forms of numbers."""
    out = re.sub(r"\s*\([^()]{1,80}\)", "", text) if rng.random() < 0.5 else text
    for word, other in rng.sample(sorted(SYNONYMS.items()), len(SYNONYMS)):
        if rng.random() < 0.5:
            out = re.sub(rf"\b{word}\b", other, out, count=1)
    if rng.random() < 0.5:
        out = re.sub(r"^(?:In|On|At|By|After|During) [^,]{2,40}, (\w)", lambda match: match[1].upper(), out)
    if rng.random() < 0.3:
        out = re.sub(r"(\d)%", r"\1 percent", out)
    if rng.random() < 0.3:
        out = re.sub(r"(?<=\d),(?=\d{3})", "", out)
    if (
        rng.random() < 0.3
        and (cut := out.find(", ", len(out) // 2)) > 0
        and not out[cut:].startswith((", and", ", or"))
    ):
        out = out[:cut] + "."
    if rng.random() < 0.15:
        out = rng.choice(("According to the text, ", "It is said that ", "In short, ")) + out
    return out
