"""Detects the language of a text: by its script, else by function words.

It answers only if the language is clear: English with typing errors, names and single words give None. For the
languages it knows, it has the sentence that says that the catalogue is in English.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LETTERS_READ = 400
"""Characters that are read: a language shows in its first words."""
_SCRIPTS: Mapping[str, str] = {
    "CYRILLIC": "ru",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "HANGUL": "ko",
    "ARABIC": "ar",
    "DEVANAGARI": "hi",
    "GREEK": "el",
    "HEBREW": "he",
    "THAI": "th",
    "BENGALI": "bn",
}
MIN_SHARE_OF_SCRIPT = 0.4
"""Share of the letters that must be of another script; Latin names are common in such questions."""
_UKRAINIAN = frozenset("іїєґ")
_FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(word for word in words.split() if len(word) > 1 or not word.isascii() or language == "en")
    for language, words in {
        "en": "the a an of to in is are was were be been do does did what who when where why how which and or for with on at by from it its "
        "that this these those i you he she they we my your me can could should will would has have had not no yes about tell show list "
        "give explain please there their them his her if but as than more most any all some so just also into out up over like",
        "de": "der das ein eine einen einem einer und ist sind wie wer wann warum wo welche welcher welches wurde wurden werden wird hat "
        "haben hatte nicht kein keine mit von für über auf auch bei zum zur im den dem des ich du er sie wir ihr es gibt kann können was "
        "nach durch gegen oder aber als wenn dass mir mich dir bitte zwischen wieviel wieso weshalb heißt bedeutet erkläre erklär "
        "funktioniert macht machen mehr noch schon gab bin bist dich dein mein uns euch sich am vom um unter man wem viel kommt",
        "fr": "le les une un des du de la et est sont qui que quoi quel quelle quels quelles quand où pourquoi comment combien avec pour dans "
        "sur par pas ne plus aux au ce cette ces il elle ils elles je tu nous vous mon ton son leur leurs qu'est-ce qu'est c'est quest "
        "est-ce y a-t-il moi peux peut peux-tu entre sans ou mais fait été sera être avoir ont chez l'ia d'ia s'il en svp cela ça dit",
        "es": "el la los las un una unos unas de del y es son qué que quién quien quiénes cuándo cuando dónde donde cómo como cuál cual "
        "cuáles cuánto cuanto cuántos cuánta cuanta por para con sin en al se su sus lo le les fue fueron ha han hay está están ser qué "
        "sobre entre más mas pero o yo tú mi tu nos puedes puede hizo hace hacer significa dime explica explícame porque ia esto ese eso",
        "pt": "o os as um uma uns umas de do da dos das e é são que quem quando onde como qual quais quanto quantos quanta por para com sem "
        "em no na nos nas ao à se seu sua seus foi foram há está estão ser sobre entre mais mas ou eu você meu minha nós pode fez faz "
        "fazer significa me explica explique porque não isso isto esse dele até já tem",
        "it": "il lo la i gli le un uno una di del della dei degli delle dello e è sono che chi quando dove come qual quale quali quanto quanti "
        "quanta perché perche per con senza in nel nella al alla da dal dalla si su sul suo sua cosa cos'è cos'e c'è fu stato stata ha hanno "
        "essere fra tra più ma o io tu mi ci non puoi può fatto fa fare significa spiegami dimmi dell'ia l'ia questo quello",
        "nl": "de het een en is zijn wat wie wanneer waar waarom hoe welke welk hoeveel met van voor over op ook bij naar door tegen of maar als "
        "dat die dit deze ik jij je hij zij wij jullie niet geen wordt worden werd werden heeft hebben had kan kunnen om te er aan uit "
        "tussen meer mij uitleggen betekent werkt gemaakt doet nog dan",
        "pl": "i w z na do od dla o co kto kiedy gdzie dlaczego jak jaki jaka jakie jakich który która które ile czy jest są był była było byli "
        "nie się że to ten ta te tego tym mi mnie ja on ona my przez przed po za oraz lub ale albo między więcej może mają ma "
        "oznacza działa znaczy proszę wyjaśnij powiedz został została",
        "hi": "kya hai aur kisne kaise kyun kyon kab kahan kaun mein hain nahi",
        "sv": "och är var vad vem när varför hur vilken vilka vilket det den ett en som på av för med till om inte kan har hade jag du han hon vi "
        "ni de från mellan eller men också fungerar betyder finns blev mig mer gör göra gjorde skapade",
        "da": "og er var hvad hvem hvornår hvorfor hvordan hvilken hvilke det den et en som på af for med til om ikke kan har havde jeg du han "
        "hun vi fra mellem eller men også virker betyder findes blev mig",
        "no": "og er var hva hvem når hvorfor hvordan hvilken hvilke det den et en som på av for med til om ikke kan har hadde jeg du han hun vi "
        "fra mellom eller men også fungerer betyr finnes ble meg",
        "tr": "ve bir bu şu ne nedir kim kimdir nasıl neden niçin niye hangi kaç zaman nerede mi mı mu mü için ile olarak olan var yok çok daha en "
        "değil ben sen biz siz o da de gibi kadar hakkında arasında eder oldu olur yapay zeka",
    }.items()
}
_TELLING_WORDS = frozenset(
    "wann warum wem wer weshalb wieso welche welcher welches wieviel wurde werden warum ist für "
    "quand pourquoi comment combien quelles quels quelle qui c'est qu'est-ce est-ce qu'est "
    "quién quien cuándo cuánta cuánto cuántos cuáles dónde cómo qué por quais quanto quem qual perché perche quando "
    "cos'è cos'e wanneer waarom hoeveel welke waar mogen kiedy dlaczego czy ile czym när vem varför hur vilka nedir hvorfor "
    "hvornår kya hai".split()
)
"""Function words that are in no English text: one of them is enough in a sentence without English function words."""
_TELLING_LETTERS: Mapping[str, str] = {
    "de": "ßüöä",
    "fr": "çèêàùœ",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "pl": "łąęśżźćń",
    "tr": "ğışİ",
    "sv": "å",
}
"""Letters and marks of a language that English texts have only in names."""
MIN_FUNCTION_WORDS = 2
"""Function words of a language that show it; a word of `_TELLING_WORDS` or a letter of its own counts as one more."""
SURE_FUNCTION_WORDS = 3
"""English texts with foreign names have fewer: "La Quadrature du Net complaint"."""
MIN_WORDS = 2
"""A single word may be a name."""
_ELIDED = ("l'", "d'", "qu'", "dell'", "all'")
IN_ENGLISH: Mapping[str, str] = {
    "de": "Dieser Katalog ist auf Englisch, deshalb antworte ich mit englischen Sätzen daraus.",
    "fr": "Ce catalogue est en anglais : je réponds donc avec ses phrases anglaises.",
    "es": "Este catálogo está en inglés, por eso respondo con sus frases en inglés.",
    "pt": "Este catálogo está em inglês, por isso respondo com as frases dele em inglês.",
    "it": "Questo catalogo è in inglese, quindi rispondo con le sue frasi in inglese.",
    "nl": "Deze catalogus is in het Engels, daarom antwoord ik met Engelse zinnen eruit.",
    "pl": "Ten katalog jest po angielsku, dlatego odpowiadam jego angielskimi zdaniami.",
    "ru": "Этот каталог на английском языке, поэтому я отвечаю его английскими предложениями.",
    "uk": "Цей каталог англійською мовою, тому я відповідаю його англійськими реченнями.",
    "zh": "本目录为英文，因此我用其中的英文句子回答。",
    "ja": "このカタログは英語なので、その英語の文で答えます。",
    "ko": "이 카탈로그는 영어로 되어 있어서 그 영어 문장으로 답합니다.",
    "ar": "هذا الفهرس باللغة الإنجليزية، لذلك أجيب بجمله الإنجليزية.",
    "hi": "यह सूची अंग्रेज़ी में है, इसलिए मैं इसके अंग्रेज़ी वाक्यों से उत्तर देता हूँ।",
    "tr": "Bu katalog İngilizce, bu yüzden ondaki İngilizce cümlelerle yanıt veriyorum.",
    "sv": "Den här katalogen är på engelska, därför svarar jag med dess engelska meningar.",
    "da": "Dette katalog er på engelsk, derfor svarer jeg med dets engelske sætninger.",
    "no": "Denne katalogen er på engelsk, derfor svarer jeg med de engelske setningene i den.",
}
"""One sentence in each language: this catalogue is in English, so the answers quote English sentences."""
NOTHING_FOUND: Mapping[str, str] = {
    "de": "Dieser Katalog ist auf Englisch, und ich habe darin nichts zu Ihrer Frage gefunden. Fragen Sie bitte auf Englisch.",
    "fr": "Ce catalogue est en anglais et je n'y ai rien trouvé sur votre question. Posez-la en anglais, s'il vous plaît.",
    "es": "Este catálogo está en inglés y no he encontrado en él nada sobre su pregunta. Pregunte en inglés, por favor.",
    "pt": "Este catálogo está em inglês e não encontrei nele nada sobre a sua pergunta. Pergunte em inglês, por favor.",
    "it": "Questo catalogo è in inglese e non vi ho trovato nulla sulla sua domanda. La ponga in inglese, per favore.",
    "nl": "Deze catalogus is in het Engels en ik heb er niets over uw vraag in gevonden. Stel de vraag alstublieft in het Engels.",
    "pl": "Ten katalog jest po angielsku i nie znalazłem w nim nic na to pytanie. Proszę zapytać po angielsku.",
    "ru": "Этот каталог на английском языке, и я не нашёл в нём ответа на ваш вопрос. Пожалуйста, спросите по-английски.",
    "uk": "Цей каталог англійською мовою, і я не знайшов у ньому відповіді. Будь ласка, запитайте англійською.",
    "zh": "本目录为英文，我没有在其中找到与您的问题有关的内容。请用英文提问。",
    "ja": "このカタログは英語で、ご質問に関する内容は見つかりませんでした。英語でお尋ねください。",
    "ko": "이 카탈로그는 영어로 되어 있으며 질문에 대한 내용을 찾지 못했습니다. 영어로 물어봐 주세요.",
    "ar": "هذا الفهرس باللغة الإنجليزية ولم أجد فيه شيئًا عن سؤالك. من فضلك اسأل بالإنجليزية.",
    "hi": "यह सूची अंग्रेज़ी में है और मुझे इसमें आपके प्रश्न के बारे में कुछ नहीं मिला। कृपया अंग्रेज़ी में पूछें।",
    "tr": "Bu katalog İngilizce ve sorunuzla ilgili bir şey bulamadım. Lütfen İngilizce sorun.",
    "sv": "Den här katalogen är på engelska och jag hittade inget om din fråga i den. Fråga gärna på engelska.",
    "da": "Dette katalog er på engelsk, og jeg fandt intet om dit spørgsmål i det. Spørg gerne på engelsk.",
    "no": "Denne katalogen er på engelsk, og jeg fant ingenting om spørsmålet ditt i den. Spør gjerne på engelsk.",
}
"""One or two sentences in each language: this catalogue is in English, nothing was found, please ask in English."""
NOTHING_FOUND_IN_ENGLISH = (
    "This catalogue is in English, and I found nothing about your question in it. Please ask in English."
)
IN_ENGLISH_ONLY = "This catalogue is in English, so I answer in its English sentences only."
_NAMES: Mapping[str, str] = {
    name: language
    for language, names in {
        "de": "german deutsch deutsche deutscher allemand alemán",
        "fr": "french français francais française französisch francés",
        "es": "spanish español espanol castellano spanisch espagnol",
        "pt": "portuguese português portugues brazilian brasileiro",
        "it": "italian italiano italienisch italien",
        "nl": "dutch nederlands niederländisch flemish vlaams",
        "pl": "polish polski polsku polnisch",
        "ru": "russian русски русском русский russisch",
        "uk": "ukrainian українською українська",
        "zh": "chinese mandarin cantonese 中文 汉语 chinesisch",
        "ja": "japanese 日本語 japanisch nihongo",
        "ko": "korean 한국어 한국어로",
        "ar": "arabic العربية بالعربية arabisch",
        "hi": "hindi हिंदी हिन्दी",
        "tr": "turkish türkçe turkce türkisch",
        "sv": "swedish svenska schwedisch",
        "da": "danish dansk",
        "no": "norwegian norsk",
    }.items()
    for name in names.split()
}


def written_in(text: str, least: int = MIN_FUNCTION_WORDS) -> str | None:
    """Return the code of the language that a text is written in, if it is clearly not English; else None.

    `least` is the number of function words that are enough: `SURE_FUNCTION_WORDS` if nothing else speaks for it.
    """
    start = text[:_LETTERS_READ]
    return _of_script(start) or _of_words(start, least)


def resembles(text: str) -> str | None:
    """Return the code of the language that a text may be written in: one function word is enough."""
    return written_in(text, 1)


def asked_for(text: str) -> str | None:
    """Return the code of the language that a text names ("auf Deutsch", "in Spanish"); None if it names none."""
    words = [word for word in _words(text[:_LETTERS_READ]) if word in _NAMES]
    if words:
        return _NAMES[words[-1]]
    found = next((name for name in _NAMES if not name.isascii() and len(name) > 1 and name in text), None)
    return _NAMES[found] if found else None


def without_own_name(text: str, language: str) -> str:
    """Return a text without the words that name its own language: "auf Deutsch" asks for no fact about Germany."""
    return _WORD.sub(lambda word: "" if _NAMES.get(word.group().casefold()) == language else word.group(), text)


def nothing_found(language: str | None) -> str:
    """Return the sentence, in the language itself if known, that nothing was found and that English helps."""
    return NOTHING_FOUND.get(language or "", NOTHING_FOUND_IN_ENGLISH)


def in_english(language: str | None) -> str:
    """Return the sentence, in the language itself if known, that the catalogue is in English."""
    return IN_ENGLISH.get(language or "", IN_ENGLISH_ONLY)


def _of_script(text: str) -> str | None:
    letters = [character for character in text if character.isalpha()]
    scripts = Counter(_script(letter) for letter in letters if not letter.isascii())
    del scripts[""]
    # One Chinese character is as much text as three or more Latin letters.
    written = sum(count * (3 if script in {"zh", "ja"} else 1) for script, count in scripts.items())
    if not scripts or written < MIN_SHARE_OF_SCRIPT * len(letters):
        return None
    if "ja" in scripts:
        return "ja"  # Japanese mixes its own letters with Chinese ones
    language = scripts.most_common(1)[0][0]
    return "uk" if language == "ru" and _UKRAINIAN & set(text.casefold()) else language


def _script(letter: str) -> str:
    return _SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0].split("-")[0], "")


def _of_words(text: str, least: int) -> str | None:
    words = _words(text)
    english = sum(word in _FUNCTION_WORDS["en"] for word in words)
    letters = set(text.casefold())
    best: tuple[float, str | None] = (0.0, None)
    for language, held in _FUNCTION_WORDS.items():
        own = [word for word in words if _is_of(word, language, held)]
        if language == "en" or not own or len(words) < MIN_WORDS:
            continue
        has_letter = bool(letters & set(_TELLING_LETTERS.get(language, "")))
        telling = has_letter or any(word in _TELLING_WORDS for word in own)
        weight = len(own) + 0.5 * telling
        if len(own) + telling >= least and weight > max(english, best[0]):
            best = (weight, language)
    return best[1]


def _is_of(word: str, language: str, held: frozenset[str]) -> bool:
    """Whether a word is a function word of a language and not an English one."""
    if word in _FUNCTION_WORDS["en"]:
        return False
    return word in held or (language in {"fr", "it"} and word.startswith(_ELIDED))


def _words(text: str) -> list[str]:
    return [word.casefold().replace("’", "'") for word in _WORD.findall(text)]
