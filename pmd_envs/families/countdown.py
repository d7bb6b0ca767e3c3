"""Make a number from given ones with + - * and /, each used at most once.

    Make 31 from the numbers 3, 4, 7, 10. Use each at most once.

    7 * 3 = 21
    21 + 10 = 31
    #### (7 * 3) + 10

Many expressions are right: whatever equals the target and uses only what is there. A step combines two numbers that
are still there and puts the result in their place, so that a program can check it against the numbers that are left.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, cast

from pmd_envs.errors import unknown
from pmd_envs.families.worked_family import LEVELS
from pmd_envs.family import Family
from pmd_envs.records import Json, Problem, StepVerdict, Task, Verdict
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.answers import extract_answer
from pmd_envs.verifiers.arithmetic import evaluate, readable

_MARK = "####"
_STEP = re.compile(r"(\d{1,9})\s*([-+*/x×])\s*(\d{1,9})\s*=\s*(\d{1,9})")
_LABEL = re.compile(
    r"\A\s*(?:\(?\d{1,2}[.)]\s+|(?:first|second|third|next|then|now|and|so|finally)\b\s*[,:]?\s*)+", re.IGNORECASE
)
"""What stands before a step and says nothing of its numbers."""
_MARKUP = re.compile(r"\\(?:left|right)(?![A-Za-z])")
_DIGITS = re.compile(r"\d{1,9}")
_OPERATION = re.compile(
    r"[+*/×]|\d\s*[-x]\s*\d|\b(?:plus|minus|times|divid|multipl|add|subtract|sum|product)", re.IGNORECASE
)
_TAKES_BACK = re.compile(
    r"""n['’]t\b | \b(?:start(?:ing)?\s+(?:over|anew|fresh) | again | instead | back\w* | und[oi]\w*
        | re(?:start|set|vert|tr[yi])\w*
        | redo | scratch | scrap | tr(?:y|ied|ying) | another | other\s+way | different\w* | alternat\w+ | rather
        | otherwise | wrong | mistake\w* | incorrect | oops | wait | forget | cancel\w* | discard\w* | ignor\w*
        | original\w* | beginning | no | nope | not | never | fail\w* | dead\s+end)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words by which a line may take back what was combined before it."""
_EXPRESSION = re.compile(r"[\d+\-*/() ]{1,200}")
_TIMES = re.compile(r"(?<=[\d)])\s*[x×]\s*(?=[\d(])")
_PLAN = "Look for two numbers whose sum, difference, product or quotient brings the others closer to the target."
_KINDS = ("sums", "products", "quotients")
_SIGNS = {"sums": "+-", "products": "+-**", "quotients": "+-*/"}
_MAX_QUOTED, _MAX_LINE, _TRIES = 40, 400, 500


class Countdown(Family):
    """Reach a target with given numbers."""

    name: ClassVar[str] = "Countdown"
    instructions: ClassVar[str] = (
        "Combine two numbers a line, such as 7 * 3 = 21; the result takes their place. End with one expression of the "
        "given numbers that equals the target, such as: #### (7 * 3) + 4"
    )
    difficulties: ClassVar[tuple[int, ...]] = LEVELS
    max_turns: ClassVar[int] = 16

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """Which operations the way to the target takes."""
        if difficulty not in self.difficulties:
            raise unknown(f"difficulty of {self.name}", difficulty, self.difficulties)
        return _KINDS[: 1 + (difficulty > 2) + (difficulty > 5)]

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a problem, all kinds of the level equally often."""
        return self.generate_kind(rng, rng.choice(self.kinds(difficulty)), difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw numbers and a way through them; where it ends is the target."""
        if kind not in self.kinds(difficulty):
            raise unknown(f"kind of {self.name} at difficulty {difficulty}", kind, self.kinds(difficulty))
        size, largest = 3 + (difficulty - 1) // 3, 9 + 4 * difficulty
        for _ in range(_TRIES):
            numbers = [rng.randint(2, largest) for _ in range(size)]
            way = _walk(rng, numbers, _SIGNS[kind])
            if way is not None and 10 <= way[1] <= 1000 and way[1] not in numbers:
                break
        else:
            raise RuntimeError(f"no target for {kind} at difficulty {difficulty} in {_TRIES} tries")
        lines, target, expression = way
        shown = ", ".join(map(str, numbers))
        facts: dict[str, Json] = {
            "kind": kind,
            "plan": _PLAN,
            "numbers": cast("list[Json]", sorted(numbers)),
            "solution": "\n".join([*lines, f"{_MARK} {expression}"]),
        }
        return Problem(f"Make {target} from the numbers {shown}. Use each at most once.", str(target), facts)

    def content(self, problem: Problem) -> str:
        """The numbers and the target, whatever the order."""
        return f"{problem.facts['numbers']} {problem.gold}"

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge a combination by the numbers that the accepted steps leave, and a final expression by itself."""
        return _judge(task, _Board(task, accepted), step)

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:
        """A step that states a final answer ends the episode."""
        del task, verdict
        return extract_answer(step) is not None

    def verify(self, task: Task, response: str) -> Verdict:
        """Score 1 if the final expression equals the target and uses only the numbers that are there."""
        wrong = self._first_wrong(task, response)
        stated = extract_answer(response)
        if stated is None:
            return Verdict(0.0, f"no final answer: end with '{_MARK} <expression>'", wrong)
        failure = _failure(task, stated)
        return Verdict(0.0, failure, wrong) if failure else Verdict(1.0, "the expression is right", wrong)

    def _first_wrong(self, task: Task, response: str) -> int | None:
        board = _Board(task)
        for index, step in enumerate(self.cut_steps(spoken(response)[:20_000])[:200]):
            if _judge(task, board, step).ok is False:
                return index
            board.take(step)
        return None

    def gold_solution(self, task: Task) -> str:
        """The way that the problem was made by."""
        return str(task.facts["solution"])

    def answer(self, response: str) -> str:
        """The value of the stated expression."""
        value = _value(_expression(extract_answer(response) or ""))
        return "" if value is None else str(value)

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """Another walk through the numbers, which ends elsewhere."""
        numbers = cast("list[int]", task.facts["numbers"])
        for _ in range(_TRIES):
            way = _walk(rng, rng.sample(numbers, len(numbers)), "+-*")
            if way is not None and str(way[1]) != task.gold:
                return "\n".join([*way[0], f"{_MARK} {way[2]}"])
        return f"{_MARK} {numbers[0]}"

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason


class _Board:
    """The numbers that are there after some lines."""

    def __init__(self, task: Task, lines: Iterable[str] = ()) -> None:
        self.left = Counter(cast("list[int]", task.facts["numbers"]))
        self.unclear = False
        """Whether a line may have combined numbers, or taken that back, in a way that is not read."""
        self._named = {*self.left, int(task.gold)}
        for line in lines:
            self.take(line)

    def take(self, line: str) -> None:
        """Put the result of a step in the place of its numbers."""
        read = _read(line[: _MAX_LINE + 1])
        if read.step is not None:
            one, _, other, result = read.step
            self.left = self.left - Counter((one, other)) + Counter((result,))
            self._named.add(result)
        elif read.unclear or not read.numbers <= self._named:
            self.unclear = True


def _judge(task: Task, board: _Board, step: str) -> StepVerdict:
    """The verdict on a step where these numbers are there."""
    stated = extract_answer(step)
    if stated is not None:
        failure = _failure(task, stated)
        return StepVerdict(not failure, failure or "the expression is right")
    found = _read(step[: _MAX_LINE + 1]).step
    if found is None:
        return StepVerdict(None, "this line does not combine two numbers, such as 7 * 3 = 21")
    one, sign, other, result = found
    missing = Counter((one, other)) - board.left
    if missing and not board.unclear:
        return StepVerdict(False, f"{next(iter(missing))} is not there (any more)")
    value = _apply(sign, one, other)
    if value != result:
        reason = f"{one} {sign} {other} is {value}" if value is not None else "that leaves no whole number"
        return StepVerdict(False, reason)
    if board.unclear:
        return StepVerdict(None, "what numbers are there is not known: an earlier line was not read")
    return StepVerdict(True, f"{one} {sign} {other} is {result}")


def _walk(rng: random.Random, numbers: Sequence[int], signs: str) -> tuple[list[str], int, str] | None:
    """Combine numbers until one is left: the lines, the number and the whole expression; None if one is no number."""
    parts = [(number, str(number)) for number in numbers]
    lines = []
    while len(parts) > 1:
        rng.shuffle(parts)
        (one, left), (other, right), *rest = parts
        if other > one:
            one, left, other, right = other, right, one, left
        fitting = [sign for sign in signs if _apply(sign, one, other) not in (None, 0)]
        sign = rng.choice(fitting)
        value = _apply(sign, one, other)
        if value is None or value > 10_000:
            return None
        lines.append(f"{one} {sign} {other} = {value}")
        parts = [(value, f"({left} {sign} {right})"), *rest]
    return lines, parts[0][0], parts[0][1][1:-1]


def _apply(sign: str, one: int, other: int) -> int | None:
    """The result, a whole number that is not negative, or None."""
    if sign == "/":
        return one // other if other and one % other == 0 else None
    value = {"+": one + other, "-": one - other}.get(sign, one * other)
    return value if value >= 0 else None


def _plain(text: str) -> str:
    """A line or an expression without bullets and LaTeX, and without the marks that people put around it."""
    text = _MARKUP.sub("", text.replace("\\div", "/").replace("∗", "*"))
    return readable(text).strip().strip("$*.,;`").strip()


@dataclass(frozen=True)
class _Line:
    """What a line says."""

    step: tuple[int, str, int, int] | None
    """Two numbers, the sign between them and the result, if it says no more than that."""
    unclear: bool
    """Whether it is too long to be read, may take something back, or has an equation or a sum in words."""
    numbers: frozenset[int]
    """The numbers that it names. Those that were not named before it are the result of something."""


@lru_cache(maxsize=1024)  # a board is built anew for each step, from all the lines before it
def _read(line: str) -> _Line:
    """Read a line, of which no more than its length matters beyond ``_MAX_LINE``."""
    text = _LABEL.sub("", readable(line))
    numbers = frozenset(int(number) for number in _DIGITS.findall(text))
    if len(line) > _MAX_LINE:
        return _Line(None, True, numbers)
    found = _STEP.fullmatch(_plain(text))
    if found:
        return _Line((int(found[1]), found[2], int(found[3]), int(found[4])), False, numbers)
    combines = "=" in text or (bool(numbers) and _OPERATION.search(text) is not None)
    return _Line(None, combines or _TAKES_BACK.search(line) is not None, numbers)


def _expression(stated: str) -> str:
    """A stated expression in plain signs, without its value if it names it: ``7 * 3 + 10 = 31``."""
    plain = _in_round_brackets(_TIMES.sub(" * ", _plain(stated)))
    expression, _, named = plain.rpartition("=")
    value = _value(expression.strip())
    return expression.strip() if value is not None and named.strip() == str(value) else plain


def _in_round_brackets(text: str) -> str:
    """An expression with round brackets in place of square ones, where each is closed by its own kind."""
    if "[" not in text:
        return text
    opened = []
    for sign in text:
        if sign in "([":
            opened.append(sign)
        elif sign in ")]" and (not opened or opened.pop() + sign not in ("()", "[]")):
            return text
    return text.replace("[", "(").replace("]", ")")


def _value(expression: str) -> Fraction | None:
    """What an expression in plain signs comes to."""
    return evaluate(expression) if _EXPRESSION.fullmatch(expression) else None


def _failure(task: Task, stated: str) -> str:
    """Why a stated expression is not right; empty if it is."""
    expression = _expression(stated)
    value = _value(expression)
    if value is None:
        return f"{_quoted(stated)!r} is not an expression of whole numbers with + - * /"
    used = Counter(int(number) for number in re.findall(r"\d+", expression))
    extra = used - Counter(cast("list[int]", task.facts["numbers"]))
    if extra:
        return f"{next(iter(extra))} is not given, or not so often"
    return "" if value == Fraction(task.gold) else f"{_quoted(expression)} is {value}"


def _quoted(text: str) -> str:
    return text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}..."
