"""Gold reasoning about an argument: one premise a line, or an assumption led to a contradiction.

If it rains, then the dog barks, and it rains, which meets its condition, so the dog barks.
If the lamp is off then it rains and it does not rain, a contradiction, so the lamp is on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pmd_envs.families.entailment_argument import Argument, Premise

_PARTS = {"if": ("condition", "consequence"), "two": ("condition", "condition", "consequence")}
_STANDS = {
    ("condition", True): "meets its condition",
    ("condition", False): "fails its condition",
    ("consequence", True): "is its consequence",
    ("consequence", False): "denies its consequence",
    ("side", True): "is one side",
    ("side", False): "denies one side",
}
"""Where a known literal stands in a premise, as it is or denied."""


@dataclass(frozen=True)
class Inference:
    """Literals that follow, from which others, and the line that says so."""

    literals: tuple[int, ...]
    uses: tuple[int, ...]
    line: str


def inferences(argument: Argument) -> list[Inference]:
    """Everything that follows, step by step."""
    known = {premise.literals[0]: None for premise in argument.premises if premise.form == "fact"}
    found: list[Inference] = []
    while True:
        step = next(_direct(argument, known), None) or next(_refuting(argument, known), None)
        if step is None:
            return found
        known.update(dict.fromkeys(step.literals))
        found.append(step)


def _direct(argument: Argument, known: Mapping[int, None]) -> Iterator[Inference]:
    """What single premises settle."""
    for premise, text in zip(argument.premises, argument.texts, strict=True):
        rows = [row for row in premise.rows if not any(-literal in known for literal in row)]
        new = tuple(literal for literal in _shared(rows) if literal not in known)
        if new:
            uses = tuple(number for literal in premise.literals if (number := _known(literal, known)))
            yield Inference(new, uses, f"{text}{known_of(argument, premise, uses)}, so {argument.words(new)}.")


def known_of(argument: Argument, premise: Premise, known: Sequence[int]) -> str:
    """What is known of a premise's propositions, and where it stands in the premise; empty if nothing is."""
    if not known:
        return ""
    parts = zip(premise.literals, _PARTS.get(premise.form, ("side", "side")), strict=True)
    stands = [_STANDS[part, literal in known] for literal, part in parts if literal in known or -literal in known]
    said = " and ".join(text if stands.count(text) == 1 else f"{text}s" for text in dict.fromkeys(stands))
    return f", and {argument.words(known)}, which {said}"


def _shared(rows: list[tuple[int, ...]]) -> list[int]:
    return [literal for literal in rows[0] if all(literal in row for row in rows)] if rows else []


def _known(literal: int, known: Mapping[int, None]) -> int:
    """The literal or its denial, whichever is known; 0 if neither is."""
    return literal if literal in known else -literal if -literal in known else 0


def _refuting(argument: Argument, known: Mapping[int, None]) -> Iterator[Inference]:
    """Assumptions that lead to a contradiction."""
    for number in range(1, len(argument.propositions) + 1):
        for assumed in (number, -number) if not _known(number, known) else ():
            chain = _contradiction(argument, {**known, assumed: None})
            if chain:
                uses = tuple(known)
                line = f"If {argument.words([assumed])} then {argument.words(chain)}, a contradiction"
                yield Inference((-assumed,), uses, f"{line}, so {argument.words([-assumed])}.")


def _contradiction(argument: Argument, known: dict[int, None]) -> list[int]:
    """What follows up to a literal and its denial; empty if that is not met."""
    start = set(known)
    while True:
        step = next(_direct(argument, known), None)
        for premise in argument.premises:
            if all(any(-literal in known for literal in row) for row in premise.rows):
                return _clash(premise.literals, [literal for literal in known if literal not in start])
        if step is None:
            return []
        known.update(dict.fromkeys(step.literals))


def _clash(literals: tuple[int, ...], derived: list[int]) -> list[int]:
    """The derived literals, the last of the clashing premise's once more as its denial."""
    touched = [literal for literal in derived if literal in literals or -literal in literals]
    return [*derived, -touched[-1]] if touched else []


def needed(found: list[Inference], target: int) -> list[Inference]:
    """The inferences that lead to a literal, in order; empty if it does not follow."""
    wanted, chosen = {target}, []
    for step in reversed(found):
        if wanted & set(step.literals):
            wanted |= set(step.uses)
            chosen.append(step)
    return chosen[::-1]


def beside(argument: Argument, number: int) -> list[Inference]:
    """The inferences that lead to what is settled of the propositions that stand beside this one in a premise."""
    near = {abs(literal) for premise in argument.about(number) for literal in premise.literals}
    found = inferences(argument)
    return list(dict.fromkeys(step for n in sorted(near) for sign in (n, -n) for step in needed(found, sign)))
