"""Drawing premises of a kind: a chain of rules that settles one proposition, and a look-alike that settles nothing.

From what is known, one rule of the kind leads on (if p then q, and p), and one with the same words does not (if q
then p, and p). So the premises say nothing about the right answer, which depends on the conclusion alone: it is drawn
from what is settled or from what is open.

At the harder levels neither do the premises beside the conclusion. What is settled and what is open stand in two rules
of one form each: one would affirm it (if p then q) and one would deny it (if r then not q). One of those about what is
settled applies, and none of the others. Which that is shows the chain, since its end says of p and r whether they hold.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pmd_envs.families.entailment_argument import MAX_PARTS, Argument, Premise, of_literal
from pmd_envs.families.entailment_reasoning import beside, inferences, needed
from pmd_envs.logic.theory import Theory

WORDINGS = 3
_DRAWS = 100
_FEW = 9
"""With more premises than at level 4 an assumption can lead far before it leads to a contradiction."""
_LINES = 13
"""Inferences that fit into an episode beside two possibilities and the answer."""
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
_BOTH_WAYS = ("exactly_when", "either")
"""Links that do not show by themselves whether what they lead to is true."""
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

    def affirm(self, link: str, known: int, literal: int) -> None:
        """A rule from one literal to another; of the denial of something known it is a rule that does not apply."""
        self.add(*_LEADING[link](known, literal))

    def between(self, last: str, affirming: int, denying: int) -> int:
        """A new literal with a rule that would affirm it and one that would deny it, each about another literal."""
        literal = self.new()
        self.affirm(last, affirming, literal)
        self.affirm(last, denying, -literal)
        return literal

    def leaning(self, literal: int) -> int:
        """How many more rules would affirm a literal than would deny it."""
        return sum((premise.affirms(literal) - premise.affirms(-literal)) for premise in self.premises)

    def ends(self, parents: list[int]) -> list[int]:
        """New literals that follow from these, one from each, in any order."""
        found = [self.lead(self.rng.choice(_BOTH_WAYS), known) for known in parents]
        return self.rng.sample(found, len(found))

    def follow(self, known: int, links: int, passed: list[int]) -> int:
        """What a known literal leads to over so many rules; everything on the way is added to ``passed``."""
        for _ in range(links):
            known = self.lead(self.rng.choice(LINKS), known)
            passed.append(known)
        return known

    def combine(self, left: int, right: int) -> int:
        """A new literal that follows from two known ones together."""
        literal = self.new()
        self.add("two", (left, right, literal))
        return literal

    def head(self, head: str) -> int:
        """A first literal that follows from several premises."""
        if head == "two_facts":
            left, right = self.fact(), self.fact()
            literal = self.combine(left, right)
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
class Shape:
    """How an argument goes on after its head."""

    words: str
    """How a plan puts it."""
    links: int = 0
    """Rules between the head, or what two starts combine to, and the last rule."""
    sides: int = 0
    """Links before the last that side rules hide: as many rules would affirm what they lead to as would deny it."""
    second: int = -1
    """Links after each of two heads, which are then combined; -1 where there is one head."""


_SHAPES = {
    "then": Shape("then"),
    "chain": Shape("follow the chain, then", links=1),
    "tree": Shape("ignore side rules,", links=2, sides=1),
    "path": Shape("follow three links, then", links=3, sides=2),
    "trek": Shape("follow five links, then", links=5, sides=3),
    "meet": Shape("combine two such starts, then", links=4, sides=3, second=0),
    "merge": Shape("combine two short chains, then", links=3, sides=3, second=1),
    "weave": Shape("combine two long chains, then", links=3, sides=3, second=2),
}
_LONG = {6: "path", 7: "trek", 8: "meet", 9: "merge", 10: "weave"}


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
    **{level: tuple(f"{head}_{joint}_{last}" for head in HEADS for last in LASTS) for level, joint in _LONG.items()},
}


def kinds(difficulty: int) -> tuple[str, ...]:
    """The kinds of argument at a difficulty."""
    return _KINDS[difficulty]


def plan(kind: str) -> str:
    """One sentence that says how arguments of this kind are judged."""
    start, shape, last = _parts(kind)
    if start:
        return f"{_LINK_PLANS[start]}, {shape.words} {_LAST_PLANS[last]}."
    text = _LAST_PLANS[kind]
    return f"{text[0].upper()}{text[1:]}."


def _parts(kind: str) -> tuple[str, Shape, str]:
    """What comes first, how it goes on, and the last rule, which alone is a kind too."""
    for joint, shape in _SHAPES.items():
        start, found, last = kind.partition(f"_{joint}_")
        if found:
            return start, shape, last
    return "", _SHAPES["then"], kind


def draw(rng: random.Random, kind: str) -> Draft:
    """Premises of a kind.

    Raises:
        RuntimeError: none came up, which the kinds rule out.
    """
    for _ in range(_DRAWS):
        draft = _draft(rng, kind)
        theory = Theory([premise.formula for premise in draft.premises], draft.size)
        as_meant = theory.status(of_literal(draft.settled)) is True and theory.status(of_literal(draft.open)) is None
        if as_meant and (len(draft.premises) <= _FEW or _is_readable(draft)):
            return draft
    raise RuntimeError(f"no argument of kind {kind!r} in {_DRAWS} draws")


def _is_readable(draft: Draft) -> bool:
    """Whether no line of the reasoning states more than a step may, and there are not too many lines."""
    words = (("p", "q"),) * draft.size
    argument = Argument(words, draft.premises, ("",) * len(draft.premises), draft.settled)
    found = inferences(argument)
    lines = max(len(needed(found, draft.settled)), len(beside(argument, abs(draft.open))))
    return lines <= _LINES and all(step.line.count(" and ") < MAX_PARTS for step in found)


def _draft(rng: random.Random, kind: str) -> Draft:
    sketch = Sketch(rng)
    start, shape, last = _parts(kind)
    known = first = sketch.head(start) if start in HEADS else sketch.fact()
    if start in LINKS:
        known = sketch.lead(start, known)
    passed: list[int] = []
    if shape.second >= 0:
        left = sketch.follow(known, shape.second, passed)
        known = sketch.combine(left, sketch.follow(sketch.head(rng.choice(HEADS)), shape.second, passed))
    known = sketch.follow(known, shape.links, passed)
    if shape.sides:
        settled, open_literal = _hidden(sketch, last, [first, *passed], shape.sides)
    else:
        open_literal = sketch.idle(last, known)
        settled = sketch.lead(last, known)
    premises = rng.sample(sketch.premises, len(sketch.premises))
    return Draft(tuple(premises), sketch.size, settled, open_literal)


def _hidden(sketch: Sketch, last: str, passed: list[int], sides: int) -> tuple[int, int]:
    """What is settled and what is open, of which no look at the premises around them tells which it is."""
    for at in range(len(passed) - 1, len(passed) - 2 - sides, -1):
        for _ in range(abs(leaning := sketch.leaning(passed[at]))):
            sign = -1 if leaning > 0 else 1
            sketch.affirm(sketch.rng.choice(LASTS), -sketch.rng.choice(passed[: max(at - 1, 1)]), sign * passed[at])
    affirming, denying = sketch.ends(passed[-2:])
    settled = sketch.between(last, affirming, -denying)
    affirming, denying = sketch.ends(passed[-2:])
    return settled, sketch.between(last, -affirming, -denying)
