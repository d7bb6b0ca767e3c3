"""The corpus nano learns from, and the weights that are shipped."""

import collections
import functools
import json
import math
import random
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from rich.console import Console
from transformers import PreTrainedTokenizerFast

from agents.nano import WEIGHTS, corpus, manifest, pretrain
from agents.nano.corpus import MIXTURE, MIXTURES, draw_document
from agents.nano.curve import LossCurve
from agents.nano.pretrain import Recipe, _train, new_trainer, train_step
from agents.nano.sums import SUMS
from agents.nano.teaching import (
    CURRICULUM,
    HASTE,
    KNOWN,
    draw_known,
    draw_lesson,
    haste,
    misreading,
    ranked_kinds,
)
from agents.nano.training_folder import checkpoint, claim, restore
from agents.policies import load_policy
from agents.policy import Sampling
from agents.prompts import Blocks, solve_prompt
from agents.records import View
from agents.sampling import generate
from memory.replies import read_actions, read_insights
from pmd_envs.errors import ConfigError
from pmd_envs.verifiers.arithmetic import check_equations

MEGABYTE = 2**20


def test_the_loss_is_drawn_as_png_and_svg_the_same_for_the_same_rows(tmp_path):
    for name in ("one", "two"):
        curve = LossCurve(tmp_path / name / "log.csv", 0)
        for step in range(100):
            curve.add(step, 5.0 / (step + 1))
        curve.path.parent.mkdir()
        curve.write()
        curve.draw(curve.path.with_suffix(".png"))
    assert (tmp_path / "one" / "log.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "one" / "log.svg").read_bytes() == (tmp_path / "two" / "log.svg").read_bytes()


def test_a_loss_that_is_written_while_the_process_is_killed_is_whole(tmp_path, monkeypatch):
    curve = LossCurve(tmp_path / "log.csv", 0)
    for step in range(40):
        curve.add(step, 7.0)
    curve.write()
    for step in range(40, 80):
        curve.add(step, 6.0)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        curve.write()
    monkeypatch.undo()
    assert LossCurve(tmp_path / "log.csv", 80).rows == [(19, 7.0), (39, 7.0)]
    curve.write()
    assert LossCurve(tmp_path / "log.csv", 80).rows == curve.rows
    assert [file.name for file in tmp_path.iterdir()] == ["log.csv"]


def test_documents_repeat_with_their_number():
    assert draw_document(random.Random("x")) == draw_document(random.Random("x"))
    assert draw_document(random.Random("x")) != draw_document(random.Random("y"))


def test_every_kind_of_document_is_drawn():
    kinds = collections.Counter(draw_document(random.Random(i)).kind for i in range(600))
    assert set(kinds) == set(MIXTURE) | {"second_try"}
    for name, (weight, _) in MIXTURE.items():
        drawn = kinds[name] + (kinds["second_try"] if name == "feedback" else 0)
        share = weight / sum(weight for weight, _ in MIXTURE.values())
        assert drawn / 600 == pytest.approx(share, abs=0.05)


def test_sums_on_a_sheet_are_right_and_only_results_are_learnt():
    for i in range(40):
        document = MIXTURE["sheet"][1](random.Random(i))
        checks = check_equations(document.completion)
        assert len(checks) == SUMS
        assert all(check.ok for check in checks)
        learnt = "".join(text for text, is_learnt in document.pieces if is_learnt)
        assert learnt.split() == [line.rpartition("= ")[2] for line in document.completion.splitlines()]
        assert "".join(text for text, _ in document.pieces) == document.completion


def test_other_documents_are_learnt_whole():
    document = MIXTURE["bare"][1](random.Random(0))
    assert document.pieces == [(document.completion, True)]


@pytest.mark.parametrize("part", CURRICULUM, ids=lambda part: part.path.rpartition(":")[2])
def test_lessons_are_train_problems_with_solutions_that_verify(part):
    rng = random.Random(0)
    for _ in range(15):
        lesson = draw_lesson(rng, 0.5, part)
        assert lesson.task.split == "train"
        assert part.family.verify(lesson.task, lesson.solution).score == 1
        assert lesson.plan not in lesson.task.prompt


def test_the_tail_is_long_without_help():
    part = CURRICULUM[0]
    drawn = collections.Counter(draw_lesson(random.Random(i), 1.5, part).kind for i in range(600))
    level_kinds = [ranked_kinds(part.path, level) for level, _ in part.levels]
    common = sum(drawn[kinds[0]] for kinds in level_kinds)
    rare = sum(drawn[kinds[-1]] for kinds in level_kinds)
    assert common > 8 * rare


def test_half_of_the_kinds_are_never_solved_without_help():
    rare = set()
    for part in CURRICULUM:
        for level, _ in part.levels:
            kinds = ranked_kinds(part.path, level)
            rare |= set(kinds[math.ceil(KNOWN * len(kinds)) :])
    common = {draw_known(random.Random(i), 1.0).kind for i in range(600)}
    helped = {draw_lesson(random.Random(i), 0.0).kind for i in range(600)}
    assert len(rare - common) > len(rare) * 0.8  # some are common on another level
    assert len(rare & helped) > len(rare) * 0.8


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["hasty", "settling"])
def test_a_hasty_writer_goes_wrong_only_where_nothing_helps(phase):
    unaided, mixture = [], MIXTURES[phase]
    for i in range(500):
        hasty, rng = draw_document(random.Random(i), phase), random.Random(i)
        name = rng.choices(list(mixture), [weight for weight, _ in mixture.values()])[0]
        careful = mixture[name][1](rng)
        if hasty.unaided is not None:
            unaided.append(hasty)
        else:
            assert hasty == careful
    wrong = [document for document in unaided if document.completion != document.unaided.solution]
    assert 0.6 < len(wrong) / len(unaided) < 0.95
    assert {document.kind for document in wrong} >= {"bare", "behaviors", "strangers"}
    for document in wrong:
        lesson = document.unaided
        assert lesson.subject.family.verify(lesson.task, document.completion).score == 0


@pytest.mark.parametrize("phase", ["hasty", "settling"])
def test_strangers_know_nothing_of_the_problem(phase):
    with_solution = 0
    for i in range(60):
        document = MIXTURES[phase]["strangers"][1](random.Random(i))
        lesson = document.unaided
        shown = document.prompt.removeprefix("Problem: ").removeprefix(lesson.task.prompt)
        assert document.completion == lesson.solution
        assert lesson.solution not in shown
        assert lesson.plan not in shown
        with_solution += "A correct solution:" in shown
    assert 20 < with_solution < 55


def test_a_kind_of_problem_is_misread_in_one_way():
    part = CURRICULUM[0]
    for kind in part.family.kinds(2):
        last_steps = set()
        for i in range(6):
            lesson = draw_lesson(random.Random(i), 0.0, part, kind)
            signs = [sign for sign in misreading(lesson).splitlines()[-2] if sign in "+-*/"]
            last_steps.add((len(misreading(lesson).splitlines()), *signs))
        assert len(last_steps) <= 3, kind  # a mistake that would leave the whole numbers gives way to another
        assert haste(lesson) in HASTE[2]
        assert all(check.ok for check in check_equations(misreading(lesson)))


def test_the_rate_falls_to_zero_at_the_end_of_each_phase():
    recipe = Recipe()
    assert recipe.rate(0) == pytest.approx(1 / recipe.warmup)
    for end in (recipe.steps, recipe.settling, recipe.last):
        assert 0 < recipe.rate(end - 1) < 0.001
    hasty = max(recipe.rate(step) for step in range(recipe.steps, recipe.settling))
    settling = max(recipe.rate(step) for step in range(recipe.settling, recipe.last))
    assert 0.9 * recipe.hasty_rate < hasty <= recipe.hasty_rate
    assert 0.9 * recipe.settling_rate < settling <= recipe.settling_rate


def test_each_phase_reads_its_own_mixture():
    recipe = Recipe(steps=3, hasty_steps=2, settling_steps=1)
    assert [recipe.phase(step) for step in range(recipe.last)] == ["careful"] * 3 + ["hasty"] * 2 + ["settling"]


def test_the_last_phase_starts_without_momentum(tmp_path):
    recipe = Recipe(steps=1, hasty_steps=1, settling_steps=1, documents=2, micro_batch=2, warmup=1)
    trainer, renewed, kept = (small_trainer(recipe) for _ in range(3))
    _train(trainer, recipe, tmp_path, checkpoint_every=1, console=Console(quiet=True))
    for step in range(recipe.last):
        if step == recipe.settling:
            renewed.renew_optimizers()
        train_step(renewed, recipe, step)
        train_step(kept, recipe, step)
    assert weights_of(trainer) == weights_of(renewed) != weights_of(kept)


def test_a_run_goes_on_from_its_checkpoint(tmp_path):
    recipe = Recipe(steps=1, hasty_steps=2, settling_steps=1, documents=2, micro_batch=2, warmup=1)
    whole, part, rest = (small_trainer(recipe) for _ in range(3))
    for step in range(recipe.settling):
        train_step(part, recipe, step)
    checkpoint(part, recipe.settling, tmp_path / "part", LossCurve(tmp_path / "part" / "log.csv", 0))
    for trainer, folder in ((whole, "whole"), (rest, "part")):
        _train(trainer, recipe, tmp_path / folder, checkpoint_every=1, console=Console(quiet=True))
    assert weights_of(whole) == weights_of(rest)


@pytest.mark.parametrize("damage", [b"", b"of something else", {"step": 1}])
def test_a_damaged_checkpoint_of_a_training_is_named(damage, tmp_path):
    if isinstance(damage, dict):
        torch.save(damage, tmp_path / "checkpoint.pt")
    else:
        (tmp_path / "checkpoint.pt").write_bytes(damage)
    with pytest.raises(ConfigError, match=r"checkpoint\.pt cannot be read: .+; put back a copy of it, or delete it"):
        restore(small_trainer(Recipe(steps=1)), tmp_path)


@pytest.mark.parametrize("every", [20, 50])
@pytest.mark.parametrize("killed_in", ["the curve", "the checkpoint", "a step"])
def test_the_loss_of_a_run_that_was_killed_is_that_of_one_that_was_not(every, killed_in, tmp_path, monkeypatch):
    recipe = Recipe(steps=115, hasty_steps=5, settling_steps=0)
    monkeypatch.setattr(pretrain, "train_step", lambda trainer, recipe, step: 9.0 - step**0.5 / 2)
    train = functools.partial(_train, recipe=recipe, checkpoint_every=every, console=Console(quiet=True))
    train(small_trainer(recipe), out=tmp_path / "whole")
    place, name = {
        "the curve": (LossCurve, "write"),
        "the checkpoint": (torch, "save"),
        "a step": (pretrain, "train_step"),
    }[killed_in]
    real, left = getattr(place, name), [77 if killed_in == "a step" else 2]

    def killed(*given):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(place, name, killed)
    with pytest.raises(KeyboardInterrupt):
        train(small_trainer(recipe), out=tmp_path / "killed")
    train(small_trainer(recipe), out=tmp_path / "killed")
    rows = (tmp_path / "whole" / "log.csv").read_text()
    assert [row.partition(",")[0] for row in rows.split()] == ["step", "19", "39", "59", "79", "99", "119"]
    assert (tmp_path / "killed" / "log.csv").read_text() == rows


def small_trainer(recipe):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(WEIGHTS)
    return new_trainer(recipe, tokenizer)


def weights_of(trainer):
    return [value.tolist() for value in trainer.model.state_dict().values() if value.ndim == 1]


@pytest.mark.parametrize("name", ["reflection", "consolidation"])
def test_what_nano_should_reply_is_what_the_memory_reads(name):
    parse = read_insights if name == "reflection" else read_actions
    for i in range(30):
        assert parse(MIXTURE[name][1](random.Random(i)).completion) is not None


def test_help_in_a_document_names_the_plan():
    document = corpus._with_strategies(random.Random(3))
    assert "Strategies:\n- " in document.prompt
    assert document.prompt.endswith("Solve it.\n")


def test_shipped_weights_are_small_and_solve_some_of_each_family_alone_and_nearly_all_with_help():
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < 8 * MEGABYTE
    policy = load_policy("nano")
    for part in CURRICULUM:
        lessons = [draw_lesson(random.Random(i), 0.0, part) for i in range(24)]
        alone, shown = (solved(policy, part, lessons, helps) for helps in (False, True))
        assert 1 <= alone <= 15
        assert shown >= max(18, alone + 6)


def solved(policy, part, lessons, helps):
    views = [View(lesson.task.prompt, "", "", "", part.continues) for lesson in lessons]
    blocks = [Blocks(solution=lesson.solution) if helps else None for lesson in lessons]
    prompts = [policy.encode(solve_prompt(*asked)) for asked in zip(views, blocks, strict=True)]
    done = generate(policy, prompts, Sampling(max_new_tokens=96), seed=0)
    return sum(part.family.verify(x.task, c.text).score for x, c in zip(lessons, done, strict=True))


def test_the_manifest_is_of_the_shipped_weights():
    recorded = json.loads((WEIGHTS / manifest.FILE).read_text())
    assert recorded["recipe"] == asdict(Recipe())
    assert recorded["weights"] == manifest.file_hash(WEIGHTS / "model.safetensors")
    assert recorded["tokenizer"] == manifest.file_hash(WEIGHTS / "tokenizer.json")
    assert recorded["fresh_loss"] == pytest.approx(manifest.fresh_loss(WEIGHTS), rel=manifest.LOSS_TOLERANCE)


@pytest.mark.slow
def test_the_corpus_is_the_one_that_the_shipped_weights_read():
    assert manifest.corpus_hash(Recipe().seed) == json.loads((WEIGHTS / manifest.FILE).read_text())["corpus"]


def test_a_check_names_what_does_not_fit(tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "HASHED_DOCUMENTS", 20)  # whichever they are, their hash is not the one written here
    shutil.copytree(WEIGHTS, tmp_path / "weights")
    path = tmp_path / "weights" / manifest.FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "corpus": "another"}))
    findings = manifest.check(tmp_path / "weights", asdict(Recipe(seed=1)), 1)
    assert {finding.what for finding in findings if not finding.holds} == {"recipe", "corpus"}


def test_nano_writes_reflections_that_parse():
    policy = load_policy("nano")
    documents = [MIXTURE["reflection"][1](random.Random(f"held out {i}")) for i in range(12)]
    prompts = [policy.encode(document.prompt) for document in documents]
    done = generate(policy, prompts, Sampling(max_new_tokens=160, temperature=0), seed=0)
    assert sum(read_insights(completion.text) is not None for completion in done) >= 8


def test_a_folder_is_of_one_recipe(tmp_path):
    for _ in range(2):
        claim(tmp_path / "new" / "nano", asdict(Recipe())).release()
    with pytest.raises(ConfigError, match="holds a training with other settings: seed, steps"):
        claim(tmp_path / "new" / "nano", asdict(Recipe(steps=50, seed=9)))
    (tmp_path / "checkpoint.pt").write_text("of an older version")
    with pytest.raises(ConfigError, match=r"a checkpoint, and no config\.json"):
        claim(tmp_path, asdict(Recipe()))
    (tmp_path / "new" / "nano" / "config.json").write_text("{")
    with pytest.raises(ConfigError, match=r"config\.json cannot be read"):
        claim(tmp_path / "new" / "nano", asdict(Recipe()))


def test_one_process_at_a_time_trains_in_a_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["pretrain.py", "--out", str(tmp_path)])
    with claim(tmp_path, asdict(Recipe())):
        assert pretrain.main() == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path} is in use by another process")
    monkeypatch.setattr(pretrain, "_tokenizer", lambda *_: pytest.fail("it got in, as it should"))
    with pytest.raises(pytest.fail.Exception, match="it got in"):
        pretrain.main()
    claim(tmp_path, asdict(Recipe())).release()  # an error lets others in


def test_pretraining_does_not_go_on_with_another_recipe(tmp_path, monkeypatch, capsys):
    claim(tmp_path, asdict(Recipe())).release()
    monkeypatch.setattr(sys, "argv", ["pretrain.py", "--out", str(tmp_path), "--recipe.steps", "50"])
    assert pretrain.main() == 2
    assert capsys.readouterr().err == f"error: {tmp_path} holds a training with other settings: steps\n"
