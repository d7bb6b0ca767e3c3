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
    bf rm it sf tt tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge"""
)

TEXT_COMMANDS = _words("text mbox textbf textit textrm texttt textsf mathrm operatorname mathsf hbox emph")
STYLE_COMMANDS = _words("underline mathbf boldsymbol bm mathit mathcal vec hat overrightarrow boxed fbox ensuremath")

WORD_SIGNS = {
    "or": "or", "and": "and", "percent": "%", "per": "/", "union": "union", "degrees": "°", "degree": "°", "deg": "°",
}  # fmt: skip

SHORT_WORDS = _words(
    """yes no odd red one two six ten men cat dog boy hen pig cow sun mon tue wed thu fri sat jan feb mar apr may jun
    jul aug sep oct nov dec all any tie win day the and not for with"""
)
"""Words of two or three letters; any other run of letters as short may be a product of variables."""

NOT_A_UNIT = HEDGES | _words(
    """not no nor but unless except instead either neither both than about around least most more less over under
    between exactly definitely plus minus times divided is are was be if then else any"""
)
"""Prose that changes what an answer says."""

TAKEN_BACK = DENIALS | _words(
    """idk nope nah never nonsense oops sorry wait invalid rejected refuted disproved excluded impossible jk kidding
    whatever nothing doubtful questionable unlikely hardly barely scarcely cancelled canceled retracted"""
)
"""Words after an answer that take it back."""
TELLING = TAKEN_BACK | _words(
    """bad negative positive below above factorial grand gross score ish etc max maximum minimum mod modulo
    remainder rem base squared cubed square cubic root
    pair couple double doubled halved triple tripled treble trebled quadruple quadrupled quintupled twofold threefold
    fourfold tenfold hundredfold fold twice thrice
    percentage basis bp permil permill permille promille permyriad ppm ppb ppt
    hex hexadecimal binary octal ternary decimal duodecimal roman reciprocal inverse inverted opposite negated
    reversed complement logarithm exponent
    kilo mega giga tera peta exa hecto deca deci centi milli micro nano pico"""
)
"""Words after a number that say something else about it than what it counts; these may not be missing on one side, nor
those that change how much it is (:mod:`pmd_envs.verifiers.magnitudes`)."""
GROUPS = _words("pair couple triple quadruple")
GROUPED = _words("ordered unordered")
"""Before the name of a group these make it what is counted: 42 ordered pairs are no 84 of anything."""
ABBREVIATED = _words("sq cu")
"""Words that stand in units as these do, perhaps with a full stop: ``sq. ft.``"""

_UNITS = {
    "m": "m meter meters metre metres", "cm": "cm cms centimeter centimeters centimetre centimetres",
    "mm": "mm millimeter millimeters millimetre millimetres", "km": "km kms kilometer kilometers kilometre kilometres",
    "foot": "ft foot feet", "inch": "in inch inches", "yard": "yd yds yard yards", "mile": "mi mile miles",
    "g": "g gm gram grams gramme grammes", "kg": "kg kgs kilogram kilograms kilos", "mg": "mg milligram milligrams",
    "pound": "lb lbs pound pounds", "ounce": "oz ounce ounces", "ton": "ton tons tonne tonnes",
    "s": "s sec secs second seconds", "minute": "min mins minute minutes", "h": "h hr hrs hour hours",
    "day": "day days",
    "week": "week weeks wk wks",
    "month": "month months", "year": "yr yrs year years",
    "l": "l L liter liters litre litres", "ml": "ml mL milliliter milliliters", "gallon": "gal gallon gallons",
    "dollar": "dollar dollars usd USD buck bucks", "cent": "cent cents ¢", "euro": "euro euros EUR eur",
    "mph": "mph", "kph": "kph kmh", "unit": "unit units", "radian": "rad rads radian radians", "n": "N newton newtons",
    "j": "J joule joules", "w": "W watt watts", "v": "V volt volts", "hz": "Hz hertz", "rs": "rs Rs INR rupee rupees",
    "yen": "yen", "inch2": "sqin", "foot2": "sqft",
}  # fmt: skip
UNITS = {spelling: name for name, spellings in _UNITS.items() for spelling in spellings.split()}
"""Spelling to unit. Any other word after a number is a unit of its own."""
PREFIXED_UNITS = ("Rs", "INR", "USD", "EUR")
"""Names of currencies that may stand before the number."""
CURRENCIES = {"$": "dollar", "€": "euro", "£": "quid", "¥": "yen", "₹": "rs", "¢": "cent"}
