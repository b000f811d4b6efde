"""Almanac pages for the tests, made up, in every form in which they are saved."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Blank = Literal["nowhere", "everywhere", "between"]
"""Where a plain page has blank lines; "between" is between events, and not between a title and its summary."""


@dataclass(frozen=True)
class Told:
    """An event as a page tells it."""

    title: str
    paragraphs: tuple[str, ...]
    meta: str | None = None

    @property
    def summary(self) -> str:
        """The paragraphs as an entry holds them."""
        return "\n\n".join(self.paragraphs)


NINE = (
    Told(
        "Harbour Labs tests whether its model hides what it knows",
        ("Researchers trained a model to keep a secret and then asked it about that. It gave the secret away.",),
        "7Anthropic News·20d ago·source ↗",
    ),
    Told(
        "Can a chatbot be a fair judge?",
        ("A study of 12 systems found that they prefer the answer that stands first.",),
        "6 The Register · 3h ago · source ↗",
    ),
    Told(
        "Parliament votes on rules for open weights",
        (
            "The bill passed by 312 votes to 201. It asks makers of large models to publish what they tested.",
            "Two amendments, on small companies and on research, will be voted on in March.",
        ),
        "10404 Media·yesterday·source ↗",
    ),
    Told("The laboratory is closed.", ("Staff were told on Friday.",), "3arXiv·5mo ago·source ↗"),
    Told("xAI opens a data centre", ("The site holds 100,000 chips.",), "5MIT Technology Review·2w ago·source ↗"),
    Told("Why did the agent buy 400 eggs? A report", ("Nobody had told it to stop.",), "4arXiv·1y ago·source ↗"),
    Told("It works!", ("A robot folded a shirt in four minutes, which is a record.",), "2Wired·1d ago·source ↗"),
    Told(
        'Survey: "alignment" now means five things',
        ("The authors read 300 papers & sorted every use of the word into five groups.",),
        "8Alignment Forum·6mo ago·source ↗",
    ),
    Told("São Paulo bans face search in schools", ("The ban begins in 2027.",), "9Folha·3w ago·source ↗"),
)
GUIDES = ("What is deception in models?", "Reading a model's thoughts")


def plain(
    events: Sequence[Told],
    *,
    blank: Blank = "nowhere",
    meta: bool = False,
    guides: Sequence[str] = (),
    count: int | None = None,
) -> str:
    """A page as copied from the browser: with or without blank lines, with or without source lines."""
    blocks = [["The Almanac"], ["← Events"]] if meta else []
    for number, event in enumerate(events):
        if number == 1:
            blocks += [[f"Related guides ({len(guides)})", *guides]]
            blocks += [[f"Related events ({len(events) - 1 if count is None else count})"]]
        blocks += [[*([event.meta] if meta and event.meta else []), event.title, *event.paragraphs]]
    within = "\n\n" if blank == "everywhere" else "\n"
    between = "\n" if blank == "nowhere" else "\n\n"
    return between.join(within.join(lines) for lines in blocks) + "\n"


def card(event: Told, number: int) -> str:
    """One related event in HTML."""
    return f"""
      <li class="card"><div class="meta">{spans(event, number)}</div>
        <a href="/events/{number}"><h3>{html.escape(event.title)}</h3></a>
        {"".join(f"<p>{html.escape(text)}</p>" for text in event.paragraphs)}
      </li>"""


def spans(event: Told, number: int) -> str:
    """The source line in HTML, whose parts touch each other as in a page made by a script."""
    name, age, _ = (event.meta or "··").split("·")
    figure = "10" if name.startswith("10") else name[:1]
    return (
        f'<span>{figure}</span><span>{html.escape(name.removeprefix(figure))}</span><span aria-hidden="true">·</span>'
        f'<time>{age}</time>·<a href="https://news.example/{number}?a=1&amp;b=2">source&nbsp;↗</a>'
    )


def saved_html(events: Sequence[Told], guides: Sequence[str] = GUIDES) -> str:
    """A page as a browser saves it, with all that stands around."""
    first, *others = events
    listed = "".join(
        f'<li><a href="/guides/{n}"><span>{html.escape(title)}</span></a><div>Beginner</div></li>'
        for n, title in enumerate(guides)
    )
    return f"""<!DOCTYPE html>
<!-- saved from url=(0036)https://almanac.example/events/first -->
<html lang="en"><head><meta charset="utf-8"><title>{html.escape(first.title)} | The Almanac</title>
<link rel="stylesheet" href="./first_files/site.css"><style>.card {{ color: red }}</style>
<script>window.__DATA__ = {{"related": "Related events (99)"}};</script></head>
<body><noscript>This page needs a script.</noscript>
<header class="top"><a href="/">The Almanac</a><nav><ul><li><a href="/events">Events</a></li><li>Guides</li></ul></nav>
</header>
<div id="app"><main><a href="/events">← Events</a>
  <div class="meta">{spans(first, 0)}</div>
  <h1>{html.escape(first.title)}</h1>
  {"".join(f"<p>{html.escape(text).replace(' ', ' <b>', 1).replace('.', '</b>.', 1)}</p>" for text in first.paragraphs)}
  <button>Share</button>
  <section><h2>Related guides <span>({len(guides)})</span></h2><ul>{listed}</ul></section>
  <section><h2>Related events <span>({len(others)})</span></h2><ul>
  {"".join(card(event, number) for number, event in enumerate(others, start=1))}
  </ul></section>
</main></div>
<footer><p>© 2026 The Almanac. All rights reserved.</p><a href="/privacy">Privacy</a></footer>
<template><h3>No title</h3></template><script src="./first_files/app.js"></script></body></html>
"""
