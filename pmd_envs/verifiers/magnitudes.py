"""Words behind a number that change how much it is, for every reader of numbers: ``58 dozen`` is not 58.

What is in :data:`SCALES` multiplies. Everything else here is not computed, and makes an answer something other than the
number before it. Units are not listed: any other word only says what is counted.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SCALES = {
    "dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "quadrillion": 10**15,
}  # fmt: skip
SCALES = {**_SCALES, **{f"{word}s": value for word, value in _SCALES.items()}}
"""Words that multiply, alone and in the plural."""

ORDINALS = _words(
    """third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth
    ninetieth hundredth thousandth millionth billionth trillionth quadrillionth"""
)
_TO_TWENTY = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty"""
_TENS = "thirty forty fifty sixty seventy eighty ninety"
CARDINALS = {word: value for value, word in enumerate(_TO_TWENTY.split())} | {
    word: value for value, word in zip(range(30, 100, 10), _TENS.split(), strict=True)
}
"""Whole numbers in words; of "forty-two" each by itself."""
_OTHERS = "half halve quarter lakh crore mil bn bln mn mln mio myriad googol"
ALTERED = _words(
    """doubled halved tripled trebled quadrupled reciprocal negated inverted reversed backwards hex
    hexadecimal octal permille permil promille ppm ppb pct"""
)
"""Words that say what is done with the number, or of how many it is a part."""
_CHANGING = ORDINALS | CARDINALS.keys() | _words(_OTHERS) | ALTERED
PREFIXES = _words("kilo mega giga tera deca hecto deci centi milli micro nano pico")
"""Of units, where they stand alone; kilos are kilograms."""
SHORT = _words("k M MM B b")
"""Thousand, million and billion, where a letter is no variable. Their case tells: m and mm are lengths, K is kelvin."""
DENIALS = _words("wrong incorrect false untrue mistaken")
"""Words that take back the number before them."""
WITHDRAWALS = _words("no nope nah never nevermind idk dunno hm hmm hmmm um uh oops forget disregard")
"""Words that do so wherever they stand."""
HEDGES = _words(
    """maybe perhaps possibly probably presumably supposedly hopefully approximately approximate approximated approx
    roughly almost nearly circa guess guessed guessing estimate estimated estimating estimation unsure uncertain unknown
    think believe"""
)
"""Words by which an answer is not sure of its number; "18 guesses" is."""


def changes(word: str) -> bool:
    """Whether a word behind a number makes it another one that is not computed."""
    lower = word.lower()
    return word in SHORT or lower in _CHANGING or lower.removesuffix("s") in _CHANGING or lower == "halves"
