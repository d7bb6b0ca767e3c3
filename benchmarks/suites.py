"""What is run: suites as data. A suite says which environments, how many problems, and how long to train."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pmd_envs.errors import ConfigError
from pmd_envs.records import Json

_COUNTS = ("steps", "problems", "rollouts", "pool", "held_out", "k", "max_new_tokens", "parts")


@dataclass(frozen=True)
class EnvChoice:
    """An environment of a suite, with the keyword arguments that decide what its problems are."""

    id: str
    kwargs: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """A training budget and a measurement, the same for every agent."""

    name: str
    envs: tuple[EnvChoice, ...]
    steps: int = 40
    """Training batches."""
    problems: int = 4
    """Problems of each environment in a batch."""
    rollouts: int = 8
    """Attempts at each problem (G)."""
    pool: int = 48
    """Different training problems of each environment."""
    held_out: int = 48
    """Test problems of each environment."""
    unseen: int = 0
    """Test problems of each environment of kinds that are kept out of training; 0 trains on all kinds."""
    k: int = 8
    """Attempts at each test problem."""
    max_new_tokens: int = 96
    temperature: float = 1.0
    """Of rollouts and evaluation alike."""
    stop: tuple[str, ...] = ()
    """Texts that end a completion: a line break, where environments take a step at a time."""
    lr: float = 1e-4
    parts: int = 1
    """Optimizer steps for each batch."""
    warmup: int = 5
    """Training batches over which the learning rate rises."""
    settings: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """Knobs of agents, by agent, where the suite asks for other values than their defaults."""

    def __post_init__(self) -> None:
        if not self.envs:
            raise ConfigError(f"suite {self.name!r} has no environments")
        ids = [env.id for env in self.envs]
        if len(set(ids)) < len(ids):
            raise ConfigError(f"suite {self.name!r} has {max(ids, key=ids.count)!r} twice: scores are by environment")
        self._check_rewards()
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise ConfigError(f"suite {self.name!r}: {name} = {getattr(self, name)!r} is below 1")
        if self.unseen < 0:
            raise ConfigError(f"suite {self.name!r}: unseen = {self.unseen!r} is below 0")
        if self.problems > self.pool:
            raise ConfigError(f"suite {self.name!r}: problems = {self.problems} is above pool = {self.pool}")
        self._check_sampling()

    def _check_rewards(self) -> None:
        """Refuse an argument of environments that would change nothing."""
        for env in self.envs:
            reward = env.kwargs.get("reward", "outcome")
            if reward != "outcome":
                raise ConfigError(
                    f"suite {self.name!r}: reward = {reward!r} of {env.id} has no effect, since training and "
                    "evaluation take the score of the verdict: leave it out, or write reward = 'outcome'"
                )

    def _check_sampling(self) -> None:
        """Refuse what cannot be sampled or learnt with."""
        if not all(self.stop):
            raise ConfigError(
                f"suite {self.name!r}: stop = {self.stop!r} has an empty text, which would end everything"
            )
        whole = [env.id for env in self.envs if env.kwargs.get("granularity") == "episode"]
        if "\n" in self.stop and whole:
            raise ConfigError(
                f"suite {self.name!r}: stop = {self.stop!r} ends an answer at its first line, and {whole[0]} takes "
                "whole answers (granularity = 'episode')"
            )
        if self.lr <= 0 or self.temperature < 0 or self.warmup < 0:
            raise ConfigError(
                f"suite {self.name!r}: lr = {self.lr!r} has to be above 0, temperature = {self.temperature!r} and "
                f"warmup = {self.warmup!r} at least 0"
            )

    @property
    def title(self) -> str:
        """For figures: the name, and the environment if there is only one."""
        return f"{self.name}: {self.envs[0].id}" if len(self.envs) == 1 else self.name

    @property
    def known_envs(self) -> tuple[EnvChoice, ...]:
        """The environments to train on: without some kinds of problem if there are unseen ones to be measured."""
        return self._of("seen") if self.unseen else self.envs

    @property
    def unseen_envs(self) -> tuple[EnvChoice, ...]:
        """The environments with the kinds of problem that training lacks; none if it lacks none."""
        return self._of("unseen") if self.unseen else ()

    def _of(self, kinds: str) -> tuple[EnvChoice, ...]:
        return tuple(EnvChoice(env.id, {**env.kwargs, "kinds": kinds}) for env in self.envs)


def _generated(env_id: str, difficulty: int) -> EnvChoice:
    return EnvChoice(env_id, {"difficulty": difficulty, "granularity": "episode", "source": "generated"})


def _tier(name: str, level: int, **budget: int | float) -> Suite:
    """The three tasks that nano was made for, at one level."""
    families = ("GSM8K", "KnightsKnaves", "FunctionSynthesis")
    return Suite(name, tuple(_generated(f"pmd/{family}-v0", level) for family in families), lr=3e-4, **budget)  # type: ignore[arg-type]  # counts are whole


def _silent(suite: Suite) -> Suite:
    """A suite whose environments pay an attempt or not, and say no more about it."""
    envs = tuple(EnvChoice(env.id, {**env.kwargs, "feedback": False}) for env in suite.envs)
    return replace(suite, name=f"silent-{suite.name}", envs=envs)


EASY = _tier("easy", 1)
"""Tasks that nano solves alone in two of five attempts."""
MEDIUM = _tier("medium", 2)
"""Tasks that nano solves alone in about a sixth of its attempts."""
HARD = _tier("hard", 3, steps=80)
"""Tasks that nano solves alone in one of twelve attempts, so that most groups have no success."""

SILENT = tuple(_silent(tier) for tier in (EASY, MEDIUM, HARD))
"""The tiers for studies. Told no more than that its answer is not correct, nano is right in the next attempt at 72 of
100 problems of the medium tier and 44 of the hard one, as if it had been shown how
(docs/decisions/0021-silent-environments.md); and the papers' questions of science have no feedback either."""

DEFAULT = replace(MEDIUM, name="default")
"""The medium tier; two cores train on it in a few minutes."""

SMOKE = Suite("smoke", DEFAULT.envs, steps=2, problems=2, rollouts=2, pool=4, held_out=4, k=2)
"""The whole way in seconds, for checking an installation; its scores mean nothing."""

QUICK = Suite("quick", DEFAULT.envs, steps=10, pool=20, held_out=16, k=4)
"""A quarter of the default budget, and problems for two epochs of it: enough to see whether something works at all."""

GSM8K = Suite("gsm8k", (EnvChoice("pmd/GSM8K-v0", {"granularity": "episode", "source": "auto"}),), held_out=128)
"""Word problems: the published ones where they are to be had."""

CODE = Suite(
    "code",
    (
        _generated("pmd/FunctionSynthesis-v0", 4),
        _generated("pmd/ProgramRepair-v0", 1),
        _generated("pmd/CRUXEval-v0", 1),
    ),
)
"""Writing, mending and running short programs."""

LOGIC = Suite(
    "logic",
    (
        _generated("pmd/KnightsKnaves-v0", 2),
        _generated("pmd/Entailment-v0", 1),
        _generated("pmd/Ordering-v0", 1),
        _generated("pmd/ZebraGrid-v0", 1),
    ),
)
"""Deduction."""


_BASELINE: Mapping[str, Json] = {"variant": "sdpo_baseline"}
_WORDY: Mapping[str, Json] = {"ours.reflection_tokens": 1024}
"""Two or three strategies and lessons of two to four sentences each are longer than what nano writes."""


def _sciknoweval(domain: str, train: int, test: int) -> Suite:
    """One domain with the published settings: 20 epochs in batches of 32, 16 answers to each test problem.

    A tenth of the train rows is for validation: the pool has the others, so the same batches are 22 to 23 epochs of it.
    """
    # A wrong choice is told to nobody there, so groups without a success teach SDPO nothing.
    choice: Mapping[str, Json] = {"domain": domain, "granularity": "episode", "source": "auto", "feedback": False}
    sdpo: Mapping[str, Json] = {"alpha": 0.5, "top_k": 100}
    return Suite(
        f"paper-{domain}",
        (EnvChoice("pmd/SciKnowEval-v0", choice),),
        steps=20 * (train // 32),
        problems=32,
        pool=train,
        held_out=test,
        k=16,
        max_new_tokens=8192,
        lr=1e-5,
        warmup=10,
        settings={"rlvr": _BASELINE, "sdpo": sdpo, "pmd": {**sdpo, **_WORDY}},
    )


_CONTESTS: Mapping[str, Json] = {"alpha": 1.0, "top_k": 20, "teacher_rate": 0.01}
PAPER = (
    _sciknoweval("biology", 450, 50),
    _sciknoweval("chemistry", 1890, 210),
    _sciknoweval("material", 841, 94),
    _sciknoweval("physics", 720, 80),
    Suite(
        "paper-livecodebench",
        (EnvChoice("pmd/LiveCodeBench-v0", {"granularity": "episode", "source": "auto"}),),
        steps=20 * (131 // 32),
        problems=32,
        pool=131,
        held_out=131,
        k=4,
        max_new_tokens=8192,
        lr=1e-6,
        warmup=0,
        parts=32,
        settings={"rlvr": _BASELINE, "sdpo": _CONTESTS, "pmd": {**_CONTESTS, **_WORDY}},
    ),
)
"""The benchmarks of the PMD paper (2607.01480, table 11), one suite for each, since it trains on each by itself.

They are meant for models of billions of parameters. The rate of the teacher is not published for SciKnowEval; ours
stays. On LiveCodeBench it takes an optimizer step for each problem of a batch. Not as published: there our problems to
train on and to test are different ones (the paper trains and tests on the same 131, with half of the unit tests and
with all). The baseline takes the rate and as many steps as the others, on SciKnowEval as the SDPO paper's on-policy
GRPO (its other one: four steps a batch at 1e-6), and attempts at test problems are drawn as in training (SDPO's at
temperature 0.6 and top-p 0.95).
"""

_TIERS = (EASY, MEDIUM, HARD, *SILENT)
SUITES = {suite.name: suite for suite in (DEFAULT, *_TIERS, QUICK, SMOKE, GSM8K, CODE, LOGIC, *PAPER)}
GROUPS = {"paper": tuple(suite.name for suite in PAPER)}
"""Names for several suites, which ``run.py`` runs one after another and a matrix side by side."""
