"""A course in one environment: what is read, that it is learnt, and that the policy itself stays as it was."""

from collections import Counter

import pytest
import torch

import agents.nano.course as course_module
from agents.nano.course import Course, lesson, take_course
from agents.nano.trainer import Trainer
from agents.policies import load_policy
from benchmarks.levels import problems_of


@pytest.fixture(scope="module")
def nano():
    return load_policy("nano")


@pytest.fixture(scope="module")
def levels(nano):
    read = []
    for level in (1, 2):
        part = problems_of("pmd/Countdown-v0", level, "train", 6)
        read.append([lesson(nano, part.env.family, task) for task in part.tasks])
    return read


def test_of_a_lesson_the_gold_solution_is_learnt(nano):
    part = problems_of("pmd/Countdown-v0", 1, "train", 1)
    [task], family = part.tasks, part.env.family
    ids, learnt = lesson(nano, family, task)
    assert len(ids) == len(learnt)
    said = nano.tokenizer.decode([token for token, is_learnt in zip(ids, learnt, strict=True) if is_learnt])
    assert said == family.gold_solution(task) + nano.tokenizer.eos_token
    asked = nano.tokenizer.decode([token for token, is_learnt in zip(ids, learnt, strict=True) if not is_learnt])
    assert task.prompt in asked
    assert learnt == sorted(learnt)  # nothing of the problem comes after the solution


def test_a_course_teaches_a_copy(nano, levels):
    before = [value.clone() for value in nano.model.state_dict().values()]
    rows = [row for level in levels for row in level]
    student = take_course(nano, levels, Course(12, rows=4, warmup=2))
    assert all(torch.equal(old, new) for old, new in zip(before, nano.model.state_dict().values(), strict=True))
    assert not any(parameter.requires_grad for parameter in student.model.parameters())
    # What learning returns is the loss before its step, and a rate of zero changes nothing.
    losses = [
        Trainer(policy.twin().model.requires_grad_(True), policy.tokenizer).learn(rows, 0.0)
        for policy in (nano, student)
    ]
    assert losses[1] < 0.8 * losses[0]


def test_a_coarse_policy_learns_as_a_fine_one(nano, levels):
    coarse = nano.twin()
    coarse.model.to(torch.bfloat16)
    fine = coarse.twin()
    fine.model.float()
    course = Course(3, rows=4, warmup=1)
    rounded = take_course(fine, levels, course).model.to(torch.bfloat16).state_dict()
    learnt = take_course(coarse, levels, course).model.state_dict()
    assert {weights.dtype for weights in learnt.values()} == {torch.bfloat16}
    assert all(torch.equal(learnt[name], rounded[name]) for name in rounded)


@pytest.mark.slow
def test_a_compiled_course_teaches_a_model_that_is_not(nano, levels, monkeypatch):
    compiled = []

    def compile_quickly(trainer):
        trainer.model.set_attn_implementation("eager")
        trainer.model.base_model.compile(backend="eager")
        compiled.append(trainer.model)

    monkeypatch.setattr(Trainer, "compile", compile_quickly)
    plain, quick = (
        take_course(nano, levels, Course(2, rows=4, warmup=1, compiled=compiled)) for compiled in (False, True)
    )
    [trained] = compiled
    assert trained.base_model._compiled_call_impl is not None
    assert quick.model.base_model._compiled_call_impl is None
    assert quick.model.config._attn_implementation == plain.model.config._attn_implementation
    before, after, others = (
        torch.cat([weights.flatten() for weights in policy.model.parameters()]) for policy in (nano, plain, quick)
    )
    assert 0 < torch.dist(after, others) < 0.2 * torch.dist(before, after)


def test_the_seed_decides_what_is_read(nano, levels):
    courses = [Course(2, rows=2, warmup=1, seed=seed) for seed in (0, 0, 1)]
    students = [take_course(nano, levels, course) for course in courses]
    weights = [student.model.state_dict()["model.norm.weight"].tolist() for student in students]
    assert weights[0] == weights[1] != weights[2]


def test_a_course_that_was_stopped_goes_on_from_its_checkpoint(nano, levels, tmp_path, monkeypatch):
    course, told = Course(6, rows=2, warmup=1), []
    monkeypatch.setattr(course_module, "KEPT_EVERY", 2)
    whole = take_course(nano, levels, course).model.state_dict()
    real, left = Trainer.learn, [5]

    def learn(trainer, rows, rate):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return real(trainer, rows, rate)

    monkeypatch.setattr(Trainer, "learn", learn)
    with pytest.raises(KeyboardInterrupt):
        take_course(nano, levels, course, folder=tmp_path)
    left[0] = 3  # the fifth step and the sixth are left; a third would be one too many
    again = take_course(nano, levels, course, told.append, tmp_path).model.state_dict()
    assert len(told) == 6
    assert left == [1]
    assert all(torch.equal(value, again[name]) for name, value in whole.items())


def test_every_group_is_read_equally_often(nano, monkeypatch):
    read = []
    monkeypatch.setattr(Trainer, "learn", lambda _, rows, rate: read.append((rows, rate)))
    course = Course(6, rows=4, warmup=2)
    take_course(nano, [["one"], ["two"], ["three", "three"]], course)
    assert Counter(row for rows, _ in read for row in rows) == {"one": 8, "two": 8, "three": 8}
    rates = [rate for _, rate in read]
    assert rates[0] < rates[1] == max(rates) <= course.rate
    assert rates[1:] == sorted(rates[1:], reverse=True)
    assert rates[-1] == pytest.approx(course.rate / 6)
