"""Drawing premises of a kind: a chain of rules that settles one proposition, and a look-alike that settles nothing.

From what is known, one rule of the kind leads on (if p then q, and p), and one with the same words does not (if q
then p, and p). So the premises say nothing about the right answer, which depends on the conclusion alone: it is drawn
from what is settled or from what is open.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pmd_envs.families.entailment_argument import Premise, of_literal
from pmd_envs.logic.theory import Theory

WORDINGS = 3
_DRAWS = 100
_Rule = tuple[str, tuple[int, ...]]

_LEADING: Mapping[str, Callable[[int, int], _Rule]] = {
    "forward": lambda p, q: ("if", (p, q)),
    "backward": lambda p, q: ("if", (-q, -p)),
    "or": lambda p, q: ("or", (-p, q)),
    "not_both": lambda p, q: ("nand", (p, -q)),
    "exactly_when": lambda p, q: ("iff", (p, q)),
    "either": lambda p, q: ("xor", (p, -q)),
}
"""Rules that make q true once p is."""
_IDLE: Mapping[str, Callable[[int, int], _Rule]] = {
    "forward": lambda p, q: ("if", (q, p)),
    "backward": lambda p, q: ("if", (-p, -q)),
    "or": lambda p, q: ("or", (p, q)),
    "not_both": lambda p, q: ("nand", (-p, q)),
}
"""Rules of the same look that leave q open where p is true."""
LASTS = tuple(_IDLE)
LINKS = tuple(_LEADING)
HEADS = ("two_facts", "cases", "absurd")

_LINK_PLANS = {
    "forward": "Apply an if-rule to the fact",
    "backward": "Run an if-rule backwards from the fact",
    "or": "Use an or whose one side the fact denies",
    "not_both": "Use a never-both that the fact half meets",
    "exactly_when": "Copy the truth across an exactly-when",
    "either": "Flip the truth across an either-or",
    "two_facts": "Join two facts to meet a double condition",
    "cases": "Follow both cases to what they share",
    "absurd": "Refute the assumption that leads both ways",
}
_LAST_PLANS = {
    "forward": "judge the conclusion's if-rule: only a true condition settles it",
    "backward": "judge the conclusion's if-rule: only a false consequence settles it",
    "or": "judge the conclusion's or: only a false other side settles it",
    "not_both": "judge the conclusion's never-both: only a true other side settles it",
}


@dataclass
class Sketch:
    """Premises as they grow."""

    rng: random.Random
    premises: list[Premise] = field(default_factory=list)
    size: int = 0

    def new(self) -> int:
        """A literal of a new proposition."""
        self.size += 1
        return self.size if self.rng.random() < 0.5 else -self.size

    def add(self, form: str, literals: tuple[int, ...]) -> None:
        """One more premise. What is on the sides of a symmetric one is in either order."""
        if form in ("or", "nand", "iff", "xor") and self.rng.random() < 0.5:
            literals = literals[::-1]
        wording = 0 if form == "fact" else self.rng.randrange(WORDINGS)
        self.premises.append(Premise(form, literals, wording))

    def fact(self) -> int:
        """A new literal that is a premise."""
        literal = self.new()
        self.add("fact", (literal,))
        return literal

    def lead(self, link: str, known: int) -> int:
        """A new literal that follows from a known one."""
        literal = self.new()
        self.add(*_LEADING[link](known, literal))
        return literal

    def idle(self, link: str, known: int) -> int:
        """A new literal that stays open."""
        literal = self.new()
        self.add(*_IDLE[link](known, literal))
        return literal

    def head(self, head: str) -> int:
        """A first literal that follows from several premises."""
        if head == "two_facts":
            left, right = self.fact(), self.fact()
            literal = self.new()
            self.add("two", (left, right, literal))
        elif head == "cases":
            left, right, literal = self.new(), self.new(), self.new()
            for form, literals in (("or", (left, right)), ("if", (left, literal)), ("if", (right, literal))):
                self.add(form, literals)
        else:
            literal, other = self.new(), self.new()
            self.add("if", (-literal, other))
            self.add("if", (-literal, -other))
        return literal


@dataclass(frozen=True)
class Draft:
    """Premises, a literal that follows from them and one that they leave open."""

    premises: tuple[Premise, ...]
    size: int
    settled: int
    open: int


_KINDS = {
    1: LASTS,
    2: tuple(f"{link}_then_{last}" for link in LINKS for last in LASTS),
    3: tuple(f"{head}_then_{last}" for head in HEADS for last in LASTS),
    4: tuple(f"{head}_chain_{last}" for head in HEADS for last in LASTS),
    5: tuple(f"{head}_tree_{last}" for head in HEADS for last in LASTS),
}


def kinds(difficulty: int) -> tuple[str, ...]:
    """The kinds of argument at a difficulty."""
    return _KINDS[difficulty]


def plan(kind: str) -> str:
    """One sentence that says how arguments of this kind are judged."""
    for joint, middle in (("_then_", "then"), ("_chain_", "follow the chain, then"), ("_tree_", "ignore side rules,")):
        start, found, last = kind.partition(joint)
        if found:
            return f"{_LINK_PLANS[start]}, {middle} {_LAST_PLANS[last]}."
    text = _LAST_PLANS[kind]
    return f"{text[0].upper()}{text[1:]}."


def draw(rng: random.Random, kind: str) -> Draft:
    """Premises of a kind.

    Raises:
        RuntimeError: none came up, which the kinds rule out.
    """
    for _ in range(_DRAWS):
        draft = _draft(rng, kind)
        theory = Theory([premise.formula for premise in draft.premises], draft.size)
        if theory.status(of_literal(draft.settled)) is True and theory.status(of_literal(draft.open)) is None:
            return draft
    raise RuntimeError(f"no argument of kind {kind!r} in {_DRAWS} draws")


def _draft(rng: random.Random, kind: str) -> Draft:
    sketch = Sketch(rng)
    start, joint, last = next(
        (parts for mark in ("_then_", "_chain_", "_tree_") if (parts := kind.partition(mark))[1]), ("", "", kind)
    )
    known = sketch.head(start) if start in HEADS else sketch.fact()
    if start in LINKS:
        known = sketch.lead(start, known)
    for _ in range({"_chain_": 1, "_tree_": 2}.get(joint, 0)):
        known = sketch.lead(rng.choice(LINKS), known)
    open_literal = sketch.idle(last, known)
    if joint == "_tree_":
        sketch.idle(rng.choice(LASTS), known)
        sketch.lead(rng.choice(LINKS), open_literal)
    settled = sketch.lead(last, known)
    premises = rng.sample(sketch.premises, len(sketch.premises))
    return Draft(tuple(premises), sketch.size, settled, open_literal)
