"""Variables that a solution gives values to, carried from step to step.

``x = 3 * 4 = 12`` defines ``x``, and then ``2x + 1 = 25`` is the claim ``2 * 12 + 1 = 25``. Only single letters are
carried. A step that speaks of cases ("if x = 1", "x = 2 or x = 3", "let x be") leaves the variables it names without
a value: a wrong step has to be certain.
"""

import re
from collections.abc import Mapping
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
    r"\b(?:if|suppose|supposing|assume|assuming|case|or|when|either|be|where|for|unless|whether|try|say|were)\b|[±?≠]|\\pm",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;\n]|,(?!\d)|\.(?!\d)|\b(?:and|so|then|because|since)\b")
_OPERAND_END, _OPERAND_START = frozenset("0123456789)"), frozenset("0123456789($.")
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
        defined = {match[1]: match.end() for match in _DEFINITION.finditer(step)}
        if _CASES.search(step):
            for name in _ANY_NAME.findall(step):
                self.values.pop(name, None)
            return step
        known = {name: value for name, value in self.values.items() if name not in defined}
        written = _substitute(step, known)
        for name in defined:
            value = _stated(written, name)
            self.values.pop(name, None)
            if value is not None:
                self.values[name] = value
        return written

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


def _stated(step: str, name: str) -> Fraction | None:
    """The value that the definition of ``name`` ends with."""
    start = next(match.end() for match in _DEFINITION.finditer(step) if match[1] == name)
    end = _CLAUSE_END.search(step, start)
    last = step[start : end.start() if end else len(step)].rsplit("=", 1)[-1].strip(" $.")
    value = evaluate(last)
    return parse_number(last) if value is None else value
