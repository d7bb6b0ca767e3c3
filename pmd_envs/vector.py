"""The vector environment: many episodes side by side in one process.

It resets in the same step (Gymnasium's NEXT_STEP would throw half of all generations away) or, for those who choose the
next task themselves, not at all. It takes one task id for each sub-environment, may mix families (they all share their
spaces), and runs checks that wait for child processes in threads. The order of results never depends on timing.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Dict
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from numpy.typing import NDArray

from pmd_envs.arguments import hold_names
from pmd_envs.each_env import EachEnv
from pmd_envs.env import Info, Observation, ReasoningEnv, observation_space
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.reset_options import chosen_by, each_of, seeds_of
from pmd_envs.spaces import hold_action, hold_batch

Observations: TypeAlias = dict[str, Any]
_Env: TypeAlias = gymnasium.Env[Observation, str]
_PLAIN = frozenset((str, int, float, bool))
_AUTORESETS = (AutoresetMode.SAME_STEP, AutoresetMode.DISABLED)
_Outcome: TypeAlias = tuple[Observation, float, bool, bool, Info]


def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, "pmd-verify")


def _calls_programs(env: _Env) -> bool:
    """Whether a wrapper runs programs, for which others need not wait."""
    while isinstance(env, gymnasium.Wrapper):
        if getattr(env, "starts_processes", False):
            return True
        env = env.env
    return False


class ReasoningVectorEnv(  # type: ignore[misc]  # generators are read alone, as in Gymnasium's SyncVectorEnv
    EachEnv, VectorEnv[Observations, tuple[str, ...], NDArray[Any]]
):
    """Several :class:`ReasoningEnv` with SAME_STEP autoreset, or with none.

    Args:
        num_envs: How many episodes run side by side.
        autoreset_mode: ``AutoresetMode.SAME_STEP``, or ``AutoresetMode.DISABLED``, with which whoever steps resets what
            has ended (Gymnasium's ``reset_mask``) and no task is drawn that nobody asked for; or its value as a string.
        max_episode_steps: A limit set from outside, on top of the family's own; none if None or, as for
            ``gymnasium.make``, -1.
        **kwargs: As for :class:`ReasoningEnv`.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012  as Gymnasium declares it
        "autoreset_mode": AutoresetMode.SAME_STEP,
        "render_modes": ["ansi"],
    }

    def __init__(
        self,
        num_envs: int = 1,
        *,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        **kwargs: Any,  # noqa: ANN401  handed on to ReasoningEnv
    ) -> None:
        hold_names(kwargs, ReasoningEnv, "num_envs", "max_episode_steps", "autoreset_mode")
        if not isinstance(num_envs, (int, np.integer)) or num_envs < 1:
            raise ConfigError(f"num_envs={num_envs!r}: a vector environment needs at least one environment")

        def make_env() -> _Env:
            env = ReasoningEnv(**kwargs)
            return env if max_episode_steps in (None, -1) else gymnasium.wrappers.TimeLimit(env, max_episode_steps)

        self._set_up([make_env] * num_envs, autoreset_mode)

    @classmethod
    def of(
        cls, makers: Sequence[Callable[[], _Env]], autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP
    ) -> "ReasoningVectorEnv":
        """A vector environment of any mix of families, one maker for each sub-environment."""
        vector = cls.__new__(cls)
        vector._set_up(makers, autoreset_mode)
        return vector

    def _set_up(self, makers: Sequence[Callable[[], _Env]], autoreset_mode: AutoresetMode | str) -> None:
        if not makers:
            raise ConfigError("num_envs=0: a vector environment needs at least one environment")
        if autoreset_mode not in (*_AUTORESETS, *(mode.value for mode in _AUTORESETS)):
            raise unknown("autoreset_mode", str(autoreset_mode), [mode.value for mode in _AUTORESETS])
        self._resets_itself = AutoresetMode(autoreset_mode) == AutoresetMode.SAME_STEP
        self.metadata = {**type(self).metadata, "autoreset_mode": AutoresetMode(autoreset_mode)}
        self.envs: list[_Env] = [make() for make in makers]
        self.num_envs = len(self.envs)
        self._latest: list[Observation] = [{} for _ in self.envs]
        """The last observation of each; empty before its first episode."""
        self._over = np.zeros(self.num_envs, dtype=np.bool_)
        """Which have ended and wait for a reset."""
        waits = any(self._reasoning(env).family.starts_processes or _calls_programs(env) for env in self.envs)
        first = self.envs[0]
        for env in self.envs:
            if env.observation_space != first.observation_space:
                raise ConfigError(f"the observations of {env} are not like those of {first}: wrap all of them alike")
        self.render_mode = first.render_mode
        self._action_spaces = [env.action_space for env in self.envs]  # which wrappers look up one behind the other
        self.single_action_space = first.action_space
        self.single_observation_space = first.observation_space
        self.action_space = batch_space(first.action_space, self.num_envs)
        self.observation_space = batch_space(first.observation_space, self.num_envs)
        self._own_space = first.observation_space == observation_space()
        self._pool, self._pid = _pool() if waits else None, os.getpid()

    def _threads(self) -> ThreadPoolExecutor | None:
        """Those that checks run in, if they do: a forked process has none of its parent's."""
        if self._pool is not None and self._pid != os.getpid():
            self._pool, self._pid = _pool(), os.getpid()
        return self._pool

    def __getstate__(self) -> dict[str, Any]:
        """All but the threads, which cannot be copied."""
        return {**self.__dict__, "_pool": self._pool is not None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A copy has threads of its own, so that either may be closed."""
        self.__dict__.update(state, _pool=_pool() if state["_pool"] else None, _pid=os.getpid())

    @staticmethod
    def _reasoning(env: _Env) -> ReasoningEnv:
        inner = env.unwrapped
        if not isinstance(inner, ReasoningEnv):
            raise ConfigError(f"{inner!r} is not a pmd environment")
        return inner

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, dict[str, Any]]:
        """Start an episode in every sub-environment, or in some.

        Args:
            seed: One seed (sub-environment i gets seed + i) or a list of them.
            options: ``{"task_ids": [...]}`` gives each sub-environment its task. ``{"reset_mask": array}``, of
                (num_envs,) booleans, leaves the episodes of the others as they are, and their infos out.

        Raises:
            ConfigError: Other options, another number of seeds, ids or booleans than there are sub-environments, a seed
                that is none, or an id of no task. Then no episode has ended.
        """
        seeds = seeds_of(seed, self.num_envs)
        each = each_of(options or {}, self.num_envs)
        chosen = chosen_by(options or {}, [bool(latest) for latest in self._latest])
        infos: list[Info | None] = [None] * self.num_envs
        places = [int(i) for i in np.flatnonzero(chosen)]
        self._look_up({i: own["task_id"] for i in places if (own := each[i]) is not None})
        for i in places:
            self._latest[i], infos[i] = self.envs[i].reset(seed=seeds[i], options=each[i])
            self._over[i] = False
        return self._batch(self._latest), self._stack(infos)

    def _look_up(self, task_ids: dict[int, Any]) -> None:
        """Hold that all tasks are there before any episode ends; a group's is looked for once."""
        sources = {i: self._reasoning(self.envs[i]) for i in task_ids}
        wanted = {(id(sources[i].dataset), str(task_id)): i for i, task_id in task_ids.items()}
        for i in wanted.values():
            sources[i].task_by_id(task_ids[i])

    def step(
        self, actions: Sequence[str]
    ) -> tuple[Observations, NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Step every sub-environment; one that ends starts its next episode at once, unless autoreset is disabled.

        The last observation and info of an episode that another one follows at once are ``infos["final_obs"]`` and
        ``infos["final_info"]``.

        Raises:
            gymnasium.error.ResetNeeded: An episode is over, and nobody has reset it.
            ConfigError: Another number of actions, one that is none, or one text in the place of all of them. Then no
                environment has taken its action.
            VerifierError: An action could not be checked. Its environment has not taken it, the others have theirs;
                of them those whose episodes have ended wait for a reset, whatever the autoreset mode.
        """
        hold_batch(actions, self.num_envs)
        chosen = list(iterate(self.action_space, tuple(actions)))
        if len(chosen) != self.num_envs:
            raise ConfigError(f"{len(chosen)} actions for {self.num_envs} environments")
        if self._over.any():  # before any of them takes its action
            raise ResetNeeded(f"the episode of environment {self._over.argmax()} is over: reset it (reset_mask) first")
        for space, action in zip(self._action_spaces, chosen, strict=True):
            hold_action(action, space)
        outcomes = self._taken(self._step_all(chosen))
        last: list[Info | None] = []
        final_obs: list[Observation | None] = [None] * self.num_envs
        final_info: list[Info | None] = [None] * self.num_envs
        for i, (observation, _, terminated, truncated, info) in enumerate(outcomes):
            ends = terminated or truncated
            self._over[i] = ends and not self._resets_itself
            if ends and self._resets_itself:
                final_obs[i], final_info[i] = observation, info
                observation, info = self.envs[i].reset()
            self._latest[i] = observation
            last.append(info)
        infos = self._stack(last)
        ended = np.array([info is not None for info in final_info], dtype=np.bool_)
        if ended.any():
            obs = np.full(self.num_envs, None, dtype=object)
            for i, final in enumerate(final_obs):  # NumPy would take tuples of one length apart
                obs[i] = final
            infos |= {
                "final_obs": obs,
                "_final_obs": ended,
                "final_info": self._stack(final_info),
                "_final_info": ended.copy(),
            }
        rewards = np.array([outcome[1] for outcome in outcomes], dtype=np.float64)
        terminations = np.array([outcome[2] for outcome in outcomes], dtype=np.bool_)
        truncations = np.array([outcome[3] for outcome in outcomes], dtype=np.bool_)
        return self._batch(self._latest), rewards, terminations, truncations, infos

    def _stack(self, each: Sequence[Info | None]) -> dict[str, Any]:
        """The infos of the sub-environments as Gymnasium's ``_add_info`` batches them, one key at a time.

        That takes one info at a time, which is most of the time of a step: ours all have the same keys and types.
        """
        given = [info for info in each if info is not None]
        keys = tuple(given[0])
        same_keys = [*map(tuple, given)].count(keys) == len(given)
        columns = [*zip(*[info.values() for info in given], strict=True)] if same_keys else []
        kinds = [set(map(type, column)) for column in columns]
        if not same_keys or any(len(kind) > 1 for kind in kinds) or not _PLAIN.issuperset(set().union(*kinds)):
            stacked: dict[str, Any] = {}
            for i, info in enumerate(each):
                stacked = stacked if info is None else self._add_info(stacked, info, i)
            return stacked
        present = np.array([info is not None for info in each], dtype=np.bool_)
        arrays: dict[str, Any] = {}
        for key, column, (kind,) in zip(keys, columns, kinds, strict=True):
            array = np.full(self.num_envs, None, object) if kind is str else np.zeros(self.num_envs, kind)
            array[present] = column
            arrays[key], arrays[f"_{key}"] = array, present.copy()
        return arrays

    def _step_all(self, actions: list[str]) -> list[_Outcome | Exception]:
        def take(pair: tuple[_Env, str]) -> _Outcome | Exception:
            env, action = pair
            try:
                observation, reward, terminated, truncated, info = env.step(action)
            except Exception as error:  # noqa: BLE001  raised when all have taken theirs
                return error
            return observation, float(reward), terminated, truncated, info

        pairs = list(zip(self.envs, actions, strict=True))
        threads = self._threads()
        return list(map(take, pairs)) if threads is None else list(threads.map(take, pairs))

    def _taken(self, outcomes: list[_Outcome | Exception]) -> list[_Outcome]:
        """All outcomes; if a check failed, its error: then the outcomes of the others are lost, and no episode is."""
        taken = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
        if len(taken) == len(outcomes):
            return taken
        failed: list[tuple[int, Exception]] = []
        for i, outcome in enumerate(outcomes):
            if isinstance(outcome, Exception):
                failed.append((i, outcome))
            else:
                self._latest[i], self._over[i] = outcome[0], outcome[2] or outcome[3]
        place, error = failed[0]
        error.add_note(f"Environment {place} has not taken its action; {len(taken)} of {len(outcomes)} have.")
        raise error

    def _batch(self, observations: list[Observation]) -> Observations:
        """As Gymnasium's ``concatenate``, which looks up how to do it for each space; for our own we know."""
        space = self.single_observation_space
        if self._own_space:
            assert isinstance(space, Dict)
            batch: Observations = {key: tuple([each[key] for each in observations]) for key in space}
            batch["turns_left"] = np.array(batch["turns_left"], dtype=np.int64)
            return batch
        empty = create_empty_array(space, n=self.num_envs)
        assert empty is not None  # as only spaces that Gymnasium does not know would have it
        return concatenate(space, observations, empty)  # type: ignore[return-value]  # of chats it is a tuple

    def render(self) -> tuple[Any, ...] | None:
        """Each sub-environment's rendering."""
        return tuple(env.render() for env in self.envs)

    def close_extras(self, **kwargs: Any) -> None:  # noqa: ANN401, ARG002  the signature is Gymnasium's
        """Close the sub-environments and the threads."""
        for env in self.envs:
            env.close()
        threads = self._threads()
        if threads is not None:
            threads.shutdown()
