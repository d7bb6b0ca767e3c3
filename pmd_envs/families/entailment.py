"""Propositional entailment: does a conclusion follow from the premises, or its denial, or neither?

    If it rains, then the dog barks. If the lamp is on, then it rains. It rains. Conclusion: the dog barks.
    True, false or unknown?

    If it rains, then the dog barks, and it rains, which meets its condition, so the dog barks.
    #### true

All three answers are equally frequent for any premises, so that no constant answer and no look at the premises alone
is right more often than by chance.
"""

import random
from collections.abc import Sequence
from typing import ClassVar

from pmd_envs.families import entailment_making
from pmd_envs.families.entailment_argument import Argument, Premise
from pmd_envs.families.entailment_family import EntailmentFamily, read_label
from pmd_envs.families.sentence_patterns import first_upper
from pmd_envs.records import Problem

_STATES = (
    *(
        "the dog is asleep",
        "the shop is open",
        "the bus is late",
        "the lamp is on",
        "the soup is hot",
        "Tom is at home",
    ),
    *("the road is wet", "the door is locked", "the garden is green", "Mia is tired", "the train is full"),
    *(
        "the window is shut",
        "Ben is busy",
        "the cake is ready",
        "the radio is loud",
        "Kim is late",
        "the pool is empty",
    ),
    *("the bridge is closed", "the sky is clear", "the team is happy"),
)
_ACTIONS = (
    *(("it", "rain"), ("the dog", "bark"), ("Mia", "sing"), ("Tom", "cook"), ("the baby", "cry"), ("Ben", "swim")),
    *(("the phone", "ring"), ("Kim", "dance"), ("the sun", "shine"), ("Eva", "read"), ("the wind", "blow")),
    *(("Leo", "paint"), ("the clock", "tick"), ("Ida", "run"), ("the cat", "hide"), ("Zoe", "work")),
)
_PROPOSITIONS = (
    *((state, state.replace(" is ", " is not ")) for state in _STATES),
    *((f"{who} {'cries' if verb == 'cry' else verb + 's'}", f"{who} does not {verb}") for who, verb in _ACTIONS),
)
_WORDINGS = {
    "fact": ("{a}",),
    "if": ("if {a}, then {b}", "{b} if {a}", "whenever {a}, {b}"),
    "or": ("{a} or {b}, or both", "{a} or {b}, perhaps both", "at least one is true: {a} or {b}"),
    "nand": (
        "it is never true that {a} and {b}",
        "it never happens that {a} and {b}",
        "not both are true: {a} and {b}",
    ),
    "iff": ("{a} exactly when {b}", "{a} if and only if {b}", "{a} just in case {b}"),
    "xor": ("either {a} or {b}, but not both", "exactly one is true: {a} or {b}", "{a} or {b}, and never both"),
    "two": ("if {a} and {b}, then {c}", "{c} if {a} and {b}", "whenever {a} and {b}, {c}"),
}


class Entailment(EntailmentFamily):
    """Does it follow?"""

    name: ClassVar[str] = "Entailment"
    max_turns: ClassVar[int] = 16
    instructions: ClassVar[str] = (
        "Write one deduction a line. End with a line that says whether the conclusion follows (true), "
        "its denial follows (false) or neither does (unknown), such as: #### unknown"
    )

    def kinds_at(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of a level: how the premises lead to what the conclusion is about."""
        return entailment_making.kinds(difficulty)

    def draw(self, rng: random.Random, kind: str, difficulty: int) -> Problem:  # noqa: ARG002  the kind says it all
        """Premises of a kind, and a conclusion that makes each answer equally likely."""
        draft = entailment_making.draw(rng, kind)
        propositions = tuple(rng.sample(_PROPOSITIONS, draft.size))
        conclusion = rng.choice((draft.settled, -draft.settled, rng.choice((draft.open, -draft.open))))
        texts = tuple(_write(premise, propositions) for premise in draft.premises)
        argument = Argument(propositions, draft.premises, texts, conclusion)
        premises = " ".join(f"{first_upper(text)}." for text in texts)
        prompt = f"{premises} Conclusion: {argument.words([conclusion])}. True, false or unknown?"
        facts = {**argument.to_facts(), "kind": kind, "plan": entailment_making.plan(kind)}
        return Problem(prompt, self.label(argument), facts)

    def answer(self, response: str) -> str:
        """The stated label."""
        return read_label(super().answer(response), self.neither)


def _write(premise: Premise, propositions: Sequence[tuple[str, str]]) -> str:
    sentences = [propositions[abs(literal) - 1][literal < 0] for literal in premise.literals]
    return _WORDINGS[premise.form][premise.wording].format(**dict(zip("abc", sentences, strict=False)))
