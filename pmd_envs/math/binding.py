"""How strongly the signs of mathematics bind, and what brackets and joining words mean."""

LIST, RELATION, UNION, SUM, PRODUCT, SIGN, POWER, AFTER = 5, 10, 15, 20, 30, 33, 50, 60
BINDING = {
    **dict.fromkeys((",", ";", "or", "and"), LIST),
    **dict.fromkeys(("=", "<", ">", "<=", ">=", "!=", "in"), RELATION),
    ":": RELATION + 1,
    **dict.fromkeys(("union", "cap", "minus"), UNION),
    **dict.fromkeys(("+", "-", "±", "∓"), SUM),
    **dict.fromkeys(("*", "/"), PRODUCT),
    "^": POWER,
    **dict.fromkeys(("!", "%", "°", "scale", "_"), AFTER),
}
JUXTAPOSED = frozenset(("number", "name", "word", "function", "(", "{", "[", "begin", "lfloor", "lceil"))
INTERVALS = {("(", ")"): "()", ("(", "]"): "(]", ("[", ")"): "[)", ("[", "]"): "[]"}
JOINERS = {",": "list", ";": "list", "or": "or", "and": "and"}
MATRICES = frozenset(("pmatrix", "bmatrix", "matrix", "smallmatrix", "array", "Bmatrix"))
