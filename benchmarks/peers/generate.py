#!/usr/bin/env python3
"""Rollout throughput: our sampler beside ``model.generate`` of transformers, same prompts, model and lengths.

Run from the checkout::

    python benchmarks/peers/generate.py --policy nano
    python benchmarks/peers/generate.py --policy smollm2 --json > generate.json

Both complete the same prompts (groups of 8 equal ones, as in training) with at most the same number of new tokens, by
turns in one process. Greedy completions must be the same tokens. Sampled ones are compared as distributions: the
first token of many samples of a few prompts, by a chi-square test.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

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
    smallest = _smallest_p(policy, prompts)
    print(f"sampled first tokens, smallest p of the chi-square tests: {smallest:.3f}")
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
    found |= {"smallest_p": smallest, "seconds": medians, "ratio": ratio}
    found["tokens_per_second"] = {name: counts[name] / median for name, median in medians.items()}
    return 0 if same == len(ours) else 1


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


def _smallest_p(policy: Policy, prompts: Tokens, samples: int = 512) -> float:
    """Of the hypotheses that both draw a prompt's first token from one distribution."""
    one = Sampling(max_new_tokens=1, temperature=1.0, rows_at_once=samples)
    smallest = 1.0
    for prompt in list(dict.fromkeys(prompts))[:6]:
        drawn = [Counter(row[0] for row in sample(policy, [prompt] * samples, one)) for sample in (_ours, _theirs)]
        common = [token for token in set(drawn[0]) | set(drawn[1]) if drawn[0][token] + drawn[1][token] >= 10]
        table = np.array([[counts[token] for token in common] for counts in drawn])
        rest = samples - table.sum(axis=1)
        table = np.column_stack([table, rest]) if rest.all() else table
        if table.shape[1] > 1:
            smallest = min(smallest, float(chi2_contingency(table).pvalue))
    return smallest


if __name__ == "__main__":
    sys.exit(main())
