"""Tests for text cleaning: brackets, tables, exponents and footnotes keep their meaning, hidden text is removed."""

import pytest

from index.importers.text import markdown_text, plaintext

from .sources import events, problem_text, read


def markdown(text: str) -> str:
    """Convert Markdown to text as the importers do."""
    return plaintext.of_html(markdown_text.to_html(text))


@pytest.mark.parametrize(
    "text",
    [
        "Option<T> and Vec<u8> in prompts",
        "If a<b and c>d then stop.",
        "Email <jane@example.org> for more.",
        "We show that x<y and y>z hold.",
        "HashMap<K, V> and Box<dyn Fn(A) -> B>",
        "Option<Object>, List<A>, Box<P>",
        "Say <your name> here; 5 < 6 and 7 > 3",
    ],
)
@pytest.mark.parametrize("as_text", [plaintext.of_html, lambda text: markdown(text.replace("<jane", "\\<jane"))])
def test_only_names_of_html_elements_make_a_tag(text: str, as_text: object) -> None:
    """In HTML and Markdown, types, comparisons and addresses in angle brackets are text, not tags."""
    assert callable(as_text)
    assert as_text(text) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a <b>bold</b> word<br/>and x<y</p>", "a bold word\n\nand x<y"),
        ('<img alt="a > b" src=x>ok <a title="x > y" href="z">link</a>', "ok link"),
        ("<jats:p>An abstract.</jats:p>", "An abstract."),
        ("<!-- hidden <b> -->seen", "seen"),
        ("&lt;b&gt; is a tag &amp; more", "<b> is a tag & more"),
        ("<P>Old<P>pages", "Old\n\npages"),
    ],
)
def test_tags_are_still_tags(markup: str, text: str) -> None:
    """Tags with attributes, with prefixes and without an end tag are still removed."""
    assert plaintext.of_html(markup) == text


def test_a_title_or_a_language_on_an_element_cuts_no_sentence() -> None:
    """Links, spans and abbreviations with attributes do not split a sentence or a heading."""
    markup = (
        '<p>Trained by <a href="https://h.example" title="Heron">Heron</a>, <span lang="fr">très</span> small, '
        '<abbr title="in short">i.s.</abbr>.</p><h2 lang="en" title="x">Results</h2><p lang="de">It wins.</p>'
    )
    first, second = plaintext.blocks(markup)
    assert first.text == "Trained by Heron, très small, i.s.."
    assert (second.heading, second.text) == ("Results", "It wins.")
    assert markdown('Trained by [Heron](https://h.example "Heron") on text.') == "Trained by Heron on text."


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        (
            (
                "<table><thead><tr><th>Model</th><th>Score</th><th>Cost</th></tr></thead>"
                "<tr><td>Quiet-1</td><td>71.2</td><td>3</td></tr><tr><td>Loud-1</td><td></td><td><p>4</p></td></tr></table>"
            ),
            ["Quiet-1: Score 71.2, Cost 3", "Loud-1: Cost 4"],
        ),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", ["a | b", "c | d"]),
        (
            (
                '<table><tr><th rowspan="2">M</th><th colspan="2">Score</th></tr><tr><th>A</th><th>B</th></tr>'
                "<tr><td>q</td><td>1</td><td>2</td></tr></table>"
            ),
            ["q: Score A 1, Score B 2"],
        ),
        (
            (
                "<table><caption>Results</caption><tr><th>M</th><th>Made by</th><th>In</th></tr>"
                "<tr><td>q</td><td>Heron, Ltd</td><td>2024</td></tr></table>"
            ),
            ["Results", "q: Made by Heron, Ltd; In 2024"],
        ),
        # A layout table has headings in its cells, so its rows are not joined to lines.
        ("<table><tr><td><h2>News</h2><p>One.</p></td><td><p>Two.</p></td></tr></table>", ["News", "One.", "Two."]),
    ],
)
def test_a_row_of_a_table_is_one_line(markup: str, lines: list[str]) -> None:
    """Each line shows the values with their column headers."""
    assert plaintext.of_html(markup).split("\n\n") == lines


def test_a_table_of_markdown_is_one_line_a_row() -> None:
    """Markdown tables are converted like HTML tables; links and code in cells become text."""
    text = "Before.\n\n| Model | Score |\n|---|---|\n| [Quiet-1](https://x.example) | `71.2` |\n| Loud-1 | 65.0 |\n"
    assert markdown(text).split("\n\n") == ["Before.", "Quiet-1: Score 71.2", "Loud-1: Score 65.0"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("10<sup>23</sup> FLOP", "10^23 FLOP"),
        ("the 1<sup>st</sup> of May", "the 1st of May"),
        ("x<sub>i</sub> and n<sup>k+1</sup>", "x_i and n^(k+1)"),
        ("CO<sub>2</sub>", "CO2"),
        ('It wins.<sup id="r1"><a href="#fn1">1</a></sup> Twice.<sup>[2]</sup>', "It wins. Twice."),
        ('A note. <a href="#fnref:1" class="footnote-backref">↩</a>', "A note."),
    ],
)
def test_powers_keep_their_value_and_marks_of_footnotes_go(markup: str, text: str) -> None:
    """Exponents must stay visible, and footnote marks could be confused with the citations [1] of an answer."""
    assert plaintext.of_html(markup) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("It wins.[^1] Twice.[^a-note]\n\n[^1]: On one\n    benchmark.\n[^a-note]: Or two.", "It wins. Twice.\n\nOn one benchmark.\n\nOr two."),
        ("See [[Other Note|the other]], [[Card]] and [[Note#Part]].", "See the other, Card and Note > Part."),
        ("Embedded ![[pic.png]]. ==marked== words ^block-id", "Embedded. marked words"),
        ("> [!note] Its title\n> Its text.\n\n> [!WARNING]\n> Beware.", "Its title\n\nIts text.\n\nBeware."),
        ('!!! note "Its title"\n    Its text.\n\nAfter.', "Its title\n\nIts text.\n\nAfter."),
        (":::tip Its title\nIts text.\n:::\n\nAfter.", "Its title\n\nIts text.\n\nAfter."),
        ("- [ ] to do\n- [x] done", "☐ to do\n\n☑ done"),
        ('{{< figure src="x" >}}Text {% include y.html %}and {{ site.title }} more', "Text and more"),
        ("2 == 3 == 4 and [[1, 2], [3, 4]] at 5%% or 6%%", "2 == 3 == 4 and [[1, 2], [3, 4]] at 5%% or 6%%"),
    ],
)  # fmt: skip
def test_signs_of_other_programs_are_no_text(text: str, seen: str) -> None:
    """Footnotes, wiki links, callouts, admonitions, task lists and shortcodes are cleaned; similar text is kept."""
    assert markdown(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "Seen %%secret%% seen.",
        "Seen\n\n%%\nsecret\n\nsecret\n%%\n\nseen",
        "Seen\n\n%%\n```\nsecret\n```\n",
        "Seen <!-- secret\n\nsecret --> seen",
        "Seen\n\n<!-- secret\n\nsecret",
        "Seen {% comment %}secret{% endcomment %} seen {{/* secret */}}",
        "Seen {{< comment >}}secret{{< /comment >}} seen",
    ],
)
def test_what_is_hidden_in_a_text_is_never_published(text: str) -> None:
    """Comments of Obsidian, HTML, Liquid and Hugo are removed, even across paragraphs or without an end."""
    assert "secret" not in markdown(text)
    assert "Seen" in markdown(text)


def test_code_stays_as_it_is() -> None:
    """Code is left unchanged, including links, comments, shortcodes and dollar signs in it."""
    code = "%%time x = {{ a }} [[b]] ==c== $x_1 = $y_1 [^1] <T>"
    assert markdown(f"Run `{code}` now.") == f"Run {code} now."
    assert markdown(f"Run\n\n```python\n{code}\n```\n\nnow.") == f"Run\n\n{code}\n\nnow."


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("csv", 'title,date,summary\nLong,2024-01-01,"{}"\n'),
        ("markdown", "---\ntitle: Long\ndate: 2024-01-01\n---\n{}\n"),
        ("json", '[{{"title": "Long", "date": "2024-01-01", "summary": "{}"}}]'),
        ("bibtex", "@misc{{a, title={{Long}}, abstract={{{}}}}}"),
        ("feed", "<rss version='2.0'><channel><title>F</title><item><title>Long</title><description><![CDATA[{}]]></description></item></channel></rss>"),
    ],
)  # fmt: skip
def test_a_text_that_is_cut_is_reported(form: str, data: str) -> None:
    """In every format, the text before the cut is kept."""
    imported = read(data.format("<p>" + "A sentence about nothing. " * 85_000 + "</p>"), form)
    assert "was cut after 2,097,152" in problem_text(imported)
    (event,) = events(imported)
    assert len(event.summary) > 2_000_000


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("csv", "title,date,summary\nA,2024,\nB,2024,Text.\n"),
        ("jsonl", '{"id":"a","kind":"event","title":"A","date":"2024","summary":""}\n{"id":"b","kind":"event","title":"B","date":"2024","summary":"Text."}'),
        ("bibtex", "@misc{a, title={A}}\n@misc{b, title={B}, abstract={Text.}}"),
    ],
)  # fmt: skip
def test_entries_without_a_text_are_counted(form: str, data: str) -> None:
    """In every format, entries without text are counted; authors do not count as text."""
    assert "1 of 2 entries have no text" in problem_text(read(data, form))
    assert "no text" not in problem_text(
        read(
            data.replace("A,2024,\n", "A,2024,Text.\n")
            .replace('"A","date":"2024","summary":""', '"A","date":"2024","summary":"x"')
            .replace("{A}}", "{A}, abstract={x}}"),
            form,
        )
    )


def test_titles_taken_from_texts_are_reported_once() -> None:
    """Short messages have no titles; one warning gives the number of titles taken from texts."""
    items = "".join(f"<item><description>Message number {n}.</description></item>" for n in range(3))
    imported = read(f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>")
    assert problem_text(imported).count("are called by the first words of their text") == 1
    assert "3 entries have none" in problem_text(imported)


def test_feeds_keep_angle_brackets_in_titles_and_texts() -> None:
    """The feed may escape the brackets once, twice or not at all."""
    items = (
        "<item><title>On $x_1$ and Option&lt;T&gt;</title><description><![CDATA[<p>If a<b and c>d then Vec<u8>. "
        '<jane@example.org> <a href="u" title="t">L</a></p>]]></description></item>'
        "<item><title><![CDATA[Vec<u8> & more]]></title><description>Option&lt;T&gt; if a&lt;b and c&gt;d</description></item>"
    )
    first, second = events(read(f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>"))
    assert (first.title, first.summary) == ("On x_1 and Option<T>", "If a<b and c>d then Vec<u8>. <jane@example.org> L")
    assert (second.title, second.summary) == ("Vec<u8> & more", "Option<T> if a<b and c>d")


def test_the_metadata_of_a_papers_page_says_who_wrote_it() -> None:
    """The metadata is in the form that publishers write for search engines."""
    (event,) = events(
        read(
            '<!doctype html><html><head><title>A Paper</title><meta name="citation_title" content="A Paper on $n^2$">'
            '<meta name="citation_author" content="Doe, Jane"><meta name="citation_author" content="Roe, Rick">'
            '<meta name="citation_doi" content="10.5555/7"><meta name="citation_journal_title" content="J">'
            '<meta name="citation_firstpage" content="1"><meta name="citation_lastpage" content="9">'
            '<meta name="description" content="We show x&lt;y."></head><body></body></html>'
        )
    )
    assert (event.title, event.summary, event.source) == ("A Paper on n^2", "We show x<y.", "J")
    assert (event.authors, event.doi, event.pages) == (("Jane Doe", "Rick Roe"), "10.5555/7", "1-9")
    assert event.publication_type == "article-journal"
