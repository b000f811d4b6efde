"""The templates of the pages: every value is escaped, and a missing value is an error."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from ui import templating
from ui.templating import json_in_script, paragraphs, render, shorten

_HOSTILE = "<script>alert(1)</script>"


def test_every_template_compiles(project: Path) -> None:
    """A syntax error in a template that few pages use is found here."""
    names = {path.name for path in (project / "ui" / "templates").iterdir()}
    assert {"layout.html", "entry.html", "browse.html", "answer.html", "error.html", "builder.html"} <= names
    for name in names:
        assert templating._ENVIRONMENT.get_template(name).name == name


def test_values_are_escaped_and_markup_is_not() -> None:
    """In content and in attributes; only `Markup` is written as it is."""
    template = templating._ENVIRONMENT.from_string('<p title="{{ value }}">{{ value }}{{ link }}</p>')
    assert template.render(value=f'"{_HOSTILE}', link=Markup("<br>")) == (
        '<p title="&#34;&lt;script&gt;alert(1)&lt;/script&gt;">&#34;&lt;script&gt;alert(1)&lt;/script&gt;<br></p>'
    )


@pytest.mark.parametrize("helper", ["badge", "date", "feed_links"])
def test_helpers_that_return_markup_escape_their_arguments(helper: str) -> None:
    """Their result is written unescaped, so they must escape."""
    assert _HOSTILE not in templating._ENVIRONMENT.from_string(f"{{{{ {helper}(value) }}}}").render(value=_HOSTILE)


def test_a_missing_value_is_an_error() -> None:
    """A page without its values would otherwise be sent with gaps."""
    with pytest.raises(UndefinedError):
        render("error.html")


def test_json_in_a_script_cannot_end_the_script() -> None:
    """No angle bracket, ampersand or JavaScript line separator is left."""
    written = json_in_script({"name": f"{_HOSTILE}&\u2028\u2029"})
    assert not set("<>&\u2028\u2029") & set(written)
    assert "\\u003cscript\\u003e" in written


def test_texts_are_shortened_at_a_space_and_split_at_blank_lines() -> None:
    """A text without spaces is cut where the limit is."""
    assert shorten("one  two\nthree", 20) == "one two three"
    assert shorten("one, two three", 10) == "one, two …"
    assert shorten("abcdefghij", 5) == "abcd…"
    assert paragraphs("a\r\nb\r\n\r\n\r\n c ") == ["a\nb", "c"]
