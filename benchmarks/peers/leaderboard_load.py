#!/usr/bin/env python3
"""How long the leaderboard's pages take with 100,000 entries and 10 million episodes, asked by a real HTTP client.

    python benchmarks/peers/leaderboard_load.py --entries 100000 --episodes 100 --out load.sqlite
    python benchmarks/peers/leaderboard_load.py --out load.sqlite --json > load.json

The entries are made up, and go into the database by the same function as those of real runs. The file is kept, and
used again by the next call with the same name.

Exit status: 0 done, 1 a ranking took 200 ms or longer, or the page of a run 300 ms, 2 a mistake, 130 stopped with
Ctrl-C.
"""

import http.client
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from benchmarks.measurement import json_option, measuring
from leaderboard.database import connect, transaction
from leaderboard.entry import Entry
from leaderboard.evidence import Evidence
from leaderboard.records import BASELINE, EnvUsed, Provenance, Report, ResultRow, Scores
from leaderboard.store import insert
from leaderboard.training import TrainingPoint
from leaderboard.verifiers import verifier_versions
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.records import Json

ROOT = Path(__file__).resolve().parent.parent.parent
ENV = "pmd/GSM8K-v0"
KWARGS = {"split": "test", "difficulty": 1, "source": "generated"}
BOARDS = 4
POLICIES = ("nano", "smollm2", "other-1b", "other-7b")
K = 4
LIMITS = {"boards": 200, "boards of one policy": 200, "a board": 200, "a board, page 100": 200, "a run": 300}
"""Milliseconds that the longest of the requests may take."""
RESPONSE = "Apples at first: 3 + 4 = 7\nApples in the end: 7 - {n} = {m}\n#### {m}"


def build(path: Path, entries: int, episodes: int, batch: int = 2000) -> None:
    """Fill the database, some entries a transaction."""
    rng = random.Random(0)
    for start in range(0, entries, batch):
        with connect(path, create=True) as connection, transaction(connection):
            for number in range(start, min(start + batch, entries)):
                entry, evidence = make(number, episodes, rng)
                insert(connection, entry, evidence, "")
        sys.stderr.write(f"{min(start + batch, entries):,} entries\n")


def make(number: int, episodes: int, rng: random.Random) -> tuple[Entry, Evidence]:
    """One entry with its episodes, half of them of the baseline."""
    problems = max(episodes // (2 * K), 1)
    labels = (BASELINE, "pmd")
    rows = tuple(ResultRow(label, False, 40, {}, scores(problems, rng)) for label in labels)
    report = Report(
        run_id=f"run-{number}",
        agent=rng.choice(("pmd", "sdpo", "rlvr")),
        policy=rng.choice(POLICIES),
        suite=f"suite-{number % BOARDS}",
        seed=number,
        steps=40,
        created="2026-01-02T03:04:05+00:00",
        config={"suite": {"name": f"suite-{number % BOARDS}", "steps": 40, "problems": 4, "rollouts": 8}},
        environments=(EnvUsed(ENV, dict(KWARGS), "f" * 16, "generated"),),
        rows=tuple(ResultRow(row.label, False, 40, {ENV: row.overall}, row.overall) for row in rows),
        memory_counts={"experience": 100, "insight": 40, "behavior": 10},
        provenance=Provenance(
            "0" * 40, False, "3.11", "Linux", "cpu", 2, 2, {"numpy": "2"}, verifier_versions(), ("seccomp", "landlock")
        ),
        seconds={"train": 100.0},
        chain="0" * 64,
    )
    lines = [
        json.dumps(
            {"row": label, "env": ENV, "kwargs": KWARGS, "task_id": f"GSM8K-v0/generated/test/d1/{problem}"}
            | {"fingerprint": "f" * 16, "sample": sample, "score": float(rng.random() < 0.5)}
            | {"response": RESPONSE.format(n=rng.randrange(9), m=rng.randrange(9))}
        ).encode()
        for label in labels
        for problem in range(problems)
        for sample in range(K)
    ]
    training = tuple(
        TrainingPoint(step, rng.random(), 30.0, {"experience": 2.0 * step, "behavior": step / 4}) for step in range(40)
    )
    entry = Entry(report, f"{number:064x}", "p" * 64, len(lines), len(lines), f"{number:064x}")
    return entry, Evidence(tuple(lines), training, ())


def scores(problems: int, rng: random.Random) -> Scores:
    """Made-up scores of one row."""
    mean = rng.random()
    return Scores(mean, max(mean - 0.1, 0.0), min(mean + 0.1, 1.0), min(mean + 0.2, 1.0), mean, K, problems)


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The address of a server of its own."""
    command = [sys.executable, "-m", "leaderboard", "serve", "--port", "0", "--db", str(path.resolve())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        found = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            process.terminate()


def measure(address: str, path: str, times: int) -> tuple[float, float, int]:
    """Median and longest time of a request in milliseconds, and the size of the answer."""
    parts = urlsplit(address)
    took = []
    size = 0
    for _ in range(times):
        began = time.perf_counter()
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        size = len(answer.read())
        connection.close()
        took.append(1000 * (time.perf_counter() - began))
        if answer.status != 200:
            raise SystemExit(f"{path} gave {answer.status}")
    return statistics.median(took), max(took), size


@as_command
def main() -> int:
    """Build the database if it is not there, then ask for every kind of page."""
    parser = script_parser(__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--episodes", type=int, default=100, help="of each entry")
    parser.add_argument("--times", type=int, default=20, help="requests of each page")
    parser.add_argument("--out", type=Path, default=Path("load.sqlite"))
    json_option(parser)
    options = parser.parse_args()
    if not options.out.exists():
        build(options.out, options.entries, options.episodes)
    with measuring(options.json) as found:
        return _ask(options.out, options.times, found)


def _ask(database: Path, times: int, found: dict[str, Json]) -> int:
    with connect(database, create=False) as connection:
        board = connection.execute("SELECT key FROM boards ORDER BY suite LIMIT 1").fetchone()[0]
        middle = connection.execute("SELECT max(id) / 2 FROM entries").fetchone()[0]
        entries = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
    say = sys.stdout.write
    say(f"{entries:,} entries, {database.stat().st_size / 2**20:,.0f} MiB\n")
    pages = {
        "boards": "/",
        "boards of one policy": "/?policy=nano",
        "a board": f"/boards/{board}",
        "a board, page 100": f"/boards/{board}?start=5000",
        "a board of one policy": f"/boards/{board}?policy=nano",
        "a run": f"/entries/{middle}",
        "a problem": f"/entries/{middle}/problems/3",
        "two runs": f"/compare?entry={middle}&entry={middle + BOARDS}",
        "curves of five": "/curves?" + "&".join(f"entry={middle + n}" for n in range(5)),
    }
    slow = []
    asked: dict[str, Json] = {}
    with served(database) as address:
        for name, path in pages.items():
            median, longest, size = measure(address, path, times)
            asked[name] = {"median_ms": median, "longest_ms": longest, "bytes": size}
            say(f"{name:24} {median:7.1f} ms median {longest:7.1f} ms longest {size / 1024:7.0f} KiB\n")
            slow += [name] if longest >= LIMITS.get(name, float("inf")) else []
    found |= {"entries": entries, "database_bytes": database.stat().st_size, "requests": times, "pages": asked}
    found |= {"limits_ms": dict(LIMITS), "too_slow": list(slow)}
    say(f"too slow: {', '.join(slow)}\n" if slow else "every ranking below 200 ms, a run below 300 ms\n")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
