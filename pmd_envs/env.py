"""One Gymnasium environment for every task family.

An episode is one problem. With ``granularity="step"`` an action is one reasoning step (math: one line; code: one
submission; logic: one deduction), with ``granularity="episode"`` it is a whole response, cut into the same steps and
checked in the same way. Every step that a program can check is checked, and the observation says what was wrong.
"""

import importlib
from functools import cache
from typing import Any, TypeAlias

import gymnasium
from gymnasium import spaces

from pmd_envs.arguments import hold_names, hold_values
from pmd_envs.contract import made_by, not_a, texts_by
from pmd_envs.errors import ConfigError
from pmd_envs.family import Family
from pmd_envs.records import StepVerdict, Task, Verdict
from pmd_envs.reset_options import task_asked_for
from pmd_envs.sources import open_source
from pmd_envs.spaces import UnicodeText, hold_action
from pmd_envs.task_source import MAX_PROBLEM, TaskSource
from pmd_envs.terminal import transcript
from pmd_envs.thoughts import end_of_thought, is_thinking, start_of_open_thought

Observation: TypeAlias = dict[str, Any]  # the keys and types of ReasoningEnv.observation_space
Info: TypeAlias = dict[str, str | int | float]

MAX_RESPONSE = 65_536
MAX_FEEDBACK = 2_000
MAX_TURNS = 64
MAX_CHECKED_STEPS = 256  # a response of thousands of lines is judged as a whole only
_UNCHECKED = StepVerdict(None, f"only the first {MAX_CHECKED_STEPS} steps are checked one by one")
_THOUGHT = StepVerdict(None, "a thought is not checked")
_SHAPE = 0.1  # potential of one checked step
_SHAPE_STEPS = 5  # steps of each sign that the potential counts


@cache
def load_family(path: str) -> Family:
    """The one instance of the family named ``module:Class``."""
    module_name, _, class_name = path.partition(":")
    try:
        family_class = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"family {path!r} cannot be loaded: {error}") from error
    if not (isinstance(family_class, type) and issubclass(family_class, Family)):
        raise ConfigError(f"family {path!r} is not a subclass of pmd_envs.Family")
    family: Family = family_class()
    return family


def observation_space() -> spaces.Dict:
    """The space of every family's observations."""
    return spaces.Dict(
        problem=UnicodeText(MAX_PROBLEM),
        steps=UnicodeText(MAX_RESPONSE),
        feedback=UnicodeText(MAX_FEEDBACK),
        turns_left=spaces.Discrete(MAX_TURNS + 1),
    )


class ReasoningEnv(gymnasium.Env[Observation, str]):
    """A verifiable reasoning problem, one episode each.

    Args:
        family: ``module:Class`` of the task family; the registered ids fill it in.
        split: ``train``, ``validation`` or ``test``.
        difficulty: A level of the family's generator; None draws from all levels, or from published data.
        source: ``auto``, ``local`` (folder ``PMD_DATA_DIR``), ``hub`` or ``generated``.
        granularity: ``step`` or ``episode``, see the module.
        reward: ``outcome`` pays the verdict at the end; ``shaped`` spreads it over the checked steps
            (differences of a potential, so that an episode's sum is the same, but for one that a limit outside of
            the environment cuts off, before there is a verdict).
        domain: One of the family's :attr:`~pmd_envs.Family.domains`; None takes them all.
        kinds: ``seen`` or ``unseen``: the kinds of problem to train on, or those kept out of training
            (:mod:`pmd_envs.kinds`); asks for generated problems. None draws from all.
        feedback: Whether observations say in words what was wrong. Without it an attempt is only paid or not, as in
            most training on rewards; ``info`` is the same.
        render_mode: ``ansi`` or None.
        **others: There are none: they are taken so as to say which was meant.

    Raises:
        ConfigError: A bad argument, with the nearest right one.
        DatasetError: Data that ``source`` forces is not there.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 1}  # noqa: RUF012  as Gymnasium declares it

    def __init__(  # noqa: PLR0913  these are the keyword arguments of the registered ids
        self,
        family: str,
        *,
        split: str = "train",
        difficulty: int | None = None,
        source: str = "auto",
        granularity: str = "step",
        reward: str = "outcome",
        domain: str | None = None,
        kinds: str | None = None,
        feedback: bool = True,
        render_mode: str | None = None,
        **others: object,
    ) -> None:
        if others:
            hold_names(others, ReasoningEnv)
        hold_values(granularity, reward, feedback, render_mode)
        whole = load_family(family)
        self.family = whole if domain is None else whole.in_domain(domain)
        self.dataset: TaskSource = open_source(self.family, split, difficulty, source, kinds)
        self.split = split
        self.kinds = kinds
        self.max_turns = 1 if granularity == "episode" else self.family.max_turns
        self.render_mode = render_mode
        self._ends_each_action = granularity == "episode"
        self._shaped = reward == "shaped"
        self.feedback = feedback
        self.action_space = UnicodeText(MAX_RESPONSE)
        self.observation_space = observation_space()
        self._task: Task | None = None
        self._over = True
        self._begin()

    def _begin(self) -> None:
        self._steps: list[str] = []
        self._accepted: list[str] = []
        self._verdicts: list[StepVerdict] = []
        self._verdict: Verdict | None = None
        self._first_wrong = -1
        self._judged = 0  # steps that are no thoughts
        self._thinking = False
        self._feedback = ""
        self._turns_left = self.max_turns
        self._potential = 0.0

    @property
    def task(self) -> Task:
        """The current problem.

        Raises:
            ConfigError: Before the first reset.
        """
        if self._task is None:
            raise ConfigError("there is no task before the first reset()")
        return self._task

    @property
    def step_verdicts(self) -> tuple[StepVerdict, ...]:
        """One verdict for each step of the episode so far."""
        return tuple(self._verdicts)

    @property
    def turns_left(self) -> int:
        """Actions that the episode has left."""
        return self._turns_left

    @property
    def in_thought(self) -> bool:
        """Whether the next action goes on with a thought that an earlier one began."""
        return self._thinking

    def task_by_id(self, task_id: str) -> Task:
        """The task with this id, without starting an episode."""
        return self.dataset.by_id(task_id)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, Info]:
        """Start an episode on a random task, or on ``options["task_id"]`` or ``options["index"]``."""
        super().reset(seed=seed)
        self._task = task_asked_for(self.dataset, options) if options else self.dataset.draw(self.np_random)
        self._over = False
        self._begin()
        return self._observation(), self._info(0)

    def step(self, action: str) -> tuple[Observation, float, bool, bool, Info]:
        """Take one action and check it. An action whose check fails has not been taken.

        Raises:
            gymnasium.error.ResetNeeded: After the end of an episode.
            ConfigError: The action is not a string of at most 65,536 characters.
            VerifierError: It could not be checked, as where no sandbox can be started.
        """
        if self._over:
            raise gymnasium.error.ResetNeeded("the episode is over: call reset() before step()")
        hold_action(action, self.action_space)
        before = self._kept()
        try:
            self._turns_left -= 1
            terminated, checked = self._take(action)
            truncated = not terminated and self._turns_left == 0
            if terminated or truncated:
                self._finish()
            reward = self._reward()
        except BaseException:
            self._go_back(before)
            raise
        return self._observation(), reward, terminated, truncated, self._info(checked)

    def _kept(self) -> tuple[int, int, int, int, int, bool, str, int]:
        """What an action changes, before it is taken."""
        lengths = len(self._steps), len(self._accepted), len(self._verdicts)
        return (*lengths, self._first_wrong, self._judged, self._thinking, self._feedback, self._turns_left)

    def _go_back(self, kept: tuple[int, int, int, int, int, bool, str, int]) -> None:
        steps, accepted, verdicts = kept[:3]
        del self._steps[steps:], self._accepted[accepted:], self._verdicts[verdicts:]
        self._first_wrong, self._judged, self._thinking, self._feedback, self._turns_left = kept[3:]
        self._over, self._verdict = False, None

    def _take(self, action: str) -> tuple[bool, int]:
        """Check the action's steps; whether they end the episode, and the worst or best mark among them."""
        codes = [0]
        self._feedback = ""
        family, task = self.family, self.task
        said, thought = self._said(action)
        steps = texts_by(family, "split_steps", said)
        room = max(MAX_CHECKED_STEPS - len(self._steps), 0)
        final = self._ends_each_action
        for step in steps[:room]:
            verdict = made_by(family, "check_step", StepVerdict, task, tuple(self._accepted), step)
            self._note(step, verdict)
            codes.append(verdict.code)
            if verdict.ok is False and not self._feedback:
                self._feedback = verdict.reason
            final = final or self._is_final(step, verdict)
        if len(steps) > room:  # kept as one, since there may be thousands
            self._note(family.join_steps(steps[room:]), _UNCHECKED)
            final = final or any(self._is_final(step, _UNCHECKED) for step in steps[room:])
        self._think(thought)
        return final, -1 if -1 in codes else max(codes)

    def _said(self, action: str) -> tuple[str, str]:
        """An action without those thoughts that began in an earlier one, and the one that is still open at its end.

        They stand among the steps of the episode, since the next action goes on with them, and nobody checks them.
        """
        if not self.family.continues:
            return action, ""
        before, self._thinking = self._thinking, is_thinking(action, self._thinking)
        first = end_of_thought(action) if before else 0
        if before and not first:
            return "", action
        self._think(action[:first])
        last = first + start_of_open_thought(action[first:])
        return action[first:last], action[last:]

    def _think(self, thought: str) -> None:
        if thought:
            self._steps.append(thought)
            self._verdicts.append(_THOUGHT)

    def _note(self, step: str, verdict: StepVerdict) -> None:
        if verdict.ok is not False:
            self._accepted.append(step)
        elif self._first_wrong < 0:
            self._first_wrong = self._judged
        self._judged += 1
        self._steps.append(step)
        self._verdicts.append(verdict)

    def _finish(self) -> None:
        self._over = True
        verdict = made_by(self.family, "verify", Verdict, self.task, self._joined())
        self._verdict = verdict
        if verdict.score < 1:
            self._feedback = verdict.reason

    # These two are asked at every step, where made_by would take a twentieth of a short episode.

    def _is_final(self, step: str, verdict: StepVerdict) -> bool:
        final = self.family.is_final(self.task, step, verdict)
        if final is not True and final is not False:
            raise not_a(bool, final, self.family, "is_final")
        return final

    def _joined(self) -> str:
        joined = self.family.join_steps(self._steps)
        if not isinstance(joined, str):
            raise not_a(str, joined, self.family, "join_steps")
        return joined

    def _reward(self) -> float:
        """The change of potential. Its sum over an episode is the final score in both modes."""
        before = self._potential
        if self._verdict is not None:
            self._potential = self._verdict.score
        elif self._shaped:
            right = sum(v.ok is True for v in self._verdicts)
            wrong = sum(v.ok is False for v in self._verdicts)
            self._potential = _SHAPE * (min(right, _SHAPE_STEPS) - min(wrong, _SHAPE_STEPS))
        return self._potential - before

    def _observation(self) -> Observation:
        task = self._task
        assert task is not None  # here as in _info: the property would take a fiftieth of a short episode
        return {
            "problem": task.prompt[:MAX_PROBLEM],
            "steps": self._joined()[-MAX_RESPONSE:],
            "feedback": self._feedback[:MAX_FEEDBACK] if self.feedback else "",
            "turns_left": self._turns_left,
        }

    def _info(self, checked: int) -> Info:
        verdict, task = self._verdict, self._task
        assert task is not None
        return {
            "task_id": task.id,
            "verified": checked,
            "score": 0.0 if verdict is None else float(verdict.score),
            "reason": "" if verdict is None else verdict.reason,
            "first_wrong_step": self._first_wrong,
            "instructions": self.family.instructions,
            "dataset": self.dataset.name,
            "fingerprint": self.dataset.fingerprint,
        }

    def render(self) -> str | None:
        """The episode so far as text, in ``ansi`` mode; what would steer a terminal is written out."""
        if self.render_mode != "ansi":
            return None
        return transcript(self.task.prompt, zip(self._steps, self._verdicts, strict=True), self._verdict)
