"""What must not get into the memory or out of it.

Three rules. Only training problems teach anything. Nothing that states the answer of its own problem is stored. And a
reader never meets the text of the response that is being graded. The first is a caller's bug and raises; the second is
a model's habit and is counted; the third filters what is read. (An insight may rest on the graded response among
others, as in the paper; it may not quote it.)

How answers of each kind are stated is in files of their own: :mod:`memory.announced`, :mod:`memory.numerals`,
:mod:`memory.pairs`, :mod:`memory.orders` and :mod:`memory.programs`.
"""

import re
import unicodedata

from memory.announced import ONE_OF_FEW, announces, sums_up
from memory.errors import FirewallError
from memory.notation import as_pattern, normalise, plain_answer, plainly, value_alone, word_alone
from memory.numerals import GOLD_NUMBER, states_number
from memory.orders import states_order
from memory.pairs import states_assignment
from memory.programs import states_expression, states_sum
from memory.quotes import is_graded, quotes_graded
from memory.records import Subject

__all__ = ["LEARNED_FROM", "gives_away", "is_graded", "quotes_graded", "require_writable"]

LEARNED_FROM = "train"
"""The one split that is not held out. Validation is: it chooses checkpoints. So is any split of another name."""


def require_writable(subject: Subject) -> None:
    """Refuse a problem that the policy is measured on."""
    if subject.split != LEARNED_FROM:
        raise FirewallError(
            f"{subject.id!r} is a {subject.split} problem: the memory learns from training problems only, "
            f"whose split is called {LEARNED_FROM!r}"
        )


def gives_away(text: str, gold: str) -> bool:
    """Whether a text states the answer ``gold``."""
    literal = normalise(gold)
    if not literal:
        return False
    said, answer = plainly(text), plain_answer(gold)
    if GOLD_NUMBER.fullmatch(answer):
        return states_number(said, answer)
    one_of_few = ONE_OF_FEW.fullmatch(answer.strip("() "))
    if one_of_few and (ONE_OF_FEW.fullmatch(literal) or announces(text, one_of_few[0])):
        return announces(text, one_of_few[0])
    if "\n" in gold.strip() and re.sub(r"\s", "", answer) in re.sub(r"\s", "", said):
        return True
    if states_expression(text, gold) or states_sum(text, gold):
        return True
    return _states_literally(text, gold) or _states_plainly(text, gold) or states_assignment(normalise(text), gold)


def _states_literally(text: str, gold: str) -> bool:
    said, answer = normalise(text), normalise(gold)
    return _states_words(said, answer) or states_order(said, answer)


def _states_plainly(text: str, gold: str) -> bool:
    """Whether the answer is there in another way of writing."""
    said, answer = plainly(text), plain_answer(gold)
    word, value = word_alone(gold), value_alone(answer)
    if word:  # of names every mention counts; "even" and "pi" are everyday words too
        named = word[0].isupper() and _states_words(unicodedata.normalize("NFKC", text), word)
        return named or announces(text, answer) or sums_up(said, answer)
    if GOLD_NUMBER.fullmatch(value):  # of any number that is the one that is asked for
        return sums_up(said, value) or states_assignment(said, answer)
    pattern = as_pattern(value or answer)
    return pattern.search(said) is not None if pattern else _states_words(said, answer)


def _states_words(said: str, answer: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", said) is not None
