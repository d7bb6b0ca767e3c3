import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_scene import Scripted, attempts, contents, live_a_step, subject

from memory import LEVELS, Caps, Counts, Memory

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
def test_rewinding_and_living_on_gives_the_same_file(lived, tmp_path, back_to):
    path = tmp_path / "memory.sqlite"
    with Memory(path, caps=CAPS) as memory:
        for step in range(8):
            live_a_step(memory, step)
        memory.context(subject(3))  # the bank is in this process's cache when it is rewound
        memory.rewind(back_to)
        assert memory.counts() == (lived[1][back_to][0] if back_to >= 0 else Counts())
        for step in range(back_to + 1, 8):
            live_a_step(memory, step)
        contexts = [memory.context(subject(number)) for number in range(6)]
    assert contents(path) == contents(lived[0])
    with Memory(lived[0], "r") as memory:
        assert contexts == [memory.context(subject(number)) for number in range(6)]


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
    assert contents(folder / "rewound.sqlite") == contents(folder / "straight.sqlite")


def test_rewinding_keeps_a_problem_that_a_slower_process_wrote_about(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1), 9)
        memory.record(subject(), attempts(1, 5), 4)
        memory.rewind(6)
        assert [item.written_step for item in memory.items("experience")] == [4]
        assert memory.reflect([subject()], Scripted(), 6).admitted == 1
