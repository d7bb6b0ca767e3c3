"""Warnings while a run is degenerate: when it goes on, but cannot learn what it should."""

from collections.abc import Callable, Mapping, Sequence

WINDOW = 5
"""Batches that have to agree before anything is said."""
Metrics = Mapping[str, float]


def complaints(history: Sequence[Metrics]) -> tuple[str, ...]:
    """What is wrong with the last batches of a run, in words; empty where nothing is, or too little is known.

    Args:
        history: The metrics of every batch so far, in order.
    """
    broken = tuple(text for name, text in _NEVER if history and history[-1].get(name, 0.0) > 0)
    if len(history) < WINDOW:
        return broken
    recent = history[-WINDOW:]
    return broken + tuple(text for text, holds in _SIGNS if holds(recent, history[:WINDOW]))


def _always(name: str, test: Callable[[float], bool]) -> Callable[[Sequence[Metrics], Sequence[Metrics]], bool]:
    return lambda recent, first: all(name in m and test(m[name]) for m in recent)  # noqa: ARG005  one signature


def _shrunk(recent: Sequence[Metrics], first: Sequence[Metrics]) -> bool:
    return _total(recent, "completion_tokens") < _total(first, "completion_tokens") / 3


def _certain(recent: Sequence[Metrics], first: Sequence[Metrics]) -> bool:
    started = _total(first, "entropy")
    return started > 0 and _total(recent, "entropy") < started / 10


def _misled(recent: Sequence[Metrics], first: Sequence[Metrics]) -> bool:  # noqa: ARG001  one signature
    return all("teacher_prefers_right" in m for m in recent) and _total(recent, "teacher_prefers_right") < 0


def _total(metrics: Sequence[Metrics], name: str) -> float:
    return sum(m.get(name, 0.0) for m in metrics)


_NEVER = (("own_answer_shown", "a teacher was shown the rollout that it grades: this is a bug"),)
"""Counters that are 0, and what it means if one is not, even once."""
_SIGNS: tuple[tuple[str, Callable[[Sequence[Metrics], Sequence[Metrics]], bool]], ...] = (
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
    ("no gradient", _always("grad_norm", lambda norm: norm == 0)),
    ("no group has a success: the problems are too hard", _always("groups_without_success", lambda share: share == 1)),
    ("every rollout succeeds: the problems are too easy", _always("groups_all_success", lambda share: share == 1)),
    ("most completions hit the length limit", _always("finished", lambda share: share < 0.5)),
    ("the teacher prefers wrong rollouts to right ones: its context does not help (see benchmarks/probe.py)", _misled),
    ("completions have shrunk to a third", _shrunk),
    ("the policy has become almost deterministic", _certain),
)
"""What to say, and when."""
