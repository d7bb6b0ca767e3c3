"""Whether a stated answer to a problem of reasoning-gym is right: yes or no.

Where many answers are right, reasoning-gym's own scorer decides, and only its full mark counts: the hundredths that it
pays for an attempt would be paid for nonsense. Everything else is judged by :mod:`pmd_envs.rg.rules`.
"""

import copy
import math
import re
from collections.abc import Mapping

from pmd_envs.rg.entries import Entry, data_set
from pmd_envs.rg.rules import RULES, Rule, same, same_in_any_case

MAX_ANSWER = 20_000
_MAX_CHECKED = 8_000  # longest answer that reasoning-gym's scorers get to see
_THEIRS = """
advanced_geometry bitwise_arithmetic boxnet cryptarithm graph_color group_anagrams jugs kakurasu
knight_swap knights_knaves palindrome_generation palindrome_partitioning power_function quantum_lock
rush_hour shortest_path sokoban tower_of_hanoi word_ladder
"""
# Their scorers have been read: they neither run the answer nor pay one in full that is not what the question asks for.
THEIRS = frozenset(_THEIRS.split())
_CASELESS = """
aiw calendar_arithmetic color_cube_rotation dice family_relationships figlet_font game_of_life_halting letter_jumble
needle_haystack sentence_reordering spell_backward syllogism tsumego zebra_puzzles
"""
_ANY_CASE = frozenset(_CASELESS.split())
# Most of their scorers pick what they know out of any text; an answer has to be one.
_FORMS: Mapping[str, re.Pattern[str]] = {
    "kakurasu": re.compile(r"[01\s]*"),
    "knights_knaves": re.compile(r"\s*(?:(?:and\s)?[\w-]{1,40} is an? [\w-]{1,40}[,.]?\s{0,3})+"),
    "quantum_lock": re.compile(r"[ABC\s,→>-]*", re.IGNORECASE),
    "rush_hour": re.compile(r"\s*(?:[A-Z][+-][0-9],?\s{0,3})+"),  # it moves a car as often as the number says
    "sokoban": re.compile(r"[LRUD\s,]*"),
}


def judge(name: str, level: int, entry: Entry, answer: str) -> tuple[bool, str]:
    """Whether an answer is right, and why not.

    Args:
        name: The data set.
        level: Its level.
        entry: The problem, with a right answer.
        answer: What is to be judged; any text at all.
    """
    if len(answer) > MAX_ANSWER:
        return False, f"the answer is longer than {MAX_ANSWER} characters"
    try:
        right = _rule(name, level)(entry, entry.answer or "", answer)
    except Exception as error:  # noqa: BLE001  the boundary: scorers of another package meet any text
        return False, f"the answer cannot be read ({type(error).__name__})"
    return right, "the answer is correct" if right else "the answer is not correct"


def _rule(name: str, level: int) -> Rule:
    if name in THEIRS:
        return lambda entry, _, answer: _full_mark(name, level, entry, answer)
    return RULES.get(name, same_in_any_case if name in _ANY_CASE else same)


def _full_mark(name: str, level: int, entry: Entry, answer: str) -> bool:
    form = _FORMS.get(name)
    if len(answer) > _MAX_CHECKED or (form is not None and not form.fullmatch(answer)):
        return False
    # A copy, since one of them writes into the problem.
    score = data_set(name, level).score_answer(answer, copy.deepcopy(entry.as_dict()))
    return math.isclose(score, 1)
