import random
import re
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.errors import ConfigError
from pmd_envs.word_problems import TEMPLATES, Step, Template
from pmd_envs.word_problems.numbers import choose, drawing

EACH = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
LEAST = {1: 16, 2: 20, 3: 18, 4: 10, 5: 8, **dict.fromkeys(range(6, 11), 5)}
LINE = re.compile(r"([A-Z][A-Za-z ]*): (\d+(?: [-+*/] \d+){1,2}) = (\d+)")


def draws(template, count=30):
    return [template.draw(random.Random(f"{template.name}/{index}")) for index in range(count)]


def calculate(expression):
    """Left to right with exact division: written apart from the engine's own arithmetic."""
    words = expression.split()
    total = int(words[0])
    for sign, word in zip(words[1::2], words[2::2], strict=True):
        if sign == "/":
            total, remainder = divmod(total, int(word))
            assert remainder == 0, expression
        else:
            total = {"+": total + int(word), "-": total - int(word), "*": total * int(word)}[sign]
    return total


def equations(drawn):
    *lines, final = drawn.solution.split("\n")
    matches = [LINE.fullmatch(line) for line in lines]
    assert all(matches), drawn.solution
    return [(match[1], match[2], int(match[3])) for match in matches], final


def skeleton(prompt):
    """The words of a prompt without what a draw changes: numbers and names."""
    return re.sub(r"\b[A-Z][a-z]+\b", "_", re.sub(r"\d+", "0", prompt))


def test_the_spread_over_difficulties():
    counts = Counter(template.difficulty for template in TEMPLATES)
    assert len(TEMPLATES) >= 89
    assert set(counts) == set(LEAST)
    assert all(counts[level] >= least for level, least in LEAST.items())


def test_names_and_plans_are_unique():
    assert len({template.name for template in TEMPLATES}) == len(TEMPLATES)
    assert len({template.plan for template in TEMPLATES}) == len(TEMPLATES)


@EACH
def test_name_and_plan_have_their_form(template):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", template.name)
    assert 8 <= len(template.plan.split()) <= 25
    assert template.plan[0].isupper()
    assert template.plan.endswith(".")
    assert "{" not in template.plan
    assert len(template.stories) >= 2
    assert len(template.questions) >= 2


PLAN_WORDS = {
    "+": r"\b(add|added|plus)\b",
    "-": r"\bsubtract\b",
    "*": r"\b(multiply|double|times|percent)\b",
    "/": r"\b(divide|halve|percent)\b",
}


@EACH
def test_plan_names_every_operation(template):
    signs = {word for step in template.steps for word in step.expression.split() if word in PLAN_WORDS}
    assert all(re.search(PLAN_WORDS[sign], template.plan.lower()) for sign in signs), template.plan


@EACH
def test_every_equation_is_right_and_leads_to_the_answer(template):
    for drawn in draws(template):
        found, final = equations(drawn)
        assert len(found) == template.difficulty
        assert all(calculate(left) == right for _, left, right in found), drawn.solution
        assert found[-1][2] == drawn.answer
        assert final == f"#### {drawn.answer}"
        assert drawn.answer > 0


@EACH
def test_every_number_used_is_in_the_prompt_or_was_computed(template):
    constants = {int(word) for step in template.steps for word in step.expression.split() if word.isdigit()}
    for drawn in draws(template):
        known = {int(number) for number in re.findall(r"\d+", drawn.prompt)} | constants
        assert set(drawn.numbers) <= known
        for _, left, right in equations(drawn)[0]:
            assert {int(number) for number in re.findall(r"\d+", left)} <= known
            known.add(right)


@EACH
def test_results_stay_below_the_cap(template):
    cap = 150 if template.difficulty <= 2 else 400 if template.difficulty <= 5 else 1000
    for drawn in draws(template):
        assert all(0 < right <= cap for _, _, right in equations(drawn)[0])
        assert all(2 <= number <= cap for number in drawn.numbers)


@EACH
def test_prompt_reads_as_english(template):
    for drawn in draws(template, 60):
        prompt = drawn.prompt
        assert re.fullmatch(r"[A-Z][A-Za-z0-9$%:,.' ]*\?", prompt), prompt
        assert 15 <= len(prompt.split()) <= (45 if template.difficulty <= 5 else 85), prompt
        assert "  " not in prompt
        assert not re.search(r"(?<!\d)1(?!\d)", prompt), prompt
        assert not re.search(r"\b[Aa] [aeiouAEIOU]", prompt), prompt
        assert not re.search(r"\b[Aa]n (?!hour)[^aeiouAEIOU]", prompt), prompt
        assert not re.search(r"\b[Aa]n? \$?\d", prompt), prompt
        assert not re.search(r"\b(\w+) \1\b", prompt.lower()), prompt
        assert all(sentence[0].isupper() for sentence in re.split(r"[.?] ", prompt)), prompt


@EACH
def test_solution_lines_are_short(template):
    for drawn in draws(template):
        assert all(len(line.split()) <= 11 for line in drawn.solution.split("\n")), drawn.solution
        labels = [label for label, _, _ in equations(drawn)[0]]
        assert len(set(labels)) == len(labels)


@EACH
def test_numbers_decide_the_answer_and_vary(template):
    answers = defaultdict(set)
    for drawn in draws(template, 150):
        answers[drawn.numbers].add(drawn.answer)
    assert all(len(values) == 1 for values in answers.values())
    assert len(answers) >= 50


@EACH
def test_every_story_and_scene_fills_its_placeholders(template):
    seen = {skeleton(drawn.prompt) for drawn in draws(template, 200)}
    # Without names and numbers, what is left to vary is the story, the question and the scene.
    assert len(seen) >= len(template.stories) * len(template.questions)
    assert not any("{" in text or "}" in text for text in seen)


@EACH
def test_every_word_and_number_has_its_own_use(template):
    text = " ".join([*template.stories, *template.questions, *(step.label for step in template.steps)]).lower()
    computed = {word for step in template.steps for word in step.expression.split()}
    derived = {word for source in template.numbers.values() if isinstance(source, str) for word in source.split()}
    for scene in template.scenes:
        assert not set(scene) & set(template.numbers)
        assert all(f"{{{key}}}" in text for key in scene)
    assert all(f"{{{name}}}" in text or name in derived for name in template.numbers)
    assert all(f"{{{name}}}" in text for name in template.numbers if name in computed)


def test_no_two_templates_share_a_text():
    owners = defaultdict(set)
    for template in TEMPLATES:
        for drawn in draws(template, 60):
            owners[skeleton(drawn.prompt)].add(template.name)
    assert [names for names in owners.values() if len(names) > 1] == []


def test_structures_vary_within_a_difficulty():
    shapes = defaultdict(list)
    for template in TEMPLATES:
        signs = [word for step in template.steps for word in step.expression.split() if word in PLAN_WORDS]
        shapes[template.difficulty].append("".join(signs))
    for level, least in {1: 4, 2: 11, 3: 13, 4: 9, 5: 8, **dict.fromkeys(range(6, 11), 5)}.items():
        assert len(set(shapes[level])) >= least, shapes[level]
        assert max(Counter(shapes[level]).values()) <= 4, shapes[level]


def test_some_templates_tell_a_number_that_does_not_matter():
    extra = [
        template.name
        for template in TEMPLATES
        if any(len(re.findall(r"\d+", drawn.prompt)) > len(drawn.numbers) for drawn in draws(template, 5))
    ]
    assert {"shopping_two_kinds", "work_two_packers", "sports_points_needed", "garden_fence_cost"} <= set(extra)


@given(seed=st.integers(), template=st.sampled_from(TEMPLATES))
def test_a_seed_gives_one_problem(seed, template):
    first, second = (template.draw(random.Random(seed)) for _ in range(2))
    assert first == second
    assert all(calculate(left) == right for _, left, right in equations(first)[0])


@given(numbers=st.lists(st.integers(1, 99), min_size=2, max_size=3), data=st.data())
def test_engine_and_plain_arithmetic_agree(numbers, data):
    signs = data.draw(st.sampled_from(["+-", "-+", "*/", "/*", "*-", "/+"]))
    words = [str(numbers[0])]
    for sign, number in zip(signs, numbers[1:], strict=False):
        words += [sign, str(number)]
    expression = " ".join(words)
    drawn = drawing({}, [("total", expression), ("kept", "1000000 + total - 1")], (), 2_000_000)(random.getrandbits)
    try:
        total = calculate(expression)
    except AssertionError:
        total = 0
    assert drawn == (None if total < 1 else (total, total + 999_999))


def drawn_plainly(template, rng):
    """The numbers of a template as ``rng.choice`` draws them, worked out apart from the engine."""

    def worth(text, values):
        words = [str(values.get(word, word)) for word in text.split()]
        try:
            return calculate(" ".join(words))
        except (AssertionError, ZeroDivisionError):
            return None

    def one_draw():
        values = {}
        for name, source in template.numbers.items():
            values[name] = worth(source, values) if isinstance(source, str) else rng.choice(source)
            if values[name] is None or not 2 <= values[name] <= template.cap:
                return None
        for step in template.steps:
            values[step.result] = worth(step.expression, values)
            if values[step.result] is None or not 1 <= values[step.result] <= template.cap:
                return None
        sides = [
            (worth(left, values), sign, worth(right, values)) for left, sign, right in map(str.split, template.where)
        ]
        return values if all({"<": a < b, ">": a > b, "!=": a != b}[sign] for a, sign, b in sides) else None

    return next(values for values in iter(one_draw, 0) if values is not None)


@EACH
def test_the_numbers_are_those_that_plain_choices_draw(template):
    """So that a task keeps its problem, however the engine is made faster."""
    for seed in range(8):
        quick, plain = random.Random(seed), random.Random(seed)
        drawn, values = template.draw(quick), drawn_plainly(template, plain)
        used = {word for step in template.steps for word in step.expression.split()}
        assert drawn.numbers == tuple(values[name] for name in template.numbers if name in used)
        assert drawn.answer == values[template.steps[-1].result]
        plain.sample(range(28), 2)  # the people
        for choices in (template.scenes, template.stories, template.questions):
            plain.choice(choices)
        assert quick.getstate() == plain.getstate()


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9])
def test_choose_takes_what_rng_choice_takes(size):
    ours, plain = random.Random(size), random.Random(size)
    assert [choose(ours.getrandbits, range(size)) for _ in range(50)] == [plain.choice(range(size)) for _ in range(50)]
    assert ours.getstate() == plain.getstate()


@pytest.mark.parametrize("where", ["boxes >= pens", "boxes > pencils"])
def test_a_condition_that_nobody_can_read_is_refused(where):
    with pytest.raises(ConfigError, match=r">=|pencils"):
        small(where=(where,)).draw(random.Random(0))


def test_percent_signs_and_one_scene_word_in_capitals_are_kept():
    template = small(
        stories=("{Item}: 5% of {boxes} boxes, 100%d {pens} {item}.",), scenes=({"item": "pens"}, {"item": "cups"})
    )
    drawn = template.draw(random.Random(1))
    boxes, pens = drawn.numbers
    word = "cups" if "cups" in drawn.prompt else "pens"
    assert drawn.prompt.startswith(f"{word.capitalize()}: 5% of {boxes} boxes, 100%d {pens} {word}. How many")


def small(**changes):
    fields = {
        "name": "pens_total",
        "plan": "Multiply the boxes by the pens in a box.",
        "numbers": {"boxes": range(2, 9), "pens": range(2, 9)},
        "stories": ("{name} buys {boxes} boxes of {pens} pens.",),
        "questions": ("How many pens does {he} buy?",),
        "steps": (Step("total", "boxes * pens", "Pens in all"),),
    }
    return Template(**{**fields, **changes})


def test_a_template_of_ones_own_works():
    drawn = small().draw(random.Random(3))
    assert drawn.answer == drawn.numbers[0] * drawn.numbers[1]
    assert f"{drawn.numbers[0]} boxes of {drawn.numbers[1]} pens" in drawn.prompt


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": ()},
        {"steps": (Step("total", "boxes * pencils", "Pens in all"),)},
        {"steps": (Step("total", "boxes + pens * 2", "Pens in all"),)},
        {"steps": (Step("total", "boxes ^ pens", "Pens in all"),)},
        {"steps": (Step("total", "boxes * pens -", "Pens in all"),)},
        {"steps": (Step("pens", "boxes * pens", "Pens in all"),)},
        {"steps": (Step("total", "boxes / 0", "Pens in all"),)},
        {"numbers": {"boxes": "pens * 2", "pens": range(2, 9)}},
    ],
)
def test_a_malformed_template_is_refused(changes):
    with pytest.raises(ConfigError):
        small(**changes)


def test_numbers_that_never_work_out_are_reported():
    with pytest.raises(RuntimeError, match="pens_total"):
        small(where=("boxes > 100",)).draw(random.Random(0))
