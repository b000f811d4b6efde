"""Questions about coined names and their dates, with the right answers known because the catalogue is made here.

The catalogues look like tables of models, accords and companies: an entry is named by its title and dated by its field.
`python -m tests.evals.made_names` asks all questions of several seeds through the real assistant and prints the figures.
"""

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant import question as questions
from assistant.answer import Answer
from index import dates
from index.catalogue import Catalogue
from index.embed import open_embedder
from tests.support import odd_catalogues

SEEDS = 6
TODAY = "2026-06-30"
_FAMILIES = ("Quiet", "Sonnet", "Claude", "Marlin", "Lantern", "Juniper", "Vesper", "Osprey", "Thimble", "Granite")
_PLACES = ("Harbour", "Saltmarsh", "Elmbridge", "Corran", "Lisle", "Windermoor")
_LABS = ("Heron Labs", "Kestrel Research", "Plover", "Tern & Daughters", "North Quay AI", "Bittern Institute")
_COMPANIES = ("Heron", "Dunlin", "Avocet", "Curlew", "Redshank", "Whimbrel")
_MARKS = ("Tallow", "Beeswax", "Rosin", "Linseed", "Shellac", "Vellum")
_TOOLS = ("Nib++", "Lumen.ai", "O'Hara's Ledger", "Q-Star*", "Patch & Go", "Zig-Zag")
_PAPERS = ("Brindle", "Cinder", "Moraine", "Fathom", "Pollard", "Tarn")
_GREEK = ("Arbor", "Cobble", "Dovetail", "Ember", "Furrow", "Gable")
_PEOPLE = ("Ada Quillon", "Bram Oyelaran", "Ines Castellan", "Tove Hallgrim", "Jun Merrow", "Rafe Dunmore")
_PLAIN = (
    "It is the largest model for chat that the group has built.",
    "Our smartest, fastest, most useful system yet, with built-in thinking.",
    "The group says that it works on ordinary laptops.",
    "",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what makes an answer to it right."""

    kind: str
    text: str
    first: str = ""
    """The entry that has to be cited first; empty where any order is right or nothing may be cited."""
    every: frozenset[str] = frozenset()
    """Where a list is asked for: exactly these entries."""
    must: tuple[str, ...] = ()
    """Patterns that the answer's text, or the reason of a refusal, has to hold."""
    refused: bool = False


def is_right(question: Question, answer: Answer) -> bool:
    """Whether an answer is the right one."""
    said = " ".join(re.sub(r"\\(.)", r"\1", answer.text).split())
    if not all(re.search(pattern, said) for pattern in question.must):
        return False
    if question.refused:
        return answer.status == "abstained"
    if answer.status != "answered":
        return False
    if question.every:
        return frozenset(answer.cited) == question.every
    return answer.cited[0] == question.first


class Made:
    """One catalogue of coined entries and the questions about it."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 -- chance that can be repeated
        self._seed = seed
        self.rows: list[dict[str, Any]] = []
        self.questions: list[Question] = []
        self._lab_in = ("organisations", "source", "title")[seed % 3]
        self.lab, self.other_lab = _LABS[seed % 6], _LABS[(seed + 1) % 6]
        self._family()
        self._sequel()
        self._accord()
        self._company()
        self._mark()
        self._tools()
        self._longer_titles()
        self._lists()
        self._neighbours()
        self._refusals()

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue."""
        order = list(self.rows)
        self._chance.shuffle(order)
        return odd_catalogues.made(*(odd_catalogues.entry(**row) for row in order))

    def _day(self, year: int | None = None, precision: int = 10) -> str:
        chance = self._chance
        whole = f"{year or chance.randint(2021, 2025)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        return whole[:precision]

    def _add(self, title: str, date: str | None, summary: str = "", lab: str = "") -> str:
        name = f"e{len(self.rows)}"
        row: dict[str, Any] = {"id": name, "title": title, "date": date, "summary": summary}
        if lab and self._lab_in == "organisations":
            row["organisations"] = [lab]
        elif lab and self._lab_in == "source":
            row["source"] = lab
        elif lab and lab not in title:
            row["summary"] = f"{lab} presents it. {summary}".strip()
        self.rows.append(row)
        return name

    def _ask(self, kind: str, text: str, first: str = "", *, must: Sequence[str] = (), refused: bool = False) -> None:
        self.questions.append(Question(kind, text, first, must=tuple(must), refused=refused))

    def _ask_when(self, name: str, entry: str, date: str, *patterns: str) -> None:
        for pattern in patterns:
            self._ask("when", pattern.format(name), entry, must=[rf"\b{re.escape(dates.in_words(date))}\b"])

    def _family(self) -> None:
        """A family of models whose names contain each other."""
        base = _FAMILIES[self._seed % 10]
        self.base, lab = base, self.lab
        first, second, third, fourth = self._day(2025), self._day(2025), self._day(2025), self._day(2024, 7)
        five = self._add(f"{base}-5", first, self._chance.choice(_PLAIN), lab)
        instant = self._add(
            f"{base}-5.1 Instant",
            second,
            f"Today we are upgrading the {base}-5 series with the release of {base}-5.1 Instant, now warmer.",
            lab,
        )
        four = self._add(f"{base}-4", third, f"Before {base}-5, this was our largest model for chat.", lab)
        mini = self._add(f"{base}-5 mini", fourth, self._chance.choice(_PLAIN), lab)
        self.family = {five: first, instant: second, four: third}
        self.mini = mini
        self._ask_when(
            f"{base}-5", five, first, "When was {} released?", "When did {} come out?", "what day was {} launched on?"
        )
        self._ask_when(
            f"{base.lower()}-4", four, third, "when was {} released", "when did {} come out", "release date of {}?"
        )
        self._ask_when(f"{base} 4", four, third, f"When did {lab} release {{}}?", "How long ago was {} announced?")
        self._ask_when(
            f"{base}-5.1 Instant",
            instant,
            second,
            "On what date was {} published?",
            "Since when has {} been available?",
        )
        self._ask_when(f"{base}-5 mini", mini, fourth, "When was {} released?", "In which month did {} launch?")
        self._ask(
            "precision",
            f"On what day was {base}-5 mini released?",
            mini,
            must=[dates.in_words(fourth), r"\bday\b.*not"],
        )
        self._ask("what", f"What is {base}-5?", five)
        self._ask("what", f"What's {base.lower()}-4?", four)
        self._ask("what", f"What is {base}-5.1 Instant?", instant)
        self._ask("refused name", f"When was {base}-6 released?", must=[f"{base}-6"], refused=True)
        self._ask("refused name", f"What is {base}-6?", must=[f"{base}-6"], refused=True)
        self._ask("refused name", f"When did {base}-4.5 come out?", must=[f"{base}-4.5"], refused=True)
        self._ask("refused name", f"What is {base}-5.2?", must=[f"{base}-5.2"], refused=True)
        self._ask("refused name", f"When did {base}-4 mini come out?", must=[f"{base}-4 mini"], refused=True)
        self._ask("refused name", f"When was {base}-4 Turbo released?", must=[f"{base}-4 Turbo"], refused=True)
        self._ask("refused name", f"When did {base}-4o come out?", must=[f"{base}-4o"], refused=True)
        self._ask("when", f"Tell me when {base}-5 was released", five, must=[dates.in_words(first)])
        self._ask("when", f"{base}-5 was released when?", five, must=[dates.in_words(first)])
        if self._lab_in != "title":
            self._ask("what", f"Who released {base}-5?", five, must=[lab])

    def _sequel(self) -> None:
        """A name that is an ordinary word, and its sequels."""
        base = _GREEK[self._seed % 6]
        first, second, third = self._day(2022), self._day(2023), self._day(2024, 4)
        one = self._add(base, first, f"Unlike {self.base}-5, this one writes code.")
        two = self._add(f"{base} v2", second, f"{base} again, twice as fast.")
        three = self._add(f"{base} II", third, "A system for long documents.")
        self._ask_when(
            base, one, first, "When was {} introduced?", "What was the date of {}?", "When was {} made public?"
        )
        self._ask_when(f"{base} v2", two, second, "When was {} shipped?", "On which day did {} go live?")
        self._ask_when(f"{base} II", three, third, "In what year was {} unveiled?", "When did {} appear?")
        self._ask("precision", f"In which month was {base} II unveiled?", three, must=[third, r"\bmonth\b.*not"])
        self._ask("what", f"What is {base}?", one)
        self._ask("what", f"what is the {base} II", three)
        self._ask("refused name", f"When was {base} III unveiled?", must=[f"{base} III"], refused=True)

    def _accord(self) -> None:
        """Agreements and a meeting, which are signed, passed and held."""
        place = _PLACES[self._seed % 6]
        signed, passed, held = self._day(), self._day(), self._day(None, 7)
        accord = self._add(f"{place} accord", signed, self._chance.choice(["Nine states agree on limits.", ""]))
        act = self._add(f"The {place} Act", passed, f"After the {place} accord, a law with fines.")
        summit = self._add(f"{place} Summit on Compute", held, "Two days of talks.")
        self._ask_when(
            f"the {place} accord",
            accord,
            signed,
            "When was {} signed?",
            "On what day was {} agreed?",
            "When did {} happen?",
            "when did {} take effect?",
        )
        self._ask_when(f"the {place} Act", act, passed, "When was {} passed?", "What year did {} become law?")
        self._ask_when(f"the {place} Summit on Compute", summit, held, "When did {} take place?", "When was {} held?")
        self._ask("what", f"What was the {place} accord?", accord)
        self._ask("refused name", f"When was the {place} Charter signed?", must=[f"{place} Charter"], refused=True)
        self._ask("refused verb", f"When was the {place} accord repealed?", refused=True)

    def _company(self) -> None:
        """A company, a person, and entries without dates."""
        company, person = _COMPANIES[self._seed % 6], _PEOPLE[self._seed % 6]
        founded, joined = self._day(), self._day()
        firm = self._add(
            company, founded, self._chance.choice([f"Started by {person}.", "A company of forty people.", ""])
        )
        chief = self._add(f"{person} appointed director of {company}", joined, "The board was unanimous.")
        undated = self._add(f"{company} Prize", None, "A prize for small models.")
        self._ask_when(
            company, firm, founded, "On what day was {} founded?", "When was {} set up?", "when was {} started"
        )
        self._ask_when(
            person, chief, joined, "When was {} appointed?", f"When was {{}} appointed director of {company}?"
        )
        self._ask("refused date", f"When was the {company} Prize first awarded?", must=["date"], refused=True)
        self._ask("refused date", f"On what day was the {company} Prize founded?", must=["date"], refused=True)
        self._ask("what", f"What is the {company} Prize?", undated)
        self._ask("refused verb", f"When was {company} acquired?", refused=True)

    def _mark(self) -> None:
        """Things that no title names: a text says what they are."""
        mark, tool = _MARKS[self._seed % 6], _MARKS[(self._seed + 1) % 6]
        person = _PEOPLE[(self._seed + 1) % 6]
        marked = self._add(
            "Hidden marks in generated text",
            self._day(),
            f"Editors complain about fakes. The group answers with a watermark called {mark}, which survives copying.",
        )
        listed = self._add(
            "Checks before release", self._day(), f"{tool}, a checklist for audits, is now public. It is short."
        )
        asked = self._add("A talk on oversight", self._day(), f"The speaker was {person}, a lawyer from Leeds.")
        self._add("A market report", self._day(), f"Sales of {_MARKS[(self._seed + 2) % 6]} doubled.")
        self._ask("apposition", f"What is {mark}?", marked, must=[f"watermark called {mark}"])
        self._ask("apposition", f"what is {mark.lower()}?", marked, must=[f"watermark called {mark}"])
        self._ask("apposition", f"What is {tool}?", listed, must=["checklist"])
        self._ask("apposition", f"Who is {person}?", asked, must=["lawyer"])
        self._ask(
            "refused name",
            f"What is {_MARKS[(self._seed + 3) % 6]}?",
            must=[_MARKS[(self._seed + 3) % 6]],
            refused=True,
        )

    def _tools(self) -> None:
        """Names with punctuation."""
        tool, other = _TOOLS[self._seed % 6], _TOOLS[(self._seed + 1) % 6]
        day, month = self._day(), self._day(None, 7)
        first = self._add(tool, day, "A tool for annotators.")
        second = self._add(other, month, f"Works together with {tool}.")
        self._ask_when(tool, first, day, "When was {} released?", "When did {} first ship?")
        self._ask_when(other, second, month, "When was {} published?")
        self._ask("what", f"What is {tool}?", first)

    def _longer_titles(self) -> None:
        """Titles that say more than the name."""
        paper, model, sold = (_PAPERS[(self._seed + n) % 6] for n in range(3))
        one, two, three = self._day(), self._day(), self._day()
        first = self._add(f"{paper} (Sparse Maps at Scale)", one, "A paper on attention.")
        second = self._add(f"{model}: a new model for speech", two, f"{paper} is one of its parts.")
        third = self._add(f"{self.other_lab} releases {sold}", three, "It translates forty languages.")
        self._ask_when(paper, first, one, "When was {} published?", "On what date did {} come out?")
        self._ask_when(model, second, two, "When was {} released?")
        self._ask_when(sold, third, three, "When was {} released?", f"When did {self.other_lab} launch {{}}?")
        self._ask("what", f"What is {model}?", second)
        self._ask("what", f"What is {sold}?", third)

    def _lists(self) -> None:
        lab = self.lab
        every, all_of = frozenset(self.family), frozenset([*self.family, self.mini])
        for text, right in (
            ("How many models did {} release in 2025?", every),
            ("Which models did {} release in 2025?", every),
            ("What did {} release in 2025?", every),
            ("Which papers has {} published in 2024?", frozenset([self.mini])),
            ("How many tools has {} launched?", all_of),
            ("What models were released by {} in 2025?", every),
            ("List the models {} released in 2025", every),
        ):
            self.questions.append(Question("list", text.format(lab), every=right))
        self._ask("refused list", f"How many models did {lab} release in 2019?", must=["2019"], refused=True)

    def _neighbours(self) -> None:
        """The first and the last, before and after, and what happened on a day."""
        by_date = sorted(self.family, key=lambda name: self.family[name])
        self._ask("order", f"What was the last thing {self.lab} released?", by_date[-1])
        self._ask("order", f"What was the first model that {self.lab} released?", self.mini)
        day = self.family[by_date[1]]
        same = frozenset(row["id"] for row in self.rows if row["date"] == day)
        self.questions.append(Question("order", f"What happened on {dates.in_words(day)}?", every=same))
        dated = [row for row in self.rows if row["date"]]
        order = sorted(dated, key=lambda row: row["date"])
        on = dates.span(day)[0]
        after = [row for row in order if dates.span(row["date"])[0] > on]
        before = [row for row in order if dates.span(row["date"])[1] < on]
        title = next(row["title"] for row in self.rows if row["id"] == by_date[1])
        if after:
            self._ask("order", f"What came after {title}?", after[0]["id"])
        if before:
            self._ask("order", f"What came before {title}?", before[-1]["id"])

    def _refusals(self) -> None:
        self._ask("refused name", "When was Halcyon released?", must=["Halcyon"], refused=True)
        self._ask("refused name", "What is Halcyon?", must=["Halcyon"], refused=True)
        self._ask("refused verb", f"When was {self.base}-4 discontinued?", refused=True)


def asked(made: Made, embedder: Any) -> Iterator[tuple[Question, Answer]]:
    """Every question of one catalogue with its answer."""
    with odd_catalogues.opened(made.catalogue, embedder) as assistant:
        for question in made.questions:
            yield question, assistant.ask(questions.Question(question.text, as_of=TODAY))


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask all questions and print the figures as JSON, with the wrong answers."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--seeds", type=int, default=SEEDS)
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--embedder", default="minilm")
    given = options.parse_args(arguments)
    embedder, _ = open_embedder(given.embedder)
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong = []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        for question, answer in asked(Made(seed), embedder):
            total[question.kind] += 1
            right[question.kind] += is_right(question, answer)
            if not is_right(question, answer):
                wrong.append(
                    {"seed": seed, "kind": question.kind, "question": question.text, "answer": answer.text[:300]}
                )
    refused = sum(
        "refused" not in one["kind"] and one["answer"].startswith(("The catalogue has", "Nothing in")) for one in wrong
    )
    figures = {kind: f"{right[kind]} of {count}" for kind, count in sorted(total.items())}
    out = {"right": right.total(), "of": total.total(), "false_refusals": refused, "by_kind": figures, "wrong": wrong}
    sys.stdout.write(json.dumps(out, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
