"""One task family for each data set of reasoning-gym.

    Calculate the following expression... 4 + 3

    <answer>7</answer>

The families are made when they are first asked for: ``ChainSum`` of this module is the data set ``chain_sum``. A
difficulty is a level of the data set's curriculum. All entries come from one seed. Each split draws from a range of
indices of its own, and keeps the questions whose hash says so, since the smaller data sets have equal questions at many
indices. So neither an index nor a question can be in two. The answer alone is checked.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import ClassVar

from pmd_envs.errors import DatasetError
from pmd_envs.family import Family
from pmd_envs.records import Json, Problem, Split, StepVerdict, Task, Verdict
from pmd_envs.rg.catalogue import LEVELS, MAX_TURNS, class_name
from pmd_envs.rg.entries import Entry, entry_at, package_version, size_of
from pmd_envs.rg.oracles import answered
from pmd_envs.rg.rules import plain
from pmd_envs.rg.scoring import judge
from pmd_envs.thoughts import spoken

_OPEN, _CLOSE = "<answer>", "</answer>"
_ATTEMPTS = 100
_DRAWS = 1_000  # of the problems of propositional_logic one in twelve is sound
_MAX_QUESTION = 16_000  # an observation holds a few more
_NOTHING = StepVerdict(None, "only the answer is checked")
_TENTHS: Mapping[Split, tuple[int, int]] = {"train": (0, 8), "validation": (8, 9), "test": (9, 10)}
_REVISED = {"propositional_logic": ", premises that are needed together"}
"""What else decides which entries of a data set are drawn."""
_CHARACTER = re.compile(r"[^\W_]", re.ASCII)


class ReasoningGym(Family):
    """Problems of one data set of reasoning-gym."""

    instructions: ClassVar[str] = (
        "Think step by step. Then write the answer between <answer> and </answer>, and nothing else there, in exactly "
        "the format that the problem asks for: <answer>42</answer>"
    )
    max_turns: ClassVar[int] = MAX_TURNS
    data_set: ClassVar[str]
    """Its name in reasoning-gym."""

    def __init__(self, split: Split | None = None) -> None:
        self._split = split

    def in_split(self, split: Split) -> Family:
        """The family that draws from the indices of a split."""
        return _confined(type(self), split)

    @property
    def indices(self) -> range:
        """What it draws from: eight tenths of the data set are for training, one for validation, one for tests."""
        size = size_of(self.data_set)
        first, last = (0, 10) if self._split is None else _TENTHS[self._split]
        return range(size * first // 10, size * last // 10)

    @property
    def revision(self) -> str:
        """The version of the package: trying draws of every level would take seconds for some."""
        return f"reasoning-gym {package_version()}, {_TENTHS}{_REVISED.get(self.data_set, '')}"

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw an entry at a random index; one that is not sound is passed over."""
        failure: DatasetError | None = None
        for _ in range(_DRAWS):
            index = rng.choice(self.indices)
            try:
                entry = self._sound(difficulty, index)
            except DatasetError as error:
                failure = error
                continue
            facts: dict[str, Json] = {"kind": self.data_set, "plan": "", "level": difficulty, "index": index}
            return Problem(entry.question, entry.answer or "", facts)
        raise DatasetError(f"{self.name} makes no problem at difficulty {difficulty}: {failure}")

    def _entry(self, level: int, index: int) -> Entry:
        return _answered(self.data_set, level, index)

    def _sound(self, level: int, index: int) -> Entry:
        """An entry that fits into an observation and whose answer is right by the rules; about all of them are.

        Some puzzles have no solution, some integrals are left unsolved.
        """
        entry = self._entry(level, index)
        if len(entry.question) > _MAX_QUESTION:
            raise DatasetError(f"the question of entry {index} has {len(entry.question)} characters")
        right, reason = judge(self.data_set, level, entry, entry.answer or "")
        if not right:
            raise DatasetError(f"of its own answer to entry {index}, {reason}")
        return entry

    def content(self, problem: Problem) -> str:
        """The question, whatever its spaces."""
        return plain(problem.prompt)

    def cut_steps(self, text: str) -> tuple[str, ...]:
        """Lines; an answer that goes over several lines is one step."""
        steps: list[str] = []
        read = 0
        for start, end in _blocks(text):
            steps += [*super().cut_steps(text[read:start]), text[start:end]]
            read = end
        return (*steps, *super().cut_steps(text[read:]))

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge the answer, if the step states one."""
        del accepted
        stated = _stated(step)
        return _NOTHING if stated is None else StepVerdict(*self._judge(task, stated))

    def _judge(self, task: Task, stated: str) -> tuple[bool, str]:
        level, index = int(str(task.facts["level"])), int(str(task.facts["index"]))
        return judge(self.data_set, level, self._entry(level, index), stated)

    def verify(self, task: Task, response: str) -> Verdict:
        """Score 1 if the last stated answer is right."""
        stated = _stated(response)
        if stated is None:
            return Verdict(0.0, f"no final answer: write it between {_OPEN} and {_CLOSE}")
        right, reason = self._judge(task, stated)
        return Verdict(float(right), reason)

    def gold_solution(self, task: Task) -> str:
        """A right answer."""
        return f"{_OPEN}{task.gold}{_CLOSE}"

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:
        """A step that states an answer ends the episode."""
        del task, verdict
        return _stated(step) is not None

    def answer(self, response: str) -> str:
        """The stated answer, without differences in spaces."""
        return plain(_stated(response) or "")

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """The right answer with one character changed, or a short wrong one."""
        for attempt in range(_ATTEMPTS):
            places = [match.start() for match in _CHARACTER.finditer(task.gold)]
            if places and attempt < _ATTEMPTS // 2:
                place = rng.choice(places)
                wrong = f"{task.gold[:place]}{rng.choice('0123456789abcXYZ')}{task.gold[place + 1 :]}"
            else:
                wrong = str(rng.randrange(10**6))
            if not self._judge(task, wrong)[0]:
                return f"{_OPEN}{wrong}{_CLOSE}"
        raise RuntimeError(f"no wrong solution found for {task.id}")


@lru_cache(maxsize=512)
def _answered(name: str, level: int, index: int) -> Entry:
    """Kept like the entry itself: some answers take a search of seconds, and every verdict asks for the entry."""
    return answered(name, entry_at(name, level, index))


@cache
def _confined(family: type[ReasoningGym], split: Split) -> ReasoningGym:
    """One instance of each, so that what was drawn is found again."""
    return family(split)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Where each stated answer begins and ends, with its tags."""
    read = 0
    while (end := text.find(_CLOSE, read)) >= 0:
        start = text.rfind(_OPEN, read, end)
        read = end + len(_CLOSE)
        if start >= 0:
            yield start, read


def _stated(response: str) -> str | None:
    text = spoken(response)
    *_, last = None, *_blocks(text)
    return None if last is None else text[last[0] + len(_OPEN) : last[1] - len(_CLOSE)]


_NAMES = {class_name(name): name for name in LEVELS}
_MADE: dict[str, type[ReasoningGym]] = {}


def __getattr__(name: str) -> type[ReasoningGym]:
    """The family class of this name, made once: 105 classes are not needed to register ids."""
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name not in _MADE:
        source = _NAMES[name]
        body = {
            "__module__": __name__,
            "__doc__": f"Problems of reasoning-gym's {source}.",
            "name": f"rg-{source}",
            "difficulties": LEVELS[source],
            "data_set": source,
        }
        _MADE[name] = type(name, (ReasoningGym,), body)
    return _MADE[name]
