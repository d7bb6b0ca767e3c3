"""CRUXEval: where the stated value stands, and how it may be spelled."""

import pytest

from pmd_envs.families.cruxeval import CRUXEval
from pmd_envs.records import Task

FAMILY = CRUXEval()


def asked(gold):
    return Task("x", "CRUXEval", "train", "f", gold, {"kind": "cruxeval"}, "")


@pytest.mark.parametrize(
    ("gold", "response"),
    [
        ("[1, 2]", "####\n[1, 2]"),
        ("[1, 2]", "####\n```python\n[1, 2]\n```\nDone."),
        ("[1, 2]", "#### Answer: [1, 2]"),
        ("[1, 2]", "#### **Final answer:** [1, 2]"),
        ("[1, 2]", "#### Answer:\n[1, 2]"),
        ("[1, 2]", "The answer is [1, 2].\n#### The answer is [1, 2]."),
        ("[1, 2]", "####\n#### [1, 2]"),
        ("[1, 2]", "#### Step 1: look\n#### [1, 2]\n#### Step 2: check"),
        ("1.0", "#### 1."),
        ("-2.0", "#### **-2.**"),
        ("1", "#### 1."),
        ("1", "#### 1.\n#### 1"),
        ("2.5", "#### 2.5."),
        ("'a.'", "#### 'a.'."),
        ("'Answer: x'", "#### 'Answer: x'"),
    ],
)
def test_right_values(gold, response):
    verdict = FAMILY.verify(asked(gold), response)
    assert (verdict.score, verdict.first_wrong_step) == (1, None)
    steps = FAMILY.split_steps(response)
    assert FAMILY.split_steps(FAMILY.join_steps(steps)) == steps
    assert any(FAMILY.is_final(asked(gold), step, FAMILY.check_step(asked(gold), (), step)) for step in steps)
    assert FAMILY.answer(response)


@pytest.mark.parametrize(
    ("gold", "response"),
    [
        ("[1, 2]", "####"),
        ("[1, 2]", "####\nSo it is\n[1, 2]"),
        ("[1, 2]", "#### [1, 2]\n#### [3]"),
        ("[1, 2]", "####\n[3]\n[1, 2]"),
        ("[1, 2]", "#### Step 1: [1, 2]"),
        ("1.0", "#### 1"),
        ("1", "#### 1.0"),
        ("1", "#### ..."),
        ("1", "#### ."),
    ],
)
def test_anything_else(gold, response):
    assert FAMILY.verify(asked(gold), response).score == 0


def test_a_mark_alone_does_not_end_an_episode():
    for step in ("####", "#### Answer:", "#### Step 1: look"):
        verdict = FAMILY.check_step(asked("1"), (), step)
        assert verdict.ok is None
        assert not FAMILY.is_final(asked("1"), step, verdict)
