"""Answers to a question with several choices: a letter with its text, and hedges between letters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs import verify_math
from pmd_envs.datasets import read_rows
from pmd_envs.families.sciknoweval import SciKnowEval

HONEST = [
    "C", "(C)", "C.", "C)", "**C**", "\\text{C}", "\\textbf{(C)}", "Option C", "choice (C)", "option C: 12",
    "(C) the text of option C", "C. 12 apples", "C) 12", "C: 24 N", "C. C", "C. The answer is C", "(C) red or blue",
    "C. Red or blue, but not green", "C. Not enough information", "C. not possible", "C. None of the above",
    "C. Neither of them", "C) Uncertain", "C. Unknown", "C. Probably true", "C. False", "C. No", "C. A dog",
    "C. A Tale of Two Cities", "C. an atom or a molecule", "C. It is a gas and a solid", "C. Vitamin D",
    "C. hepatitis B", "C. 5 A", "C. 20 °C", "C. 300 K", "(C) 12 F", "C. $F = ma$", "C. $E = mc^2$", "C. P(A) = 0.5",
    "C. $A \\cup B$", "C. H_2O", "C. CC(A)O", "C. OB(B)C(=O)D", "(C) N(A)(B)", "C. 45 N/A", "C. 4.5 \\times 10^{-7} A",
    "C. 3 \\mu F", "C. 20^{\\circ} F", "C. red (blue)", "C. not a metal", "C. DNA", "C. line A", "C. the point B",
    r"\textbf{(C)}\ 12", r"(C)\ 12", r"\textbf{(C)}~12", r"(C)\quad 12", r"\text{(C)}\,12", r"\mathbf{(C)}\qquad 12",
    r"(C)\;\text{red or blue}",
    "C. f(a)", "C. $x^2 + 1$", "C. either red or green", "C. 3 or 4", "C. if and only if it rains", "C. B's brother",
    "C. it might not be so", "C. 50°", "C. $20^\\circ C$",
    "(c)", "c)", "option c", "c. red", "c is correct", "C is correct", "C is the best answer",
    "The correct option is C", "the answer is: (C)", "So the correct answer is option C",
    "C, red", "C - red", "C -- red", "C — red", "C – red or blue",
    "**C** red", "**(C)** red", "**C.** red", "**C**: red", "(C), red", "(C): red", "c, red", "C ✅", "C, East",
]  # fmt: skip
"""What names C for a gold of C."""

HEDGES = [
    "(C) or (D)", "C. or D.", "C: not sure, maybe D", "C. D", "C. A. B. D.", "C) D)", "C: D", "(C) (D)", "C. and D",
    "C. D. B.", "(C) or D", "C. or d", "C. or something else", "C. maybe", "C: maybe D", "C: perhaps not",
    "C. not sure", "C: I'm not sure", "C. I don't know", "C. I do not know", "C. just a guess", "C. I guess",
    "C. alternatively D", "C. red D. blue", "C. red\nD. blue", "C. 12 D. 13", "C. 12, D. 13", "C. 12 or D", "C. 12 D",
    "C. but D may be right", "C. A or B", "C. A is better", "C. A, B", "C. A", "C. both A and B", "C. not C", "C. not",
    "C: not right", "C: is wrong", "C. ?", "C. probably", "C. I think", "C. red or", "C. / D", "C. & D",
    "C. red, (d) blue", "C. or (d)", "\\text{(C) or (D)}", "\\textbf{(C)} or \\textbf{(D)}", "Option C: or option D",
    "C. no, option D", "C. No, D", "C: H", "C. text of C; B text", "(C) and/or (D)", "C. red or(D)", "C. D/E",
    "C. (D)/(E)", "C. red, D", "C. red (D)", "C. [D]", "C. \"D\"", "C. 12 (D)", "C. $D$", "C. A|B", "C. and/or red",
    r"(C)\ \text{or}\ (D)", r"(C),\ (D)", r"(C)\ D", r"\text{(C)}~\text{maybe}", r"C\quad D", "~C",
    "C or D", "C, D", "C/D", "C and D", "CD",
    "(c) or (d)", "c or d", "c, d", "c. red or d", "c. red, (d) blue", "c. d", "C, blue or D", "C, or D", "C, unless D",
    "C, maybe", "C, wrong", "C - nope", "C -- maybe", "C — not sure", "C. idk", "**C** or **D**", "**C** D",
    "**C** (D)", "C is incorrect", "C is wrong", "C is D", "C is correct or D", "The correct option is not C",
    "The answer is C or D", "The wrong answer is C", "C - D", "C, red, D",
]  # fmt: skip
"""What names C and something else, or takes it back."""


@pytest.mark.parametrize("answer", HONEST)
def test_a_letter_with_its_text_is_right(answer: str):
    assert verify_math(f"\\boxed{{{answer}}}", "C").score == 1
    assert verify_math(f"\\boxed{{{answer}}}", "\\text{(C)}").score == 1
    assert verify_math(f"\\boxed{{{answer}}}", "B").score == 0


@pytest.mark.parametrize("answer", HEDGES)
def test_a_hedge_is_wrong_whatever_is_right(answer: str):
    for gold in "ABCD":
        assert verify_math(f"\\boxed{{{answer}}}", gold).score == 0, gold


@pytest.mark.parametrize("gold", ["\\text{C}", "(C)", "\\textbf{(C)}", "$(C)$"])
def test_a_lower_case_letter_is_that_choice_where_the_gold_is_one(gold: str):
    assert verify_math("\\boxed{c}", gold).score == 1
    assert verify_math("\\boxed{d}", gold).score == 0


def test_a_lower_case_letter_alone_may_be_a_variable():
    assert verify_math("\\boxed{c}", "C").score == 0
    assert verify_math("\\boxed{c}", "C", letters="caseless").score == 1
    assert verify_math("\\boxed{d}", "C", letters="caseless").score == 0


@pytest.mark.parametrize(
    "answer", ["C - x", "C, xyz", "C - abc", "C - \\sin x", "C - sin x", "C, 12", "C, 4x", "C - BD"]
)
def test_a_term_or_an_element_is_no_text_of_an_option(answer: str):
    assert verify_math(f"\\boxed{{{answer}}}", "C").score == 0


LETTERS = st.sampled_from("ABCDEFGH")
TEXT = ["red", "blue", "a", "the", "of", "true", "left", "water"]
SENTENCES = st.lists(st.sampled_from([*TEXT, "or", "and", "not", "is", "less", "than"]), max_size=6).map(" ".join)
MARKS = st.sampled_from(["%s. ", "(%s) ", "%s) ", "%s: ", "option %s: "])
JOINTS = st.sampled_from([" or ", ", ", " and ", " / ", "\n", "; ", " maybe ", " not ", " instead ", " "])


@given(st.lists(LETTERS, min_size=2, max_size=4, unique=True), JOINTS, st.data())
def test_a_second_letter_is_never_right(letters: list[str], joint: str, data: st.DataObject):
    answer = joint.join(data.draw(MARKS) % letter + data.draw(SENTENCES) for letter in letters)
    for gold in letters:
        assert verify_math(f"\\boxed{{{answer}}}", gold).score == 0


@given(LETTERS, MARKS, st.lists(st.sampled_from([*TEXT, "12"]), min_size=1, max_size=6))
def test_a_letter_with_words_is_that_letter(letter: str, mark: str, words: list[str]):
    answer = f"{mark % letter}{' or '.join(words)}"
    for gold in "ABCDEFGH":
        assert verify_math(f"\\boxed{{{answer}}}", gold).score == (gold == letter)


@pytest.mark.realdata
def test_the_published_options_are_no_hedges():
    assert SciKnowEval.dataset is not None
    prompts = [str(row["prompt"]) for row in read_rows(SciKnowEval.dataset, "test", "local")]
    options = [found for prompt in prompts for found in re.findall(r"^([A-D]): (.*\S)", prompt, re.MULTILINE)]
    assert len(options) > 1000
    right = [verify_math(f"<answer>{letter}. {text}</answer>", letter).score for letter, text in options]
    assert sum(right) > 0.99 * len(right)
