"""What the logic families have in common: a final answer, claims before it, and kinds of problem.

A family says what is wrong with an answer (:meth:`PuzzleFamily.fault`), what follows for a claim
(:meth:`PuzzleFamily.judge`) and how people go wrong (:meth:`PuzzleFamily.slip`); the rest is here.
"""

import random
import re
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pmd_envs.errors import unknown
from pmd_envs.family import Family
from pmd_envs.logic.formulas import Formula, Implies, Not
from pmd_envs.logic.solver import entails
from pmd_envs.records import Problem, StepVerdict, Task, Verdict
from pmd_envs.verifiers.answers import extract_answer

MAX_STEP = 1_000
MAX_STEPS = 64
_MAX_ANSWER = 500
_WRONG_TRIES = 60

_CONCLUSION = re.compile(r"\b(?:so|therefore|hence|thus)\b", re.IGNORECASE)
_REASON = re.compile(r",?\s+(?:because|since)\b", re.IGNORECASE)
_LABEL = re.compile(r"\s*(?:(?:step\s+)?\(?\d{1,2}[.):]|[-*•])\s+", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:(?:we\s+(?:know|see|get|find|conclude)|it\s+follows|(?:this|that|which)\s+(?:means|shows))\s+(?:that\s+)?"
    r"|(?:then|finally|also|clearly)\b,?\s+)",
    re.IGNORECASE,
)
_SUPPOSING = re.compile(
    r"(?:(?:now|first|next|but|and|otherwise|similarly|likewise|conversely),?\s+)?"
    r"(?:if|(?:let\s+us\s+|let['’]s\s+|we\s+)?(?:suppose|assume)|supposing|assuming)"
    r"(?:,?\s+for\s+(?:the\s+sake\s+of\s+)?(?:an?\s+)?(?:contradiction|argument),?)?\s+(?:that\s+)?",
    re.IGNORECASE,
)
_AFTER_CONDITION = re.compile(r"[,;:.]|\bthen\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[;:.]\s")
_CLAUSE = re.compile(r"[,;:.]|\b(?:then|and|but|yet)\b", re.IGNORECASE)
_TURN = re.compile(
    r"\b(?:if|unless|suppos\w*|assum\w*|let|when|whenever|consider|given|in\s+case|but|however|yet|actually|instead"
    r"|otherwise|in\s+fact)\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:and|or|also)\b", re.IGNORECASE)
_REFUTED = re.compile(
    r"(?<!\bno )\bcontradiction(?=\s*(?:$|(?:with|to|since|because|as)\b))"
    r"|\b(?:which|that|this|it)\s+contradicts\b(?!\s+no)|\bcontradicting\b|\bimpossible\b(?!\s+(?:that|for|to)\b)|\babsurd\b|\binconsistent\b"
    r"|\b(?:cannot|can['’]t|can\s+not)\s+be\b(?!\s+(?!(?:right|true|so|the\s+case)\b)\w)"
    r"|\b(?:no\s+\w+|nothing)\s+(?:fits|works)\b",
    re.IGNORECASE,
)
_PERHAPS_REFUTED = re.compile(r"(?<!\bno )\bcontradict\w*\b(?!\s+no)", re.IGNORECASE)
"""Also said of what people state: "then Bo contradicts Ann"."""


def claim_of(step: str) -> str:
    """What a step claims: the words after its last "so" without a reason behind them; empty if it is too long."""
    if len(step) > MAX_STEP:
        return ""
    text = _CONCLUSION.split(unlabelled(step))[-1].strip(" ,:")
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    reason = _REASON.search(text, 1) if text else None
    text = text[: reason.start()] if reason else text
    return " ".join(text.strip(" ,.!").split())


@dataclass(frozen=True)
class Supposition:
    """What a step supposes before it draws a conclusion."""

    condition: str
    stated: tuple[str, ...]
    """What is said between the condition and the conclusion, clause by clause."""
    plain: bool
    """Whether nothing is joined to the condition."""
    clear: bool
    """Whether the conclusion is meant under the condition. An "if" may begin a rule that is used, and a contradiction
    in the middle may have ended the supposition."""
    perhaps_refuted: bool
    """Whether a contradiction at the end may have done so, or else was only a part of the reason."""

    def judged(
        self, ask: Callable[[Formula], bool | None], read: Callable[[str], Formula | None], claim: Formula
    ) -> bool | None:
        """The verdict on a conclusion under a condition, which is None where it cannot be read.

        It is right if it follows, or if the condition implies it, and wrong if the condition holds and the conclusion
        does not. Where the condition is denied, before the conclusion is drawn or by it, it is not meant under it.

        Args:
            ask: Whether the problem implies a formula; False where it implies its denial.
            read: What a text says, None where it cannot be read.
            claim: The conclusion.
        """
        alone, condition = ask(claim), read(self.condition)
        if alone is True or condition is None:
            return alone or None
        if entails([condition], Not(claim)):
            return alone
        under = None if condition == claim else ask(Implies(condition, claim))
        if self.perhaps_refuted:
            return None if under is True else alone
        stated = [said for said in map(read, self.stated) if said is not None]
        if not self.clear or any(entails([condition], Not(said)) for said in stated):
            return None
        if under is False:
            return False if self.plain and all(ask(Implies(condition, said)) is True for said in stated) else None
        return under


def supposition_of(step: str) -> Supposition | None:
    """What a step supposes whose conclusion comes after a "so"; None if nothing, or if that ends in a contradiction."""
    text = unlabelled(step) if len(step) <= MAX_STEP else ""
    begun = _SUPPOSING.match(text)
    *reasons, _ = _CONCLUSION.split(text)
    before = " so ".join(reasons).rstrip(" ,;:.")
    if begun is None or not reasons:
        return None
    said = before[begun.end() :]
    last = re.split(r"[,;:.]", said)[-1]
    if _REFUTED.search(last):
        return None
    ends = _AFTER_CONDITION.search(said)
    condition, rest = (said[: ends.start()], said[ends.end() :]) if ends else (said, "")
    more = bool(_MORE.search(rest))
    clear = not (_TURN.search(rest) or _REFUTED.search(rest) or _PERHAPS_REFUTED.search(rest))
    if "if" in begun[0].casefold().split():
        clear = clear and not more and not _SENTENCE.search(said)
    stated = tuple(" ".join(clause.split()) for clause in _CLAUSE.split(rest))
    perhaps = bool(_PERHAPS_REFUTED.search(last))
    return Supposition(" ".join(condition.split()), tuple(filter(None, stated)), clear and not more, clear, perhaps)


def unlabelled(step: str) -> str:
    """A step without marks and without the number before it."""
    text = step.replace("**", "").replace("#", "").strip()
    label = _LABEL.match(text)
    return text[label.end() :] if label else text


def quoted(text: str, limit: int = 40) -> str:
    """A piece of a response for a reason, on one line and not too long."""
    shown = " ".join(text[: 2 * limit].split())
    return repr(shown if len(shown) <= limit else f"{shown[: limit - 3]}...")[: 2 * limit]


class PuzzleFamily(Family):
    """A logic puzzle with one right answer."""

    difficulties: ClassVar[tuple[int, ...]] = tuple(range(1, 11))
    added: ClassVar[tuple[int, ...]] = (6, 7, 8, 9, 10)
    max_turns: ClassVar[int] = 32
    right: ClassVar[str] = "the answer fits every clue"
    """Why an answer is right."""

    @abstractmethod
    def kinds_at(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of problem of a level that exists."""

    @abstractmethod
    def draw(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """A problem of a kind that exists."""

    @abstractmethod
    def fault(self, task: Task, answer: str) -> str:
        """What is wrong with an answer; empty if it is right."""

    @abstractmethod
    def judge(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge a step that states no answer."""

    @abstractmethod
    def slip(self, rng: random.Random, task: Task) -> str:
        """A response with a mistake in it, which may by chance still end in the right answer."""

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of problem that :meth:`generate` draws from."""
        if difficulty not in self.difficulties:
            raise unknown(f"difficulty of {self.name}", difficulty, self.difficulties)
        return self.kinds_at(difficulty)

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a problem of a kind drawn uniformly."""
        return self.generate_kind(rng, rng.choice(self.kinds(difficulty)), difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a problem of one kind."""
        if kind not in self.kinds(difficulty):
            raise unknown(f"kind of {self.name} at difficulty {difficulty}", kind, self.kinds(difficulty))
        return self.draw(rng, kind, difficulty)

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge an answer by the clues, and a claim by what follows from them."""
        if extract_answer(step) is None:
            return self.judge(task, accepted[-MAX_STEPS:], step)
        fault = self._fault_of(task, "\n".join([*accepted[-MAX_STEPS:], step]))
        return StepVerdict(not fault, fault or self.right)

    def verify(self, task: Task, response: str) -> Verdict:
        """1 if the answer is complete, says nothing else and is right, else 0."""
        fault = self._fault_of(task, response)
        wrong = self._first_wrong(task, response)
        return Verdict(0.0, fault, wrong) if fault else Verdict(1.0, self.right, wrong)

    def _fault_of(self, task: Task, response: str) -> str:
        answer = (extract_answer(response) or "").strip()
        if not answer:
            return "no answer is given"
        if len(answer) > _MAX_ANSWER:
            return "the answer is too long"
        return self.fault(task, answer)

    def _first_wrong(self, task: Task, response: str) -> int | None:
        accepted: list[str] = []
        for index, step in enumerate(self.split_steps(response)[:MAX_STEPS]):
            if self.check_step(task, accepted, step).ok is False:
                return index
            accepted.append(step)
        return None

    def answer(self, response: str) -> str:
        """The stated answer, with the spelling evened out."""
        return " ".join((extract_answer(response) or "").casefold().split())

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """A plausible wrong response in the format of the gold solution."""
        for _ in range(_WRONG_TRIES):
            wrong = self.slip(rng, task)
            if self.verify(task, wrong).score == 0:
                return wrong
        raise RuntimeError(f"no wrong solution found for {task.id!r}")

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:  # noqa: ARG002  the base class's signature
        """Whether the step states an answer."""
        return extract_answer(step) is not None
