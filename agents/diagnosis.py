"""Warnings while a run is degenerate: when it goes on, but cannot learn what it should."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

WINDOW = 5
"""Measurements that have to agree before anything is said."""
LONG_WINDOW = 10
"""Batches whose mean reward is compared: those of fewer differ by which problems they drew."""
FALL = 0.15
"""A fall of mean rewards that is no chance."""
Metrics = Mapping[str, float]


def complaints(history: Sequence[Metrics]) -> tuple[str, ...]:
    """What is wrong with the last batches of a run, in words; empty where nothing is, or too little is known.

    What only some batches measure is judged by the last ones that did, when another has.

    Args:
        history: The metrics of every batch so far, in order.
    """
    broken = tuple(text for name, text in _NEVER if history and history[-1].get(name, 0.0) > 0)
    return broken + tuple(text for text, holds in _SIGNS if holds(history))


def _values(batches: Iterable[Metrics], name: str) -> list[float]:
    """The first few values of a metric, fewer where it was not measured so often."""
    return list(islice((metrics[name] for metrics in batches if name in metrics), WINDOW))


def _last(history: Sequence[Metrics], name: str) -> list[float]:
    """The last values of a metric; none where there are too few, or the newest batch did not measure it."""
    found = _values(reversed(history), name) if history and name in history[-1] else []
    return found if len(found) == WINDOW else []


def _always(name: str, test: Callable[[float], bool]) -> Callable[[Sequence[Metrics]], bool]:
    def holds(history: Sequence[Metrics]) -> bool:
        values = _last(history, name)
        return bool(values) and all(map(test, values))

    return holds


def _fallen(name: str, share: float) -> Callable[[Sequence[Metrics]], bool]:
    def holds(history: Sequence[Metrics]) -> bool:
        values = _last(history, name)
        return bool(values) and sum(values) < share * sum(_values(history, name))

    return holds


def _has_fallen_back(history: Sequence[Metrics]) -> bool:
    """Whether mean rewards are far below what they were; nothing is said of the first batches after the best ones."""
    rewards = [metrics["reward"] for metrics in history if "reward" in metrics]
    if len(rewards) < 2 * LONG_WINDOW:
        return False
    best = max(_mean(rewards[end - LONG_WINDOW : end]) for end in range(LONG_WINDOW, len(rewards) - LONG_WINDOW + 1))
    return _mean(rewards[-LONG_WINDOW:]) < best - FALL


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


_NEVER = (
    ("own_answer_shown", "a teacher was shown the rollout that it grades: this is a bug"),
    ("not_finite", "some metrics are not finite and left out: where grad_norm is missing, nothing was learnt"),
)
"""Counters that are 0, and what it means if one is not, even once."""
_SIGNS: tuple[tuple[str, Callable[[Sequence[Metrics]], bool]], ...] = (
    ("hardly any rollout has anything to learn from", _always("active_rows", lambda share: share < 0.02)),
    (
        "nearly all that the policy does is clipped: the rate or the steps a batch are too many",
        _always("clipped", lambda share: share > 0.5),
    ),
    ("most rollouts have a teacher that knows nothing more", _always("masked", lambda share: share > 0.9)),
    (
        "the memory's phrases appear in answers that are given without it",
        _always("leaked_phrases", lambda share: share > 0.2),
    ),
    (
        "a third of the insights are about the test instead of the subject",
        _always("insight/contamination", lambda s: s > 1 / 3),
    ),
    ("most reflections cannot be read: they are no JSON", _always("insight/unreadable", lambda share: share > 0.5)),
    ("no gradient", _always("grad_norm", lambda norm: norm == 0)),
    ("no group has a success: the problems are too hard", _always("groups_without_success", lambda share: share == 1)),
    ("every rollout succeeds: the problems are too easy", _always("groups_all_success", lambda share: share == 1)),
    ("most completions hit the length limit", _always("finished", lambda share: share < 0.5)),
    (
        "the teacher does not prefer right rollouts to wrong ones: its context does not help (benchmarks/probe.py), "
        "or its weights are behind the policy's",
        _always("teacher_prefers_right", lambda gap: gap <= 0),
    ),
    (
        f"rewards are {FALL:g} below what they were: the policy forgets, or its teacher gains nothing from context "
        "(for sdpo and pmd try --set teacher_kind=trust-region; --validate-every keeps the best weights)",
        _has_fallen_back,
    ),
    ("completions have shrunk to a third", _fallen("completion_tokens", 1 / 3)),
    ("the policy has become almost deterministic", _fallen("entropy", 0.1)),
)
"""What to say, and when."""
