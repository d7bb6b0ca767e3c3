"""What an environment can be told by keyword, and what is said of what it cannot."""

import inspect
from collections.abc import Callable, Iterable
from typing import Literal, get_args

from pmd_envs.errors import unknown

Granularity = Literal["step", "episode"]
Reward = Literal["outcome", "shaped"]


def hold_names(given: Iterable[str], makes: Callable[..., object], *more: str) -> None:
    """Hold that something can be made with these keyword arguments.

    Args:
        given: Their names.
        makes: What takes them. Its signature says which there are.
        *more: Names that somebody else takes on the way.

    Raises:
        ConfigError: There is one that it does not take, as one with a typo.
    """
    parameters = inspect.signature(makes).parameters.values()
    known = [*more, *(one.name for one in parameters if one.kind is one.KEYWORD_ONLY)]
    # A registered id fills in the family. It is no argument of those who make an environment by its id.
    wrong = next((name for name in given if name not in (*known, "family")), None)
    if wrong is not None:
        raise unknown("argument", wrong, known)


def hold_values(granularity: object, reward: object, feedback: object, render_mode: object) -> None:
    """Hold that these arguments have values that there are.

    Raises:
        ConfigError: One has another.
    """
    if granularity not in get_args(Granularity):
        raise unknown("granularity", granularity, get_args(Granularity))
    if reward not in get_args(Reward):
        raise unknown("reward", reward, get_args(Reward))
    if not isinstance(feedback, bool):
        raise unknown("feedback", feedback, (True, False))
    if render_mode not in (None, "ansi"):
        raise unknown("render_mode", render_mode, ("ansi",))
