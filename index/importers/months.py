"""Month names in the languages of most feeds, recognised with or without accents."""

import unicodedata

# January to December; each line has the names and abbreviations of all languages, separated by bars.
_NAMES = (
    "january|jan|januar|jänner|janvier|janv|enero|ene|gennaio|gen|janeiro|januari|styczeń|stycznia|ocak|января|январь|leden|ledna",
    "february|feb|febr|februar|février|févr|fév|febrero|febbraio|fevereiro|fev|februari|luty|lutego|şubat|февраля|февраль|únor|února",
    "march|mar|märz|mrz|mars|marzo|março|maart|mrt|marzec|marca|mart|марта|март|březen|března",
    "april|apr|avril|avr|abril|abr|aprile|kwiecień|kwietnia|nisan|апреля|апрель|duben|dubna",
    "may|mai|mayo|maggio|mag|maio|mei|maj|maja|mayıs|мая|май|květen|května",
    "june|jun|juni|juin|junio|giugno|giu|junho|czerwiec|czerwca|haziran|июня|июнь|červen|června",
    "july|jul|juli|juillet|juil|julio|luglio|lug|julho|lipiec|lipca|temmuz|июля|июль|červenec|července",
    "august|aug|août|agosto|ago|augustus|augusti|sierpień|sierpnia|ağustos|августа|август|srpen|srpna",
    "september|sept|sep|septembre|septiembre|settembre|set|setembro|wrzesień|września|eylül|сентября|сентябрь|září",
    "october|oct|oktober|okt|octobre|octubre|ottobre|ott|outubro|out|październik|października|ekim|октября|октябрь|říjen|října",
    "november|nov|novembre|noviembre|novembro|listopad|listopada|kasım|ноября|ноябрь|listopadu",
    "december|dec|dezember|dez|décembre|déc|diciembre|dic|dicembre|dezembro|grudzień|grudnia|aralık|декабря|декабрь|prosinec|prosince",
)


def bare(word: str) -> str:
    """Return a word in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


MONTHS = {bare(name): number for number, names in enumerate(_NAMES, start=1) for name in names.split("|")}
"""Month number by name, from 1 to 12; `listopad` is November in both Polish and Czech."""
