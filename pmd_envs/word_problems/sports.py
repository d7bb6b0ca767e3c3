"""Points, laps and games. Example: 31 points against 24; how many more?"""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="sports_more_points",
        plan="Subtract the smaller score from the larger score to see how much larger it is.",
        numbers={"a": range(10, 120), "b": range(5, 110)},
        scenes=scenes("game", "basketball", "handball", "volleyball", "rugby"),
        stories=(
            "In the {game} season {name} scores {a} points and {friend} scores {b} points.",
            "{friend} scores {b} points in this year's {game} games. {name} plays too and scores {a} points.",
        ),
        questions=(
            "How many more points does {name} score than {friend}?",
            "How many points is {name} ahead of {friend}?",
        ),
        steps=(Step("more", "a - b", "Difference"),),
    ),
    Template(
        name="sports_last_week",
        plan="Add what is missing this week to this week's number to get last week's number.",
        numbers={"now": range(8, 90), "fewer": range(3, 50)},
        scenes=scenes(
            "runs, ran, run, miles",
            "runs, ran, run, miles",
            "swims, swam, swim, laps",
            "rides, rode, ride, miles",
            "makes, made, make, jumps",
        ),
        stories=(
            "This week {name} {runs} {now} {miles}. That is {fewer} {miles} fewer than last week.",
            "{name} {runs} {now} {miles} this week, which is {fewer} fewer than {he} {ran} the week before.",
        ),
        questions=("How many {miles} did {name} {run} last week?", "How many {miles} was it last week?"),
        steps=(Step("before", "now + fewer", "{Miles} last week"),),
    ),
    Template(
        name="sports_points_needed",
        plan="Subtract the first score from the goal, then subtract the second score from what is left.",
        numbers={"goal": range(40, 151), "a": range(8, 70), "b": range(8, 70), "players": range(4, 16)},
        scenes=scenes("team, cup", "team, cup", "club, league", "group, trophy"),
        stories=(
            "A {team} of {players} players needs {goal} points to win the {cup}. It gets {a} points in "
            "the first round and {b} in the second.",
            "After {a} points in the first round and {b} in the second, a {team} of {players} is still "
            "short of the {goal} points that win the {cup}.",
        ),
        questions=("How many more points does the {team} need?", "How many points are still missing?"),
        steps=(Step("rest", "goal - a", "Missing after round one"), Step("more", "rest - b", "Still missing")),
    ),
    Template(
        name="sports_games_in_time",
        plan=("Multiply the hours by 60, subtract the minutes of breaks, then divide by the minutes of a game."),
        numbers={
            "hours": range(2, 7),
            "breaks": range(10, 91, 5),
            "length": (6, 8, 10, 12, 15, 20, 25, 30),
        },
        scenes=scenes("game, games", "game, games", "match, matches", "race, races"),
        stories=(
            "A school sports day lasts {hours} hours. There are {breaks} minutes of breaks, and every "
            "{game} takes {length} minutes.",
            "Each {game} on sports day takes {length} minutes. The day lasts {hours} hours, of which "
            "{breaks} minutes are breaks.",
        ),
        questions=("How many {games} can be played, one after the other?", "For how many {games} is there time?"),
        steps=(
            Step("all", "hours * 60", "Minutes in all"),
            Step("play", "all - breaks", "Minutes to play"),
            Step("count", "play / length", "{Games}"),
        ),
    ),
    Template(
        name="sports_three_games",
        plan=("Add the extra points for the second score, double it for the third, add the first two, add the third."),
        numbers={"a": range(4, 61), "more": range(2, 31)},
        scenes=scenes("game, games", "game, games", "match, matches", "round, rounds"),
        stories=(
            "{name} scores {a} points in the first {game} and {more} more than that in the second. In the "
            "third {game} {he} scores twice as many as in the second.",
            "In the second {game} {name} scores {more} points more than in the first. The third {game} "
            "brings double the points of the second, and the first brought {a}.",
        ),
        questions=("How many points does {name} score in all?", "How many points does {name} get in three {games}?"),
        steps=(
            Step("second", "a + more", "Second score"),
            Step("third", "second * 2", "Third score"),
            Step("two", "a + second", "First two scores"),
            Step("total", "two + third", "Points in all"),
        ),
    ),
    Template(
        name="sports_average_run",
        plan=(
            "Multiply for the second day, subtract for the third, add the first two, add the third, then divide by 3."
        ),
        numbers={"a": range(3, 31), "times": range(2, 5), "less": range(2, 25)},
        scenes=scenes("runs, miles", "runs, miles", "swims, laps", "rides, miles", "walks, blocks"),
        stories=(
            "On Monday {name} {runs} {a} {miles}. On Tuesday it is {times} times as many, and on "
            "Wednesday {less} fewer than on Tuesday.",
            "{name} {runs} {a} {miles} on Monday and {times} times as many on Tuesday. Wednesday's number "
            "is {less} lower than Tuesday's.",
        ),
        questions=("How many {miles} is that a day on average?", "What is the average for the three days?"),
        steps=(
            Step("second", "a * times", "{Miles} on Tuesday"),
            Step("third", "second - less", "{Miles} on Wednesday"),
            Step("two", "a + second", "First two days"),
            Step("total", "two + third", "All three days"),
            Step("average", "total / 3", "Average"),
        ),
    ),
)
