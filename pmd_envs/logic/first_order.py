"""First-order formulas in the usual symbols, and what follows from them, by grounding over a finite domain.

    decide(["∀x (Cat(x) → Mammal(x))", "Cat(tom)"], "Mammal(tom)")   # True

The domain has every constant that is named and one more thing for each quantifier that asserts existence. Without
equality and functions that is exact, unless an assertion of existence depends on a universal quantifier.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal, TypeAlias

from pmd_envs.logic.formulas import And, Formula, Iff, Implies, Not, Or, Var
from pmd_envs.logic.theory import Theory

_MAX_LENGTH = 4_000
_MAX_DEPTH = 60
_MAX_GROUND = 50_000
_MAX_CONNECTIVES = 150
_TOKEN = re.compile(r"\s*([∀∃¬∧∨→↔⟷⊕(),]|\w[\w’'.]*)")
_LEVELS = (("↔", "⟷"), ("→",), ("⊕",), ("∨",), ("∧",))
"""Connectives, the loosest first."""
_NODES: Mapping[str, type[And] | type[Or] | type[Implies] | type[Iff]] = {"∧": And, "∨": Or, "→": Implies, "↔": Iff}
_CONNECTIVES = frozenset("↔⟷→⊕∨∧")
_VARIABLES = re.compile(r"[xyzuvw]\d?")


@dataclass(frozen=True)
class Atom:
    """A predicate and what it is said of."""

    predicate: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Negation:
    """Not."""

    body: "Sentence"


@dataclass(frozen=True)
class Compound:
    """Two sentences and a connective."""

    connective: str
    left: "Sentence"
    right: "Sentence"


@dataclass(frozen=True)
class Quantified:
    """For all, or there is."""

    universal: bool
    variable: str
    body: "Sentence"


Sentence: TypeAlias = Atom | Negation | Compound | Quantified
Status = Literal["true", "false", "open", "inconsistent"]


def parse(text: str) -> Sentence:
    """Read a formula.

    Raises:
        ValueError: the text is not a closed formula.
    """
    sentence = _Parser(text).whole()
    free = {term for term, bound in _terms(sentence, frozenset()) if not bound and _VARIABLES.fullmatch(term)}
    if free:
        raise ValueError(f"no quantifier for {min(free)} in {text[:80]!r}")
    return sentence


class _Parser:
    def __init__(self, text: str) -> None:
        if len(text) > _MAX_LENGTH:
            raise ValueError("the formula is too long")
        self._tokens = _tokens(text.strip())
        self._at = 0
        self._depth = 0

    def whole(self) -> Sentence:
        if sum(token in _CONNECTIVES for token in self._tokens) > _MAX_CONNECTIVES:
            raise ValueError("the formula has too many connectives")
        sentence = self._level(0)
        if self._at < len(self._tokens):
            raise ValueError(f"unexpected {self._tokens[self._at]!r}")
        return sentence

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise ValueError(f"expected {wanted or 'more'}, found {token or 'the end'}")
        self._at += 1
        return token

    def _level(self, level: int) -> Sentence:
        if level == len(_LEVELS):
            return self._unary()
        left = self._level(level + 1)
        while self._peek() in _LEVELS[level]:
            connective = self._next().replace("⟷", "↔")
            # An implication's right side may be another implication.
            left = Compound(connective, left, self._level(level if connective == "→" else level + 1))
        return left

    def _unary(self) -> Sentence:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError("the formula is nested too deeply")
        token = self._next()
        if token == "¬":
            found: Sentence = Negation(self._unary())
        elif token in "∀∃":
            found = Quantified(token == "∀", self._name(), self._unary())
        elif token == "(":
            found = self._level(0)
            self._next(")")
        else:
            self._at -= 1
            found = self._atom()
        self._depth -= 1
        return found

    def _name(self) -> str:
        token = self._next()
        if not re.fullmatch(r"\w.*", token):
            raise ValueError(f"expected a name, found {token!r}")
        return token

    def _atom(self) -> Atom:
        predicate = self._name()
        self._next("(")
        terms = [self._name()]
        while self._peek() == ",":
            self._next()
            terms.append(self._name())
        self._next(")")
        return Atom(predicate, tuple(terms))


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"unexpected {text[position : position + 10]!r}")
        tokens.append(match[1])
        position = match.end()
    return tokens


def _terms(sentence: Sentence, bound: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """Every term, and whether a quantifier binds it."""
    match sentence:
        case Atom(_, terms):
            yield from ((term, term in bound) for term in terms)
        case Negation(body):
            yield from _terms(body, bound)
        case Quantified(_, variable, body):
            yield from _terms(body, bound | {variable})
        case Compound(_, left, right):
            yield from _terms(left, bound)
            yield from _terms(right, bound)


def _quantifiers(sentence: Sentence) -> int:
    match sentence:
        case Atom():
            return 0
        case Negation(body):
            return _quantifiers(body)
        case Quantified(_, _, body):
            return 1 + _quantifiers(body)
    return _quantifiers(sentence.left) + _quantifiers(sentence.right)


def _existential(sentence: Sentence, positive: bool = True) -> int:
    """How many quantifiers may assert that something exists."""
    match sentence:
        case Atom():
            return 0
        case Negation(body):
            return _existential(body, not positive)
        case Quantified(universal, _, body):
            return int(universal != positive) + _existential(body, positive)
    if sentence.connective in ("↔", "⊕"):
        return _quantifiers(sentence)
    left = _existential(sentence.left, positive != (sentence.connective == "→"))
    return left + _existential(sentence.right, positive)


class _Ground:
    """Propositions for what predicates say of the things of a domain."""

    def __init__(self, domain: Sequence[str]) -> None:
        self._domain = domain
        self._numbers: dict[Atom, int] = {}
        self._budget = count()

    @property
    def size(self) -> int:
        return len(self._numbers)

    def formula(self, sentence: Sentence, values: Mapping[str, str]) -> Formula:
        if next(self._budget) > _MAX_GROUND:
            raise ValueError("too many things and quantifiers")
        match sentence:
            case Atom(predicate, terms):
                atom = Atom(predicate, tuple(values.get(term, term) for term in terms))
                return Var(self._numbers.setdefault(atom, len(self._numbers)))
            case Negation(body):
                return Not(self.formula(body, values))
            case Quantified(universal, variable, body):
                cases = [self.formula(body, {**values, variable: thing}) for thing in self._domain]
                return _balanced(And if universal else Or, cases)
        left, right = self.formula(sentence.left, values), self.formula(sentence.right, values)
        if sentence.connective == "⊕":
            return Not(Iff(left, right))
        return _NODES[sentence.connective](left, right)


def _balanced(node: type[And] | type[Or], formulas: Sequence[Formula]) -> Formula:
    """All formulas joined, nested as little as possible."""
    if len(formulas) == 1:
        return formulas[0]
    middle = len(formulas) // 2
    return node(_balanced(node, formulas[:middle]), _balanced(node, formulas[middle:]))


def decide(premises: Sequence[str], conclusion: str) -> Status:
    """Whether a conclusion follows, its denial does, or neither; or that the premises contradict each other.

    Raises:
        ValueError: something is not a closed formula, or there is too much to ground.
    """
    sentences = [parse(text) for text in (*premises, conclusion)]
    constants = dict.fromkeys(term for s in sentences for term, bound in _terms(s, frozenset()) if not bound)
    unnamed = sum(_existential(sentence) for sentence in sentences[:-1]) + _quantifiers(sentences[-1])
    ground = _Ground([*constants, *(f"#{number}" for number in range(max(unnamed, 1 - len(constants))))])
    formulas = [ground.formula(sentence, {}) for sentence in sentences]
    theory = Theory(formulas[:-1], ground.size)
    if not theory.allows([]):
        return "inconsistent"
    status = theory.status(formulas[-1])
    return "open" if status is None else "true" if status else "false"
