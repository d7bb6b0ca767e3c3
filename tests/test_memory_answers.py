"""Answers in everyday wording, family by family: what states one, and what only resembles it."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.firewall import gives_away
from memory.notation import normalise

NAMES = ("Ned", "Leo", "Jan", "Ann", "Wes")
ORDER, HOUSES = "Ned, Leo, Jan", "1: Ida, pilot; 2: Fay, painter"


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("They stand Ned, then Leo, then Jan.", ORDER),
        ("The order is Ned -> Leo -> Jan.", ORDER),
        ("So it is Ned→Leo→Jan", ORDER),
        ("Ned < Leo < Jan", ORDER),
        ("Ned; Leo; Jan", ORDER),
        ("1. Ned\n2. Leo\n3. Jan", ORDER),
        ("In the end 1st Ned, 2nd Leo, 3rd **Jan**", ORDER),
        ("First comes Ned, followed by Leo and finally Jan", ORDER),
        ("House 1 is Ida the pilot, house 2 is Fay the painter.", HOUSES),
        ("1: Ida, pilot and 2: Fay, painter", HOUSES),
        ("In house 2 lives the painter Fay; in house 1 the pilot Ida.", HOUSES),
        ("Ida the pilot lives in house 1, and Fay the painter in house 2", HOUSES),
        ('So the conclusion is "true".', "true"),
        ("So the conclusion is true.", "true"),
        ("**Answer:** true", "true"),
        ("The answer is **B**", "B"),
        ("The answer is 'no'", "no"),
        (r"\boxed{C} follows", "C"),
        ("Follow the chain of conditions, then write #### true", "true"),
        ("#### A", "A"),
        ("Divide mass by volume. <answer>B</answer>", "B"),
        ("<answer> (b) </answer>", "B"),
        (r"so $\boxed{\text{yes}}$", "yes"),
        ("Gina walks 110km on Saturday", "110"),
        ("The result is _72_", "72"),
        ("It takes 72h", "72"),
        ("It takes 72min.", "72"),
        ("A garden of 72m² and a fence", "72"),
        ("That is 7.2e1", "72"),
        ("At 72km/h", "72"),
        ("Both Gus and Wes are knaves.", "Gus: knave, Wes: knave"),
        ("Gus (knight), Wes (knave)", "Gus: knight, Wes: knave"),
        ("knave: Wes, knight: Gus", "Gus: knight, Wes: knave"),
        ("The knave is Wes and the knight is Gus", "Gus: knight, Wes: knave"),
        ("Wes has to be a knave, so Gus has to be a knight", "Gus: knight, Wes: knave"),
        ("Both are knaves", "Gus: knave, Wes: knave"),
        ("All of them are knights, since", "Gus: knight, Wes: knight, Ann: knight"),
        ("Clamp from above. Return min(n, 13).", "def solve(n):\n    return min(n, 13)"),
        ("def solve(x):\n    return min(x, 13)", "def solve(n):\n    return min(n, 13)"),
        ("It returns `max(a, b) - a`", "def solve(x, y):\n    return max(x, y) - x"),
        ("Gus, Wes and Ann are all knights", "Gus: knight, Wes: knight, Ann: knight"),
        ("Gus and Wes are knaves, but Ann is a knight", "Gus: knave, Ann: knight, Wes: knave"),
    ],
)
def test_answers_in_everyday_wording(text, gold):
    assert gives_away(text, gold)


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("Leo is ahead of Jan, and Ned is behind him", ORDER),
        ("Ned and Leo are compared first. Jan is last in the list", "Leo, Jan, Ned"),
        ("Place Jan, then Leo, then Ned", ORDER),
        ("Compare Ned with Leo, and Leo with Jan", ORDER),
        ("House 1 is Fay the pilot, house 2 is Ida the painter.", HOUSES),
        ("House 1 is Fay the painter, house 2 is Ida the pilot.", HOUSES),
        ("House 1 is Ida the pilot", HOUSES),
        ("Both Gus and Wes are knaves", "Gus: knight, Wes: knave"),
        ("Gus and Ann are knaves", "Gus: knave, Wes: knave"),
        ("If both are knaves, neither says what is true", "Gus: knave, Wes: knave"),
        ("Not all are knaves", "Gus: knave, Wes: knave"),
        ("Both are knaves", "Gus: knave, Wes: knight"),
        ("a knave lies, the knight does not", "Gus: knight, Wes: knave"),
        ("Return the smaller of two numbers", "def solve(n):\n    return min(n, 13)"),
        ("Return min(n, 130) or min(n, 13) + 1", "def solve(n):\n    return min(n, 13)"),
        ("Return the list as it is", "def solve(items):\n    return items"),
        ("It returns max(a, b) - b", "def solve(x, y):\n    return max(x, y) - x"),
        ("Check whether the conclusion is true", "true"),
        ("The conclusion is true only if the premises chain", "true"),
        ("It is true that an answer needs care", "true"),
        ("Careful with the choice of a circuit: 3 choices, each clear", "C"),
        ("End with #### and what follows: true, false or unknown", "true"),
        ("Write <answer>LETTER</answer>, a letter of the options", "A"),
        ("Choose carefully, conclude calmly", "C"),
        ("The 72nd of 1720", "72"),
        ("Expand 72x or 72ab", "72"),
        ("It takes 7.2e2, or 720h, or 72_000", "72"),
        ("A name like x_72 or step_72", "72"),
    ],
)
def test_what_only_resembles_the_answer(text, gold):
    assert not gives_away(text, gold)


@given(
    st.permutations(NAMES),
    st.permutations(NAMES),
    st.sampled_from([", ", "; ", " -> ", "->", " → ", " < ", " > ", ", then ", " and ", "\n", " - ", " "]),
)
def test_an_order_is_found_if_it_is_the_order(gold, order, separator):
    is_told = order == gold or (separator == " > " and order == gold[::-1])
    assert gives_away(f"So they stand {separator.join(order)}.", ", ".join(gold)) == is_told


@given(st.permutations(NAMES), st.permutations(("pilot", "cook", "baker", "nurse", "clerk")), st.booleans())
def test_houses_are_found_in_any_order(names, jobs, is_swapped):
    houses = list(enumerate(zip(names, jobs, strict=True), 1))
    gold = "; ".join(f"{house}: {name}, {job}" for house, (name, job) in houses)
    said = [f"house {house} is {name} the {job}" for house, (name, job) in reversed(houses)]
    assert gives_away(", ".join(said), gold)
    if is_swapped:
        said[0], said[1] = said[0].replace(jobs[4], jobs[3]), said[1].replace(jobs[3], jobs[4])
        assert not gives_away(", ".join(said), gold)


@pytest.mark.parametrize(
    "part",
    [
        *("Ned, ", "1: Ida, ", "Gus and ", "1,111", "7e", "72km", "_", "conclusion is ", "[*`(", "\\"),
        *("\\text{", "\\frac{", "\\sqrt{\\frac{a}", "^{a", "[1,", "1 2", "1, ", "- 7", "\\left", "($ ", "²"),
    ],
)
@pytest.mark.parametrize(
    "gold",
    [
        ORDER,
        HOUSES,
        "Gus: knave, Wes: knave",
        "72",
        "true",
        "[1, 1, 1, 1]",
        "1212 1212 1212 1212",
        "- 7 - 7i",
        "1, 1, 1",
        r"\text{Ann}",
    ],
)
def test_long_texts_of_a_model_take_no_longer_than_their_length(part, gold):
    started = time.process_time()
    gives_away(part * (40_000 // len(part)) + "x", gold)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("The total is 7.", "7"),
        ("Divide 7.0 by two", "7"),
        ("You get $1,234 in all", "1234"),
        ("You get 1 234 in all", "1234"),
        ("You get 1\u2009234 in all, or 2\u202f000", "1234"),
        (r"You get $1\,234$ in all", "1234"),
        ("Take 5 100 times", "100"),
        ("It was 10-7 all along", "-7"),
        ("Share: 0.50 of it", ".5"),
        ("Half is 50% here", "50"),
        ("the ratio is 3/4 here", "3/4"),
        ("Ann is a knave and Bo is the knight", "Ann: knave, Bo: knight"),
        ("So Bo: KNIGHT; Ann = knave", "Ann: knave, Bo: knight"),
        ("Write def f(x): return x+1", "def f(x):\n    return x + 1"),
        ("It ends at the Blue   House", "blue house"),
        ("The answer is B", "B"),
        ("so the answer must be yes", "yes"),
        ("Only B is correct here", "B"),
        ("**(B)** is the right choice", "B"),
        ("The right one is C", "C"),
        (r"It comes to \frac{3}{4} of it", "3/4"),
        ("It comes to 3/4 of it", r"\dfrac{3}{4}"),
        (r"It is \frac34", r"\frac{3}{4}"),
        ("The answer is twelve apples", "12"),
        ("Their total comes to **forty-two**", "42"),
        ("which equals seven", "7"),
    ],
)
def test_texts_that_state_the_answer(text, gold):
    assert gives_away(text, gold)


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("There are 17 of them, 7.5 each, and x7 is a name", "7"),
        ("The 7th one", "7"),
        ("A good plan considers base b", "B"),
        ("It is true that nobody knows", "true"),
        ("Ann is a knave", "Ann: knave, Bo: knight"),
        ("Ann is a knight and Bo is a knave", "Ann: knave, Bo: knight"),
        ("Define a function that adds", "def f(x):\n    return x + 1"),
        ("Bluehouses", "blue house"),
        ("Anything at all", ""),
        ("Section 1.2.3", "2"),
        ("B is a letter; check which one is correct", "B"),
        ("Be sure that a correct option is left", "A"),
        (r"Add \frac{1}{4} and \frac{1}{2}", "3/4"),
        ("Add the two numbers, then take one away", "2"),
        ("The answer is twenty-one", "20"),
        ("The answer is twenty-one", "1"),
        ("The sum of two numbers is what is asked", "2"),
    ],
)
def test_texts_that_do_not(text, gold):
    assert not gives_away(text, gold)


ROWS = "123654 456213 561432 234561 345126 612345"


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("It is 35", r"35^\circ"),
        ("It is 35°, at 12°C", r"35^{\circ}"),
        (r"It is $35^\circ$", "35"),
        ("It is 35 degrees", r"35^\circ"),
        ("It costs 21.60 in all", r"\$21.60"),
        ("It costs $21.6 in all", r"\$21.60"),
        ("That is 45,100 people", r"45,\!100"),
        (r"That is $45{,}100$ people", "45100"),
        ("That is 15 percent", r"15\%"),
        ("It is 648", r"648 \mbox{ inches}^2"),
        ("It is 7.5", r"7.5\text{ cents}"),
        ("so 7-4i", "7 - 4i"),
        ("so 7 − 4i", "7-4i"),
        ("so a-b", "a - b"),
        ("so a - b", "a-b"),
        ("Gwen is the oldest", r"\text{Gwen}"),
        (r"The answer is \textbf{(D)}", r"\text{(D)}"),
        ("The answer is odd", r"\text{odd}"),
        (r"so $\boxed{\text{odd}}$", r"\text{odd}"),
        ("which equals π", r"\pi"),
        (r"(4, \frac{\pi}{3})", r"\left( 4, \frac{\pi}{3} \right)"),
        ("(4, π/3)", r"\left(4,\frac{\pi}{3}\right)"),
        ("[-3, 8]", "[-3,8]"),
        ("all x in [-3, 8]", r"x \in [-3,8]"),
        ("the line 3x+4", "y = 3x + 4"),
        ("x is 9", "x=9"),
        ("The answer is 9", "x=9"),
        (r"\boxed{9}", "x=9"),
        ("(-∞, 3) ∪ (5, infinity)", r"(-\infty,3)\cup(5,\infty)"),
        ("{2±√7, -1}", r"\{2\pm\sqrt{7},-1\}"),
        ("5√6", r"5\sqrt6"),
        ("5*sqrt(6)", r"5 \sqrt{6}"),
        (r"5 \cdot \sqrt{6}", r"5\sqrt{6}"),
        ("√5/7", r"\frac{\sqrt{5}}{7}"),
        ("(4+3b)/10", r"\frac{4+3b}{10}"),
        ("8 / 5", r"\frac{8}{5}"),
        ("2 3/7", r"2\frac{3}{7}"),
        ("6n²+5n", "6n^{2} + 5n"),
        ("9π", r"9\pi"),
        ("9 pi", r"9\pi"),
        ("143₅", "143_{5}"),
        ("The roots are 2 and -3", "2,-3"),
        ("They are 2, 4, and 9", "2, 4, 9"),
        ("[1,2,3]", "[1, 2, 3]"),
        ("[1, 2, 3]", "[1,2,3]"),
        ('{"a":1, "b":[]}', "{'a': 1, 'b': []}"),
        (ROWS.replace(" ", ", "), ROWS),
        (ROWS.replace(" ", " / "), ROWS),
        (ROWS.replace(" ", "\n"), ROWS),
        (ROWS.replace(" ", ""), ROWS),
        (" ".join(ROWS.replace(" ", "")), ROWS),
        ("\n".join(f"Row {place}: {row}" for place, row in enumerate(ROWS.split(), 1)), ROWS),
    ],
)
def test_answers_in_another_way_of_writing(text, gold):
    assert gives_away(text, gold)
    assert gives_away(f"In the end one has {text}.", gold)


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("Turn it by 350° or 3.5 degrees", r"35^\circ"),
        ("It costs 21.65", r"\$21.60"),
        ("so 17-4i, or 7-4in", "7 - 4i"),
        ("7 is less than 4i", "7 - 4i"),
        ("A gwenhwyfar", r"\text{Gwen}"),
        ("Count the odd numbers; an odd sum is no even one", r"\text{odd}"),
        ("Odd numbers first", r"\text{odd}"),
        ("Take the odd ones", r"\text{Odd}"),
        ("Use π for circles", r"\pi"),
        ("Prefer the point (D) to others", r"\text{(C)}"),
        ("(4, π/3, 1) and (14, π/3)", r"\left( 4, \frac{\pi}{3} \right)"),
        ("[-3, 80]", "[-3,8]"),
        ("[-3, 8)", "[-3,8]"),
        ("Nine is 9, and 9x = 81", "x=9"),
        ("x is 9.5", "x=9"),
        ("13x+4, 3x+42 or 3x+4.5 or 3x+4^2", "y = 3x + 4"),
        ("15√6, 5√61 or 5√6.5", r"5\sqrt6"),
        ("17/7", r"2\frac{3}{7}"),
        ("23/7", r"2\frac{3}{7}"),
        ("18/5, 8/51 or 8/5.2", r"\frac{8}{5}"),
        ("n^2 + 5n", "6n^{2} + 5n"),
        ("143_56", "143_{5}"),
        ("Steps 2 and 3 come first", "2,3"),
        ("Steps 1, 2, 3 come first", "2,3"),
        ("Do 2, 3, 4 at once", "2,3"),
        ("[1, 23]", "[1, 2, 3]"),
        ("[12, 3]", "[1, 2, 3]"),
        ("123", "1 2 3"),
        (ROWS.replace("3", "2"), ROWS),
        (ROWS[:-1], ROWS),
        ("the step - by - step way", "p - b"),
        ("A sqrt function, a fraction and a set {} with 50% or $5", r"\frac{\sqrt{3}}{2}"),
    ],
)
def test_what_only_resembles_the_answer_in_another_way_of_writing(text, gold):
    assert not gives_away(text, gold)


@given(
    st.lists(st.integers(-99, 999), min_size=3, max_size=6),
    st.sampled_from(["()", "[]", "{}", ("(", "]"), (r"\left(", r"\right)"), (r"\{", r"\}")]),
    st.sampled_from([",", ", ", " , ", ",  "]),
    st.integers(0, 5),
)
def test_a_list_is_found_however_it_is_spaced_and_no_other_list(numbers, brackets, comma, changed):
    first, last = brackets
    gold = f"{first}{', '.join(map(str, numbers))}{last}"
    plain = re.sub(r"\\(left|right)?", "", first), re.sub(r"\\(left|right)?", "", last)
    assert gives_away(f"so {plain[0]}{comma.join(map(str, numbers))}{plain[1]} is it", gold)
    numbers[changed % len(numbers)] += 1
    assert not gives_away(f"so {plain[0]}{comma.join(map(str, numbers))}{plain[1]} is it", gold)


@given(st.text(max_size=200), st.text(max_size=40))
def test_the_answer_check_takes_any_text_and_finds_the_answer_itself(text, gold):
    assert gives_away(text, gold) in (True, False)
    said = normalise(gold)
    if len(said) > 1 and said not in ("yes", "no", "true", "false", "unknown", "uncertain"):
        assert gives_away(f"so {gold} , they say", gold)


@given(st.integers(-(10**9), 10**9), st.sampled_from(["It is {}.", "take {} away", "({}) is it", "= {:,}"]))
def test_a_number_is_found_in_any_sentence(value, form):
    assert gives_away(form.format(value), str(value))
    assert not gives_away(form.format(value), str(abs(value) + 1))


UP_TO_TEN = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
TEENS = ["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@pytest.mark.parametrize("joint", ["-", " "])
def test_a_small_number_in_words_is_found_where_it_is_announced(joint):
    words = ["zero", *UP_TO_TEN[1:], *TEENS]
    words += [joint.join(filter(None, (ten, one))) for ten in TENS for one in UP_TO_TEN[:10]]
    for value, word in enumerate(words):
        said = [other for other in range(100) if gives_away(f"The answer is {word}.", str(other))]
        assert said == [value]
        assert not gives_away(f"Take {word} of them", str(value))
