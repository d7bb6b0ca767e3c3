"""Judging whether a conclusion follows: what arguments about propositions and about people have in common.

A step is right if it follows from the premises, wrong if it contradicts them, and open otherwise. "It can be that
..." is right if the premises allow it.
"""

import random
import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import ClassVar

from pmd_envs.families.entailment_argument import MAX_PARTS, Argument, Premise, of_literal
from pmd_envs.families.entailment_reasoning import beside, inferences, known_of, needed
from pmd_envs.families.puzzle_family import PuzzleFamily, quoted
from pmd_envs.families.sentence_patterns import first_upper
from pmd_envs.families.suppositions import claim_of, may_still_hold, supposition_of, unlabelled, unless_supposed
from pmd_envs.logic.formulas import And, Formula, Implies, Or, joined
from pmd_envs.logic.theory import Theory
from pmd_envs.records import Problem, StepVerdict, Task

_POSSIBLE = re.compile(r"it (?:can|could|may|might) be that ", re.IGNORECASE)
_CONDITION = re.compile(r"if (.+?),? then (.+)", re.IGNORECASE)
_CONTRADICTION = re.compile(r",? (?:and |which is )?(?:a contradiction|impossible)$", re.IGNORECASE)
_JOINT = re.compile(r",? (and|or) ", re.IGNORECASE)
_DECORATION = re.compile(r"[*$'\"{}]|\\(?:text|textbf|mathrm)\b")


@lru_cache(maxsize=256)
def _theory(formulas: tuple[Formula, ...], size: int) -> Theory:
    return Theory(formulas, size)


class EntailmentFamily(PuzzleFamily):
    """Does the conclusion follow?"""

    right: ClassVar[str] = "that is what the premises say about the conclusion"
    neither: ClassVar[str] = "unknown"
    """The answer where neither the conclusion nor its denial follows."""

    def content(self, problem: Problem) -> str:
        """The premises without their words."""
        return Argument.from_facts(problem.facts).content()

    def label(self, argument: Argument) -> str:
        """The right answer."""
        status = _theory(argument.formulas, len(argument.propositions)).status(of_literal(argument.conclusion))
        return self.neither if status is None else "true" if status else "false"

    def fault(self, task: Task, answer: str) -> str:
        """What is wrong with an answer: another word than the three, or the wrong one of them."""
        word = read_label(answer, self.neither)
        if not word:
            return f"the answer should be true, false or {self.neither}, not {quoted(answer, 30)}"
        return "" if word == self.label_of(task) else f"{word!r} is wrong: look again at what the premises settle"

    def label_of(self, task: Task) -> str:
        """The right answer to a task."""
        return self.label(Argument.from_facts(task.facts))

    def judge(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Ask the solver whether what the step claims follows from the premises.

        Steps before it prove nothing: those that follow add nothing. They may have supposed something.
        """
        argument = Argument.from_facts(task.facts)
        possible, claim = read_claim(argument, step)
        if claim is None:
            return StepVerdict(None, "this is not a claim about the premises' propositions that can be checked")
        theory = _theory(argument.formulas, len(argument.propositions))
        said = quoted(claim_of(step), 60)
        supposed = None if _states_a_premise(argument, step) else supposition_of(step)
        if possible:
            allowed = theory.allows([claim])
            found = unless_supposed(allowed, step, argument.texts) if supposed is None else allowed or None
            found = _unless_held(found, accepted, argument)
            return StepVerdict(found, f"the premises {'allow' if allowed else 'rule out'} {said}")
        if supposed is None:
            status = unless_supposed(theory.status(claim), step, argument.texts)
        else:
            status = supposed.judged(theory.status, partial(_joined, argument), claim)
        status = _unless_held(status, accepted, argument)
        follows = "it follows" if supposed is None else "under this condition it follows"
        reason = {True: follows, False: "the premises contradict", None: "it does not follow"}[status]
        return StepVerdict(status, f"{reason}: {said}")

    def gold_solution(self, task: Task) -> str:
        """The inferences that lead to the conclusion or its denial, or what the premises leave possible."""
        argument = Argument.from_facts(task.facts)
        return "\n".join([*_reasoning(argument, argument.conclusion), f"#### {self.label(argument)}"])

    def slip(self, rng: random.Random, task: Task) -> str:
        """A rule that is used the wrong way round, or a conclusion that is turned round or given up."""
        argument = Argument.from_facts(task.facts)
        label, found = self.label(argument), inferences(argument)
        if label == self.neither:
            claimed = argument.conclusion if rng.random() < 0.5 else -argument.conclusion
            lines = [*_about(argument, abs(claimed)), _fallacy(argument, claimed)]
            return "\n".join([*lines, f"#### {'true' if claimed == argument.conclusion else 'false'}"])
        truth = argument.conclusion if label == "true" else -argument.conclusion
        lines = [first_upper(step.line) for step in needed(found, truth)]
        if rng.random() < 0.4:
            possible = [f"It can be that {argument.words([literal])}." for literal in (truth, -truth)]
            return "\n".join([*lines[:-1], *possible, f"#### {self.neither}"])
        turned = lines[-1].rpartition(", so ")[0] if lines else ""
        last = f"{turned}, so {argument.words([-truth])}." if turned else first_upper(f"{argument.words([-truth])}.")
        return "\n".join([*lines[:-1], last, f"#### {'false' if label == 'true' else 'true'}"])


def read_label(answer: str, neither: str) -> str:
    """``true``, ``false`` or the third answer; empty if it is none of them."""
    word = _DECORATION.sub("", answer).strip().rstrip(".!").strip().casefold()
    return neither if word in ("unknown", "uncertain") else word if word in ("true", "false") else ""


def read_claim(argument: Argument, step: str) -> tuple[bool, Formula | None]:
    """Whether a step only says that something is possible, and what; None if it cannot be read to its end."""
    text = claim_of(step)
    possible = _POSSIBLE.match(text)
    if possible:
        return True, _joined(argument, text[possible.end() :])
    condition = _CONDITION.fullmatch(_CONTRADICTION.sub("", text))
    if condition is None:
        return False, _joined(argument, text)
    left, right = _joined(argument, condition[1]), _joined(argument, condition[2])
    return False, None if left is None or right is None else Implies(left, right)


def _states_a_premise(argument: Argument, step: str) -> bool:
    """Whether a step begins with a premise, so that its "if" supposes nothing."""
    text = " ".join(unlabelled(step).casefold().split())
    return any(text.startswith(premise.casefold()) for premise in argument.texts)


def _unless_held(status: bool | None, earlier: Sequence[str], argument: Argument) -> bool | None:
    """A verdict, but not "wrong" where what an earlier step supposed may still hold."""
    held = status is False and may_still_hold(earlier, lambda text: _joined(argument, text) is not None)
    return None if held else status


def _joined(argument: Argument, text: str) -> Formula | None:
    """Sentences joined by "and" or by "or"; a mixture of both is not readable without brackets."""
    pieces = _JOINT.split(text)
    words = {word.casefold() for word in pieces[1::2]}
    literals = [argument.literal_of(sentence) for sentence in pieces[::2]]
    known = [of_literal(literal) for literal in literals if literal is not None]
    if len(known) < len(literals) or len(words) > 1 or len(known) > MAX_PARTS:
        return None
    return joined(Or if words == {"or"} else And, known)


def _reasoning(argument: Argument, conclusion: int) -> list[str]:
    found = inferences(argument)
    steps = needed(found, conclusion) or needed(found, -conclusion)
    if steps:
        return [first_upper(step.line) for step in steps]
    return [
        *_about(argument, abs(conclusion)),
        *(_possible(argument, literal) for literal in (conclusion, -conclusion)),
    ]


def _possible(argument: Argument, literal: int) -> str:
    """The premise that would rule a literal out, what is known in it, and that it does not do so."""
    found = {known for step in inferences(argument) for known in step.literals}
    found |= {premise.literals[0] for premise in argument.premises if premise.form == "fact"}
    about = [
        ([known for part in premise.literals for known in (part, -part) if known in found], premise, text)
        for premise, text in _stating(argument, literal)
    ]
    uses, premise, text = max(about, key=lambda one: (len(one[0]), -sum(literal in row for row in one[1].rows)))
    return first_upper(f"{text}{known_of(argument, premise, uses)}, so it can be that {argument.words([literal])}.")


def _stating(argument: Argument, literal: int) -> list[tuple[Premise, str]]:
    """The premises that a proposition stands in, with their words."""
    pairs = zip(argument.premises, argument.texts, strict=True)
    return [pair for pair in pairs if abs(literal) in map(abs, pair[0].literals)]


def _about(argument: Argument, number: int) -> list[str]:
    """What leads to the settled propositions that stand beside this one in a premise."""
    return [first_upper(step.line) for step in beside(argument, number)]


def _fallacy(argument: Argument, claimed: int) -> str:
    """A premise about the proposition, followed by what it does not say."""
    return first_upper(f"{_stating(argument, claimed)[0][1]}, so {argument.words([claimed])}.")
