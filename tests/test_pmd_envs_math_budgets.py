"""What one verdict may cost: by counting, or with answers on which unbounded work would never end."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs import verify_math
from pmd_envs.math import guard, verify
from pmd_envs.math.compare import Comparison
from pmd_envs.math.exact import same
from pmd_envs.math.limits import MAX_COMPARISONS, MAX_WORK_OF_VERDICT, NotRead
from pmd_envs.math.normalise import normalise
from pmd_envs.math.parse import parse
from pmd_envs.math.policy import Policy
from pmd_envs.math.polynomials import Work
from pmd_envs.math.roots import perfect_root, square_root

LARGE = ["\\ln(2023!)", "\\sqrt[3]{2023!}", "\\tan(2^{20000})", "|x-10^{5000}|", "\\sin(10^{5000})", "(2023!x)!"]


@pytest.mark.parametrize("answer", LARGE)
def test_large_numbers_inside_functions_are_read(answer: str):
    assert verify_math(f"\\boxed{{{answer}}}", "5").score == 0
    assert verify_math(f"\\boxed{{{answer}+1-1}}", answer).score == 1


def test_what_functions_are_applied_to_has_a_short_name_that_tells_it_apart():
    assert same(parse("\\ln(2023!)"), parse("\\ln(2023 \\cdot 2022!)")) is True
    assert same(parse("\\ln(2023!)"), parse("\\ln(2022!)")) is None
    assert same(parse("\\sin x"), parse("\\cos x")) is None
    nested = "x"
    for _ in range(5):
        nested = f"\\sin((x+y+{nested})^8)"  # each name would hold 45 of the ones inside it
    assert same(parse(nested), parse(f"{nested}+0")) is True


@pytest.mark.parametrize("error", [ValueError, OverflowError, RecursionError, MemoryError])
@pytest.mark.parametrize("where", ["extract_answer", "_equal"])
def test_no_error_in_comparing_reaches_the_caller(monkeypatch: pytest.MonkeyPatch, error: type[Exception], where: str):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(verify, where, fail)
    verdict = verify_math("\\boxed{x}", "y")
    assert verdict.score == 0
    assert "asks for too much" in verdict.reason


@pytest.mark.parametrize("command", ["\\text", "\\quad"])
def test_braces_in_the_condition_of_a_set_take_no_backtracking(command: str):
    hostile = "\\{x|" + (command * 4 + "{}") * 40 + "}"
    assert verify_math(f"\\boxed{{{hostile}}}", "5").score == 0


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("\\{x \\mid x > 2\\}", "x > 2"),
        ("\\{x \\in \\mathbb{R} : x > 2\\}", "x > 2"),
        ("\\{x | x > 2 \\text{ and } x < 3\\}", "x > 2 \\text{ and } x < 3"),
        ("\\{x | x > 2 \\quad\\text{and}\\quad x \\text{ is } y\\}", "x > 2  \\text{and}  x \\text{ is } y"),
    ],
)
def test_the_condition_of_a_set_is_read(text: str, condition: str):
    assert normalise(text) == condition


@pytest.mark.parametrize("text", ["\\{x | x > {2}\\}", "\\{x | \\{x > 2\\}\\}", "\\{1, 2\\}"])
def test_other_sets_stay_what_they_are(text: str):
    assert normalise(text) == text


@given(st.integers(2, 10**30), st.integers(2, 40), st.integers(-1, 1))
def test_perfect_roots_are_found_and_nothing_else(root: int, degree: int, off: int):
    found = perfect_root(Fraction(root**degree + off), degree)
    assert found == (root if off == 0 else None)


@given(st.integers(2, 9), st.integers(2, 20_000))
def test_roots_of_high_degree_are_found(root: int, degree: int):
    assert perfect_root(Fraction(root**degree), degree) == root


@pytest.mark.parametrize("degree", [3, 7, 1000, 30_000])
def test_a_root_takes_few_steps(degree: int):
    """By bisection, or from a guess that is far off, this takes up to thousands of powers of 28,000 digits."""
    assert perfect_root(Fraction(3**60_000 + 1), degree) is None
    assert perfect_root(Fraction(3**60_000), degree) == (3 ** (60_000 // degree) if 60_000 % degree == 0 else None)


@given(st.integers(1, 50_000), st.integers(0, 3_000), st.sampled_from([1, 6, 35]))
def test_powers_of_primes_under_a_square_root_are_taken_out_at_once(twos: int, threes: int, rest: int):
    ((_, inside, _), outside), *_ = square_root(Fraction(2**twos * 3**threes * rest)).items()
    assert outside**2 * inside == 2**twos * 3**threes * rest
    assert inside < 300


@pytest.mark.parametrize(
    "answer",
    [
        "1=1=1=1=1=1=1=1=(" * 9 + "1" + ")" * 9,
        "1=1=1=1=1=1=1=1=\\{" * 9 + "1" + "\\}" * 9,
        "1=1=1=1=1=(1=1," * 9 + "1" + ")" * 9,
        "x=1=1=1=1=1=1=(" * 9 + "1" + ")" * 9,
    ],
)
def test_equations_inside_equations_are_refused(answer: str):
    assert verify_math(f"\\boxed{{{answer}}}", "1").score == 0
    assert verify_math(f"\\boxed{{{answer}}}", "5").score == 0


def test_a_relation_is_an_operand_of_a_label_only():
    assert verify_math("\\boxed{P(X=2) = \\frac14}", "1/4").score == 1
    assert verify_math("\\boxed{(x = 5)}", "5").score == 1
    assert verify_math("\\boxed{x = (y = 5)}", "5").score == 0


def test_the_comparisons_of_a_verdict_are_counted_together():
    comparison = Comparison(Policy())
    comparison.left = 10
    with pytest.raises(NotRead, match="too many comparisons"):
        comparison.same(parse(",".join(map(str, range(9)))), parse(",".join(map(str, range(9, 0, -1)))))


def test_large_sets_are_far_within_the_budget():
    numbers = [f"{n}/7" for n in range(1, 61)]
    comparison = Comparison(Policy())
    assert comparison.same(parse(", ".join(numbers)), parse(", ".join(reversed(numbers))))
    assert comparison.left > MAX_COMPARISONS // 2
    assert comparison.work.left > MAX_WORK_OF_VERDICT // 2


def test_the_products_of_a_verdict_are_counted_together():
    work = Work(1_000)
    assert same(parse("(x+1)^9"), parse("(1+x)^9"), work) is True
    assert work.left < 1_000
    assert same(parse("(x+1)^{40}"), parse("(1+x)^{40}"), work) is None


def counting(monkeypatch: pytest.MonkeyPatch, answer: bool, seconds: float) -> list[float]:
    """Comparisons by value that always find the same; returns what each was allowed."""
    allowed: list[float] = []

    def compare(left: object, right: object, allowance: guard.Allowance) -> bool:
        if allowance.left <= 0:
            raise guard.TookTooLong
        allowed.append(allowance.left)
        allowance.spend(seconds)
        return answer

    monkeypatch.setattr("pmd_envs.math.compare.compare_numerically", compare)
    return allowed


ELEMENTS = [f"e^{{2001}}\\sin({n}x)" for n in range(24)]


def test_of_a_long_answer_only_so_many_elements_are_compared_as_the_gold_has(monkeypatch: pytest.MonkeyPatch):
    allowed = counting(monkeypatch, answer=False, seconds=0.0)
    assert verify_math(f"\\boxed{{{', '.join(ELEMENTS)}}}", "\\cos x, \\tan x").score == 0
    assert len(allowed) <= 1 + 3  # the gold's two, and the first three of the answer
    del allowed[:]
    assert verify_math(f"\\boxed{{{', '.join(ELEMENTS[:2])}}}", "\\cos x, \\tan x, \\cot x").score == 0
    assert len(allowed) <= 3


def test_the_time_of_comparisons_by_value_is_shared_by_a_verdict(monkeypatch: pytest.MonkeyPatch):
    allowed = counting(monkeypatch, answer=True, seconds=guard.CPU_SECONDS)
    verdict = verify_math(f"\\boxed{{{', '.join(ELEMENTS)}}}", "\\cos x")
    assert "took too long" in verdict.reason
    assert len(allowed) == guard.VERDICT_SECONDS / guard.CPU_SECONDS


def test_time_that_is_used_up_is_not_asked_for():
    allowance = guard.Allowance()
    assert guard.compare_numerically(parse("\\sin 2x"), parse("2 \\sin x \\cos x"), allowance) is True
    assert 0 < allowance.left < guard.VERDICT_SECONDS
    with pytest.raises(guard.TookTooLong):
        guard.compare_numerically(parse("\\sin 2x"), parse("2 \\sin x \\cos x"), guard.Allowance(0.0))
