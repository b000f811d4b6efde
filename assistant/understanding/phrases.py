"""Words and phrases used to parse questions, each defined in one place: openers, number words, stop lists.

Every module that parses questions imports them from here. The names of months are in `index.dates`, and the words that
every search ignores are in `index.lexical.STOPWORDS`.
"""

from index.lexical import STOPWORDS, terms

# Openers. The possessive quantifiers (`++`, `*+`) keep the match linear when "could you please" is repeated many times.
OPENER = (
    r"\W*+(?:(?>please|kindly|so|okay|ok|and|but|well|now|hi|hello|hey|help me|(?:can|could|would|will) you|"
    r"i(?:['’]d| would) like(?: you)?+(?: to)?+(?: have)?+|i (?:want|need)(?: you)?+(?: to)?+(?: have)?+)[,!.:]*+\s++)*+"
)
"""Pattern for polite words before the question: "hello, could you please", "so", "I'd like to". May match nothing."""
TELL_ME = r"(?:(?:do you )?+know |tell me )"
"""Pattern for words that may follow an opener: "tell me", "do you know", "(I would like to) know"."""

# Numbers.
NUMBER_WORDS = {
    word: number
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}
"""Words for whole numbers, with their values."""
COUNTING_WORDS = (
    *list(NUMBER_WORDS)[1:],
    *"fifteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion".split(),
    *"half quarter third dozen double twice both several single no".split(),
)
"""Words for how many things there are, exactly or roughly."""

# Word lists, matched against the user's words.
AUXILIARIES = frozenset(
    "is are was were be been being am do does did has have had having can could may might must shall should will "
    "would".split()
)
CONTRACTIONS = frozenset(
    "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't".split()
)
SIMPLE_VERBS = frozenset(
    "get gets got make makes made take takes took go goes went come comes came say says said give gives gave let lets "
    "win wins won lose loses lost run runs ran build builds built write writes wrote lead leads led pay pays paid "
    "sell sells sold buy buys bought begin begins began see sees saw happen happens happened cause causes caused know "
    "knows knew find finds found mean means meant".split()
)
"""Common verbs. The phrase that names what the question asks for stops before them ("which team | won")."""
PHRASE_ENDS = frozenset(
    "of for in on at by to from with about between behind into over under after before during since than that who "
    "whom which when where why how and or but if as per the a an its his her their it he she they you we i one".split()
)
"""Prepositions, pronouns and conjunctions. The phrase that names what the question asks for stops before them."""
CLAUSE_WORDS = frozenset(
    "that which who whom whose what when where why how because if whether while than not without except".split()
)
"""Words that begin a clause. A phrase with one of them is not understood as the subject of a list."""
PUBLISHING_VERBS = frozenset(
    "publish published release released announce announced do done launch launched issue issued ship shipped unveil "
    "unveiled introduce introduced write written put post posted come came".split()
)
"""Forms of verbs for making something public."""
LIST_FILLERS = PUBLISHING_VERBS | frozenset(
    "a an the all any some of by from at in on with to for about there are is was were be been has have had does did "
    "it its that which who and or both either between during over since happened happen took place occurred out "
    "publishes releases made make wrote reported report recorded listed list involve involves involving involved "
    "against concern concerns concerning mention mentions mentioned mentioning catalogue catalog almanac database "
    "collection here in you we i me us know hold holds held contain contains total altogether exist exists dated date "
    "year years time so far ever up till until more other different related relating new available read should can "
    "could please topic topics topic's organisation level please exactly overall filed brought passed enacted adopted held".split()
)
"""Words that carry no information in a question about entries."""
OWNING_VERBS = frozenset("do does did has have had use uses make made put ship shipped".split())
"""Verbs of having and doing. With one of them, a topic name is what somebody has or does ("who uses agents?"), and does not select entries on that topic."""
DATE_FILLERS = STOPWORDS | frozenset(
    "get got first officially finally originally publicly initially actually really formally ever exactly place live "
    "effect force public available take took takes taken go goes went gone become became becomes make made makes come "
    "came comes happen happened occur occurred ago long".split()
)
"""Words in a question about a date that identify neither the thing nor the event."""
SORTS_OF_THING = frozenset(
    "model models paper article post report tool system program programme app assistant company lab institute group "
    "startup law act bill treaty agreement accord deal rule dataset benchmark method product service version event "
    "incident watermark release launch publication announcement introduction debut signing start founding passage "
    "adoption".split()
)
"""Common nouns for things that have a name ("model", "act"), and for how they began ("launch", "founding")."""
LIGHT_VERBS = frozenset("come came happen occur take go become get appear".split())
"""Verbs that only say that something came about."""
BEFORE_POINTING_THAT = frozenset(
    "about after against all and are at because before behind between but by can could did do does during for from "
    "had has have how if in into is like of on or over since so than through to under was were what when where while "
    "why will with without would".split()
)
"""Words after which "that" is a pronoun: "because of that"."""

# Word lists that replace a part-of-speech tagger. The words that are on none of these lists form noun phrases.
QUESTION_VERBS = frozenset(
    "affect affects appear apply ask avoid based become becomes began begin believe bring build buy call called came "
    "cause caused causes change changed choose chosen come comes compare compared consider contain continue continued "
    "contrast cost create created cure cured cut deal deals decide describe design detect develop developed die died "
    "differ discover discovered discuss discussed done drop eat eats effect end ended enter exist exists explain fail "
    "fall feel fight find fit fix form formed found founded fund funded gave generate get getting give given go goes "
    "going got govern grow grows had happen happened happening happens hear heard help helped helps hold impact "
    "improve improves include includes increase influence introduce introduced invent invented invest involve "
    "involved keep kill kills knew know known lead learn leave left like live lived lives look looks lose lost love "
    "made maintain make makes making mean means measure meet move moved need needed needs occur offer open operate "
    "originate own paid pass passed pay performed pick plan play played plays popular prevent produce produced "
    "protect prove provide publish published put ran reach read received recommend reduce refer relate related "
    "release released remain remember replace report require required run running runs said sat save say says see "
    "seem seen sell set show signed sleep speak spend spread stand start started stay stop stopped store struggle "
    "study support survive survived take taken takes talk teach tell think told took train trained travel treat "
    "treated treatable try understand use used uses using visit want wanted wants watch went won wonder wondering "
    "work working works worry write written wrote worth".split()
)
ASPECT_NOUNS = frozenset(
    "advantage advantages adaptations amount answer argument arguments aspect aspects author authors beginning "
    "benefit benefits biography capital case cases category cause causes challenge challenges change changes "
    "characters characteristic characteristics charge color colors component components con concept cons consequence "
    "consequences cost costs country countries creator criticism culture cycle date day decision definition details "
    "development difference differences disadvantage disadvantages drawbacks effect effects evidence example examples "
    "experience extent fact facts factor factors feature features fine founder founders function functions future "
    "goal goals head history idea ideas impact impacts implication implications importance influence information "
    "interest invention inventor issue issues job kind kinds leader length level life list location locations main "
    "meaning member members method methods name names number option options order origin origins overview part parts "
    "people percentage person place places point policy population position possibility price problem problems "
    "process product products pros purpose quality rate reason reasons relationship relevance requirement "
    "requirements response responsibilities result results rights risk risks role roles rule rules sentence sign "
    "signs significance similarities similarity situation size slogan solution solutions sort sorts source sources "
    "species speed stage stages standing status step steps story strategies strategy structure subject success "
    "symptom symptoms term terms theme themes theories theory thing things time times title tool tools total "
    "treatment treatments type types uses value values version versions view views way ways weight winner year years".split()
)
"""Nouns for one aspect of a thing ("the causes of …"): the thing itself is the topic."""
QUALIFIERS = frozenset(
    "actual average available bad basic best better big bigger biggest cheap cheapest close closest common current "
    "different difficult early easier easiest easy effective entire exact famous fast faster fastest favorite few "
    "final first free full general good great greatest hard high higher highest important interesting key large "
    "larger largest last late later latest legal little long longer longest low lower lowest main major many most "
    "much natural necessary negative new newest next nice normal old older oldest only original other particular past "
    "popular positive possible present previous primary prominent real recent recommended right safe same second "
    "serious short significant similar simple single small smaller smallest specific stand-alone successful sure "
    "third top true typical unique useful usual various well-known whole worst wrong".split()
)
FUNCTION_WORDS = STOPWORDS | frozenset(
    "actually almost already although always amongst among anything around away back besides cannot else enough even "
    "ever everything exactly far generally hello help hey hi however instead interesting like likely lot lots maybe "
    "might must near neither never next nothing now often ok okay one ones onto perhaps please possibly probably "
    "quite rather really regarding regardless shall simply since sometimes somewhere something soon still sure tell "
    "thank thanks therefore though thus today together tomorrow toward upon usually versus via vs well whatever "
    "whether within without wow yes yesterday yet us mr mrs let's i'm i've i'd it's that's what's who's there's".split()
)

# Stop lists, matched against index terms (stems).
GENERIC_TERMS = frozenset(
    terms(
        "tell know explain describe define mean meaning definition question answer example please want like need give "
        "show find get got make thing things something anything work works happen happened exactly basically actually "
        "really simple simply plain words word terms short brief briefly kind sort type way ways lot lots many much long "
        "often ever did do does called call say said says use used idea ok okay hello hi hey thanks thank"
    )
)
"""Terms that add nothing to the subject of any question ("tell", "know", "kind")."""
CAME_ABOUT_TERMS = frozenset(
    terms(
        "released publish launch announce introduce present unveil appear sign pass adopt enact post debut held start "
        "begin founded found established set ship open opened agreed created built ratified issued presented"
    )
)
"""Terms that say that a thing came about; the date of its entry is the date of that event."""
HAPPENED_LATER_TERMS = frozenset(
    terms(
        "end ended finish retire discontinue withdraw withdrawn withdrew shut close cancel delete remove deprecate repeal "
        "expire die died born dissolve ban block replace supersede fix patch update upgrade amend revise change rename "
        "acquire buy bought sell sold merge sue fine hack breach leak attack fail stop suspend delay postpone pause "
        "recall arrest fire resign quit leave left move hire win won lose lost break broke broken beat grow reach use "
        "train test crash abandon revoke overturn reverse review cite criticise criticize investigate accuse translate "
        "double halve raise"
    )
)
"""Terms for something that happened to a thing later. The date of the thing's entry is not the date of that event, unless the entry is about the event."""
POINTING_TERMS = frozenset(
    terms("that this these those one ones former latter thing same other others else", stopwords=frozenset())
)
"""Terms that only refer back to the conversation."""
