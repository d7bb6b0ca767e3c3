"""What stands before the tables of a study's page: what was measured and how, by which code, and what is left out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from agents.registry import labelled
from benchmarks.ran_by import said_of
from benchmarks.study_records import Measure, Study
from leaderboard.alike import alike_text, different


def without_home(name: str) -> str:
    """A name as it is, and of an absolute path the end: where a machine keeps its files is nobody's concern."""
    path = Path(name)
    return "/".join(path.parts[-2:]) if path.is_absolute() else name


def head(studies: Sequence[Study], command: str) -> Iterator[str]:
    """The lines that stand before the tables."""
    one = studies[0]
    steps = ", ".join(f"{study.steps} on `{study.suite}`" for study in studies)
    yield "# Results"
    yield ""
    drawn = {study.k for study in studies}
    each = "" if len(drawn) == 1 else f" (k: {', '.join(f'{study.k} on `{study.suite}`' for study in studies)})"
    k = "k" if each else str(one.k)
    chosen = any(study.with_measure("best") for study in studies)
    best = "The best weights are chosen on validation problems, the untrained ones among them. " if chosen else ""
    fresh = f" ({one.seeds[0]} to {one.seeds[-1]})" if one.seeds[0] else ""
    yield (
        f"{_counted(len(one.seeds), 'seed')}{fresh} of the policy `{without_home(one.policy)}`; training batches: "
        f"{steps}. Scores are avg@{k}{each} on the {one.split} problems, the mean over environments. Every arm had the "
        "same training problems in the same order, the same number of rollouts and the same held-out problems. "
        f"{_intervals(one)}{best}maj@{k} and headroom, which is "
        f"pass@{k} less maj@{k}, are over the environments whose answers can be counted. The tables are written by "
        f"`{command}`."
    )
    yield ""
    commits = sorted({commit for study in studies for commit in study.commits})
    machines = sorted({machine for study in studies for machine in study.machines})
    yield " ".join([*said_of(commits, machines), _leaks(studies)])
    yield ""
    said = dict.fromkeys(text for study in studies for text in _alike(study))
    if said:
        yield f"Some problems ask the same, and are drawn together in intervals: {'; '.join(said)}."
        yield ""
    missing = [
        f"{labelled(arm)} on `{study.suite}` (without seed {', '.join(map(str, seeds))})"
        for study in studies
        for arm, seeds in study.left_out.items()
    ]
    if missing:
        yield f"Left out, since not all of their runs are finished: {'; '.join(missing)}."
        yield ""


def _intervals(study: Study) -> str:
    if len(study.seeds) > 1:
        return "Intervals are 95 %, from a bootstrap over seeds and over the problems of each environment. "
    return (
        "Intervals are 95 %, from a bootstrap over the problems of each environment: they are about these runs only, "
        "since one seed does not tell how much an arm differs from one training to the next. "
    )


def _alike(study: Study) -> Iterator[str]:
    """How many problems of an environment are different, where some are not."""
    kinds: dict[Measure, str] = {"final": "", "unseen": ", held-out templates"}
    for measure, kind in kinds.items():
        for arm in study.with_measure(measure)[:1]:
            for env, same in zip(study.envs, arm.measured[measure].which_are_same, strict=True):
                if different(same) < len(same):
                    yield f"{alike_text(env, same)} (`{study.suite}`{kind})"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _leaks(studies: Sequence[Study]) -> str:
    """Whether a teacher was shown the very rollout that it graded."""
    shown = {f"{arm.name} on {study.suite}": arm.own_shown for study in studies for arm in study.arms if arm.own_shown}
    copies = {
        f"{arm.name} on {study.suite}": arm.copies_shown for study in studies for arm in study.arms if arm.copies_shown
    }
    said = "No teacher read the rollout that it graded."
    if shown:
        said = "Teachers read the very rollout that they graded, as they never should, for a share of rollouts: "
        said += f"{_shares(shown)}."
    if copies:
        said += f" Those that may read another rollout's copy of it did so for a share of rollouts: {_shares(copies)}."
    return said


def _shares(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * share:.2g} %" for name, share in found.items())
