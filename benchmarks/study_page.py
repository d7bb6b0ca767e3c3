"""A study as a page: tables in Markdown, curves and scores as figures beside it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agents.arms import ARMS
from benchmarks.files import write_text
from benchmarks.plots import Bar, Curve, bars, compare_runs
from benchmarks.study_results import ArmResult, Study, difference

CURVES = ("rlvr", "sdpo", "pmd", "pmd-transient", "pmd-shuffled", "pmd-scripted")
"""Arms that are drawn as curves: more would hide each other."""
COMPARED = (
    ("sdpo", "rlvr"),
    ("pmd", "rlvr"),
    ("pmd", "sdpo"),
    ("pmd", "pmd-transient"),
    ("pmd", "pmd-frozen-memory"),
    ("pmd", "pmd-shuffled"),
    ("pmd", "pmd-filler"),
    ("pmd", "ema-kl"),
    ("pmd", "pmd-experience"),
    ("pmd", "pmd-experience+insight"),
    ("pmd-scripted", "pmd"),
)
"""Which arms are compared, decided before the numbers are seen."""


def write_page(study: Study, page: Path) -> None:
    """Write the page and its figures."""
    page.parent.mkdir(parents=True, exist_ok=True)
    figures = {name: page.with_name(f"{page.stem}-{name}.png") for name in ("scores", "curves")}
    drawn = [Bar(arm.name, arm.score, arm.interval.low, arm.interval.high) for arm in study.arms]
    bars(drawn, figures["scores"], f"avg@{study.k} on held-out problems after training")
    compare_runs(dict(_curves(study)), figures["curves"], "training reward, mean over seeds")
    lines = [*_head(study), *_scores(study), *_differences(study), *_cost(study)]
    lines += ["", f"![scores]({figures['scores'].name})", "", f"![curves]({figures['curves'].name})", ""]
    write_text(page, "\n".join(lines))


def _head(study: Study) -> Iterator[str]:
    yield f"# Results on the suite `{study.suite}`"
    yield ""
    yield (
        f"{study.seeds} seeds, {study.steps} training batches, final weights; avg@{study.k} on the {study.split} "
        "problems, the mean over environments. Every arm had the same training problems in the same order, the same "
        "number of rollouts and the same held-out problems. Intervals are 95 %, from a bootstrap over seeds and over "
        "the problems of each environment. Written by `python benchmarks/study.py`; no number is copied by hand."
    )
    yield ""


def _scores(study: Study) -> Iterator[str]:
    names = [env.removeprefix("pmd/") for env in study.envs]
    yield f"| arm | {' | '.join(names)} | all | 95 % interval | pass@{study.k} | with memory |"
    yield "|---|" + "---:|" * (len(names) + 4)
    for arm in study.arms:
        parts = " | ".join(f"{table.mean():.3f}" for table in arm.tables)
        remembered = "" if arm.with_memory is None else f"{arm.with_memory:.3f}"
        interval = f"{arm.interval.low:.3f} to {arm.interval.high:.3f}"
        yield f"| {arm.name} | {parts} | {arm.score:.3f} | {interval} | {arm.pass_at_k:.3f} | {remembered} |"
    yield ""
    asked = [(arm.name, ARMS[arm.name].asks) for arm in study.arms if arm.name in ARMS]
    yield from (f"- `{name}`: {question}" for name, question in asked)
    if asked:
        yield ""


def _differences(study: Study) -> Iterator[str]:
    pairs = [(study.arm(first), study.arm(second)) for first, second in COMPARED]
    found = [(first, second) for first, second in pairs if first is not None and second is not None]
    if not found:
        return
    yield "Differences, paired by seed and problem:"
    yield ""
    yield "| difference | mean | 95 % interval | excludes 0 |"
    yield "|---|---:|---:|---|"
    for first, second in found:
        mean, interval = difference(first, second)
        clear = "yes" if interval.low > 0 or interval.high < 0 else "no"
        yield f"| {first.name} - {second.name} | {mean:+.3f} | {interval.low:+.3f} to {interval.high:+.3f} | {clear} |"
    yield ""


def _cost(study: Study) -> Iterator[str]:
    yield "What it cost, mean over seeds:"
    yield ""
    yield "| arm | completion tokens of training | seconds of training | memory items at the end |"
    yield "|---|---:|---:|---:|"
    for arm in study.arms:
        yield f"| {arm.name} | {arm.tokens:,.0f} | {arm.seconds:,.0f} | {arm.items:,.0f} |"


def _curves(study: Study) -> Iterator[tuple[str, Curve]]:
    for arm in study.arms:
        if arm.name in CURVES and arm.rewards.size:
            yield arm.name, _curve(arm)


def _curve(arm: ArmResult) -> Curve:
    steps = arm.rewards.shape[1]
    return Curve(list(range(steps)), list(np.mean(arm.rewards, axis=0)), {"held out": [(steps, arm.score)]})
