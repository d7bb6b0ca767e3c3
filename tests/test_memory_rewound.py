"""A memory that another process rewinds while the model writes what is to be stored."""

import json

from memory_scene import Scripted, attempts, contents, saying, sentence, subject

from memory import Consolidated, Memory, Reflected


def rewinding(path, step, then=None):
    def reflector(requests):
        with Memory(path) as other:
            other.rewind(step)
        return (then or Scripted())(requests)

    return reflector


def test_insights_about_problems_that_are_gone_count_nowhere(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory:
        memory.record(subject(0), attempts(1), 1)
        memory.record(subject(1), attempts(1, 8), 5)
        report = memory.reflect([subject(0), subject(1)], rewinding(path, 2), 5)
        # Each reply proposes a strategy and a lesson, which a success alone does not teach.
        assert report == Reflected(requests=2, admitted=1)
        assert [item.subject_id for item in memory.items("insight")] == [subject(0).id]


def test_a_memory_that_was_rewound_to_nothing_stays_empty(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory:
        memory.record(subject(), attempts(1), 5)
        assert memory.reflect([subject()], rewinding(path, 2), 5) == Reflected(requests=1)
        assert not any(contents(path).values())
        memory.record(subject(), attempts(1), 5)
        assert memory.reflect([subject()], Scripted(), 5).admitted == 1


def adding(name):
    return saying(json.dumps({"actions": [{"action": "new", "name": name, "instruction": sentence(3)}]}))


def test_behaviors_about_problems_that_are_gone_count_nowhere(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory:
        memory.record(subject(), attempts(1), 5)
        assert memory.consolidate(rewinding(path, 2, adding("a")), 5) == Consolidated(requests=1)
        assert not any(contents(path).values())
        memory.record(subject(), attempts(1), 5)
        assert memory.consolidate(adding("a"), 5).added == 1
