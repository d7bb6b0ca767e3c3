import json
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_scene import (
    Scripted,
    attempts,
    contents,
    live_a_step,
    renumbered,
    saying,
    sentence,
    subject,
    told,
)

from memory import LEVELS, Caps, Counts, Memory
from memory.__main__ import main

CAPS = Caps(successes=3, failures=2, strategies=2, lessons=2, behaviors=3)


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A memory after eight steps, and what its live state was after each of them."""
    path = tmp_path_factory.mktemp("memory") / "memory.sqlite"
    states = []
    with Memory(path, caps=CAPS) as memory:
        for step in range(8):
            live_a_step(memory, step)
            states.append(state(memory))
    return path, states


def state(memory, as_of=None):
    rows = {level: [(item.id, item.provenance) for item in memory.items(level, as_of)] for level in LEVELS}
    return memory.counts(as_of), rows


def test_the_story_has_evictions_at_every_level(lived):
    path, _ = lived
    removed = {(row[1], row[13]) for row in contents(path)["items"] if row[12] is not None}
    assert {("experience", "evicted"), ("insight", "evicted"), ("behavior", "evicted")} <= removed


def test_as_of_shows_the_memory_as_it_was(lived):
    path, states = lived
    with Memory(path, "r") as memory:
        assert [state(memory, step) for step in range(8)] == states
        assert memory.counts(-1) == Counts()
        view = memory.as_of(4)
        assert view.counts() == states[4][0]
        assert [item.id for item in view.items("insight")] == [number for number, _ in states[4][1]["insight"]]
        assert all(item.written_step <= 4 for item in view.context(subject(4)).items)
        assert view.context(subject(4)) == memory.context(subject(4), as_of=4)


def test_growth_is_the_counts_of_every_step(lived):
    path, _ = lived
    with Memory(path, "r") as memory:
        assert memory.growth() == [(step, memory.counts(step)) for step in range(8)]


@pytest.mark.parametrize("back_to", [-1, 0, 2, 3, 6, 7])
def test_rewinding_and_living_on_gives_the_same_file_but_for_ids(lived, tmp_path, capsys, back_to):
    path = tmp_path / "memory.sqlite"
    with Memory(path, caps=CAPS) as memory:
        for step in range(8):
            live_a_step(memory, step)
        memory.context(subject(3))  # the bank is in this process's cache when it is rewound
        memory.rewind(back_to)
        assert memory.counts() == (lived[1][back_to][0] if back_to >= 0 else Counts())
        for step in range(back_to + 1, 8):
            live_a_step(memory, step)
        questions = [(subject(number), step) for number in range(6) for step in (back_to, 5, None)]
        contexts = [told(memory.context(about, as_of=step)) for about, step in questions]
        ids = {row[0] for row in contents(path)["items"] if row[11] > back_to}
    assert renumbered(contents(path)) == renumbered(contents(lived[0]))
    assert not ids & {row[0] for row in contents(lived[0])["items"]}  # none is used again
    with Memory(lived[0], "r") as memory:
        assert contexts == [told(memory.context(about, as_of=step)) for about, step in questions]
    assert exported(path, capsys) == exported(lived[0], capsys)


def exported(path, capsys):
    """All items that the command line writes, without their ids."""
    assert main(["export", str(path)]) == 0
    return [{**json.loads(line), "id": 0} for line in capsys.readouterr().out.splitlines()]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30), st.booleans()), min_size=1, max_size=14), st.data())
@settings(max_examples=25, deadline=None)
def test_any_history_can_be_rewound(tmp_path_factory, moves, data):
    folder = tmp_path_factory.mktemp("memory")
    back_to = data.draw(st.integers(-1, len(moves)))

    def live(memory, steps):
        for step in steps:
            number, start, won = moves[step]
            memory.record(subject(number), attempts(2, start, float(won), "wrong"), step)

    with Memory(folder / "straight.sqlite", caps=CAPS) as memory:
        live(memory, range(len(moves)))
    with Memory(folder / "rewound.sqlite", caps=CAPS) as memory:
        live(memory, range(len(moves)))
        memory.rewind(back_to)
        live(memory, range(back_to + 1, len(moves)))
    assert renumbered(contents(folder / "rewound.sqlite")) == renumbered(contents(folder / "straight.sqlite"))


def test_rewinding_keeps_a_problem_that_a_slower_process_wrote_about(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1), 9)
        memory.record(subject(), attempts(1, 5), 4)
        memory.rewind(6)
        assert [item.written_step for item in memory.items("experience")] == [4]
        assert memory.reflect([subject()], Scripted(), 6).admitted == 1


def test_what_a_slower_process_evicts_ends_where_it_began_and_not_before(tmp_path):
    with Memory(tmp_path / "m.sqlite", caps=Caps(successes=1)) as memory:
        memory.record(subject(), attempts(1), 9)
        assert memory.record(subject(), attempts(1, 5), 4).evicted == 1
        assert (
            memory.growth()
            == [(step, memory.counts(step)) for step in (4, 9)]
            == [
                (4, Counts(experience=1)),
                (9, Counts(experience=1)),
            ]
        )


def test_what_a_slower_process_offers_again_goes_with_what_it_repeats(tmp_path):
    """Dated back, the later words would stand in a past that did not have them, and above the caps."""
    with Memory(tmp_path / "m.sqlite", caps=Caps(successes=1)) as memory:
        memory.record(subject(), attempts(1), 3)
        memory.record(subject(), attempts(1, 5), 9)
        assert memory.record(subject(), attempts(1, 5), 4).rejected_duplicate == 1
        assert [memory.counts(as_of=step).experience for step in (3, 4, 8, 9)] == [1, 1, 1, 1]
        memory.rewind(6)
        assert [item.episode_id for item in memory.items("experience")] == ["episode-0"]


def test_a_process_with_ids_from_before_a_rewind_removes_and_credits_nothing_else(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory, Memory(path) as other:
        memory.record(subject(), attempts(1), 0)
        memory.consolidate(Scripted(3), 1)
        [known] = other.items("behavior")

        def meanwhile(requests):
            memory.rewind(0)
            memory.consolidate(saying(json.dumps({"behaviors": [{"name": "use_4", "instruction": sentence(9)}]})), 1)
            return [json.dumps({"actions": [{"action": "remove", "name": known.name}]})] * len(requests)

        report = other.consolidate(meanwhile, 2)
        assert (report.removed, report.ignored) == (0, 1)
        other.note_shown(subject(), [known.id], 2)
        [behavior] = memory.items("behavior")
        assert (behavior.name, behavior.provenance.shown) == (known.name, 0)
        assert behavior.id > known.id


def test_a_file_from_before_ids_were_kept_has_them_from_its_items(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory:
        memory.record(subject(), attempts(4), 5)
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM meta WHERE name = 'last_id'")
    connection.commit()
    connection.close()
    with Memory(path) as memory:
        memory.rewind(-1)
        memory.rewind(-1)
        memory.record(subject(), attempts(1), 0)
        assert [item.id for item in memory.items("experience")] == [5]
