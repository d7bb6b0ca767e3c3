"""How old people are, were and will be. Example: 9 now and 4 years younger than a brother."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="ages_older",
        plan="Add the years between the two people to the age of the younger one.",
        numbers={"age": range(5, 60), "more": range(2, 35)},
        scenes=scenes("cousin", "cousin", "friend", "neighbor"),
        stories=(
            "{name} is {age} years old. {His} {cousin} {friend} is {more} years older than {he} is.",
            "{name} has a {cousin} called {friend}, who is {more} years older. {name} is {age} years old.",
        ),
        questions=("How old is {friend}?", "What is {friend}'s age in years?"),
        steps=(Step("older", "age + more", "Age of {friend}"),),
        where=("older < 90",),
    ),
    Template(
        name="ages_in_some_years",
        plan="Add the difference to get the older one's age now, then add the years that will pass.",
        numbers={"age": range(4, 40), "more": range(2, 20), "years": range(2, 25)},
        scenes=scenes("cousin", "cousin", "friend", "neighbor"),
        stories=(
            "{name} is {age} years old now, and {his} {cousin} {friend} is {more} years older.",
            "At the moment {name} is {age} years old. {friend}, {his} {cousin}, is older by {more} years.",
        ),
        questions=("How old will {friend} be in {years} years?", "What will {friend}'s age be in {years} years?"),
        steps=(Step("now", "age + more", "Age now"), Step("later", "now + years", "Age then")),
    ),
    Template(
        name="ages_aunt",
        plan=(
            "Multiply the child's age to get the grandmother's age, then subtract the years between her and the aunt."
        ),
        numbers={"age": range(4, 16), "times": range(4, 13), "less": range(15, 36)},
        scenes=scenes("aunt", "aunt", "uncle", "mother", "father"),
        stories=(
            "{name} is {age} years old. {His} grandmother is {times} times as old, and {his} {aunt} is "
            "{less} years younger than the grandmother.",
            "{name}'s {aunt} is {less} years younger than {name}'s grandmother, who is {times} times as "
            "old as {name}. {name} is {age}.",
        ),
        questions=("How old is {name}'s {aunt}?", "What is the age of {name}'s {aunt} in years?"),
        steps=(
            Step("grandmother", "age * times", "Age of grandmother"),
            Step("answer", "grandmother - less", "Age of {aunt}"),
        ),
        where=("grandmother > 47", "grandmother < 100", "answer > 22"),
    ),
    Template(
        name="ages_years_ago",
        plan=(
            "Subtract the years from the child's age, multiply to get the parent's age then, then add the years again."
        ),
        numbers={"then": range(3, 14), "years": range(2, 16), "age": "then + years", "times": range(3, 10)},
        scenes=scenes("mother", "mother", "father", "aunt", "uncle"),
        stories=(
            "{name} is {age} years old now. Exactly {years} years ago, {his} {mother} was {times} times "
            "as old as {name} was.",
            "It was {years} years ago that {name}'s {mother} was {times} times as old as {name}. Today "
            "{name} is {age} years old.",
        ),
        questions=("How old is {name}'s {mother} now?", "What is the {mother}'s age today?"),
        steps=(
            Step("before", "age - years", "Age of {name} then"),
            Step("parent", "before * times", "Age of {mother} then"),
            Step("now", "parent + years", "Age of {mother} now"),
        ),
        where=("parent > 19", "parent < 50"),
    ),
    Template(
        name="ages_average_of_three",
        plan="Add to get the second age, add the first two ages, add the third age, then divide by 3.",
        numbers={"age": range(5, 40), "more": range(2, 20), "third": range(4, 80)},
        scenes=scenes("cousin", "cousin", "friend", "neighbor"),
        stories=(
            "{name} is {age} years old and {friend} is {more} years older. Their {cousin} is {third}.",
            "{friend} is {more} years older than {name}, who is {age}. Their {cousin} is {third} years old.",
        ),
        questions=("What is the average age of the three?", "How old are the three on average?"),
        steps=(
            Step("second", "age + more", "Age of {friend}"),
            Step("two", "age + second", "First two ages"),
            Step("total", "two + third", "All three ages"),
            Step("average", "total / 3", "Average age"),
        ),
    ),
)
