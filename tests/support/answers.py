"""Hand-made answers over a small catalogue, harmless and hostile, for tests of how answers are displayed."""

from collections.abc import Mapping

from assistant.answer import Answer, CatalogueStamp, Citation, Engine, Filters, Near, Related, Sentence
from index.catalogue import Catalogue
from index.models import ENTRY
from ui.chat.conversation import Exchange

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "</mark></blockquote><iframe srcdoc='<script>alert(1)</script>'>",
    "![pixel](https://outside.example/p.png) [click](javascript:alert(1))",
    "${alert(1)} {{constructor.constructor('alert(1)')()}} <%= 1 %>",
    "<math><mtext></table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "lone ] bracket [ and [9] and `tick` & &amp; &lt;b&gt;",
    "\u202ereversed\u202c and a zero\u200bwidth space",
)

SUMMARY = (
    "OpenAI published InstructGPT, a family of models tuned with human feedback. "
    + "Labellers wrote demonstrations and ranked outputs. " * 5
    + "People preferred the smaller tuned model to the larger untuned one. "
    + "The authors also reported fewer toxic outputs. " * 6
)


def catalogue(*more: Mapping[str, object]) -> Catalogue:
    """Return a catalogue of two entries and the entries of a test."""
    entries: list[Mapping[str, object]] = [
        {
            "id": "instructgpt",
            "kind": "event",
            "title": "InstructGPT",
            "date": "2022-01-27",
            "source": "OpenAI",
            "url": "https://openai.com/index/instruction-following/",
            "summary": SUMMARY,
        },
        {
            "id": "rlhf",
            "kind": "guide",
            "title": "RLHF explained",
            "level": "beginner",
            "tldr": "RLHF turns judgements into a signal. It needs comparisons.",
            "key_takeaways": ["It needs comparisons, not a rule.", "It can be gamed."],
            "sections": [{"heading": "How it is trained", "text": "Training has three stages. People rank answers."}],
            "terms": [{"term": "reward model", "definition": "A network that predicts preferences."}],
        },
    ]
    return Catalogue(tuple(ENTRY.validate_python(entry) for entry in [*entries, *more]))


def cite(held: Catalogue, number: int, entry_id: str, field: str, quote: str) -> Citation:
    """Return a citation of the first occurrence of `quote` in the field."""
    entry = held.by_id[entry_id]
    start = entry.texts()[field].index(quote)
    source = getattr(entry, "source", None)
    place = (field, quote, start, start + len(quote))
    return Citation(number, entry.id, entry.kind, entry.title, entry.date, source, entry.url, *place)


def answer(
    *citations: Citation,
    question: str = "What is RLHF?",
    searched_for: str | None = None,
    status: str = "answered",
    sentences: tuple[Sentence, ...] | None = None,
    text: str | None = None,
    reason: str | None = None,
    nearest: tuple[Near, ...] = (),
    related: tuple[Related, ...] = (),
    suggestions: tuple[str, ...] = (),
) -> Answer:
    """Return an answer; by default it has one sentence per citation, with the quotation as its text."""
    said = sentences if sentences is not None else tuple(Sentence(one.quote, (one.number,), 1.0) for one in citations)
    markdown = " ".join(one.text + "".join(f" [{number}]" for number in one.citations) for one in said)
    return Answer(
        status=status,  # type: ignore[arg-type]
        question=question,
        searched_for=searched_for or question,
        intent="lookup",
        filters=Filters(),
        mode="chat",
        level="beginner",
        text=markdown if text is None else text,
        catalogue=CatalogueStamp("0" * 64, "2022-01-27", 2),
        engine=Engine("extractive", "none", "0"),
        sentences=said,
        citations=citations,
        reason=reason,
        nearest=nearest,
        related=related,
        suggestions=suggestions,
    )


def shown(*answers: Answer) -> tuple[Exchange, ...]:
    """Return the exchanges of a conversation with these answers."""
    return tuple(Exchange(number, one.question, one) for number, one in enumerate(answers, start=1))
