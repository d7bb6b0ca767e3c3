"""What a task family is: one class that can make, check and solve its own problems.

A family knows nothing of Gymnasium, splits or ids: :class:`pmd_envs.env.ReasoningEnv` and
:mod:`pmd_envs.sources` add those. To add one, subclass :class:`Family` in a file of your own and call
``pmd_envs.register(YourFamily)``.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

from pmd_envs.contract import made_by
from pmd_envs.datasets import Dataset
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.records import Json, Problem, Split, StepVerdict, Task, Verdict
from pmd_envs.thoughts import spoken


class Family(ABC):
    """Generator, step check, verifier and gold solution of one kind of problem."""

    name: ClassVar[str]
    """As in the id: ``pmd/<name>-v<version>``."""
    version: ClassVar[int] = 0
    """Rises when data, prompts or the verifier change."""
    instructions: ClassVar[str]
    """How an answer has to look. Chat policies show it with the problem; nano knows it by heart."""
    difficulties: ClassVar[tuple[int, ...]]
    """The levels that :meth:`generate` takes, easiest first."""
    added: ClassVar[tuple[int, ...]] = ()
    """Those that came later: results on the others stay comparable, so their data keep their fingerprint."""
    max_turns: ClassVar[int]
    """Actions an episode may take in step granularity."""
    continues: ClassVar[bool] = True
    """Whether an action goes on where the last one ended (lines of a solution) or replaces it (submissions)."""
    starts_processes: ClassVar[bool] = False
    """Whether checks wait for child processes, so that a vector environment should run them in threads."""
    dataset: ClassVar[Dataset | None] = None
    """The published data set that ``source="local"`` and ``source="hub"`` read, if there is one."""

    domains: ClassVar[tuple[str, ...]] = ()
    """Parts of the family that ``domain=`` chooses from, if it has any."""

    @property
    def scope(self) -> str:
        """What task ids begin with."""
        return f"{self.name}-v{self.version}"

    def in_domain(self, domain: str) -> "Family":
        """The family confined to one of its :attr:`domains`.

        Raises:
            ConfigError: There is no such domain.
        """
        if domain in self.domains:
            raise ConfigError(f"{self.name} has the domains {', '.join(self.domains)}, but does not define in_domain")
        raise unknown(f"domain of {self.name}", domain, self.domains)

    def in_split(self, split: Split) -> "Family":  # noqa: ARG002  subclasses read it
        """The family as it draws for a split: itself, where the content of a problem alone decides its split."""
        return self

    @property
    def revision(self) -> str:
        """What :meth:`generate` depends on besides this class, for the fingerprint; empty to have it try some draws."""
        return ""

    @abstractmethod
    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw one problem. All randomness comes from ``rng``."""

    def kinds(self, difficulty: int) -> tuple[str, ...]:  # noqa: ARG002  subclasses read it
        """Names of the kinds of problem that :meth:`generate` draws from at a level; none where it has no kinds."""
        return ()

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:  # noqa: ARG002
        """Draw one problem of one of :meth:`kinds`."""
        known = self.kinds(difficulty)
        if kind in known:
            raise ConfigError(f"{self.name} has the kinds {', '.join(known)}, but does not define generate_kind")
        raise unknown(f"kind of {self.name} at difficulty {difficulty}", kind, known)

    def generate_wanted(
        self, rng: random.Random, difficulty: int, kinds: Sequence[str] | None, wanted: Callable[[str], bool]
    ) -> Problem | None:
        """Draw one problem, of one of ``kinds`` if there are some, or ``None`` if its :meth:`content` is not wanted.

        A split takes what its hash says and draws again otherwise. A family that knows the content of a problem before
        it has written it down overrides this, so as to write only what is wanted.
        """
        if kinds is None:
            problem = made_by(self, "generate", Problem, rng, difficulty)
        else:
            problem = made_by(self, "generate_kind", Problem, rng, rng.choice(kinds), difficulty)
        return problem if wanted(made_by(self, "content", str, problem)) else None

    @abstractmethod
    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge one step, given the earlier steps of the same response that were not wrong."""

    @abstractmethod
    def verify(self, task: Task, response: str) -> Verdict:
        """Judge a whole response. Never raises because of what the response says."""

    @abstractmethod
    def gold_solution(self, task: Task) -> str:
        """A response that scores 1 and whose every step checks (for data rows: the published solution)."""

    def from_row(self, row: dict[str, Json]) -> Problem:
        """Turn one row of :attr:`dataset` into a problem."""
        raise TypeError(f"{type(self).__name__} declares a data set but does not define from_row({sorted(row)})")

    def content(self, problem: Problem) -> str:
        """What makes two problems the same one; its hash decides the split."""
        return problem.prompt

    def split_steps(self, response: str) -> tuple[str, ...]:
        """Cut what a response says after its thoughts into steps, by :meth:`cut_steps`."""
        return self.cut_steps(spoken(response))

    def cut_steps(self, text: str) -> tuple[str, ...]:
        """Cut a text without thoughts into steps: by default its non-empty lines."""
        return tuple([step for line in text.splitlines() if (step := line.strip())])

    def join_steps(self, steps: Sequence[str]) -> str:
        """Put the steps of an episode together into the response that :meth:`verify` judges."""
        return "\n".join(steps)

    def answer(self, response: str) -> str | None:  # noqa: ARG002  subclasses read it
        """The answer that a response states, in a form in which equal answers are equal, for majority votes.

        Empty where it states none; None where votes make no sense (two right programs are rarely the same text).
        """
        return None

    @abstractmethod
    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:
        """Whether this step ends the episode (it states an answer, or passes the public tests)."""
