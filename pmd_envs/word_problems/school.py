"""Classes, books, tests and school trips. Example: two classes of 23 and 25 children."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="school_two_classes",
        plan="Add the children of one class to the children of the other class.",
        numbers={"a": range(12, 50), "b": range(12, 50)},
        scenes=scenes("place", "zoo", "museum", "theater", "beach", "castle"),
        stories=(
            (
                "There are {a} children in {name}'s class and {b} in the class next door. Both classes "
                "visit the {place}."
            ),
            "Two classes visit the {place} together. One class has {a} children and the other one has {b}.",
        ),
        questions=("How many children visit the {place}?", "How many children is that altogether?"),
        steps=(Step("total", "a + b", "Children in all"),),
    ),
    Template(
        name="school_pages_left",
        plan="Subtract the pages that are already read from the pages of the whole book.",
        numbers={"pages": range(40, 151), "read": range(8, 120)},
        scenes=scenes("book", "book", "comic", "story book", "history book"),
        stories=(
            "{name} is reading a {book} with {pages} pages. {He} has already read {read} pages of it.",
            "So far {name} has read {read} pages of a new {book}. The whole {book} has {pages} pages.",
        ),
        questions=("How many pages are left to read?", "How many pages does {name} still have to read?"),
        steps=(Step("left", "pages - read", "Pages left"),),
    ),
    Template(
        name="school_reading_days",
        plan="Divide the pages of the book by the pages read each day, then subtract the days already spent.",
        numbers={"per": range(4, 13), "days": range(4, 13), "pages": "per * days", "done": range(2, 11)},
        scenes=scenes("book", "book", "comic", "story book", "novel"),
        stories=(
            "{name}'s {book} has {pages} pages, and {he} reads {per} pages every day. {He} has been "
            "reading for {done} days.",
            "For {done} days {name} has been reading a {book}, always {per} pages a day. The {book} has "
            "{pages} pages in all.",
        ),
        questions=("How many more days does {name} need?", "In how many more days will {name} finish it?"),
        steps=(Step("all", "pages / per", "Days in all"), Step("left", "all - done", "Days left")),
    ),
    Template(
        name="school_average_score",
        plan="Add the first two scores, add the third score, then divide the sum by 3.",
        numbers={
            "a": range(10, 90),
            "b": range(10, 90),
            "mean": range(15, 85),
            "both": "a + b",
            "c": "mean * 3 - both",
        },
        scenes=scenes("test", "test", "quiz", "exam", "spelling test"),
        stories=(
            ("{name} gets {a} points in the first {test}, {b} points in the second and {c} points in the third."),
            "This year {name} took the {test} three times. {His} scores were {a}, {b} and {c} points.",
        ),
        questions=("What is {name}'s average score?", "How many points is that on average?"),
        steps=(
            Step("two", "a + b", "First two scores"),
            Step("three", "two + c", "All three scores"),
            Step("average", "three / 3", "Average"),
        ),
        where=("c < 100",),
    ),
    Template(
        name="school_missing_score",
        plan="Multiply the average by 3, add the two known scores, then subtract that sum from the product.",
        numbers={"average": range(15, 95), "a": range(10, 95), "b": range(10, 95)},
        scenes=scenes("tests, test", "tests, test", "rounds of a quiz, round", "games, game"),
        stories=(
            (
                "After 3 {tests} {name} has an average of {average} points. {His} first two scores were "
                "{a} and {b} points."
            ),
            "In the first two of 3 {tests} {name} gets {a} and {b} points. {His} average over all 3 is "
            "{average} points.",
        ),
        questions=(
            "How many points did {name} get in the third {test}?",
            "What was {name}'s score in the last {test}?",
        ),
        steps=(
            Step("all", "average * 3", "Points in all"),
            Step("known", "a + b", "First two scores"),
            Step("last", "all - known", "Third score"),
        ),
        where=("last < 100",),
    ),
    Template(
        name="school_ways_to_school",
        plan="Take the percent of all students, subtract it from all, then subtract the students who walk.",
        numbers={
            "students": range(40, 381, 20),
            "percent": (10, 20, 25, 30, 40, 50, 60),
            "walk": range(5, 120),
        },
        scenes=scenes("bus, bike", "by bus, by bike", "by train, by bike", "by bus, by car"),
        stories=(
            "Of the {students} students at a school, {percent}% come {bus} and {walk} students walk. The "
            "others come {bike}.",
            "A school has {students} students, and {walk} of them walk to school. Another {percent}% of "
            "all students come {bus}, and the rest come {bike}.",
        ),
        questions=("How many students come {bike}?", "How many of the students come {bike}?"),
        steps=(
            Step("ride", "students * percent / 100", "Students {bus}"),
            Step("others", "students - ride", "Other students"),
            Step("left", "others - walk", "Students {bike}"),
        ),
    ),
    Template(
        name="school_notebooks_budget",
        plan=(
            "Multiply students by pieces each, divide by the pack size, multiply by the price, subtract from the money."
        ),
        numbers={
            "students": range(10, 41),
            "each": range(2, 7),
            "pack": (4, 5, 6, 8, 10, 12),
            "price": range(3, 16),
            "money": (60, 80, 100, 120, 150, 200, 250, 300),
        },
        scenes=scenes("notebooks", "notebooks", "pencils", "folders", "brushes"),
        stories=(
            "Each of {students} students needs {each} {notebooks}. They come in packs of {pack} for "
            "${price} a pack, and the school has ${money} to spend.",
            "A school has ${money} and buys {each} {notebooks} for each of its {students} students. A "
            "pack of {pack} {notebooks} costs ${price}.",
        ),
        questions=("How many dollars are left?", "How much money does the school have left?"),
        steps=(
            Step("need", "students * each", "{Notebooks} needed"),
            Step("packs", "need / pack", "Packs"),
            Step("cost", "packs * price", "Cost in all"),
            Step("left", "money - cost", "Money left"),
        ),
    ),
    Template(
        name="school_trip_money",
        plan=(
            "Add both classes, multiply by the ticket price, add the bus, subtract the school's part, "
            "divide by the weeks."
        ),
        numbers={
            "a": range(10, 31),
            "b": range(10, 31),
            "ticket": range(2, 9),
            "bus": range(40, 121, 5),
            "gift": range(20, 151, 5),
            "weeks": range(2, 10),
        },
        scenes=scenes("place", "zoo", "museum", "lake", "castle"),
        stories=(
            "Classes of {a} and {b} children go to the {place}. A ticket costs ${ticket} a child and the "
            "bus ${bus}. The school gives ${gift}, and they earn the rest in {weeks} weeks.",
            "For a trip to the {place} two classes, {a} and {b} children, need ${ticket} a child and "
            "${bus} for the bus. They get ${gift} and earn the rest in {weeks} weeks.",
        ),
        questions=("How many dollars must they earn each week?", "How much do they have to earn every week?"),
        steps=(
            Step("children", "a + b", "Children in all"),
            Step("tickets", "children * ticket", "Cost of tickets"),
            Step("cost", "tickets + bus", "Cost in all"),
            Step("rest", "cost - gift", "Money to earn"),
            Step("weekly", "rest / weeks", "Money each week"),
        ),
    ),
)
