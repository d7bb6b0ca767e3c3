"""Words and signs of mathematics, and what they are called here."""

from pmd_envs.verifiers.magnitudes import DENIALS, HEDGES


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = {
    **{name: name for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "exp", "ln", "log")},
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{f"a{name}": f"a{name}" for name in ("sin", "cos", "tan")},
    "sqrt": "sqrt",
    "cbrt": "cbrt",
    "abs": "abs",
    "floor": "floor",
    "ceil": "ceil",
    "lg": "log",
    "frac": "div",
    "binom": "binom",
}
"""As written (with or without a backslash) to operator."""

CONSTANTS = {"pi": "pi", "infty": "oo", "infinity": "oo", "inf": "oo", "oo": "oo", "emptyset": "{}", "varnothing": "{}"}

SIGNS = {
    "times": "*", "cdot": "*", "ast": "*", "div": "/", "pm": "±", "mp": "∓", "le": "<=", "leq": "<=", "leqslant": "<=",
    "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "in": "in",
    "cup": "union", "cap": "cap", "setminus": "minus", "backslash": "minus", "circ": "°", "degree": "°", "mid": "|",
    "vert": "|", "lvert": "|", "rvert": "|", "lbrace": "\\{", "rbrace": "\\}", "lbrack": "[", "rbrack": "]",
    "langle": "(", "rangle": ")", "lfloor": "lfloor", "rfloor": "rfloor", "lceil": "lceil", "rceil": "rceil",
    "colon": ":", "land": "and", "lor": "or", "wedge": "and", "vee": "or", "equiv": "=", "mod": "mod",
}  # fmt: skip
"""LaTeX commands that are signs."""

GREEK = _words(
    """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau
    upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell"""
)

DROPPED = _words(
    """left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle limits nolimits quad qquad mathstrut
    bf rm it sf tt"""
)

TEXT_COMMANDS = _words("text mbox textbf textit textrm texttt textsf mathrm operatorname mathsf hbox emph")
STYLE_COMMANDS = _words("underline mathbf boldsymbol bm mathit mathcal vec hat overrightarrow boxed fbox ensuremath")

WORD_SIGNS = {
    "or": "or", "and": "and", "percent": "%", "per": "/", "union": "union", "degrees": "°", "degree": "°", "deg": "°",
}  # fmt: skip

NOT_A_UNIT = HEDGES | _words(
    """not no nor but unless except instead either neither both than about around least most more less over under
    between exactly definitely plus minus times divided is are was be if then else any"""
)
"""Prose that changes what an answer says."""

TELLING = DENIALS | _words(
    """bad negative positive below above factorial grand gross score ish etc max maximum minimum mod modulo
    remainder rem base squared cubed square cubic root"""
)
"""Words after a number that say something else about it than what it counts; these may not be missing on one side, nor
those that change how much it is (:mod:`pmd_envs.verifiers.magnitudes`)."""

_UNITS = {
    "m": "m meter meters metre metres", "cm": "cm cms centimeter centimeters centimetre centimetres",
    "mm": "mm millimeter millimeters millimetre millimetres", "km": "km kms kilometer kilometers kilometre kilometres",
    "foot": "ft foot feet", "inch": "in inch inches", "yard": "yd yds yard yards", "mile": "mi mile miles",
    "g": "g gm gram grams gramme grammes", "kg": "kg kgs kilogram kilograms", "mg": "mg milligram milligrams",
    "pound": "lb lbs pound pounds", "ounce": "oz ounce ounces", "ton": "ton tons tonne tonnes",
    "s": "s sec secs second seconds", "minute": "min mins minute minutes", "h": "h hr hrs hour hours",
    "day": "day days",
    "week": "week weeks wk wks",
    "month": "month months", "year": "yr yrs year years",
    "l": "l L liter liters litre litres", "ml": "ml mL milliliter milliliters", "gallon": "gal gallon gallons",
    "dollar": "dollar dollars usd USD buck bucks", "cent": "cent cents ¢", "euro": "euro euros EUR eur",
    "mph": "mph", "kph": "kph kmh", "unit": "unit units", "radian": "rad rads radian radians", "n": "N newton newtons",
    "j": "J joule joules", "w": "W watt watts", "v": "V volt volts", "hz": "Hz hertz", "rs": "rs Rs rupee rupees",
    "yen": "yen", "inch2": "sqin", "foot2": "sqft",
}  # fmt: skip
UNITS = {spelling: name for name, spellings in _UNITS.items() for spelling in spellings.split()}
"""Spelling to unit. Any other word after a number is a unit of its own."""
CURRENCIES = {"$": "dollar", "€": "euro", "£": "quid", "¥": "yen", "₹": "rs", "¢": "cent"}
