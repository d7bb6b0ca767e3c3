"""A study as a page: tables in Markdown, curves and scores as figures beside it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

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
"""Of what has tables of its own."""
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
        lines += _differences({m: {a.name: a.measured[m] for a in study.with_measure(m)} for m in get_args(Measure)})
        lines += [*_on_the_way(study), *_equal_cost(study), *_cost(study), *_figures(study, page)]
    lines += _questions(studies)
    write_text(page, "\n".join(lines))


def as_json(studies: Sequence[Study]) -> list[dict[str, Json]]:
    """The scores and differences of each suite, for programs; what is over all suites, and on the way, the page has."""
    return [
        {
            "suite": study.suite,
            "policy": study.policy,
            "split": study.split,
            "seeds": list(study.seeds),
            "steps": study.steps,
            "k": study.k,
            "left_out": {arm: list(seeds) for arm, seeds in study.left_out.items()},
            "commits": list(study.commits),
            "machines": list(study.machines),
            "arms": [_arm_as_json(arm) for arm in study.arms],
            "differences": list(_differences_as_json(study)),
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
    return {**named, **scores, "best_steps": list(arm.best_steps), **cost}


def _differences_as_json(study: Study) -> Iterator[Json]:
    for measure in TITLES:
        arms = {arm.name: arm.measured[measure] for arm in study.with_measure(measure)}
        for first, second in COMPARED:
            if first in arms and second in arms:
                mean, interval = difference(arms[first], arms[second])
                pair: dict[str, Json] = {"first": first, "second": second, "of": measure}
                yield {**pair, "mean": mean, "low": interval.low, "high": interval.high}


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
    sooner = list(_sooner(of_all([way(study.arms) for study in studies])))
    if sooner:
        yield (
            "How far up each arm was all of the way, on validation problems (the mean over suites of what their "
            "sections say): the sooner an arm learns, the higher it is."
        )
        yield ""
        yield from sooner


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
    last = {"final": "with memory", "best": "batches learnt from"}.get(measure, "")
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
    return _cell(arm.measured.get("remembering"))


def _differences(found: Mapping[Measure, Mapping[str, Measured]]) -> Iterator[str]:
    rows = [
        f"| {labelled(first)} - {labelled(second)} | {_short(title)} | {_difference(arms[first], arms[second])} |"
        for measure, title in TITLES.items()
        for arms in [found[measure]]
        for first, second in COMPARED
        if first in arms and second in arms
    ]
    final = _short(TITLES["final"])
    rows += [
        f"| {labelled(name)}, with memory - without | {final} | {_difference(shown, found['final'][name])} |"
        for name, shown in found["remembering"].items()
    ]
    if rows:
        yield (
            "Differences, paired by seed and problem. An interval excludes 0 where both ends do as they are printed: "
            "the digits behind those are chance, and an interval over few seeds is rather too narrow than too wide. "
            f"{_many(len(rows), 'excludes 0')}"
        )
        yield ""
        yield "| difference | of | mean | 95 % interval | excludes 0 | seeds above 0 |"
        yield "|---|---|---:|---:|---|---:|"
        yield from rows
        yield ""


def _many(rows: int, chance: str) -> str:
    """What a table of many comparisons does not promise."""
    if rows == 1:
        return ""
    return f"Nothing is adjusted for how many rows there are, {rows} here: of 20 without a difference one {chance}."


def _short(title: str) -> str:
    return title.partition(":")[0]


def _difference(first: Measured, second: Measured) -> str:
    mean, interval = difference(first, second)
    clear = "yes" if round(interval.low, 3) > 0 or round(interval.high, 3) < 0 else "no"
    seeds = by_seed(first, second)
    return f"{mean:+.3f} | {interval.low:+.3f} to {interval.high:+.3f} | {clear} | {(seeds > 0).sum()} of {len(seeds)}"


def _on_the_way(study: Study) -> Iterator[str]:
    found = way(study.arms)
    if found is None:
        return
    yield (
        "On the way, on validation problems: mean over seeds after so many batches, and the mean of all of the way, "
        "straight between the looks. The sooner an arm learns, the higher it is."
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
    pairs = [pair for pair in COMPARED if set(pair) <= means.keys() and len(means[pair[0]]) > 1]
    if not pairs:
        return
    yield f"p is by flipping the signs of seeds. {_many(len(pairs), 'has p below 0.05')}"
    yield ""
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
