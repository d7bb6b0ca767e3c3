#!/usr/bin/env python3
"""Rollout throughput: our sampler beside ``model.generate`` of transformers, same prompts, model and lengths.

Run from the checkout::

    python benchmarks/peers/generate.py --policy nano
    python benchmarks/peers/generate.py --policy smollm2 --json > generate.json

Both complete the same prompts (groups of 8 equal ones, as in training) with at most the same number of new tokens, by
turns in one process. Greedy completions must be the same tokens. Sampled ones are compared as distributions: the first
and the fourth token of many samples of a few prompts, by chi-square tests. The first follows from the prompt alone, the
fourth from what was kept of the tokens before it too.

Exit status: 0 done, 1 greedy tokens or distributions of sampled ones differ, 2 a mistake, 130 stopped with Ctrl-C.
"""

import itertools
import statistics
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # the checkout, not this folder: see benchmarks/run.py

import numpy as np
import torch
from scipy.stats import chi2_contingency

from agents.policies import load_policy
from agents.policy import Policy, Sampling
from agents.sampling import generate
from benchmarks.evaluate import Problems
from benchmarks.measurement import json_option, measuring
from benchmarks.suites import DEFAULT
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.records import Json

GROUP = 8
PLACES = (0, 3)
"""Of the sampled tokens that are compared."""
TEMPERATURES = (1.0, 2.0)
"""That of training, and one at which nano is not certain of its first tokens."""
ENOUGH = 10
"""Draws of an outcome, in two samples of the same size, from which a chi-square test may count it."""
LEAST_P = 0.001
"""Below it the smallest p, times the number of tests, says that two distributions differ."""
Tokens = list[tuple[int, ...]]


@as_command
def main() -> int:
    """Measure and print."""
    parser = script_parser(__doc__)
    parser.add_argument("--policy", default="nano", help="nano, smollm2, a folder or a Hugging Face id")
    parser.add_argument("--rows", type=int, default=128, help="completions side by side (default 128)")
    parser.add_argument("--tokens", type=int, default=64, help="new tokens at most (default 64)")
    parser.add_argument("--turns", type=int, default=5, help="measured turns of each (default 5)")
    json_option(parser)
    options = parser.parse_args()
    with measuring(options.json) as found:
        return _measure(options, found)


def _measure(options: Namespace, found: dict[str, Json]) -> int:
    policy = load_policy(options.policy)
    policy.model.eval()
    prompts = _prompts(policy, options.rows)
    greedy = Sampling(max_new_tokens=options.tokens, temperature=0, rows_at_once=options.rows)
    ours, theirs = _ours(policy, prompts, greedy), _theirs(policy, prompts, greedy)
    same = sum(a == b for a, b in zip(ours, theirs, strict=True))
    print(f"greedy completions that are the same tokens: {same} of {len(ours)}")
    tests = _compare_samples(policy, prompts)
    corrected = min(1.0, min(tests, default=1.0) * len(tests))
    places = " and ".join(str(place + 1) for place in PLACES)
    print(f"sampled tokens {places}: {len(tests)} chi-square tests, smallest p times their number: {corrected:.3g}")
    sampled = Sampling(max_new_tokens=options.tokens, temperature=1.0, rows_at_once=options.rows)
    seconds: dict[str, list[float]] = {"ours": [], "transformers": []}
    counts: dict[str, int] = {}
    for turn in range(options.turns + 1):
        for name, sample in (("ours", _ours), ("transformers", _theirs)):
            began = time.perf_counter()
            done = sample(policy, prompts, sampled, seed=turn)
            if turn:  # the first turn warms up
                seconds[name].append(time.perf_counter() - began)
            counts[name] = sum(map(len, done))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median in medians.items():
        print(f"{name:>12}: {median:6.3f} s a batch, {counts[name] / median:8.0f} tokens a second")
    ratio = medians["transformers"] / medians["ours"]
    print(f"{'ratio':>12}: {ratio:6.2f}")
    found |= {"policy": options.policy, "rows": options.rows, "max_new_tokens": options.tokens, "greedy_same": same}
    found |= {"chi_square_tests": len(tests), "corrected_p": corrected, "seconds": medians, "ratio": ratio}
    found["tokens_per_second"] = {name: counts[name] / median for name, median in medians.items()}
    return 0 if same == len(ours) and corrected >= LEAST_P else 1


def _prompts(policy: Policy, rows: int) -> Tokens:
    parts = [Problems.open(choice, "train", rows) for choice in DEFAULT.envs]
    tasks = [part.tasks[i] for i in range(rows) for part in parts][: -(-rows // GROUP)]
    encoded = [policy.encode(f"Problem: {task.prompt}\nSolve it.\n") for task in tasks]
    return [prompt for prompt in encoded for _ in range(GROUP)][:rows]


def _ours(policy: Policy, prompts: Tokens, sampling: Sampling, seed: int = 0) -> Tokens:
    return [completion.tokens for completion in generate(policy, prompts, sampling, seed)]


@torch.inference_mode()
def _theirs(policy: Policy, prompts: Tokens, sampling: Sampling, seed: int = 0) -> Tokens:
    torch.manual_seed(seed)
    width = max(map(len, prompts))
    ids = torch.full((len(prompts), width), policy.pad_id)
    mask = torch.zeros_like(ids)
    for i, prompt in enumerate(prompts):
        ids[i, width - len(prompt) :] = torch.tensor(prompt)
        mask[i, width - len(prompt) :] = 1
    options = {"do_sample": False}
    if sampling.temperature > 0:
        options = {"do_sample": True, "temperature": sampling.temperature, "top_k": 0, "top_p": 1.0}
    done = policy.model.generate(
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=sampling.max_new_tokens,
        pad_token_id=policy.pad_id,
        **options,
    )
    return [_until_end(row[width:].tolist(), policy.end_ids) for row in done]


def _until_end(tokens: Sequence[int], ends: frozenset[int]) -> tuple[int, ...]:
    for place, token in enumerate(tokens):
        if token in ends:
            return tuple(tokens[: place + 1])
    return tuple(tokens)


def _compare_samples(policy: Policy, prompts: Tokens, samples: int = 256) -> list[float]:
    """The p of each hypothesis that both draw a token after a prompt from one distribution, where any is drawn."""
    found = []
    for temperature, prompt in itertools.product(TEMPERATURES, list(dict.fromkeys(prompts))[:3]):
        sampling = Sampling(max_new_tokens=max(PLACES) + 1, temperature=temperature, rows_at_once=samples)
        drawn = [sample(policy, [prompt] * samples, sampling) for sample in (_ours, _theirs)]
        found += [_p_of_one_distribution(*([row[k : k + 1] for row in rows] for rows in drawn)) for k in PLACES]
    return [p for p in found if p is not None]


def _p_of_one_distribution(ours: Tokens, theirs: Tokens) -> float | None:
    """By a chi-square test of two samples of the same size; rare outcomes count as one. None if there is but one."""
    counts = [Counter(ours), Counter(theirs)]
    common = [outcome for outcome in counts[0] | counts[1] if counts[0][outcome] + counts[1][outcome] >= ENOUGH]
    table = np.array([[count[outcome] for outcome in common] for count in counts])
    rest = len(ours) - table.sum(axis=1)
    table = np.column_stack([table, rest]) if rest.sum() >= ENOUGH else table
    return float(chi2_contingency(table).pvalue) if table.shape[1] > 1 else None


if __name__ == "__main__":
    sys.exit(main())
