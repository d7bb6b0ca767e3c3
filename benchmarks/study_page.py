"""A study as a page: tables in Markdown, curves and scores as figures beside it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from agents.arms import ARMS
from agents.registry import labelled
from benchmarks.compared import COMPARED
from benchmarks.comparisons import sign_flip_test
from benchmarks.files import write_text
from benchmarks.plots import Bar, Curve, bars, compare_runs
from benchmarks.statistics import Floats
from benchmarks.study_budgets import Unit, at_equal
from benchmarks.study_head import head
from benchmarks.study_records import ArmResult, Look, Measure, Measured, Study, by_seed, difference, together
from benchmarks.study_way import of_all, way
from pmd_envs.records import Json

CURVES = ("rlvr", "sdpo", "pmd", "sdpo-anchored", "pmd-anchored", "pmd-scripted")
"""Arms that are drawn as curves where there are more arms than these: more would hide each other."""
TITLES: Mapping[Measure, str] = {
    "final": "Final weights",
    "best": "Best weights on validation problems",
    "unseen": "Final weights on held-out templates: kinds of problem that training lacked",
}
_UNITS: tuple[Unit, ...] = ("rollouts", "tokens", "seconds")


def write_page(studies: Sequence[Study], page: Path, command: str = "python benchmarks/study.py") -> None:
    """Write the page and its figures: a section for each suite and, of several, one for all of them.

    Args:
        studies: The suites.
        page: Where the page goes.
        command: What the page says it was written by.
    """
    page.parent.mkdir(parents=True, exist_ok=True)
    lines = list(head(studies, command))
    if len(studies) > 1:
        lines += _all_suites(studies)
    for study in studies:
        lines += [f"## Suite `{study.suite}`", ""]
        for measure, title in TITLES.items():
            lines += _scores(study, measure, title)
        lines += _differences({m: {a.name: a.measured[m] for a in study.with_measure(m)} for m in TITLES})
        lines += [*_on_the_way(study), *_equal_cost(study), *_cost(study), *_figures(study, page)]
    lines += _questions(studies)
    write_text(page, "\n".join(lines))


def as_json(studies: Sequence[Study]) -> list[dict[str, Json]]:
    """The numbers of the page, for programs."""
    return [
        {
            "suite": study.suite,
            "policy": study.policy,
            "split": study.split,
            "seeds": list(study.seeds),
            "steps": study.steps,
            "k": study.k,
            "left_out": {arm: list(seeds) for arm, seeds in study.left_out.items()},
            "arms": [_arm_as_json(arm) for arm in study.arms],
        }
        for study in studies
    ]


def _arm_as_json(arm: ArmResult) -> dict[str, Json]:
    scores: dict[str, Json] = {
        measure: {"score": m.score, "low": m.interval.low, "high": m.interval.high, "pass_at_k": m.pass_at_k}
        for measure, m in arm.measured.items()
    }
    cost: dict[str, Json] = {"tokens": arm.tokens, "seconds": arm.seconds, "items": arm.items}
    named: dict[str, Json] = {"arm": arm.name, "upper_bound": labelled(arm.name) != arm.name}
    return {**named, **scores, "with_memory": arm.with_memory, "best_steps": list(arm.best_steps), **cost}


def _all_suites(studies: Sequence[Study]) -> Iterator[str]:
    found = together(studies)
    yield f"## All suites together: {', '.join(f'`{study.suite}`' for study in studies)}"
    yield ""
    yield "| arm | " + " | ".join(_short(TITLES[measure]) for measure in TITLES if found[measure]) + " |"
    yield "|---|" + "---:|" * sum(bool(found[measure]) for measure in TITLES)
    for name in found["final"]:
        cells = [_cell(found[measure].get(name)) for measure in TITLES if found[measure]]
        yield f"| {labelled(name)} | {' | '.join(cells)} |"
    yield ""
    yield from _differences(found)
    means = of_all([way(study.arms) for study in studies])
    if means:
        yield (
            "How far up each arm was all of the way, on validation problems (the mean over suites of what their "
            "sections say): the sooner an arm learns, the higher it is. p is by flipping the signs of seeds."
        )
        yield ""
        yield from _sooner(means)


def _cell(measured: Measured | None) -> str:
    if measured is None:
        return ""
    interval = measured.interval
    return f"{measured.score:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _scores(study: Study, measure: Measure, title: str) -> Iterator[str]:
    arms = study.with_measure(measure)
    if not arms:
        return
    names = [env.removeprefix("pmd/") for env in study.envs]
    last = {"final": "with memory", "best": "batches learnt from", "unseen": ""}[measure]
    yield f"**{title}**"
    yield ""
    heads = [*names, "all", "95 % interval", f"pass@{study.k}", f"maj@{study.k}", "headroom", *([last] if last else [])]
    yield f"| arm | {' | '.join(heads)} |"
    yield "|---|" + "---:|" * len(heads)
    for arm in arms:
        measured = arm.measured[measure]
        parts = " | ".join(f"{table.mean():.3f}" for table in measured.tables)
        interval = f"{measured.interval.low:.3f} to {measured.interval.high:.3f}"
        more = f" {_last(arm, measure)} |" if last else ""
        votes = " | ".join("" if vote is None else f"{vote:.3f}" for vote in (measured.maj_at_k, measured.headroom))
        known = f"{measured.score:.3f} | {interval} | {measured.pass_at_k:.3f} | {votes}"
        yield f"| {labelled(arm.name)} | {parts} | {known} |{more}"
    yield ""


def _last(arm: ArmResult, measure: Measure) -> str:
    if measure == "best":
        return ", ".join(map(str, arm.best_steps))
    return "" if arm.with_memory is None else f"{arm.with_memory:.3f}"


def _differences(found: Mapping[Measure, Mapping[str, Measured]]) -> Iterator[str]:
    rows = [
        f"| {labelled(first)} - {labelled(second)} | {_short(title)} | {_difference(arms[first], arms[second])} |"
        for measure, title in TITLES.items()
        for arms in [found[measure]]
        for first, second in COMPARED
        if first in arms and second in arms
    ]
    if rows:
        yield "Differences, paired by seed and problem; an interval over few seeds is rather too narrow than too wide:"
        yield ""
        yield "| difference | of | mean | 95 % interval | excludes 0 | seeds above 0 |"
        yield "|---|---|---:|---:|---|---:|"
        yield from rows
        yield ""


def _short(title: str) -> str:
    return title.partition(":")[0]


def _difference(first: Measured, second: Measured) -> str:
    mean, interval = difference(first, second)
    clear = "yes" if interval.low > 0 or interval.high < 0 else "no"
    seeds = by_seed(first, second)
    return f"{mean:+.3f} | {interval.low:+.3f} to {interval.high:+.3f} | {clear} | {(seeds > 0).sum()} of {len(seeds)}"


def _on_the_way(study: Study) -> Iterator[str]:
    found = way(study.arms)
    if found is None:
        return
    yield (
        "On the way, on validation problems: mean over seeds after so many batches, and the mean of all of the way, "
        "straight between the looks. The sooner an arm learns, the higher it is. p is by flipping the signs of seeds."
    )
    yield ""
    yield f"| arm | {' | '.join(map(str, found.steps))} | all of the way |"
    yield "|---|" + "---:|" * (len(found.steps) + 1)
    for name, scores in found.scores.items():
        cells = [f"{score:.3f}" for score in np.mean(scores, axis=0)]
        yield f"| {labelled(name)} | {' | '.join(cells)} | {np.mean(found.means[name]):.3f} |"
    yield ""
    yield from _sooner(found.means)


def _sooner(means: Mapping[str, Floats]) -> Iterator[str]:
    """Who was higher all of the way, and how likely so clear a difference is by the signs of seeds alone."""
    pairs = [pair for pair in COMPARED if set(pair) <= means.keys()]
    if not pairs:
        return
    yield "| difference, all of the way | mean | lowest and highest seed | seeds above 0 | p |"
    yield "|---|---:|---:|---:|---:|"
    for first, second in pairs:
        seeds = means[first] - means[second]
        above = f"{(seeds > 0).sum()} of {len(seeds)} | {sign_flip_test([seeds]):.3f}"
        row = f"{seeds.mean():+.3f} | {seeds.min():+.3f} to {seeds.max():+.3f} | {above}"
        yield f"| {labelled(first)} - {labelled(second)} | {row} |"
    yield ""


def _equal_cost(study: Study) -> Iterator[str]:
    views = [view for unit in _UNITS if (view := at_equal(study.arms, unit)) is not None]
    if not views:
        return
    yield (
        "At equal cost, on validation problems: mean over seeds (lowest and highest seed) when each arm had spent what "
        "the cheapest run spent in all. Tokens are all that the models read and wrote; seconds leave measurements out."
    )
    yield ""
    heads = ["batches" if view.unit == "rollouts" else view.unit for view in views]
    yield "| arm | " + " | ".join(f"{v.budget:,.0f} {head}" for v, head in zip(views, heads, strict=True)) + " |"
    yield "|---|" + "---:|" * len(views)
    for name in views[0].scores:
        cells = [
            f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
            for values in (view.scores[name] for view in views)
        ]
        yield f"| {labelled(name)} | {' | '.join(cells)} |"
    yield ""


def _cost(study: Study) -> Iterator[str]:
    yield "What training cost, mean over seeds:"
    yield ""
    yield "| arm | tokens read and written | seconds | memory items at the end |"
    yield "|---|---:|---:|---:|"
    for arm in study.arms:
        yield f"| {labelled(arm.name)} | {arm.tokens:,.0f} | {arm.seconds:,.0f} | {arm.items:,.0f} |"
    yield ""


def _figures(study: Study, page: Path) -> Iterator[str]:
    name = "".join(c if c.isalnum() else "-" for c in study.suite)
    scores, curves = (page.with_name(f"{page.stem}-{name}-{what}.png") for what in ("scores", "curves"))
    final = [(labelled(arm.name), arm.measured["final"]) for arm in study.arms]
    drawn = [Bar(arm, m.score, m.interval.low, m.interval.high) for arm, m in final]
    bars(drawn, scores, f"{study.suite}: avg@{study.k} on held-out problems after training")
    compare_runs(dict(_curves(study)), curves, f"{study.suite}: training reward, mean over seeds")
    yield from (f"![scores]({scores.name})", "", f"![curves]({curves.name})", "")


def _curves(study: Study) -> Iterator[tuple[str, Curve]]:
    trained = [arm for arm in study.arms if arm.rewards.size]
    for arm in trained:
        if len(trained) <= len(CURVES) or arm.name in CURVES:
            yield labelled(arm.name), _curve(arm)


def _curve(arm: ArmResult) -> Curve:
    steps = arm.rewards.shape[1]
    points = [(look.step, float(np.mean([looks[i].score for looks in arm.looks]))) for i, look in _first_looks(arm)]
    dots = {"validation": points} if points else {"held out": [(steps, arm.measured["final"].score)]}
    return Curve(list(range(steps)), list(np.mean(arm.rewards, axis=0)), dots)


def _first_looks(arm: ArmResult) -> Iterator[tuple[int, Look]]:
    yield from enumerate(arm.looks[0] if arm.looks else ())


def _questions(studies: Sequence[Study]) -> Iterator[str]:
    asked = dict.fromkeys(arm.name for study in studies for arm in study.arms if arm.name in ARMS)
    if asked:
        yield "What the arms ask:"
        yield ""
        yield from (f"- `{labelled(name)}`: {ARMS[name].asks}" for name in asked)
        yield ""
