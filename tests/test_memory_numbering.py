import json

import pytest
from memory_scene import attempts, saying, subject

from memory import Memory
from memory.numbering import without_numbering


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("1. Write down what is given. 2. Add the parts.", "Write down what is given. Add the parts."),
        ("1) Read; 2) add; 3) check.", "Read; add; check."),
        ("Do this: (1) read. (2) add.", "Do this: read. add."),
        ("Step 1: Read. Step 2: Add.", "Read. Add."),
        ("1.Read. 2.Add.", "Read. Add."),
        ("1. Check units", "Check units"),
    ],
)
def test_numbers_of_a_list_are_left_out(text, left):
    assert without_numbering(text) == left


@pytest.mark.parametrize(
    "text",
    [
        *("Multiply by 2. Then add.", "The answer is: 1. Then stop.", "The answer: 5. Stop.", "2. Add. 3. Check."),
        *("It is obvious. 42. Done.", "1.5 hours are 90 minutes.", "3) is not the first.", ""),
    ],
)
def test_other_numbers_stay(text):
    assert without_numbering(text) == text


def test_numbers_of_a_list_give_nothing_away(tmp_path):
    about = subject(gold="2")
    fair = "1. Write down what is given. 2. Add the parts."
    leak = "1. Write down what is wanted. 2. The result is 2."
    insights = {"strategies": [{"title": "1. Order", "content": fair}, {"title": "Order", "content": leak}]}
    behaviors = [{"name": name, "instruction": text} for name, text in (("fair", fair), ("leak", leak))]
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(about, attempts(1), 0)
        report = memory.reflect([about], saying(json.dumps(insights)), 0)
        assert (report.admitted, report.rejected_firewall) == (1, 1)
        found = memory.consolidate(saying(json.dumps({"behaviors": behaviors})), 0)
        assert (found.added, found.rejected_firewall) == (1, 1)
        assert [item.instruction for item in memory.items("behavior")] == [fair]  # as it was written
