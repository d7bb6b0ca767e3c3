"""What followed when an item was shown: attempts at the next visit of the problem, not those that were graded."""

import pytest
from memory_scene import Scripted, attempts, subject, take_back

from memory import Behavior, Caps, FirewallError, Memory


def counters(memory, item_id, as_of=None):
    """(shown, followed, succeeded) of an item."""
    levels = ("experience", "insight", "behavior")
    [origin] = [item.provenance for level in levels for item in memory.items(level, as_of) if item.id == item_id]
    return origin.shown, origin.followed, origin.succeeded


@pytest.fixture
def memory(tmp_path):
    with Memory(tmp_path / "m.sqlite", caps=Caps(successes=50, failures=50)) as opened:  # nothing is evicted
        yield opened


def first_item(memory, number=0):
    """The oldest item about a problem, which is written with it."""
    memory.record(subject(number), attempts(2, number * 20), 0)
    return min(item.id for item in memory.items("experience") if item.subject_id == subject(number).id)


def test_a_showing_is_followed_by_the_next_attempts_and_not_by_those_that_were_graded(memory):
    item = first_item(memory)  # written from two right attempts
    memory.note_shown(subject(), [item, item], 0)  # and read by the teachers of both
    assert counters(memory, item) == (2, 0, 0)
    assert memory.items("experience")[0].provenance.success_when_shown is None
    memory.record(subject(), attempts(1, 4) + attempts(3, 5, 0.0), 6)
    assert counters(memory, item) == (2, 4, 1)
    [worth] = [i.provenance.success_when_shown for i in memory.items("experience") if i.id == item]
    assert worth == 1 / 4
    memory.record(subject(), attempts(4, 12), 9)  # nothing was shown at step 6
    assert counters(memory, item) == (2, 4, 1)
    memory.note_shown(subject(), [item], 9)
    memory.record(subject(), attempts(2, 30), 12)
    assert counters(memory, item) == (3, 6, 3)


def test_more_attempts_of_the_step_in_which_an_item_was_shown_do_not_follow(memory):
    item = first_item(memory)
    memory.record(subject(), attempts(1, 4), 3)
    memory.note_shown(subject(), [item], 3)
    memory.record(subject(), attempts(2, 9), 3)
    assert counters(memory, item) == (1, 0, 0)
    memory.record(subject(), attempts(1, 30), 5)
    assert counters(memory, item) == (1, 1, 1)


def test_attempts_at_another_problem_do_not_follow(memory):
    item = first_item(memory)
    memory.record(subject(1), attempts(2, 20), 0)
    memory.note_shown(subject(), [item], 0)
    memory.record(subject(1), attempts(2, 40), 1)
    assert counters(memory, item) == (1, 0, 0)


def test_a_behavior_is_followed_by_every_problem_that_it_was_shown_for(memory):
    for number in range(3):
        first_item(memory, number)
    memory.consolidate(Scripted(), 0)
    [behavior, *_] = memory.items("behavior")
    assert isinstance(behavior, Behavior)
    for number in range(2):
        memory.note_shown(subject(number), [behavior.id], 0)
    memory.record_batch(
        [(subject(0), attempts(1, 70)), (subject(1), attempts(2, 72, 0.0)), (subject(2), attempts(4, 75))], 1
    )
    assert counters(memory, behavior.id) == (2, 3, 1)


def test_what_was_shown_twice_before_the_problem_came_back_is_followed_once(memory):
    item = first_item(memory)
    memory.note_shown(subject(), [item], 0)
    memory.note_shown(subject(), [item], 1)
    memory.record(subject(), attempts(3, 9), 2)
    assert counters(memory, item) == (2, 3, 3)


def test_a_memory_that_no_longer_grows_still_hears_how_attempts_went(memory):
    item = first_item(memory)
    memory.note_shown(subject(), [item], 0)
    held = memory.counts()
    memory.count_batch([(subject(), attempts(2, 50) + attempts(1, 52, 0.0)), (subject(7), attempts(1, 60))], 1)
    assert memory.counts() == held
    assert counters(memory, item) == (1, 3, 2)


def test_counters_are_as_of_a_step_and_rewound_with_it(memory):
    item = first_item(memory)
    memory.note_shown(subject(), [item], 0)
    memory.record(subject(), attempts(2, 9), 3)
    memory.note_shown(subject(), [item], 3)
    memory.record(subject(), attempts(2, 19, 0.0), 6)
    story = {step: counters(memory, item, step) for step in (0, 3, 6)}
    assert story == {0: (1, 0, 0), 3: (2, 2, 2), 6: (2, 4, 2)}
    memory.rewind(2)
    assert counters(memory, item) == story[0]
    memory.record(subject(), attempts(2, 9, 0.0), 3)  # this time both fail
    assert counters(memory, item) == (1, 2, 0)


def test_a_slower_process_follows_nothing_a_second_time(memory):
    item = first_item(memory)
    memory.note_shown(subject(), [item], 0)
    memory.record(subject(), attempts(2, 9), 5)
    memory.record(subject(), attempts(2, 19), 4)
    assert counters(memory, item) == (1, 2, 2)


def test_ids_of_what_was_forgotten_are_not_used_again(memory):
    first_item(memory)
    memory.record(subject(), attempts(1, 9), 5)
    late = max(item.id for item in memory.items("experience"))
    memory.note_shown(subject(), [late, 12345], 3)  # by a slower process
    memory.rewind(4)
    memory.record(subject(), attempts(1, 17), 6)
    newest = max(item.id for item in memory.items("experience"))
    assert newest > late
    memory.note_shown(subject(), [late], 6)  # by one that still remembers what was forgotten
    assert counters(memory, newest) == (0, 0, 0)


def test_held_out_problems_count_nothing(memory):
    item = first_item(memory)
    for split in ("test", "validation"):
        with pytest.raises(FirewallError, match="training problems only"):
            memory.note_shown(subject(1, split=split), [item], 0)
        with pytest.raises(FirewallError, match="training problems only"):
            memory.count_batch([(subject(1, split=split), attempts(1))], 0)


def test_an_older_file_keeps_its_showings_and_forgets_successes_that_meant_something_else(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory:
        item = first_item(memory)
    take_back(
        path,
        1,
        "DROP TABLE showings; DROP TABLE credits;"
        "CREATE TABLE credits (item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE, step INTEGER NOT NULL,"
        " shown INTEGER NOT NULL, succeeded INTEGER NOT NULL, PRIMARY KEY (item_id, step)) WITHOUT ROWID;"
        f"INSERT INTO credits VALUES ({item}, 0, 8, 8);",
    )
    with Memory(path) as memory:
        assert counters(memory, item) == (8, 0, 0)
        memory.note_shown(subject(), [item], 1)
        memory.record(subject(), attempts(1, 5), 2)
        assert counters(memory, item) == (9, 1, 1)
