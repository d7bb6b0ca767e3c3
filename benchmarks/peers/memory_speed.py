#!/usr/bin/env python3
"""How fast the memory is when it is large: retrieval, writing a training step, opening the file.

Run from the checkout::

    python benchmarks/peers/memory_speed.py --behaviors 100000 --gigabytes 10
    python benchmarks/peers/memory_speed.py --json > memory_speed.json

A bank of behaviors is filled and asked about one problem after another, as a teacher's context is: word problems of
about two hundred characters, and puzzles of about a thousand, which have more different parts of words. A step writes
the attempts of 32 problems, 8 each, of about two hundred characters. The file then grows to its size with long
attempts, and is opened beside a small one.
Each figure is the median (and the slowest) of many; the files are thrown away.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # the checkout, not this folder: see benchmarks/run.py

import gymnasium
import numpy as np

from agents.reflector import subject_of
from benchmarks.measurement import json_option, measuring
from memory import Attempt, HashedNgrams, Memory, Provenance, Subject
from memory.bank import bank_changed
from memory.database import Database
from memory.draft import Draft
from memory.novelty import quantise
from memory.rows import NewItem, put_subject
from memory.vectors import VectorCache
from pmd_envs import ReasoningEnv
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.records import Json

PROBLEMS, ATTEMPTS = 32, 8
_BATCH = 1000
_LONG = 100_000  # characters of the attempts that make a file large
_VERBS = ("Add", "Divide", "Compare", "Subtract", "List", "Double", "Halve", "Count", "Order", "Check")
_THINGS = ("prices", "boxes", "hours", "knights", "clues", "numbers", "functions", "houses", "statements", "lengths")
_WHEN = ("first", "before the rest", "one by one", "when two of them agree", "unless the total is known", "at the end")


@as_command
def main() -> int:
    """Measure and print."""
    parser = script_parser(__doc__)
    parser.add_argument("--behaviors", type=int, default=100_000, help="in the bank (default 100000)")
    parser.add_argument("--gigabytes", type=float, default=1.0, help="size of the file that is opened (default 1)")
    parser.add_argument("--turns", type=int, default=50, help="measurements of each kind (default 50)")
    parser.add_argument("--folder", type=Path, help="where the files are made; by default that of temporary files")
    json_option(parser)
    options = parser.parse_args()
    with measuring(options.json) as found, tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found |= {"behaviors": options.behaviors, "turns": options.turns}
        path, small = Path(folder) / "large.sqlite", Path(folder) / "small.sqlite"
        fill_bank(path, options.behaviors)
        with Memory(path) as memory:
            steps = [training_step(number) for number in range(options.turns)]
            first = seconds(lambda: ask(memory, problem(0, "asked")))
            found["first_question"] = _say("first question, which reads the bank", [first])
            for name, family in (("question", "GSM8K"), ("long_question", "ZebraGrid")):
                questions = problems(family, options.turns)
                length = round(statistics.mean(len(question.prompt) for question in questions))
                title = f"a question of {length:,} characters to {options.behaviors:,} behaviors"
                took = [seconds(lambda q=q: ask(memory, q)) for q in questions]
                found[name] = {"characters": length, **_say(title, took)}
            title = f"writing {PROBLEMS * ATTEMPTS} episodes of {PROBLEMS} problems"
            took = [seconds(lambda n=n, s=s: write_step(memory, s, n)) for n, s in enumerate(steps)]
            found["writing_a_step"] = _say(title, took)
        with Memory(small) as memory:
            write_step(memory, training_step(0), 0)
        grow(path, int(options.gigabytes * 1e9))
        for name, file in (("small", small), ("large", path)):
            title = f"opening the {name} file of {file.stat().st_size / 1e9:.3f} GB and reading one problem"
            took = [seconds(lambda file=file: open_and_read(file)) for _ in range(options.turns)]
            found[f"opening_the_{name}_file"] = {"bytes": file.stat().st_size, **_say(title, took)}
    return 0


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of a piece of work."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ask(memory: Memory, question: Subject) -> None:
    """What a teacher's context asks of the bank, about a problem that was not asked about before."""
    found = memory.context(question, levels={"behavior"})
    if len(found.behaviors) != 3:
        raise RuntimeError(f"{len(found.behaviors)} behaviors came back, not 3")


def training_step(step: int) -> list[tuple[Subject, list[Attempt]]]:
    """Problems, and attempts at each of about two hundred characters: as long as nano's."""
    return [
        (
            problem(number, "written"),
            [
                Attempt(f"{step}.{number}.{i}", _text(step * 997 + number * 31 + i * 7, 4), float(i % 2), "off by one")
                for i in range(ATTEMPTS)
            ],
        )
        for number in range(PROBLEMS)
    ]


def write_step(memory: Memory, groups: list[tuple[Subject, list[Attempt]]], step: int) -> None:
    """The experience of one training batch."""
    memory.record_batch(groups, step)


def open_and_read(path: Path) -> None:
    """Open a memory and read what it has about one problem."""
    with Memory(path) as memory:
        memory.context(problem(0, "written"), levels={"experience", "insight"})


def problem(number: int, series: str) -> Subject:
    """A problem of about two hundred characters."""
    return Subject(f"{series}/{number}", "Speed", "train", _text(number, lines=3), "418", "speed")


def problems(family: str, count: int) -> list[Subject]:
    """Problems of a family that generates them."""
    env = gymnasium.make(f"pmd/{family}-v0", source="generated", disable_env_checker=True).unwrapped
    assert isinstance(env, ReasoningEnv)
    return [subject_of(env.dataset.at(number)) for number in range(count)]


def fill_bank(path: Path, count: int) -> None:
    """Write behaviors straight into the file: asking a reflector for so many would take days."""
    embedder = HashedNgrams()
    with closing(Database(path, "rw")) as database:
        for start in range(0, count, _BATCH):
            numbers = range(start, min(start + _BATCH, count))
            texts = [_text(number, lines=2) for number in numbers]
            vectors = quantise(embedder.embed(texts))
            with database.writing() as connection:
                VectorCache(database, embedder).claim(connection)
                draft = Draft(connection, 0)
                for number, text, vector in zip(numbers, texts, vectors, strict=True):
                    origin = Provenance(("written/0",), ("Speed",), "train", ("speed",), ("e",), 1.0, 0)
                    draft.add(NewItem("behavior", None, f"behavior_{number}", text, None, origin, vector, vector))
                draft.write()
                bank_changed(connection)


def grow(path: Path, size: int) -> None:
    """Add long attempts at other problems until the file has this many bytes."""
    vector = np.zeros(HashedNgrams().dimension, dtype=np.float32)
    vector[0] = 1.0
    numbers: Iterator[int] = iter(range(sys.maxsize))
    with closing(Database(path, "rw")) as database:
        while path.stat().st_size < size:
            with database.writing() as connection:
                draft = Draft(connection, 0)
                for _ in range(200):
                    subject = problem(next(numbers), "grown")
                    put_subject(connection, subject, vector, 0)
                    origin = Provenance((subject.id,), ("Speed",), "train", ("speed",), ("e",), 1.0, 0)
                    text = f"{subject.id} " * (_LONG // (len(subject.id) + 1))
                    draft.add(NewItem("success", subject.id, "", text, None, origin, vector))
                draft.write()
            with database.reading() as connection:
                connection.execute("SELECT 1")


def _text(number: int, lines: int) -> str:
    rng = np.random.default_rng(number)
    made = (
        f"{rng.choice(_VERBS)} the {rng.choice(_THINGS)} {rng.choice(_WHEN)}: {rng.integers(1000)}."
        for _ in range(lines)
    )
    return "\n".join(made)


def _say(title: str, times: list[float]) -> dict[str, Json]:
    median, slowest = statistics.median(times) * 1000, max(times) * 1000
    print(f"{title}: {median:.2f} ms (slowest {slowest:.2f})", flush=True)
    return {"median_ms": median, "slowest_ms": slowest}


if __name__ == "__main__":
    sys.exit(main())
