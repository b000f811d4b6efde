"""What is shown of an answer: every quote where it stands, and nothing that comes in read as markup."""

import dataclasses

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Citation, Near, Related, Removed, Sentence
from tests.support.answers import HOSTILE, SUMMARY, answer, catalogue, cite, shown
from ui.chat import cards, render
from ui.chat.conversation import Exchange, Failure
from ui.html import safe_url

_OURS = {"a", "article", "blockquote", "button", "div", "h1", "h2", "h3", "li", "mark", "ol", "p", "q", "section"}
_OURS |= {"span", "time", "ul", "strong", "code", "details", "summary", "em", "template"}


def _soup(html: str) -> BeautifulSoup:
    # The parser would else shorten a mark that holds nothing but spaces.
    return BeautifulSoup(html, "html.parser", preserve_whitespace_tags={"mark"})


def _assert_harmless(html: str) -> None:
    for tag in _soup(html).find_all():
        assert tag.name in _OURS
        assert not [name for name in tag.attrs if name.lower().startswith("on") or name in {"style", "srcdoc", "src"}]
        assert str(tag.get("href", "#")).startswith(("#", "http://", "https://", "entries/", "browse"))


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_texts_come_out_as_text(payload: str) -> None:
    """Wherever a catalogue or a visitor's text is shown, its characters are seen and none of them acts."""
    entry = {"id": "bad", "kind": "event", "title": payload, "source": payload, "summary": f"Before. {payload} After."}
    held = catalogue(entry)
    hostile = dataclasses.replace(
        answer(
            cite(held, 1, "bad", "summary", payload),
            cite(held, 2, "bad", "title", payload),
            question=payload,
            searched_for=f"About {payload}",
            related=(Related("rlhf", "guide", payload, payload, payload),),
            suggestions=(payload,),
        ),
        removed=(Removed(payload, payload),),
    )
    exchange = shown(hostile)[0]
    html = render.exchange_html(exchange, held)
    panel = cards.sheet(exchange, held)
    _assert_harmless(
        html
        + panel
        + cards.panel()
        + render.turns([payload])
        + render.masthead_buttons()
        + render.welcome([payload])
        + render.masthead(held, payload)
    )
    seen = _soup(html)
    assert seen.h2 is not None
    assert seen.h2.get_text() == payload
    assert seen.select_one("button.suggestion")["data-ask"] == payload  # type: ignore[index]
    assert {mark.get_text() for mark in _soup(panel).find_all("mark")} == {payload}


@pytest.mark.parametrize("payload", HOSTILE)
def test_abstentions_and_failures_show_text_only(payload: str) -> None:
    """What has no answer is no way in either."""
    held = catalogue()
    abstained = answer(question=payload, status="abstained", reason=payload, nearest=(Near("rlhf", payload),), text="")
    down = answer(question=payload, status="unavailable", reason=payload, text="")
    failed = Exchange(1, payload, failure=Failure(payload, payload))
    for exchange in (*shown(abstained, down), failed):
        _assert_harmless(render.exchange_html(exchange, held) + render.status(exchange))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//outside.example",
        "https:///path",
        "http://[broken",
        "https://a.example/\x00",
        "",
        None,
    ],
)
def test_only_http_addresses_become_links(url: str | None) -> None:
    """A source's address is followed by a click, so it must lead to a site and nowhere else."""
    held = catalogue()
    bad = dataclasses.replace(cite(held, 1, "instructgpt", "title", "InstructGPT"), url=url)
    assert safe_url(url) is None
    assert _soup(cards.sheet(shown(answer(bad))[0], held)).find("a", class_="out") is None
    assert "](" not in render.markdown(answer(bad))


def test_a_link_out_tells_the_other_site_nothing() -> None:
    """The source opens in a tab of its own, without a referrer and without a handle on ours."""
    held = catalogue()
    link = _soup(cards.sheet(shown(answer(cite(held, 1, "instructgpt", "title", "InstructGPT")))[0], held)).find(
        "a", class_="out"
    )
    assert link is not None
    assert link["rel"] == ["noopener", "noreferrer", "nofollow"]
    assert link["target"] == "_blank"
    assert link["href"] == "https://openai.com/index/instruction-following/"


def test_a_marker_is_a_link_with_a_name_and_a_place_to_go() -> None:
    """Every number leads to the mark of its quote and says which source it is."""
    held = catalogue()
    quotes = (
        cite(held, 1, "rlhf", "tldr", "RLHF turns judgements into a signal."),
        cite(held, 2, "instructgpt", "summary", "People preferred the smaller tuned model to the larger untuned one."),
    )
    conversation = shown(answer(*quotes))
    exchange = _soup(render.exchange_html(conversation[0], held))
    panel = _soup("".join(cards.sheet(one, held) for one in conversation))
    markers = exchange.select("a.marker")
    assert [marker["aria-label"] for marker in markers] == ["Source 1: RLHF explained", "Source 2: InstructGPT"]
    for marker, citation in zip(markers, quotes, strict=True):
        target = panel.find(id=str(marker["href"]).removeprefix("#"))
        assert target is not None
        assert target.get_text() == citation.quote


def test_markers_of_earlier_answers_keep_their_own_targets() -> None:
    """Two answers may both have a source 1; each number leads to its own."""
    held = catalogue()
    first = answer(cite(held, 1, "rlhf", "tldr", "It needs comparisons."), question="First?")
    second = answer(cite(held, 1, "instructgpt", "title", "InstructGPT"), question="Second?")
    conversation = shown(first, second)
    html = "".join(render.exchange_html(exchange, held) for exchange in conversation)
    panel = _soup("".join(cards.sheet(one, held) for one in conversation))
    quoted = [panel.find(id=str(marker["href"])[1:]) for marker in _soup(html).select("a.marker")]
    assert [mark.get_text() for mark in quoted if mark] == ["It needs comparisons.", "InstructGPT"]


def test_a_quote_stands_in_its_surroundings() -> None:
    """About 160 characters on each side, cut between words, with an ellipsis where there is more."""
    held = catalogue()
    quote = "People preferred the smaller tuned model to the larger untuned one."
    panel = _soup(cards.sheet(shown(answer(cite(held, 1, "instructgpt", "summary", quote)))[0], held))
    block = panel.blockquote
    assert block is not None
    assert block.mark is not None
    assert block.mark.get_text() == quote
    words = block.get_text()
    assert words.startswith("… ")
    assert words.endswith(" …")
    inner = words.removeprefix("… ").removesuffix(" …")
    assert inner in SUMMARY
    assert 2 * 140 < len(inner) - len(quote) <= 2 * 160
    at = SUMMARY.index(inner)
    assert SUMMARY[at - 1] == " "
    assert SUMMARY[at + len(inner)] == " "


def test_one_card_an_entry_with_all_its_numbers() -> None:
    """Three quotes of one guide are one card; the section's heading and the glossary's word introduce them."""
    held = catalogue()
    conversation = shown(
        answer(
            cite(held, 1, "rlhf", "sections.0.text", "Training has three stages."),
            cite(held, 2, "instructgpt", "title", "InstructGPT"),
            cite(held, 3, "rlhf", "terms.0.definition", "A network that predicts preferences."),
        )
    )
    found = _soup("".join(cards.sheet(one, held) for one in conversation)).select(".card")
    assert [[chip.get_text() for chip in card.select(".number")] for card in found] == [["1", "1b"], ["2"]]
    assert [where.get_text() for where in found[0].select(".card-where")] == [
        "How it is trained",
        "Glossary: reward model",
    ]
    assert "Beginner" in found[0].get_text()
    assert found[1].select_one("h3 mark") is not None
    assert found[1].select_one("time").get_text() == "27 January 2022"  # type: ignore[union-attr]


def test_a_quote_that_the_catalogue_no_longer_bears_out_is_shown_alone() -> None:
    """The catalogue may be built anew between answer and display; nothing false is put around the quote."""
    held = catalogue()
    moved = dataclasses.replace(cite(held, 1, "rlhf", "tldr", "It needs comparisons."), start=3, end=9)
    gone = dataclasses.replace(moved, number=2, entry_id="no-longer-there")
    panel = _soup(cards.sheet(shown(answer(moved, gone))[0], held))
    assert [block.get_text() for block in panel.select("blockquote")] == ["It needs comparisons."] * 2


@given(
    content=st.text(alphabet="ab <>&\"'\n.é😀", min_size=1, max_size=700),
    spans=st.lists(st.tuples(st.integers(0, 699), st.integers(1, 300)), min_size=1, max_size=6),
)
def test_the_marked_characters_are_the_quoted_ones(content: str, spans: list[tuple[int, int]]) -> None:
    """However quotes overlap or touch, the stretches marked with a number spell its quote, in order."""
    entry = {"id": "e", "kind": "event", "title": "T", "summary": f"x{content}x"}
    held = catalogue(entry)
    whole = held.by_id["e"].texts()["summary"]
    citations = []
    for number, (start, length) in enumerate(spans, start=1):
        begin = min(start, len(whole) - 1)
        end = min(begin + length, len(whole))
        place = ("summary", whole[begin:end], begin, end)
        citations.append(Citation(number, "e", "event", "T", None, None, None, *place))
    panel = _soup(cards.sheet(shown(answer(*citations))[0], held))
    for citation in citations:
        marks = [m for m in panel.select("blockquote mark") if str(citation.number) in str(m["data-numbers"]).split()]
        assert "".join(mark.get_text() for mark in marks) == citation.quote
        assert len(panel.select(f"#quote-1-{citation.number}")) == 1


def test_searched_for_is_shown_only_where_it_differs() -> None:
    """A follow-up shows how it was understood; a question that stood alone is not repeated."""
    held = catalogue()
    quote = cite(held, 1, "rlhf", "tldr", "It needs comparisons.")
    same = shown(answer(quote, question="what is  RLHF", searched_for="What is RLHF?"))
    other = shown(answer(quote, question="How is it trained?", searched_for="How is RLHF trained?"))
    assert "Searched for" not in render.exchange_html(same[0], held)
    assert "How is RLHF trained?" in render.exchange_html(other[0], held)


def test_paragraphs_and_lists_are_those_of_the_answer() -> None:
    """A blank line in the answer's Markdown parts paragraphs; lines that begin with a dash are a list."""
    held = catalogue()
    sentences = tuple(Sentence(words, (1,), 1.0) for words in ("Two match.", "First one.", "Second one.", "The end."))
    listed = answer(
        cite(held, 1, "rlhf", "tldr", "It needs comparisons."),
        sentences=sentences,
        text="Two match. [1]\n\n- First one. [1]\n- Second one. [1]\n\nThe end. [1]",
    )
    body = _soup(render.exchange_html(shown(listed)[0], held)).select_one(".answer")
    assert body is not None
    assert [tag.name for tag in body.find_all(recursive=False)] == ["p", "ul", "p"]
    assert len(body.select("li")) == 2
    assert render.markdown(listed).startswith("Two match. [1]\n\n- First one. [1]\n- Second one. [1]\n\nThe end. [1]")


def test_an_abstention_gives_the_reason_and_the_nearest_entries() -> None:
    """Where there is no answer, the visitor learns why, and may go on from what lies near."""
    held = catalogue()
    none = answer(status="abstained", reason="No entry mentions X.", nearest=(Near("rlhf", "RLHF explained"),), text="")
    html = _soup(render.exchange_html(shown(none)[0], held))
    assert "No entry mentions X." in html.get_text()
    near = html.select_one(".nearest button")
    assert near is not None
    assert near["data-ask"] == "Tell me about RLHF explained"
    assert "Guide" in near.get_text()
    assert not html.select("[data-copy]")


def test_a_failure_says_what_to_do() -> None:
    """A foreseen error is shown with its mend, commands set as code."""
    failed = Exchange(1, "Anything?", failure=Failure("there is no index", "run `almanac build`"))
    html = _soup(render.exchange_html(failed, catalogue()))
    assert html.select_one("[data-again]") is not None
    assert "There is no index." in html.get_text()
    assert [code.get_text() for code in html.find_all("code")] == ["almanac build"]


def test_the_copied_text_carries_its_references() -> None:
    """Markers, then the numbered sources; a sign that Markdown would read is escaped."""
    held = catalogue()
    copied = render.markdown(
        answer(cite(held, 1, "instructgpt", "title", "InstructGPT"), sentences=(Sentence("A *star* [9].", (1,), 1.0),))
    )
    assert copied == (
        "A \\*star\\* \\[9\\]. [1]\n\n"
        "[1] InstructGPT, OpenAI, 2022-01-27. <https://openai.com/index/instruction-following/>"
    )


def test_a_screen_reader_hears_how_many_sources_an_answer_has() -> None:
    """Sources are entries, however many quotations are from each."""
    held = catalogue()
    made = answer(
        cite(held, 1, "rlhf", "tldr", "RLHF turns judgements into a signal."),
        cite(held, 2, "rlhf", "tldr", "It needs comparisons."),
        cite(held, 3, "instructgpt", "title", "InstructGPT"),
    )
    assert render.status(shown(made)[0]) == "Answer ready, 2 sources."


def test_another_level_and_a_brief_are_one_click_away() -> None:
    """The answer at the reader's level offers the others; a list has no levels."""
    held = catalogue()
    made = answer(cite(held, 1, "rlhf", "tldr", "It needs comparisons."))
    html = _soup(render.exchange_html(shown(made)[0], held))
    assert [button["data-level"] for button in html.select("[data-level]")] == ["advanced"]
    assert html.select_one("[data-mode=summary]") is not None
    listed = _soup(render.exchange_html(shown(dataclasses.replace(made, intent="list"))[0], held))
    assert not listed.select("[data-level], [data-mode]")
