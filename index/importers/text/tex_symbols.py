"""TeX commands that have a plain-text form, in addition to the symbols that pylatexenc knows."""


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


ARGUMENTS = (
    dict.fromkeys(
        "text textrm textbf textit textsf texttt textsc textsl textup textmd textnormal emph mbox hbox fbox underline"
        " uline mathrm mathbf mathit mathsf mathtt mathnormal boldsymbol bm pmb symbf ensuremath mathbb mathds mathbbm"
        " mathcal mathscr mathfrak enquote textsuperscript textsubscript widehat widetilde widebar overline hat tilde bar"
        " vec dot ddot check breve acute grave mathring mathop mathord mathrel mathbin url path doi nolinkurl label ac acs".split(),
        "{",
    )
    | dict.fromkeys("frac dfrac tfrac cfrac nicefrac sfrac href textcolor".split(), "{{")
    | {"operatorname": "*{", "sqrt": "[{", "color": "{"}
)
"""The arguments that each command takes, in pylatexenc's notation."""

FRACTIONS = _split("frac dfrac tfrac cfrac nicefrac sfrac")
OPERATORS = _split("operatorname mathop")
WORDS = _split("text textrm textnormal mbox hbox textbf textit textsf texttt textsc emph")
PLAIN = _split(
    "text textrm textbf textit textsf texttt textsc textsl textup textmd textnormal emph mbox hbox fbox underline uline"
    " mathrm mathbf mathit mathsf mathtt mathnormal boldsymbol bm pmb symbf ensuremath mathord mathrel mathbin url path doi"
    " nolinkurl textcolor"
)
"""Commands that change only the appearance of their last argument."""
BRACED = _split("url path doi nolinkurl text color label")
"""Commands that require braces around their argument. Without braces, the text is not TeX."""
LETTERS = {
    "mathbb": "DOUBLE-STRUCK",
    "mathds": "DOUBLE-STRUCK",
    "mathbbm": "DOUBLE-STRUCK",
    "mathcal": "SCRIPT",
    "mathscr": "SCRIPT",
    "mathfrak": "FRAKTUR",
}
NOTHING = _split(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm limits nolimits displaystyle"
    " textstyle scriptstyle scriptscriptstyle ! nonumber notag hline middle rm bf it sf tt cal strut relax null color label -"
)
SPACES = _split(", ; : > quad qquad enspace thinspace space \\") | {" ", "\n"}
RELATIONS = _split(
    "le leq leqslant ge geq geqslant ne neq approx equiv sim simeq cong propto in notin ni subset subseteq supset"
    " supseteq subsetneq to rightarrow leftarrow longrightarrow Rightarrow Leftarrow Longrightarrow leftrightarrow"
    " Leftrightarrow iff implies mapsto ll gg lesssim gtrsim lessapprox prec preceq succ succeq mid parallel perp models"
    " vdash times cdot pm mp div cup cap setminus oplus otimes odot wedge vee land lor coloneqq triangleq ast star circ"
    " gets uparrow downarrow asymp doteq"
)
NAMED = _split(
    "arg argmax argmin lim liminf limsup sup inf Pr det dim ker deg gcd hom min max log ln lg exp sin cos tan cot sec csc"
    " sinh cosh tanh coth arcsin arccos arctan softmax bmod mod tr Tr rank sign sgn diag poly polylog"
)
"""Functions that are written as words."""
SYMBOLS = {name: name for name in NAMED} | {
    "|": "‖",
    "Vert": "‖",
    "lVert": "‖",
    "rVert": "‖",
    "vert": "|",
    "lvert": "|",
    "rvert": "|",
    "ne": "≠",
    "neq": "≠",
    "land": "∧",
    "lor": "∨",
    "lnot": "¬",
    "gets": "←",
    "iff": "⇔",
    "implies": "⇒",
    "leqslant": "≤",
    "geqslant": "≥",
    "lesssim": "≲",
    "gtrsim": "≳",
    "coloneqq": "≔",
    "triangleq": "≜",
    "colon": ":",
    "argmax": "arg max",
    "argmin": "arg min",
    "dots": "…",
    "ldots": "…",
    "dotsc": "…",
    "dotsb": "⋯",
    "cdots": "⋯",
    "sim": "∼",
    "prime": "′",
    "backslash": "\\",
    "degree": "°",
    "euro": "€",
    "pounds": "£",
    "checkmark": "✓",
    "lbrace": "{",
    "rbrace": "}",
    "lbrack": "[",
    "rbrack": "]",
    "lparen": "(",
    "rparen": ")",
    "{": "{",
    "}": "}",
    "%": "%",
    "&": "&",
    "#": "#",
    "_": "_",
    "$": "$",
    "bmod": "mod",
    "star": "⋆",
}
TEXT = (
    dict.fromkeys(
        "xspace bf it em sc rm tt sf bfseries itshape scshape ttfamily sffamily rmfamily small footnotesize scriptsize tiny large"
        " Large normalsize centering noindent protect relax newline par smallskip medskip bigskip selectfont upshape"
        " allowbreak linebreak nobreak break nolinebreak sloppy - / @ !".split(),
        "",
    )
    | dict.fromkeys(SPACES, " ")
    | {
        "textless": "\ue006",
        "textgreater": "\ue007",
        "textbar": "|",
        "textbackslash": "\\",
        "textbraceleft": "{",
        "textbraceright": "}",
        "textasciitilde": "~",
        "textasciicircum": "^",
        "textunderscore": "_",
        "textdollar": "$",
        "textquotesingle": "'",
        "textquotedblleft": "“",
        "textquotedblright": "”",
        "textquoteleft": "‘",
        "textquoteright": "’",
        "textendash": "–",
        "textemdash": "—",
        "textellipsis": "…",
        "textregistered": "®",
        "texttrademark": "™",
        "textcopyright": "©",
        "textdegree": "°",
        "textmu": "µ",
        "textpm": "±",
        "texttimes": "×",
        "textonehalf": "½",
        "texteuro": "€",
        "textminus": "−",
        "textrightarrow": "→",
        "textbullet": "•",
        "textasteriskcentered": "*",
        "textnumero": "№",
        "slash": "/",
        "LaTeX": "LaTeX",
        "TeX": "TeX",
        "BibTeX": "BibTeX",
        "LaTeXe": "LaTeX2e",
        "item": "\n\n",
        "newblock": "",
        "newline": " ",
        "par": "\n\n",
        "%": "%",
        "&": "&",
        "#": "#",
        "_": "_",
        "$": "$",
        "{": "{",
        "}": "}",
        "lq": "‘",
        "rq": "’",
        "i": "ı",
        "j": "ȷ",
    }
)
"""The plain text for commands without arguments in running text."""
SPECIALS: dict[str, str] = {"~": " ", "``": "“", "''": "”", "--": "–", "---": "—", "!`": "¡", "?`": "¿", "\n\n": "\n\n"}
MATHS_SPECIALS: dict[str, str] = {"~": " ", "&": "", "''": "″", "--": "--", "---": "---", "``": "``"}
ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "k": "\u0328",
    "d": "\u0323",
    "b": "\u0331",
    "r": "\u030a",
    "hat": "\u0302",
    "tilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0305",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
    "mathring": "\u030a",
}
WIDE = {"widehat": "hat", "widetilde": "tilde", "widebar": "bar"}
TEXT_ENVIRONMENTS = _split("itemize enumerate description quote quotation center abstract flushleft document")
EQUATIONS = _split("equation align aligned gather gathered split multline math displaymath eqnarray")
ARRAYS = {
    "array": ("[", "]"),
    "matrix": ("[", "]"),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "smallmatrix": ("[", "]"),
    "vmatrix": ("|", "|"),
    "cases": ("{", "}"),
}
