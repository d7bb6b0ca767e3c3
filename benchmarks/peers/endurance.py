#!/usr/bin/env python3
"""What the environments cost a process: time to import and to register all ids, and memory over a million steps.

Run from the checkout, on a machine that does nothing else::

    python benchmarks/peers/endurance.py
    python benchmarks/peers/endurance.py --steps 50000 --env pmd/KnightsKnaves-v0 --json

Times are processor time of fresh processes, the median of five. The steps are taken in one process, alternately wrong
lines and right answers, each episode on a new problem. Memory is the most that the process has held so far.

Exit status: 0 done, 1 if a time or the growth of memory after the first fifth of the steps, when all caches are full,
is above its limit, 2 a mistake, 130 stopped with Ctrl-C.
"""

import resource
import statistics
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # the checkout, not this folder: see benchmarks/run.py

import gymnasium

import pmd_envs  # noqa: F401  registers the ids
from benchmarks.measurement import json_option, measuring
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.records import Json

TIMES = 5
IMPORT_SECONDS, REGISTER_SECONDS, GROWTH_MIB = 1.0, 0.05, 4.0
PARTS = 20
_CODE = """
import sys, time
sys.path.insert(0, {root!r})
import pmd_envs
imported = time.process_time()
import gymnasium
for env_id in pmd_envs.environment_ids():
    del gymnasium.registry[env_id]
began = time.process_time()
pmd_envs.register_all()
print(imported, time.process_time() - began, len(pmd_envs.environment_ids()))
"""


@as_command
def main() -> int:
    """Measure and print; 1 if a limit is broken."""
    parser = script_parser(__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000, help="steps to take (default 1,000,000)")
    parser.add_argument("--env", default="pmd/GSM8K-v0", help="the environment (default pmd/GSM8K-v0)")
    json_option(parser)
    options = parser.parse_args()
    if options.steps < PARTS:
        parser.error(f"--steps {options.steps} is below {PARTS}")
    with measuring(options.json) as found:
        return _measure(options.env, options.steps, found)


def _measure(env_id: str, steps: int, found: dict[str, Json]) -> int:
    imported, registered, ids = start_times()
    print(f"import: {imported:.3f} s (limit {IMPORT_SECONDS:g})")
    print(f"registration of {ids} ids: {registered * 1000:.1f} ms (limit {REGISTER_SECONDS * 1000:g})")
    held = memory_over_steps(env_id, steps)
    growth = held[-1] - held[PARTS // 5 - 1]
    print(f"memory after each twentieth of {steps:,} steps of {env_id}, in MiB:")
    print("  " + " ".join(f"{mebibytes:.1f}" for mebibytes in held))
    print(f"growth after the first fifth: {growth:.1f} MiB (limit {GROWTH_MIB:g})")
    limits = {"import_seconds": IMPORT_SECONDS, "registration_seconds": REGISTER_SECONDS, "growth_mib": GROWTH_MIB}
    measured = {"import_seconds": imported, "registration_seconds": registered, "growth_mib": growth}
    above = [name for name, limit in limits.items() if measured[name] > limit]
    found |= {"env": env_id, "steps": steps, "ids": ids, "memory_mib": held, **measured}
    found |= {"limits": limits, "above_limit": above}
    return int(bool(above))


def start_times() -> tuple[float, float, int]:
    """Seconds of processor time to import the package (with the interpreter's start) and to register all ids again."""
    code = _CODE.format(root=str(Path(__file__).resolve().parents[2]))
    rows = []
    for _ in range(TIMES):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        rows.append([float(word) for word in done.stdout.split()])
    imports, registrations, counts = zip(*rows, strict=True)
    return statistics.median(imports), statistics.median(registrations), int(counts[0])


def memory_over_steps(env_id: str, steps: int) -> list[float]:
    """The peak of resident memory after each twentieth of the steps, in MiB."""
    env = gymnasium.make(env_id, source="generated", disable_env_checker=True)
    held = []
    env.reset(seed=0)
    for number in range(1, steps + 1):
        inner = env.unwrapped
        action = inner.family.gold_solution(inner.task) if number % 3 == 0 else "Let me see: 2 + 2 = 5"
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()
        if number % (steps // PARTS) == 0 and len(held) < PARTS:
            held.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNITS)
    return held


_UNITS = 2**20 if sys.platform == "darwin" else 2**10  # of ru_maxrss in one MiB

if __name__ == "__main__":
    sys.exit(main())
