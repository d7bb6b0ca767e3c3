"""Equations that change units, leave a rest or name a range are open; what is wrong in one unit stays wrong."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.verifiers.arithmetic import check_step_arithmetic


def ok(step: str) -> bool | None:
    return check_step_arithmetic(step).ok


@pytest.mark.parametrize(
    "step",
    [
        *("30 minutes * 4 = 2 hours", "20 minutes x 3 = 1 hour", "8 ounces * 4 = 2 pounds", "250 g * 4 = 1 kg"),
        *("500 ml x 4 = 2 liters", "250 grams * 4 = 1 kilogram", "16 oz * 2 = 2 lbs", "6 inches * 4 = 2 feet"),
        *("2 cups * 8 = 1 gallon", "30 seconds * 10 = 5 minutes", "12 months * 3 = 3 years", "7 days * 2 = 2 weeks"),
        *("3 hours / 20 minutes = 9", "2 hours / 15 minutes per task = 8 tasks", "2 L / 250 mL = 8"),
        *("60 mph * 30 minutes = 30 miles", "60 miles/hour * 30 minutes = 30 miles", "$30/hour * 20 minutes = $10"),
        *("60 km/h * 30 minutes = 30 km", "1 mile / 4 minutes = 15 miles per hour", "$12 per hour * 30 minutes = $6"),
        *("45 min + 75 min = 2 hours", "45 mins + 75 mins = 2 hr", "1 kilometer + 500 meters = 1500 meters"),
        *("8 x 25¢ = $2.00", "25¢ x 8 = $2", "$1.00 - 25¢ = 75¢", "25¢ + 75¢ = $1.00", "50 cents * 2 = $1"),
        *("2 decades + 5 years = 25 years", "30 minutes + 30 minutes = 60 minutes + 1 hour", "45 + 75 = 2 hours"),
        *("16 * 2 = 2 pounds", "4 * 25 = $1", "90 minutes * 2 > 2 hours", "30 minutes * 2 < 3 hours"),
    ],
)
def test_a_change_of_units_is_open(step: str):
    assert ok(step) is None


@pytest.mark.parametrize(
    "step",
    [
        *(
            "13 / 6 = 2 boxes with 1 left",
            "13 / 6 = 2 full boxes and 1 left",
            "13 / 6 = 2 (1 left)",
            "13 / 6 = 2 rem 1",
        ),
        *("100 / 60 = 1 hour 40 minutes", "70 / 12 = 5 feet 10 inches", "30 / 7 = 4 weeks and 2 days"),
        *("150 minutes / 60 = 2 hours and 30 minutes", "75 / 12 = 6 years and 3 months", "13 / 6 = 2 boxes and 3 eggs"),
        *("5 / 2 = 2 hours and half an hour", "10 / 4 = 3 when rounded up"),
        *("10/4 = 2 boxes (rounded down)", "7 / 2 = 3 (integer division)"),
    ],
)
def test_a_whole_quotient_with_its_rest_is_open(step: str):
    assert ok(step) is None


@pytest.mark.parametrize(
    "step",
    [
        *("From 2010-2020 = 10 years", "From 2010–2020 = 11 years", "pages 1-10 = 10 pages", "ages 10-15 = 6 years"),
        *("9-5 = 8 hours", "From 9-5 = 8 hours", "22-6 = 8 hours", "9 am - 5 pm = 8 hours", "10 years = 2010-2020"),
    ],
)
def test_a_range_is_open(step: str):
    assert ok(step) is None


@pytest.mark.parametrize(
    "step",
    [
        *("3 boxes * 4 = 13", "30 minutes * 4 = 100 minutes", "30 min * 4 = 100 minutes", "25¢ x 8 = 250¢"),
        *("$5 * 3 = $16", "$5 + $3 = $9", "250 g * 4 = 900 grams", "60 mph * 2 hours = 130 miles", "3 * 4 = 13 hours"),
        *("5 weeks * 7 days/week = 36 days", "2 * 3 hours = 4 hours per week", "60 + 20 = 90 minutes a day"),
        *("Lisa's 24 - 2 = 32 years", "40 * 3 = 130 hours in the second month", "12 / 4 = 4 weeks and 2 days"),
        *(
            "13 / 6 = 3 boxes with 1 left",
            "10/3 = 3",
            "10/3 = 3, so 3 * 2 = 6",
            "10/3 = 3. Then 1 is left.",
            "10/3 = 3!",
        ),
        *("80/10 = 9 rounds", "5 - 9 = 4", "5-9 = 3", "9-5 = 8", "9-5 = 3 hours", "20 - 10 = 11 hours", "2 * 3-5 = 2"),
    ],
)
def test_what_no_unit_explains_stays_wrong(step: str):
    assert ok(step) is False


@pytest.mark.parametrize(
    "step",
    [
        *("30 minutes * 4 = 120 minutes", "3 weeks * 7 days/week = 21 days", "5 feet * 12 = 60 inches", "$5 * 3 = $15"),
        *("2 hours * 60 minutes per hour = 120 minutes", "9-5 = 4 hours", "2020-2010 = 10 years", "13 / 6 = 2 1/6"),
        *("30 minutes + 15 minutes < 60 minutes", "12 / 6 = 2 boxes with 0 left"),
    ],
)
def test_what_is_right_for_its_numbers_is_right(step: str):
    assert ok(step) is True


PAIRS = st.sampled_from(
    [
        *(("minutes", "hours", 60), ("min", "hr", 60), ("ounces", "pounds", 16), ("grams", "kg", 1000)),
        *(("inches", "feet", 12), ("days", "weeks", 7), ("cm", "meters", 100), ("ml", "liters", 1000)),
        *(("¢", "dollars", 100), ("cents", "dollars", 100), ("months", "years", 12), ("seconds", "minutes", 60)),
    ]
)


@given(PAIRS, st.integers(1, 99), st.integers(1, 99), st.sampled_from(["%d %s * %d", "%d %s x %d"]))
def test_true_conversions_are_never_wrong(pair: tuple[str, str, int], count: int, times: int, form: str):
    small, large, size = pair
    claim = form % (size * count, small, times)
    assert ok(f"{claim} = {count * times} {large}") is not False
    assert ok(f"{count * times} {large} = {claim}") is not False
    assert ok(f"{claim} = {size * count * times} {small}") is True
    assert ok(f"{claim} = {size * count * times + 1} {small}") is False


@given(st.integers(2, 99), st.integers(1, 99), st.data())
def test_true_remainders_are_never_wrong(size: int, count: int, data: st.DataObject):
    rest = data.draw(st.integers(1, size - 1))
    after = data.draw(st.sampled_from(["boxes and %d eggs", "boxes with %d left", "weeks %d days", "and %d more"]))
    assert ok(f"{size * count + rest} / {size} = {count} {after % rest}.") is not False
    assert ok(f"{size * count + rest} / {size} = {count + 2} {after % rest}.") is False


@given(st.integers(1, 2030), st.integers(1, 60), st.sampled_from("-–"))
def test_ranges_are_never_wrong(first: int, length: int, dash: str):
    claim = f"pages {first}{dash}{first + length}"
    assert ok(f"{claim} = {length} pages") is None
    assert ok(f"{claim} = {length + 1} pages") is None
    assert ok(f"{claim} = {length + 2} pages") is False
    assert ok(f"{first} {dash} {first + length} = {length}") is False


def test_many_numbers_after_a_quotient_take_linear_time():
    started = time.process_time()
    for _ in range(20):
        check_step_arithmetic(" and 13 / 6 = 2 boxes, + 1 ( " * 140)
        check_step_arithmetic("13 / 6 = 2 " + "boxes " * 600)
    assert time.process_time() - started < 5
