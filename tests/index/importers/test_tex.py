"""Tests for TeX in imports: formulas become one line of text with the same meaning, or stay TeX."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.importers.text import formulas, latex, markdown_text, plaintext, tex

from .sources import events, read


@pytest.mark.parametrize(
    ("formula", "line"),
    [
        (r"\frac{1}{2}", "1/2"),
        (r"\frac{a+b}{2n}", "(a+b)/(2n)"),
        (r"2\frac12", "2 (1/2)"),
        (r"\frac12 n", "(1/2) n"),
        (r"\frac{\partial f}{\partial x}", "∂f/∂x"),
        (r"\frac{\frac{1}{2}}{3}", "(1/2)/3"),
        (r"3 \times 10^{-4}", "3 × 10^-4"),
        (r"p\le0.5", "p ≤ 0.5"),
        (r"71.2 \pm 0.4", "71.2 ± 0.4"),
        (r"a \geq b \neq c", "a ≥ b ≠ c"),
        (r"x_{ij}^{2n}y", "x_ij^(2n)y"),
        (r"x^2n", "x^2 n"),
        (r"\sqrt{2}", "√2"),
        (r"\sqrt{n+1}", "√(n+1)"),
        (r"\sqrt[3]{x}", "∛x"),
        (r"x \to \infty", "x → ∞"),
        (r"x \in \mathbb{R}^d", "x ∈ ℝ^d"),
        (r"\mathrm{KL}(p\|q)", "KL(p‖q)"),
        (r"\text{if } x > 0", "if x > 0"),
        (r"O(n\log n)", "O(n log n)"),
        (r"\tilde{O}(\sqrt{T})", "Õ(√T)"),
        (r"\sum_{i=1}^n x_i", "∑_(i=1)^n x_i"),
        (r"\alpha \cdot \beta", "α · β"),
        (r"a\not\in B", "a ∉ B"),
        (r"90^\circ", "90°"),
        (r"\begin{array}{cc} a & b \\ c & d \end{array}", "[a, b; c, d]"),
        (r"\left( \frac{a}{b} \right)^2", "(a/b)^2"),
        (r"n^{O(\log\log n)}", "n^(O(log log n))"),
        (r"\unknown{x}", None),
        (r"\binom{n}{k}", None),
        ("x^", None),
    ],
)
def test_a_formula_is_one_line_that_means_the_same(formula: str, line: str | None) -> None:
    """Brackets are added where the meaning would change without them."""
    assert tex.formula(formula) == line


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (r"The factor is $\frac{1}{2}$, the error $3 \times 10^{-4}$.", "The factor is 1/2, the error 3 × 10^-4."),
        (r"Cost \$5M and \$6M, 10\textsuperscript{23} FLOP, p\textless 0.05.", "Cost $5M and $6M, 10^23 FLOP, p<0.05."),
        (r"It holds that $x<y$ while $z>w$.", "It holds that x<y while z>w."),
        (r"Cost $5M and $6M, then $x<y$ and 50% more", "Cost $5M and $6M, then x<y and 50% more"),
        ("``Why Should I Trust You?'' A Review", "“Why Should I Trust You?” A Review"),
        (r"{\'E}t{\'e}, Schr\"odinger, \L{}ukasz, na{\"\i}ve", "Été, Schrödinger, Łukasz, naïve"),
        (r"\emph{It} is {\LaTeX}~now -- \url{https://x.example/a_b}", "It is LaTeX now – https://x.example/a_b"),
        (r"We use $\ours{x}$ and \mymethod{} of \cite{a}", r"We use $\ours{x}$ and \mymethod{} of \cite{a}"),
        (r"a file C:\path\name stays", r"a file C:\path\name stays"),
        (r"1$^{st}$ of CO$_2$ at 2$\frac{1}{2}$", "1st of CO_2 at 2 1/2"),
        ("If $a<b$ then x<b and c>d. <p>New paragraph</p>", "If a<b then x<b and c>d.\n\nNew paragraph"),
    ],
)
def test_a_field_of_a_bibliography_reads_as_in_print(field: str, text: str) -> None:
    """Amounts of money are not read as formulas, nor `<` and `>` as HTML; unknown commands are kept."""
    assert latex.to_text(field) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (r"It is $O(n^2)$ and \(a\le b\).", "It is O(n^2) and a ≤ b."),
        (r"Then $$\frac{a}{b}$$ and \[ c \] and $k$-means.", "Then a/b and c and k-means."),
        ("It costs $5 and $6, or $5-$10.", "It costs $5 and $6, or $5-$10."),
        ("Set $HOME and $PATH_X here.", "Set $HOME and $PATH_X here."),
        ("$5 for $k$ items", "$5 for k items"),
        (r"Not $\ours$ today", r"Not $\ours$ today"),
    ],
)
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_formulas_in_running_text(text: str, line: str, form: str) -> None:
    """Formulas are converted in plain text, HTML and Markdown; amounts of money and shell variables are unchanged."""
    if form == "text":
        assert formulas.rendered(text) == line
    elif form == "html":
        assert plaintext.of_html(f"<p>{text}</p>") == line
    else:
        assert plaintext.of_html(markdown_text.to_html(text)) == line


def test_underscores_and_stars_of_a_formula_are_no_emphasis() -> None:
    """Formulas are converted before Markdown is parsed."""
    assert (
        plaintext.of_html(markdown_text.to_html("Both $a_1 * b_2 * c_3$ and $x_i$ *hold*."))
        == "Both a_1 * b_2 * c_3 and x_i hold."
    )


def test_formulas_that_a_page_has_drawn_are_read_from_their_tex() -> None:
    """KaTeX and MathML include the TeX source, which is used because the rendered text loses the exponents."""
    drawn = (
        '<span class="katex"><span class="katex-mathml"><math><mi>O</mi><annotation encoding="application/x-tex">'
        'O(n^2)</annotation></math></span><span class="katex-html" aria-hidden="true">O(n2)</span></span>'
    )
    assert plaintext.of_html(f"<p>In {drawn} time.</p>") == "In O(n^2) time."


@pytest.mark.parametrize(
    "data", ["{" * 30_000, "$" * 5_001, r"\frac" * 5_000, r"\left(" * 3_000, "$x$" * 5_000, "x^" * 5_000]
)
def test_tex_without_an_end_is_read_all_the_same(data: str) -> None:
    """Deeply nested or very long unclosed TeX causes no exception."""
    assert isinstance(latex.to_text(data), str)
    assert isinstance(formulas.rendered(f"${data}$"), str)


@given(st.text(alphabet=st.sampled_from("\\{}$^_&%~<>ab12 frac\n'`-"), max_size=60))
def test_any_tex_is_read_without_an_error(text: str) -> None:
    """Any text is read, and no internal placeholder is left in the result."""
    assert not any("\ue000" <= sign <= "\ue01f" for sign in latex.to_text(text) + formulas.rendered(text))
    assert isinstance(plaintext.of_html(markdown_text.to_html(text)), str)


def test_a_bibliography_keeps_its_maths_in_titles_and_abstracts() -> None:
    """Formulas are converted when a bibliography is imported."""
    (event,) = events(
        read(r"@article{a, title={An $O(\sqrt{n})$ bound}, year=2024, abstract={For $p \ge \frac{1}{2}$.}}")
    )
    assert (event.title, event.summary) == ("An O(√n) bound", "For p ≥ 1/2.")
