"""Example arguments for the catalogue: numbers, lists and texts small enough to read."""

import random
from collections.abc import Callable

from pmd_envs.functions.kind import Arguments, Inputs, Parameter

# fmt: off
WORDS = (
    "apple", "banana", "cherry", "level", "noon", "radar", "kayak", "tree", "green", "sweet", "book", "door",
    "moon", "river", "stone", "garden", "window", "summer", "winter", "yellow", "orange", "purple", "happy",
    "letter", "paper", "little", "silver", "copper", "engine", "island", "ocean", "planet", "sister", "brother",
    "teacher", "pencil", "rabbit", "tiger", "eagle", "puppy", "kitten", "cat", "dog", "sun", "ice", "eve", "pop",
    "wow", "civic", "rotor", "aunt", "area", "idea", "audio", "opera", "otter", "error", "mirror", "cotton",
    "button", "bottle", "coffee", "cheese", "street",
)
# fmt: on


def _number(rng: random.Random, parameters: tuple[Parameter, ...], low: int, high: int) -> int:
    """A number of the range, half of the time close to a parameter."""
    numbers = [value for value in parameters if isinstance(value, int)]
    if numbers and rng.random() < 0.5:
        return max(low, min(high, rng.choice(numbers) + rng.choice((-1, 0, 0, 1))))
    return rng.randint(low, high)


def _one_number(low: int, high: int) -> Callable[[random.Random, tuple[Parameter, ...]], Arguments]:
    return lambda rng, parameters: (_number(rng, parameters, low, high),)


def _two_numbers(rng: random.Random, parameters: tuple[Parameter, ...]) -> Arguments:
    first = _number(rng, parameters, 0, 20)
    return first, first if rng.random() < 0.1 else _number(rng, parameters, 0, 20)


def _list(
    low: int, high: int, shortest: int, longest: int = 5
) -> Callable[[random.Random, tuple[Parameter, ...]], Arguments]:
    def draw(rng: random.Random, parameters: tuple[Parameter, ...]) -> Arguments:
        numbers = [_number(rng, parameters, low, high) for _ in range(rng.randint(shortest, longest))]
        if rng.random() < 0.3:  # repeated neighbours
            numbers[-1] = numbers[-2]
        return (numbers,)

    return draw


def _word(rng: random.Random, parameters: tuple[Parameter, ...]) -> str:
    letters = [value for value in parameters if isinstance(value, str)]
    if letters and rng.random() < 0.7:
        letter = rng.choice(letters)
        return rng.choice([word for word in WORDS if letter in word] or WORDS)
    return rng.choice(WORDS)


def _one_word(rng: random.Random, parameters: tuple[Parameter, ...]) -> Arguments:
    return (_word(rng, parameters),)


def _name(rng: random.Random, parameters: tuple[Parameter, ...]) -> Arguments:
    word = _word(rng, parameters)
    return (rng.choice((word.title(), word.upper(), word, word[0] + word[1:].upper())),)


def _phrase(rng: random.Random, parameters: tuple[Parameter, ...]) -> Arguments:
    return (" ".join(_word(rng, parameters) for _ in range(rng.randint(2, 4))),)


def _words(rng: random.Random, parameters: tuple[Parameter, ...]) -> Arguments:
    return ([_word(rng, parameters) for _ in range(rng.randint(2, 4))],)


INTEGER = Inputs("n", _one_number(-9, 25), ((0,), (1,), (-1,)))
NATURAL = Inputs("n", _one_number(1, 12), ((0,), (1,)))
DIGITS = Inputs("n", _one_number(10, 999), ((0,), (7,), (100,)))
TWO = Inputs("a, b", _two_numbers, ((0, 0), (3, 3), (0, 5)))
NUMBERS = Inputs("xs", _list(-5, 15, 3), (([],), ([0],), ([4, 4],)))
MANY = Inputs("xs", _list(-5, 20, 6, 9), (([],), ([0],), ([4, 4],)))
COUNTS = Inputs("xs", _list(1, 6, 4), (([],), ([2],), ([3, 3],)))
NONEMPTY = Inputs("xs", _list(-5, 15, 3), (([4],), ([-3, -8],), ([2, 2],)))
WORD = Inputs("text", _one_word, (("",), ("a",), ("oo",)))
NAME = Inputs("text", _name, (("",), ("A",), ("ab",)))
PHRASE = Inputs("text", _phrase, (("",), ("a",)))
WORD_LIST = Inputs("words", _words, (([],), (["a"],)))
