"""Answers said in other words, with other marks and in other places: what tells them, and what is honest."""

import time

import pytest

from memory.firewall import gives_away, quotes_graded
from memory.notation import normalise
from memory.numerals import numeral
from memory.shortcuts import find_shortcuts

KINDS, THREE = "Gus: knight, Wes: knave", "Gus: knight, Ann: knight, Wes: knave"
ORDER = "Ned, Leo, Jan"
TARGET = "(17 + 17) - 4"
SPREAD = "def solve(a, b):\n    return max(a, b) - min(a, b)"
SORTED = "def solve(xs):\n    return sorted(xs)[::-1]"


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("**Gus**: Knight, **Wes**: Knave", KINDS),
        ("Gus is a **knight**; Wes is a **knave**", KINDS),
        ('{"Gus": "knight", "Wes": "knave"}', KINDS),
        ("`Gus` is a knight, `Wes` is a knave", KINDS),
        ("| Gus | knight |\n| Wes | knave |", KINDS),
        ("| Gus | knight | | Wes | knave |", KINDS),
        ("| Name | Kind |\n|---|---|\n| Gus | knight |\n| Wes | knave |", KINDS),
        ("Gus - knight, Wes - knave", KINDS),
        ("Gus => knight, Wes => knave", KINDS),
        ("Gus is therefore a knight, and Wes is therefore a knave", KINDS),
        ("Gus must therefore be a knight and Wes must therefore be a knave", KINDS),
        ("Gus is indeed a knight, Wes is indeed a knave", KINDS),
        ("Gus would be a knight and Wes would be a knave", KINDS),
        ("Gus as a knight and Wes as a knave", KINDS),
        ("Knights: Gus, Ann. Knaves: Wes", THREE),
        ("Knights: Gus, Ann\nKnaves: Wes", THREE),
        ("The knights are Gus and Ann, and the knave is Wes", THREE),
        ("Gus tells the truth and Wes lies", KINDS),
        ("Gus always tells the truth; Wes is lying", KINDS),
        ("Gus is a truth-teller and Wes is a liar", KINDS),
        ("Gus is not a knave, and Wes is not a knight", KINDS),
        ("a knight (Gus) and a knave (Wes)", KINDS),
        ("Gus, a knight, and Wes, a knave", KINDS),
        ("Knight Gus and knave Wes", KINDS),
        ("Gus and Ann both tell the truth, and Wes lies", THREE),
        ("Gus and Ann are therefore knights; Wes, however, is a knave", THREE),
        ("Gus turns out to be a knight, so Wes ends up being a knave", KINDS),
        ("Everyone is a knave here", "Gus: knave, Wes: knave"),
        ("All three are therefore knights", "Gus: knight, Wes: knight, Ann: knight"),
        ("Ned is first, Leo is second, Jan is third", ORDER),
        ("First is Ned, second is Leo, third is Jan", ORDER),
        ("Ned comes first, then Leo, then Jan", ORDER),
        ("Ned came before Leo and Leo came before Jan", ORDER),
        ("Jan > Leo > Ned", ORDER),
        ("Ned > Leo > Jan", ORDER),
        ("Leo is 2nd, Ned is 1st and Jan is 3rd", ORDER),
        ("The 1st is Ned and the last is Jan", ORDER),
        ("Jan is right behind Leo, who is right behind Ned", ORDER),
        ("Jan comes after Leo and Leo after Ned", ORDER),
        ("Leo is left of Jan; Ned is left of Leo", ORDER),
        ("First comes Ned, then Leo, and last Jan", ORDER),
        ("Ned finishes in first place, Leo in second place", ORDER),
        ("**Ned** is first, **Leo** is second", ORDER),
        ("Answer = B", "B"),
        ("the answer will be B", "B"),
        ("The answer turns out to be B", "B"),
        ("the correct answer to the question is B", "B"),
        ("B is the best choice", "B"),
        ("The right choice here is B", "B"),
        ("final answer → B", "B"),
        ("final answer -> B", "B"),
        ("so the best option is therefore B", "B"),
        ("**B** is the correct answer", "B"),
        ("The answer is A.", "A"),
        ("The answer is A because it is lighter", "A"),
        ("(A) is it", "A"),
        ("Option A", "A"),
        ("The conclusion is therefore true", "true"),
        ("The conclusion is indeed true", "true"),
        ("so the statement is false", "false"),
        ("the answer is therefore no", "no"),
        ("the correct response is no", "no"),
        ("The conclusion is therefore unknown.", "unknown"),
        ("The answer is unknown", "unknown"),
        ("The answer is Uncertain", "Uncertain"),
        ("Answer: seven", "7"),
        ("the answer = seven", "7"),
        ("The answer will be seven", "7"),
        ("The answer is exactly seven", "7"),
        ("The answer is therefore seven", "7"),
        ("giving a total of seven", "7"),
        ("the answer is negative seven", "-7"),
        ("the answer is one hundred and forty-four", "144"),
        ("There are one hundred forty four of them", "144"),
        ("the total is two hundred", "200"),
        ("It comes to: the answer is one thousand two hundred and five", "1205"),
        ("Seven is the answer", "7"),
        ("A hundred is the answer", "100"),
        ("the result equals four hundred", "400"),
        (r"\cfrac{1}{2}", "1/2"),
        (r"so \cfrac{1}{2}", r"\frac{1}{2}"),
        ("(1)/(2)", "1/2"),
        ("(1) / (2)", r"\frac12"),
        ("2x**2+3", "2x^2 + 3"),
        ("2*x**2 + 3", "2x^2 + 3"),
        ("2 x ** 2 + 3", "2x^2 + 3"),
        ("negative 3/4", "-3/4"),
        ("1 over 2", "1/2"),
        ("1 over 2", r"\frac{1}{2}"),
        ("Use `max(a,b)-min(a,b)`", SPREAD),
        ("f = lambda xs: sorted(xs)[::-1]", SORTED),
        ("Compute n * 5 - 9", "def solve(n):\n    return n * 5 - 9"),
        ("Use `x + 5`", "def solve(n):\n    return n + 5"),
        ("Write (17 + 17) - 4.", TARGET),
        ("17 + 17 - 4 = 30", TARGET),
        ("first 17 + 17 = 34, then 34 - 4 = 30", TARGET),
        ("use 2 × (10 + 5)", TARGET),
        ("1) 17 + 17 - 4", TARGET),
        (r"17 \times 2 - 4", TARGET),
    ],
)
def test_answers_said_in_other_words(text, gold):
    assert gives_away(text, gold)


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("If both are knaves, then they differ", "Gus: knave, Wes: knave"),
        ("Whoever says 'we are both knaves' is a knave", "Gus: knave, Wes: knight"),
        ("Gus is a knave, Wes is a knight", KINDS),
        ("A knave lies and a knight tells the truth", KINDS),
        ("Gus says Wes is a knave; test whether Gus tells the truth", KINDS),
        ("Judge Gus and Wes by what they say. A knight tells the truth, a knave lies", KINDS),
        ("| Gus | knave |\n| Wes | knight |", KINDS),
        ("Knights: Wes. Knaves: Gus", KINDS),
        ("Knights: Gus. Knaves: Ann, Wes", THREE),
        ("Wes tells the truth and Gus lies", KINDS),
        ("Gus is not a knight, and Wes is not a knave", KINDS),
        ("Ned is second, Leo is first, Jan is third", ORDER),
        ("Leo is first, Ned is second, Jan is third", ORDER),
        ("First is Leo, second is Ned, third is Jan", ORDER),
        ("Ned came after Leo and Leo came after Jan", ORDER),
        ("Jan is ahead of Leo and Leo ahead of Ned", ORDER),
        ("Jan < Leo < Ned", ORDER),
        ("Jan, then Leo, then Ned, if x > 3", ORDER),
        ("Leo is ahead of Jan. Start from the first place", ORDER),
        ("Link the comparisons into one chain from first to last", ORDER),
        ("Ned is first or last; Leo is next to Jan", ORDER),
        ("Ned is first", ORDER),
        ("The answer is a number", "A"),
        ("Choose a unit first", "A"),
        ("The result is a sum", "A"),
        ("the answer is no longer than a line", "no"),
        ("there is no option, so the answer is no more than", "no"),
        ("Assume the conclusion is false and look for a contradiction", "false"),
        ("Check whether the statement is true", "true"),
        ("Look for a case where the premises hold and the conclusion is false", "false"),
        ("If no chain reaches it, the answer may be open: true, false or unknown", "unknown"),
        ("the conclusion is true exactly when the chain holds", "true"),
        ("Look for the unknown and solve for it", "unknown"),
        ("A vitamin B deficiency is the best choice of example", "C"),
        ("when the statement is false the speaker is a knave", "false"),
        ("the result is one of the numbers", "1"),
        ("the answer is one more than the other", "1"),
        ("the result is two times the first", "2"),
        ("The answer is one hundred and five", "100"),
        ("The answer is one hundred and five", "5"),
        ("The answer is seven hundred", "7"),
        ("There are one thousand one hundred and forty-four", "144"),
        ("The answer is twenty-seven", "7"),
        ("equals one half of it", "1"),
        ("Add one and two", "2"),
        ("a total is what is asked; two parts give it", "2"),
        ("Think it over 2 times, 1 at a time", "1/2"),
        ("Take 2 ** 3", "2x^2"),
        ("**a** and **b**", "a^b"),
        ("Return the larger minus the smaller", SPREAD),
        ("Use x + 15 or x + 5 * 2", "def solve(n):\n    return n + 5"),
        ("Sort with sorted and reverse with [::-1]", SORTED),
        ("Count from i + 1", "def solve(n):\n    return n + 1"),
        ("Aim for the target 30 by sums", TARGET),
        ("Make 30 from the numbers 17, 17, 4", TARGET),
        ("17 + 17 = 34 is too large, 17 - 4 = 13", TARGET),
        ("Use 17 twice (2 - 3 steps)", TARGET),
    ],
)
def test_honest_texts_that_come_near_an_answer(text, gold):
    assert not gives_away(text, gold)


@pytest.mark.parametrize(
    "value", [0, 7, 13, 20, 21, 99, 100, 101, 110, 112, 120, 144, 200, 999, 1000, 1001, 1205, 20_000, 144_007]
)
def test_no_number_in_words_is_taken_for_another(value):
    def words(number):
        if number >= 1000:
            more = words(number % 1000) if number % 1000 else ""
            return f"{words(number // 1000)} thousand {more}".strip()
        if number >= 100:
            return f"{words(number // 100)} hundred" + (f" and {words(number % 100)}" if number % 100 else "")
        small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        teens = [*small.split(), "seventeen", "eighteen", "nineteen"]
        tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
        if number < 20:
            return teens[number]
        return tens[number // 10 - 2] + (f"-{teens[number % 10]}" if number % 10 else "")

    others = {0, 1, 5, 7, 10, 12, 13, 20, 21, 44, 99, 100, 101, 110, 112, 120, 144, 200, 205, 999, 1000, 1001, 1205}
    for other in others | {20_000, 144_007, 144_000, value}:
        assert gives_away(f"The answer is {words(other)}.", str(value)) == (value == other), (
            words(other),
            numeral(value),
        )


GRADED = (
    "Seats in all: 8 * 38 = 304. Empty at first: 304 - 163 = 141. Empty seats then: 141 + 36 = 177. "
    "So the theatre has that many empty seats after the people in the last row have left it."
)


@pytest.mark.parametrize(
    "text",
    [
        GRADED,
        GRADED[:-8],
        GRADED[30:],
        GRADED.replace(".", "", 1),
        "- " + GRADED.replace(". ", "\n- "),
        GRADED.upper().replace(":", ""),
        "Remember: " + " ".join(GRADED.split()[4:24]) + " and so on",
    ],
)
def test_parts_of_the_graded_text_are_quotes_of_it(text):
    assert quotes_graded(text, frozenset({normalise(GRADED)}))


@pytest.mark.parametrize(
    "text",
    [
        "Multiply rows by seats, subtract the people who sit, then add the people who leave.",
        "Seats in all: 8 * 38 = 304. Then go on from there in the same way.",
        "",
        "seats",
    ],
)
def test_a_few_words_in_common_are_no_quote(text):
    assert not quotes_graded(text, frozenset({normalise(GRADED), "seats in all: 304", "#### 7"}))


def test_a_short_graded_text_is_quoted_as_a_whole():
    graded = frozenset({normalise("Add 17 and 25 to get 42.\n#### 42")})
    assert quotes_graded("First: add 17 and 25 to get 42; #### 42, as one sees", graded)
    assert not quotes_graded("Add 17 and 25 to get it", graded)


def test_the_problem_itself_may_be_quoted():
    prompt = "A train with 12 cars of 40 seats each has 13 people in the first car and 9 in every other car."
    graded = frozenset({normalise(f"We know: {prompt} So 13 + 11 * 9 = 112 people sit in it.")})
    assert not quotes_graded(f"Where it says {prompt} count the cars", graded, prompt)
    assert quotes_graded(f"Where it says {prompt} count the cars", graded)
    assert quotes_graded(f"{prompt} So 13 + 11 * 9 = 112", graded, prompt)


HOSTILE = (
    *("Gus and ", "Gus is therefore ", "knights: Gus, ", "the answer to the ", "answer, however, ", "that statement "),
    *(
        "total of ",
        "one hundred and ",
        "minus ",
        "B is the best ",
        "Ned first ",
        "Ned before ",
        "Ned > ",
        "((1+",
        "1 - ",
    ),
    *(
        "(1)/(",
        "a**",
        "1 over ",
        "lambda x",
        "return (",
        "sorted(",
        "option: ",
        "option ** ",
        "event (A) ",
        "unsure, then ",
    ),
)


@pytest.mark.parametrize("part", HOSTILE)
def test_long_texts_take_no_longer_than_their_length(part):
    text = part * (8_000 // len(part)) + "x"
    started = time.process_time()
    for gold in (KINDS, ORDER, TARGET, SPREAD, SORTED, "107", "no", "A", "1/2", "2x^2+3", "x=9"):
        gives_away(text, gold)
    find_shortcuts(text)
    quotes_graded(text, frozenset({normalise(text + "y z")}), text)
    assert time.process_time() - started < 2.0
