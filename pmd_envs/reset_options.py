"""What a reset asks for: a task, and of a vector environment seeds, tasks and which episodes are to begin."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pmd_envs.errors import ConfigError, unknown
from pmd_envs.records import Task
from pmd_envs.task_source import TaskSource

Options: TypeAlias = dict[str, Any]
_KNOWN = ("task_ids", "reset_mask")
_KNOWN_OF_ONE = ("task_id", "index")


def task_asked_for(source: TaskSource, options: Options) -> Task:
    """The task that the options of one environment name, by its id or by its index.

    Raises:
        ConfigError: They name both, or something else, or there is no such task.
    """
    for name in options:
        if name not in _KNOWN_OF_ONE:
            raise unknown("reset option", name, _KNOWN_OF_ONE)
    if len(options) > 1:
        raise ConfigError(f"reset options name a task by task_id or by index, and not by both: {options!r:.200}")
    return source.by_id(options["task_id"]) if "task_id" in options else source.at(options["index"])


def seeds_of(seed: object, count: int) -> list[int | None]:
    """A seed for each of ``count`` environments, from a list of them, or from one number, which counts up.

    Raises:
        ConfigError: A list has another length, or a seed is no integer from 0 on, which Gymnasium would find out when
            the environments before it have begun.
    """
    if seed is None or isinstance(seed, int):
        each: list[int | None] = [None if seed is None else seed + i for i in range(count)]
    elif isinstance(seed, (Sequence, np.ndarray)):
        each = list(seed)
    else:
        raise ConfigError(f"a seed is an int, or a list of {count}, not {seed!r:.80} of type {type(seed).__name__}")
    if len(each) != count:
        raise ConfigError(f"{len(each)} seeds for {count} environments")
    for one in each:
        if one is not None and (not isinstance(one, int) or one < 0):
            raise ConfigError(f"a seed is an int from 0 on, or None, not {one!r:.80}")
    return each


def each_of(options: Options, count: int) -> list[Options | None]:
    """The options of each of ``count`` environments.

    Raises:
        ConfigError: There is an option that none is known by, or there are more or fewer task ids.
    """
    wrong = sorted(set(options) - {*_KNOWN}, key=str)
    if wrong:
        raise unknown("reset option of a vector environment", wrong[0], _KNOWN)
    if "task_ids" not in options:
        return [None] * count
    task_ids = options["task_ids"]
    if isinstance(task_ids, str) or not isinstance(task_ids, (Sequence, np.ndarray)):
        raise ConfigError(f"task_ids are a list of {count} ids, one for each environment, not {task_ids!r:.80}")
    if len(task_ids) != count:
        raise ConfigError(f"{len(task_ids)} task ids for {count} environments")
    return [{"task_id": task_id} for task_id in task_ids]


def chosen_by(options: Options, begun: Sequence[bool]) -> NDArray[np.bool_]:
    """Which environments are to begin an episode: all, or those of the mask.

    Raises:
        ConfigError: The mask is none, chooses nothing, or leaves out an environment that has not ``begun`` an episode.
    """
    if "reset_mask" not in options:
        return np.ones(len(begun), dtype=np.bool_)
    wrong = ConfigError(f"reset_mask has {len(begun)} booleans, some of them true, not {options['reset_mask']!r}")
    try:
        mask = np.asarray(options["reset_mask"])
    except ValueError:  # lists of different lengths
        raise wrong from None
    if mask.shape != (len(begun),) or mask.dtype != np.bool_ or not mask.any():
        raise wrong
    never = [i for i in map(int, np.flatnonzero(~mask)) if not begun[i]]
    if never:
        raise ConfigError(f"reset_mask leaves out environment {never[0]}, which has not begun an episode yet")
    return mask
