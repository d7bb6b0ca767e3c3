"""Multiple choice: letters, domains, and the published questions."""

import copy
import json
import pickle
import random
import re
import time
from collections import Counter
from dataclasses import replace

import gymnasium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs import ConfigError
from pmd_envs.datasets import Dataset, read_rows
from pmd_envs.errors import DatasetError
from pmd_envs.families.sciknoweval import SciKnowEval
from pmd_envs.records import SPLITS, Task
from pmd_envs.science import DOMAINS

FAMILY = SciKnowEval()
ROW = {"prompt": "What is heavy?\n\nA: lead\nB: air\nPlease reason step by step.", "answer": "A"}
SIZES = {"biology": (450, 50), "chemistry": (1890, 210), "material": (841, 94), "physics": (720, 80)}


REPEATED = {"biology": 4, "material": 10, "physics": 8}
"""Train rows that ask what a test row asks and have the same right option."""


def options_sorted(prompt):
    question, _, options = prompt.rpartition("\n\n")
    return question, tuple(sorted(line.partition(": ")[2] for line in options.splitlines()))


def question_and_right_option(task):
    question, *options = re.split("^([A-D]): ", task.prompt, flags=re.MULTILINE)
    return " ".join(question.split()), " ".join(options[options.index(task.gold) + 1].split())


def task_of(problem):
    return Task("x", FAMILY.name, "test", problem.prompt, problem.gold, problem.facts, "")


TASK = task_of(FAMILY.from_row(ROW))


@pytest.mark.parametrize(
    "response",
    [
        "<answer>A</answer>",
        "<reasoning>\nLead is.\n</reasoning>\n<answer>\nA\n</answer>\n",
        "<answer> (a) </answer>",
        "<answer>A.</answer>",
        "The answer is A.",
        "\\boxed{A}",
        "<answer>B</answer> No, wait: it is lead.\n<answer>A</answer>",
        *(
            f"<answer>{said}</answer>"
            for said in ("A: lead", "A) lead", "(A) Lead.", "A. lead", "**A: lead**", "A:lead")
        ),
        *(f"<answer>{said}</answer>" for said in ("Option A", "option (a)", "Option A: lead", "[A]", "Ａ", "（Ａ）")),
        *(
            rf"<answer>{said}</answer>"
            for said in (r"\textbf{A}", r"\mathrm{A}", r"\(A\)", r"$\text{(A) lead}$", "`A`")
        ),
    ],
)
def test_the_letter_counts(response):
    assert FAMILY.verify(TASK, response).score == 1
    assert FAMILY.answer(response) == "A"


@pytest.mark.parametrize(
    ("response", "words"),
    [
        ("", "no final answer"),
        ("A", "no final answer"),
        ("<answer>B</answer>", "B is not the right option"),
        ("<answer>A: air</answer>", "not a letter with the text of its option"),
        ("<answer>B: lead</answer>", "not a letter with the text of its option"),
        ("<answer>A: lead or B: air</answer>", "not a letter with the text of its option"),
        ("<answer>A: -lead</answer>", "not a letter with the text of its option"),
        ("<answer>lead</answer>", "not the letter of one option"),
        ("<answer>A lead</answer>", "not the letter of one option"),
        ("<answer>Lead</answer>", "not the letter of one option"),
        ("<answer>(A)(B)</answer>", "not the letter of one option"),
        ("<answer>A or B</answer>", "not the letter of one option"),
        ("<answer>A</answer><answer>B</answer>", "not the letter of one option"),
        ("<answer>C</answer>", "not the letter of one option"),
        ("<answer>A", "no final answer"),
    ],
)
def test_anything_else_does_not(response, words):
    verdict = FAMILY.verify(TASK, response)
    assert verdict.score == 0
    assert words in verdict.reason


def test_an_answer_over_several_lines_is_one_step():
    assert FAMILY.split_steps("Hm.\n<answer>\n  A\n</answer>\nSo.") == ("Hm.", "<answer>A</answer>", "So.")


PIECES = ["<answer>", "</answer>", "<Answer>", "</ANSWER>", "<an\u017fwer>", "A", " ", "\n", "\u2028", "<", "x" * 201]
BLOCK = re.compile(r"<answer>\s*((?:(?!</?answer>).)*?)\s*</answer>", re.IGNORECASE | re.DOTALL)
"""What a block is. To look for it takes cubic time."""


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_blocks_are_those_of_the_pattern_that_takes_too_long(text):
    def in_one_line(block):
        return block[0] if len(block[1]) > 200 else f"<answer>{' '.join(block[1].split())}</answer>"

    lines = (line.strip() for line in BLOCK.sub(in_one_line, text).splitlines())
    assert FAMILY.cut_steps(text) == tuple(line for line in lines if line)


@pytest.mark.parametrize("repeated", ["\n", "<answer>", "<answer>\n", " A"])
def test_a_block_that_does_not_end_takes_no_time(repeated):
    response = "<reasoning>\nx\n</reasoning>\n<answer>" + repeated * 6_000
    began = time.process_time()
    FAMILY.split_steps(response)
    assert FAMILY.verify(TASK, response).score == 0
    assert time.process_time() - began < 20  # it is a hundredth of a second; cubic time would be minutes


def test_a_row_that_is_not_of_the_published_form_is_refused():
    with pytest.raises(DatasetError, match="needs the texts 'prompt' and 'answer'"):
        FAMILY.from_row({"prompt": "?"})
    with pytest.raises(DatasetError, match=r"'C' is none of the options \['A', 'B'\]"):
        FAMILY.from_row({**ROW, "answer": "C"})


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_its_own_problems_and_ids(domain):
    env = gymnasium.make("pmd/SciKnowEval-v0", source="generated", domain=domain)
    for index in range(12):
        _, info = env.reset(options={"index": index})
        assert info["task_id"].startswith(f"SciKnowEval-v0/{domain}/generated/train/d")
        assert env.unwrapped.task.facts["kind"].startswith(domain)
        assert env.unwrapped.task_by_id(info["task_id"]) == env.unwrapped.task
    for clone in (copy.deepcopy(env), pickle.loads(pickle.dumps(env)), gymnasium.make(env.spec)):
        assert clone.reset(seed=1) == env.reset(seed=1)


def test_a_wrong_domain_is_answered_with_the_right_one():
    with pytest.raises(ConfigError, match="Did you mean 'physics'"):
        gymnasium.make("pmd/SciKnowEval-v0", source="generated", domain="physic")
    with pytest.raises(ConfigError, match=r"unknown domain of GSM8K 'physics'. Known: none"):
        gymnasium.make("pmd/GSM8K-v0", source="generated", domain="physics")


def numbers_and_options(problem):
    """The numbers of the question, and those of the options by letter."""
    question, options = problem.prompt.split("\n\n")
    pairs = (line.split(": ") for line in options.splitlines())
    return set(map(int, re.findall(r"\d+", question))), {letter: int(text.split()[0]) for letter, text in pairs}


def near(options, letter):
    return min(abs(options[letter] - other) for name, other in options.items() if name != letter)


LOOKS = {
    "not in the question": lambda asked, options: [letter for letter, value in options.items() if value not in asked],
    "in the question": lambda asked, options: [letter for letter, value in options.items() if value in asked],
    "below the question's largest": lambda asked, options: [k for k, value in options.items() if value < max(asked)],
    "above the question's largest": lambda asked, options: [k for k, value in options.items() if value > max(asked)],
    "between the others": lambda _, options: sorted(options, key=options.__getitem__)[1:3],
    "outside of the others": lambda _, options: sorted(options, key=options.__getitem__)[::3],
    "near another": lambda _, options: sorted(options, key=lambda letter: near(options, letter))[:2],
    "far from the others": lambda _, options: [max(options, key=lambda letter: near(options, letter))],
    "round": lambda _, options: [letter for letter, value in options.items() if value % 10 == 0],
    "even": lambda _, options: [letter for letter, value in options.items() if value % 2 == 0],
    "no more than any result": lambda _, options: [letter for letter, value in options.items() if value <= 150],
}  # fmt: skip


@pytest.mark.parametrize("difficulty", FAMILY.difficulties)
def test_no_look_at_the_options_finds_the_right_one(difficulty):
    hits = Counter()
    for index in range(600):
        problem = FAMILY.generate(random.Random(f"looks/{index}"), difficulty)
        asked, options = numbers_and_options(problem)
        for name, look in LOOKS.items():
            kept = look(asked, options) or [*options]
            hits[name] += (problem.gold in kept) / len(kept) / 600
    assert max(hits.values()) < 0.36, hits


def is_diluted(start, strong, weak):
    return strong > weak and start < start * strong // weak


def are_caught_again(marked, again, seen, left):
    return again < marked and again <= seen and left < marked * seen // again


@pytest.mark.parametrize(
    ("kind", "holds"), [("chemistry dilution", is_diluted), ("biology recapture", are_caught_again)]
)
def test_what_is_told_can_happen(kind, holds):
    level = next(level for level in FAMILY.difficulties if kind in FAMILY.kinds(level))
    for index in range(150):
        problem = FAMILY.generate_kind(random.Random(index), kind, level)
        assert holds(*map(int, re.findall(r"\d+", problem.prompt.partition("\n")[0]))), problem.prompt


def test_no_option_is_one_of_several_things():
    for level in FAMILY.difficulties:
        for kind in FAMILY.kinds(level):
            for index in range(40):
                _, options = numbers_and_options(FAMILY.generate_kind(random.Random(index), kind, level))
                assert min(options.values()) > 1


def test_the_example_of_the_page_can_be_drawn():
    drawn = (FAMILY.generate_kind(random.Random(index), "physics force", 1).prompt for index in range(5_000))
    question = "A cart of 4 kg speeds up by 6 m/s in every second."
    found = {options_sorted(prompt)[1] for prompt in drawn if prompt.startswith(question)}
    assert ("10 N", "20 N", "24 N", "34 N") in found


@pytest.mark.parametrize("difficulty", FAMILY.difficulties)
def test_no_letter_and_no_rank_is_right_more_often_than_chance(difficulty):
    letters, ranks = Counter(), Counter()
    for index in range(800):
        problem = FAMILY.generate(random.Random(f"chance/{index}"), difficulty)
        options = [line.split(": ") for line in problem.prompt.split("\n\n")[1].splitlines()]
        values = {letter: float(text.split()[0]) for letter, text in options}
        assert len(set(values.values())) == 4
        letters[problem.gold] += 1
        ranks[sorted(values.values()).index(values[problem.gold])] += 1
    assert max(letters.values()) / 800 < 0.32
    assert max(ranks.values()) / 800 < 0.4


def test_files_of_json_lines_may_be_called_json(tmp_path, monkeypatch):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    rows = [{"prompt": "{\n}", "answer": "A"}, {"prompt": "b", "answer": "B"}]
    (tmp_path / "lines.json").write_text("\n".join(json.dumps(row) for row in rows))
    (tmp_path / "list.json").write_text(json.dumps(rows))
    for name in ("lines.json", "list.json"):
        assert read_rows(Dataset(".", {"test": (name,)}), "test", "local") == tuple(rows)


def rows_of(*rows):
    asked = ((f"{prompt}\nPlease reason step by step.", answer) for prompt, answer in rows)
    return json.dumps([{"prompt": prompt, "answer": answer} for prompt, answer in asked])


def test_a_question_of_the_test_split_is_not_trained_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    other = "What is heavy?\n\nA: lead\nB: iron", "B"  # another question of the same words
    train = [
        ("What is heavy?\n\nA: lead\nB: air", "A"),
        ("What  is Heavy?\n\nA: air\nB: lead\n", "B"),
        other,
        ("What is heavy?\n\nA: wind\nB:  Lead\nC: light", "B"),
    ]
    (tmp_path / "sciknoweval").mkdir()
    (tmp_path / "sciknoweval" / "physics_train.json").write_text(rows_of(*train))
    (tmp_path / "sciknoweval" / "physics_test.json").write_text(rows_of(("What is heavy?\n\nA: air\nB: lead", "B")))
    dataset = replace(FAMILY.in_domain("physics").dataset, checksums={})
    rows = [row["prompt"] for split in ("train", "validation") for row in read_rows(dataset, split, "local")]
    assert rows == [f"{other[0]}\nPlease reason step by step."]
    assert len(read_rows(dataset, "test", "local")) == 1


@pytest.mark.realdata
@pytest.mark.parametrize("domain", DOMAINS)
def test_the_published_questions_are_read_and_judged(data_dir, domain):
    family = FAMILY.in_domain(domain)
    prompts = {}
    for split in SPLITS:
        source = gymnasium.make("pmd/SciKnowEval-v0", source="local", domain=domain, split=split).unwrapped.dataset
        prompts[split] = [source.at(index) for index in range(source.size)]
        for task in prompts[split]:
            assert family.verify(task, family.gold_solution(task)).score == 1
            assert family.verify(task, family.wrong_solution(random.Random(task.id), task)).score == 0
            assert not task.prompt.endswith("step by step.")
    assert len(prompts["train"]) + len(prompts["validation"]) == SIZES[domain][0] - REPEATED.get(domain, 0)
    asked = {split: [question_and_right_option(task) for task in prompts[split]] for split in SPLITS}
    assert not [question for question in asked["test"] if question in [*asked["train"], *asked["validation"]]]
    assert prompts["train"][-1].id == f"SciKnowEval-v0/{domain}/data/train/{len(prompts['train']) - 1}"
    assert len(prompts["test"]) == SIZES[domain][1]
