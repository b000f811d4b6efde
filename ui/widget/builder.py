"""`/embed/builder`: choose options, see the widget live, copy the line. Works as a form alone; its script saves reloads."""

from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from assistant.settings.serving import ServingSettings
from ui.html import attributes, text
from ui.security import origins
from ui.urls import public, root, static

from .loader import version
from .options import LEVELS, LOCALES, LONGEST_TITLE, POSITIONS, THEMES, Options
from .sites import site_of

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ACCENT = "#0b6e4f"
_NAMES = {
    "auto": "as the reader's system",
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "ar": "العربية",
    "he": "עברית",
}


def send(request: Request, settings: ServingSettings) -> Response:
    """The page for the options in the query."""
    options = Options.read(request.query_params)
    if options.accent.lower() == _ACCENT:
        options = Options(**{**options.chosen(), "accent": ""})
    site = request.query_params.get("site", "").strip()[:300]
    page = _page(options, site, public(request, settings), root(request, settings), settings)
    headers = {"content-security-policy": _POLICY, "cache-control": "no-store", "x-frame-options": "DENY"}
    return Response(page.encode("utf-8", "replace"), headers=headers, media_type="text/html")


def _page(options: Options, site: str, home: str, inner: str, settings: ServingSettings) -> str:
    def ours(name: str) -> str:
        return f"{inner}/{static(name)}"

    preview = attributes(preview="", **{f"data_{name}": value for name, value in options.chosen().items()})
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        "<title>The almanac in your pages · Ask the almanac</title>"
        '<meta name="color-scheme" content="light dark">'
        f'<link rel="icon" type="image/svg+xml" href="{ours("icon.svg")}">'
        f'<link rel="stylesheet" href="{ours("chat.css")}"><link rel="stylesheet" href="{ours("builder.css")}">'
        f'<script src="{inner}/widget.js?v={version()}" data-manual defer></script>'
        f'<script src="{ours("builder.js")}" defer></script></head><body class="builder">'
        f'<header><a class="home" href="{inner}/"><span class="emblem" aria-hidden="true"></span>Ask the almanac</a></header>'
        '<main><h1>The almanac in your pages</h1><p class="lead">One line puts a button into every page of your site. '
        "Nothing else is fetched until it is pressed, and then the chat opens in a frame: no cookie, no tracking, no key.</p>"
        f'<div class="bench">{_form(options, site)}'
        '<section class="stage" aria-label="The widget, live"><div class="sketch" aria-hidden="true"><i></i><b></b><b></b><b></b><b></b>'
        "<i></i><b></b><b></b><b></b></div>"
        f"<almanac-assistant{preview}></almanac-assistant></section></div>"
        f"{_result(options, site, home, settings)}</main></body></html>\n"
    )


def _form(options: Options, site: str) -> str:
    def choice(name: str, label: str, values: tuple[str, ...], chosen: str, unset: str) -> str:
        rows = f'<option value="">{unset}</option>' + "".join(
            f"<option{attributes(value=value, selected='' if value == chosen else None)}>"
            f"{text(_NAMES.get(value, value.replace('-', ' ')))}</option>"
            for value in values
        )
        return f'<label><span>{label}</span><select name="{name}">{rows}</select></label>'

    title = attributes(name="title", value=options.title, maxlength=str(LONGEST_TITLE), placeholder="Ask the almanac")
    question = attributes(name="question", value=options.question, maxlength="2000", placeholder="none")
    where = attributes(
        name="site",
        value=site,
        placeholder="https://example.org",
        inputmode="url",
        autocomplete="url",
        spellcheck="false",
    )
    return (
        f'<form id="options" method="get"><label class="wide"><span>Your site</span><input{where}></label>'
        f'<label class="wide"><span>Words on the button</span><input{title}></label>'
        + choice("theme", "Light or dark", THEMES[1:], options.theme, _NAMES["auto"])
        + f"<label><span>Accent</span><input{attributes(type='color', name='accent', value=options.accent or _ACCENT)}></label>"
        + choice("position", "Corner", POSITIONS[1:], options.position, "bottom right")
        + choice("locale", "Language", LOCALES, options.locale, "as the page's")
        + choice("level", "Level of answers", LEVELS, options.level, "as the chat's")
        + f'<label class="wide"><span>A question to begin with</span><input{question}></label>'
        '<button class="go">Show</button></form>'
    )


def _result(options: Options, site: str, home: str, settings: ServingSettings) -> str:
    chosen = options.chosen()
    data = attributes(**{f"data_{name}": value for name, value in chosen.items()})
    link = f"<noscript><a{attributes(href=home + '/')}>{text(options.title or 'Ask the almanac')}</a></noscript>"
    line = f"<script{attributes(src=f'{home}/widget.js')} async{data}></script>\n{link}"
    element = f"<script{attributes(src=f'{home}/widget.js')} async data-manual></script>\n<almanac-assistant{data}></almanac-assistant>"
    query = [(name, chosen[name]) for name in ("theme", "accent", "level", "question") if name in chosen]
    address = f"{home}/embed" + (f"?{urlencode(query)}" if query else "")
    frame = attributes(
        src=address,
        title=options.title or "Ask the almanac",
        width="420",
        height="680",
        style="border:0",
        referrerpolicy="origin",
        allow="clipboard-write",
    )
    host = "{0.scheme}://{0.netloc}".format(urlsplit(home))
    parts = (
        ("line", "The line", "Anywhere in the page, best at its end.", line),
        ("element", "As an element", "For pages that an application draws: React, Vue, Docusaurus.", element),
        (
            "frame",
            "As a plain frame",
            "In the text, without a button and without a script.",
            f"<iframe{frame}></iframe>",
        ),
        ("policy", "With a strict Content-Security-Policy", "Add to yours:", f"script-src {host}; frame-src {host}"),
    )
    return (
        f'<div id="result"><div class="site" role="status">{_allowed(site, host, settings)}</div>'
        + "".join(
            f'<section class="way" aria-labelledby="way-{name}"><h2 id="way-{name}">{title}</h2><p>{about}</p>'
            f'<pre tabindex="0"><code>{text(code)}</code></pre>'
            f'<button type="button" class="copy"{attributes(data_copy=code, aria_label=f"Copy: {title}")}>Copy</button></section>'
            for name, title, about, code in parts
        )
        + "</div>"
    )


def _allowed(site: str, host: str, settings: ServingSettings) -> str:
    if not site:
        return "<p>Name your site above to see whether it may embed the chat.</p>"
    asked = site_of(site if "://" in site else f"https://{site}")
    if asked is None:
        return f'<p class="no">“{text(site)}” is no address of a site; one is <code>https://example.org</code>.</p>'
    plain = (
        f'<p class="no">{text(asked)} is encrypted, and {text(host)} is not: browsers refuse such a frame. '
        "Put this server behind TLS and set <code>ALMANAC_URL</code>.</p>"
        if asked.startswith("https:") and host.startswith("http:")
        else ""
    )
    if origins.allowed(asked, settings.embed_origins):
        return f'<p class="yes">{text(asked)} may embed the chat.</p>{plain}'
    listed = ",".join((*settings.embed_origins, asked))
    return plain + (
        f'<p class="no">{text(asked)} may not embed the chat yet: its visitors would see only a link to it. '
        "Whoever runs this server allows it by a setting, and starts it again:</p>"
        f"<pre><code>ALMANAC_EMBED_ORIGINS={text(listed)}</code></pre>"
    )
