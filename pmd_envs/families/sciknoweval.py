"""Multiple-choice questions of four sciences: the published subset of SciKnowEval, or short problems of our own.

    A cart of 4 kg speeds up by 6 m/s in every second. Which net force acts on it?

    A: 10 N
    B: 24 N
    C: 20 N
    D: 34 N

    <reasoning>
    Force in N: 4 * 6 = 24
    </reasoning>
    <answer>B</answer>

The letter counts, alone or with the text of its option (``B: 24 N``). The equations on the way are computed exactly;
of a published question nothing else can be checked, and it shows no way to its answer. Published train rows that ask
what a test row asks and have the same right option, whatever the wrong ones, are left out: there are 22, of which 10
are of material science, 8 of physics and 4 of biology.
"""

import random
import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise, permutations
from typing import ClassVar, cast

from pmd_envs.datasets import Dataset, Row
from pmd_envs.errors import DatasetError, unknown
from pmd_envs.families.choice_answers import OPTION, is_of, options_of, read_choice
from pmd_envs.family import Family
from pmd_envs.records import Json, Problem, StepVerdict, Task, Verdict
from pmd_envs.science import DOMAINS, FORMULAS, Formula
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.answers import extract_answer
from pmd_envs.verifiers.arithmetic import check_step_arithmetic
from pmd_envs.word_problems.template import Drawn

LETTERS = "ABCD"
_CHECKSUMS = {
    "biology_test.json": "0ffe8df8f33154ca6af90c75b278f8602d75376db79e295e16a29fc9a5da325a",
    "biology_train.json": "7ffbfe4a85c7386e2ca78abd3de82c84d339ecbf0beb9bff93f3e599ac6298f2",
    "chemistry_test.json": "772adb9f2bdb1bbc2a542f350b55a1b23091fa98e793f5e24c5dba410ce299bf",
    "chemistry_train.json": "dc841dc92a16a6af3944336ecd887e80907bc9244f2bd51cd2e3869959a84029",
    "material_test.json": "2b3d7e3bcebda39ba47856ea5aae5ebcd0b3ba43b1e750cd4b02e40056b079cf",
    "material_train.json": "7da3afdc3194ae575e4e28f331fbc5f402dee7f2446f8294f15f619c509e111f",
    "physics_test.json": "fde88cd10e4192115d550000a8b5b8b714aa8a2651abba499b1f8b8e6f72c1d3",
    "physics_train.json": "3c16e829ceb9c580a58b6cb46fe841d5c5d05608f89b738b5c4eadf90cd78bc7",
}
_ASKS_FOR_STEPS = "Please reason step by step."  # ends every published prompt; here the instructions say it
_TAG = re.compile("<(/?)answer>", re.IGNORECASE)
_MAX_QUOTED, _MAX_BLOCK, _MAX_STEPS, _MAX_LENGTH = 40, 200, 200, 100_000
_OPTIONS = 4
_HALF = 0.5
_SLIPS = (-10, -2, -1, 1, 2, 10)
_NUMBER = re.compile(r"\d+")


def _files(domains: Sequence[str]) -> Dataset:
    """The published files of some domains.

    They are not on the Hugging Face hub: ``hicai-zju/SciKnowEval`` there is the set that they were chosen from, without
    a train split and with its questions in another form.
    """
    return Dataset(
        folder="sciknoweval",
        files={
            "train": tuple(f"{domain}_train.json" for domain in domains),
            "test": tuple(f"{domain}_test.json" for domain in domains),
        },
        checksums=_CHECKSUMS,
        questions=(_question,),
    )


def _question(row: Row) -> tuple[str, str]:
    """What a row asks, and the option that is right: with wrong ones exchanged it is known all the same."""
    asked, *options = OPTION.split(str(row.get("prompt")).removesuffix(_ASKS_FOR_STEPS))
    right = dict(zip(options[::2], options[1::2], strict=True)).get(str(row.get("answer")), "")
    return " ".join(asked.casefold().split()), " ".join(right.casefold().split())


class SciKnowEval(Family):
    """Choose the right option."""

    name: ClassVar[str] = "SciKnowEval"
    instructions: ClassVar[str] = (
        "One of the options is right. Reason step by step between <reasoning> and </reasoning>. Then write the letter "
        "of the right option between <answer> and </answer>, and nothing else there: <answer>A</answer>"
    )
    difficulties: ClassVar[tuple[int, ...]] = (1, 2, 3)
    max_turns: ClassVar[int] = 12
    domains: ClassVar[tuple[str, ...]] = DOMAINS
    dataset: ClassVar[Dataset | None] = _files(DOMAINS)
    domain: str = ""
    """The one domain that questions come from; empty for all of them."""

    @property
    def scope(self) -> str:
        """Name, version and, if there is one, the domain."""
        return f"{super().scope}/{self.domain}" if self.domain else super().scope

    def in_domain(self, domain: str) -> Family:
        """Questions of one science only."""
        if domain not in DOMAINS:
            raise unknown(f"domain of {self.name}", domain, DOMAINS)
        return _OF_DOMAIN[domain]()

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """Names of the formulas with this many steps."""
        return tuple(formula.template.name for formula in self._formulas(difficulty))

    def _formulas(self, difficulty: int) -> tuple[Formula, ...]:
        if difficulty not in self.difficulties:
            raise unknown(f"difficulty of {self.name}", difficulty, self.difficulties)
        ours = (formula for formula in FORMULAS if self.domain in ("", formula.domain))
        return tuple(formula for formula in ours if formula.template.difficulty == difficulty)

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a question of this many steps, all formulas equally often."""
        return self.generate_kind(rng, rng.choice(self.kinds(difficulty)), difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a question about one formula, with the right option at a random place."""
        known = {formula.template.name: formula for formula in self._formulas(difficulty)}
        if kind not in known:
            raise unknown(f"kind of {self.name} at difficulty {difficulty}", kind, known)
        formula = known[kind]
        drawn = formula.template.draw(rng)
        options = [drawn.answer, *_wrong_options(rng, drawn, formula.template.cap)]
        rng.shuffle(options)
        facts: dict[str, Json] = {
            "kind": kind,
            "plan": formula.template.plan,
            "steps": list(drawn.solution.splitlines()[:-1]),
            "numbers": list(drawn.numbers),
            "letters": list(LETTERS),
        }
        shown = "\n".join(f"{letter}: {value} {formula.unit}" for letter, value in zip(LETTERS, options, strict=True))
        return Problem(f"{drawn.prompt}\n\n{shown}", LETTERS[options.index(drawn.answer)], facts)

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published row: ``prompt`` with its options, and ``answer``, a letter.

        Raises:
            DatasetError: Something is missing, or the answer is none of the options.
        """
        prompt, answer = row.get("prompt"), row.get("answer")
        if not isinstance(prompt, str) or not isinstance(answer, str):
            raise DatasetError(f"a SciKnowEval row needs the texts 'prompt' and 'answer', this one has {sorted(row)}")
        letters = list(dict.fromkeys(OPTION.findall(prompt)))
        if answer not in letters:
            raise DatasetError(f"the answer {answer[:40]!r} is none of the options {letters} of {prompt[:60]!r}")
        question = prompt.removesuffix(_ASKS_FOR_STEPS).rstrip()
        facts: dict[str, Json] = {
            "kind": "sciknoweval",
            "plan": "",
            "steps": [],
            "letters": cast("list[Json]", letters),
        }
        return Problem(question, answer, facts)

    def content(self, problem: Problem) -> str:
        """The formula and its numbers, whatever the options; a published question, its text."""
        numbers = problem.facts.get("numbers")
        return problem.prompt if numbers is None else f"{problem.facts['kind']} {numbers}"

    def cut_steps(self, text: str) -> tuple[str, ...]:
        """Lines; an answer block that goes over several lines is one."""
        return super().cut_steps(_in_lines(text))

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge the letter if the step states an answer, else its arithmetic."""
        del accepted
        stated = extract_answer(step)
        if stated is None:
            return check_step_arithmetic(step)
        failure = _failure(task, stated)
        return StepVerdict(not failure, failure or "the answer is correct")

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:
        """A step that states an answer ends the episode."""
        del task, verdict
        return extract_answer(step) is not None

    def verify(self, task: Task, response: str) -> Verdict:
        """Score 1 if the stated letter is that of the right option, whatever the steps before it."""
        wrong = self._first_wrong(task, response)
        stated = extract_answer(response)
        if stated is None:
            return Verdict(0.0, "no final answer: end with <answer>, a letter and </answer>", wrong)
        failure = _failure(task, stated)
        return Verdict(0.0, failure, wrong) if failure else Verdict(1.0, "the answer is correct", wrong)

    def _first_wrong(self, task: Task, response: str) -> int | None:
        steps = self.cut_steps(spoken(response)[:_MAX_LENGTH])[:_MAX_STEPS]
        return next((i for i, step in enumerate(steps) if self.check_step(task, (), step).ok is False), None)

    def gold_solution(self, task: Task) -> str:
        """The steps, where the problem is one of our own, and the letter."""
        return _response(cast("list[str]", task.facts["steps"]), task.gold)

    def answer(self, response: str) -> str:
        """The stated letter."""
        choice = read_choice(extract_answer(response) or "")
        return choice.letter if choice else ""

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """Another option, chosen without the last step."""
        others = [letter for letter in cast("list[str]", task.facts["letters"]) if letter != task.gold]
        return _response(cast("list[str]", task.facts["steps"])[:-1], rng.choice(others))

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason


class _Biology(SciKnowEval):
    domain = "biology"
    dataset = _files(("biology",))


class _Chemistry(SciKnowEval):
    domain = "chemistry"
    dataset = _files(("chemistry",))


class _Material(SciKnowEval):
    domain = "material"
    dataset = _files(("material",))


class _Physics(SciKnowEval):
    domain = "physics"
    dataset = _files(("physics",))


# One instance each, so that environments of one domain share their opened data.
_OF_DOMAIN = {made.domain: cache(made) for made in (_Biology, _Chemistry, _Material, _Physics)}


def _in_lines(text: str) -> str:
    """The text with each answer block, an opening tag and the closing one that follows it, in one line."""
    parts: list[str] = []
    read = 0
    for opening, closing in pairwise(_TAG.finditer(text)):
        stated = text[opening.end() : closing.start()].strip()
        if opening[1] or not closing[1] or len(stated) > _MAX_BLOCK:
            continue
        parts += [text[read : opening.start()], f"<answer>{' '.join(stated.split())}</answer>"]
        read = closing.end()
    return "".join([*parts, text[read:]])


def _failure(task: Task, stated: str) -> str:
    """Why a stated answer is not the right one; empty if it is."""
    quoted = stated if len(stated) <= _MAX_QUOTED else f"{stated[:_MAX_QUOTED]}..."
    choice = read_choice(stated)
    if choice is None or choice.letter not in cast("list[str]", task.facts["letters"]):
        return f"the answer {quoted!r} is not the letter of one option"
    if choice.text and not is_of(choice, options_of(task.prompt)):
        return f"the answer {quoted!r} is not a letter with the text of its option"
    return "" if choice.letter == task.gold else f"{choice.letter} is not the right option"


def _response(steps: Sequence[str], letter: str) -> str:
    return "\n".join(["<reasoning>", *steps, "</reasoning>", f"<answer>{letter}</answer>"])


def _wrong_options(rng: random.Random, drawn: Drawn, cap: int) -> list[int]:
    """What another way through the problem comes to, above or below the answer, and the same slip after either way.

    So the right option has a neighbour just as a wrong one has. None is a number of the question, if that can be, but
    for one where the answer is one too.
    """
    asked, answer = {int(number) for number in _NUMBER.findall(drawn.prompt)}, drawn.answer
    pairs = [(other, slip) for other in sorted(_other_results(drawn)) for slip in _SLIPS]
    sound = [(other, answer + slip, other + slip) for other, slip in pairs]
    sound = [options for options in sound if len({answer, *options}) == _OPTIONS and min(options) > 1]
    sound = [options for options in sound if max(options) <= cap] or sound
    alike = [options for options in sound if (options[0] in asked) == (answer in asked)] or sound
    alike = [options for options in alike if asked.isdisjoint(options[1:])] or alike
    above = rng.random() < _HALF
    return list(rng.choice([options for options in alike if (options[0] > answer) == above] or alike))


def _other_results(drawn: Drawn) -> set[int]:
    """What earlier steps, other operations with the numbers of the last step, and one operation more come to."""
    *before, last = drawn.solution.splitlines()[:-1]
    numbers = [int(number) for number in _NUMBER.findall(last.partition(": ")[2].partition(" = ")[0])]
    results = {int(line.rpartition(" = ")[2]) for line in before}
    for left, right in permutations([*numbers, drawn.answer, 2], 2):
        results |= {left + right, left - right, left * right}
        results |= {left // right} if left % right == 0 else set()
    return results - {drawn.answer}
