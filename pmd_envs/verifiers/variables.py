"""Variables that a solution gives values to, carried from step to step.

``x = 3 * 4 = 12`` defines ``x``, and then ``2x + 1 = 25`` is the claim ``2 * 12 + 1 = 25``. Only single letters are
carried. A step that speaks of cases ("if x = 1", "x = 2 or x = 3", "let x be"), of several values ("x = 2, 5") or of
a change ("the new x is 6") leaves the variables it names without a value: a wrong step has to be certain.
"""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from pmd_envs.verifiers.arithmetic import evaluate, strip_annotations
from pmd_envs.verifiers.numbers import parse_number

_MAX_STEP = 2000
_NAME = r"(?<![^\W\d_])(?<![\\'’_^])[b-hj-zB-HJ-Z](?!\w)(?!['’(])"
"""A letter on its own; ``a`` and ``I`` are words too often, and ``x2`` and ``x_2`` are variables of their own."""
_ANY_NAME = re.compile(_NAME)
_NUMBERED = re.compile(r"(?<![\w).\\])(?<![0-9)]\s)[xX][0-9]+(?!\w)")
"""``x1`` and ``x2`` where they are names; in ``3 x2`` it is a product."""
_AFTER_FACTOR = re.compile(r"(?<=[0-9)])[xX][0-9]+(?!\w)")
_DEFINITION = re.compile(
    rf"(?:^|(?<=[\n.,;:])|\b(?:let|so|then|thus|hence|therefore|and|is|get|gives|have)\b)\s*\$?({_NAME})\s*=(?!=)",
    re.IGNORECASE,
)
_CASES = re.compile(
    r"\b(?:if|suppose|supposing|assume|assuming|case|or|when|either|be|where|for|unless|whether|try|say|were"
    r"|another|roots|solutions|respectively|(?:first|second|one)\s+(?:root|solution|value))\b|[±?≠]|\\pm",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;\n]|,(?!\d)|\.(?!\d)|\b(?:and|so|then|because|since)\b")
_ANOTHER = re.compile(r"[\s,;&]*(?:and\b)?\s*\$?[-−]?\s*\$?(?:[0-9][0-9.,]*[0-9]|\.?[0-9])(?![\w(]|\s*[-+*/×÷=^<>≤≥(])")
"""A second value, as in ``x = 2, 5``; in ``x = 2, 5x = 10`` and ``x = 2, 5 + 2 = 7`` another claim begins."""
_RESTATED = re.compile(
    rf"({_NAME})\s*(?:=(?!=)|equals?\b(?:\s+to\b)?|is\s+equal\s+to\b|(?:is|was)(?=\s+[-−]?\$?[0-9]))"
)
_RESTATED_AFTER = re.compile(
    rf"(?:^|[\n.,;:]|\b(?:so|then|thus|hence|therefore|and|is|get|gets|gives|have)\b)\s*\$?([-−]?[0-9][0-9.,/]*)"
    rf"\s*=\s*\$?({_NAME})(?!\s*[-+*/^=×÷(\d])",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    rf"""\b(?:new|now|(?:re)?set|(?:chang|updat|increas|decreas|replac|rais|reduc|doubl|halv|tripl)\w*)\s+
        (?:the\s+)?(?:value\s+(?:of|for)\s+)?\$?({_NAME})(?!\$?\s*[-+*/^<>=×÷])
    | ({_NAME})\$?\s+(?:(?:is|was|has|have|will|gets?|goes|must|should)\s+(?:\w+\s+){{0,2}})?
        (?:now|new|become\w*|became|(?:increas|decreas|chang|doubl|halv|tripl|grow|drop|fall|ris|shrink)\w*|grew|fell|rose)\b
    | ({_NAME})\$?\s*(?:->|→|≈|:=|\+=|-=|\*=|\\to\b|\\rightarrow\b|:\s*\$?[-−]?[0-9])""",
    re.IGNORECASE | re.VERBOSE,
)
"""Where a variable gets another value in words."""
_OTHER_CASE = re.compile(r"\b(?:root|solution|other|second|also|too|alternat\w+|possib\w+)\b", re.IGNORECASE)
_OPERAND_END, _OPERAND_START = frozenset("0123456789)"), frozenset("0123456789($.")
_INSIDE = frozenset("0123456789)+-*/^×÷<>√|")
"""What a name does not follow where it stands alone on its side of an equation."""
_UNREADABLE = "√"


class Scope:
    """The variables that have a value so far."""

    def __init__(self) -> None:
        self.values: dict[str, Fraction] = {}
        self._numbered: set[str] = set()

    def set_apart(self, step: str) -> str:
        """The step with the names ``x1`` and ``x2``, if there are such, unlike products where a factor touches them."""
        self._numbered.update(_NUMBERED.findall(step[:_MAX_STEP]))
        if not self._numbered:
            return step
        return _AFTER_FACTOR.sub(lambda name: _UNREADABLE if name[0] in self._numbered else name[0], step)

    def enter(self, step: str) -> str:
        """The step with values in place of the variables that earlier steps defined; then take in its definitions."""
        step = strip_annotations(step[:_MAX_STEP])
        if _CASES.search(step):
            self._forget(_ANY_NAME.findall(step))
            return step
        defined = list(dict.fromkeys(match[1] for match in _DEFINITION.finditer(step)))
        if any(name in step for name in self.values):
            self._forget(self._given_anew(step))
        known = {name: value for name, value in self.values.items() if name not in defined}
        written = _substitute(step, known)
        for name in defined:
            before, values = self.values.pop(name, None), _stated(written, name)
            if len(values) != 1 or None in values:
                continue
            (value,) = values
            if value is not None and (before in (None, value) or not _OTHER_CASE.search(step)):
                self.values[name] = value
        return written

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.values.pop(name, None)

    def _given_anew(self, step: str) -> set[str]:
        """The known variables that a step gives another value to, in words or without saying so."""
        found = {name for match in _CHANGED.finditer(step) for name in match.groups() if name}
        defined = {match.start(1) for match in _DEFINITION.finditer(step)}
        for match in _RESTATED.finditer(step):
            inside = step[: match.start()].rstrip(" $")[-1:] in _INSIDE and match.start() > 0
            if match[1] in self.values and match.start(1) not in defined and not inside:
                value = _value_of(_substitute(_clause(step, match.end()), self.values))
                if value != self.values[match[1]]:
                    found.add(match[1])
        after = {
            match[2] for match in _RESTATED_AFTER.finditer(step) if parse_number(match[1]) != self.values.get(match[2])
        }
        return found | after

    def names_in(self, step: str) -> list[str]:
        """The variables with a value that a step uses."""
        return [name for name in dict.fromkeys(_ANY_NAME.findall(step[:_MAX_STEP])) if name in self.values]


def _substitute(step: str, values: Mapping[str, Fraction]) -> str:
    if not values:
        return step

    def written(match: re.Match[str]) -> str:
        name = match[0]
        if name not in values:
            return name
        before, after = step[: match.start()].rstrip()[-1:], step[match.end() :].lstrip()[:1]
        if before in _OPERAND_END and before and after in _OPERAND_START and after:
            return _UNREADABLE  # "3 x 4" may be a product of three or of two
        times = "*" if step[match.start() - 1 : match.start()] in _OPERAND_END and match.start() else ""
        return times + _shown(values[name])

    return _ANY_NAME.sub(written, step)


def _shown(value: Fraction) -> str:
    return str(value) if value >= 0 and value.denominator == 1 else f"({value})"


def _stated(step: str, name: str) -> set[Fraction | None]:
    """The values that the definitions of ``name`` end with; ``None`` for what cannot be read or is more than one."""
    values: set[Fraction | None] = set()
    for match in _DEFINITION.finditer(step):
        if match[1] == name:
            clause = _clause(step, match.end())
            again = any(other[1] == name for other in _RESTATED.finditer(clause))
            several = again or _ANOTHER.match(step, match.end() + len(clause)) is not None
            values.add(None if several else _value_of(clause))
    return values


def _clause(step: str, start: int) -> str:
    end = _CLAUSE_END.search(step, start)
    return step[start : end.start() if end else len(step)]


def _value_of(clause: str) -> Fraction | None:
    """The number that a clause ends with."""
    last = clause.rsplit("=", 1)[-1].strip(" $.")
    value = evaluate(last)
    return parse_number(last) if value is None else value
