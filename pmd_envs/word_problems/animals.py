"""Farm, zoo and shelter. Example: 7 monkeys and 5 bananas for each."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="animals_zoo_lunch",
        plan="Multiply the number of animals by the pieces of food that each one gets.",
        numbers={"animals": range(2, 13), "food": range(2, 13)},
        scenes=scenes("monkeys, bananas", "monkeys, bananas", "bears, apples", "seals, fish", "camels, carrots"),
        stories=(
            ("A zoo keeper feeds {animals} {monkeys} at noon. Every one of them gets {food} {bananas} for lunch."),
            "At noon each of the {animals} {monkeys} in the zoo gets {food} {bananas} from the keeper.",
        ),
        questions=("How many {bananas} does the keeper need?", "How many {bananas} do the {monkeys} get in all?"),
        steps=(Step("total", "animals * food", "{Bananas} in all"),),
    ),
    Template(
        name="animals_feed_days",
        plan="Multiply the animals by the cups each one eats in a day, then divide the food by that.",
        numbers={
            "pets": range(2, 8),
            "cups": range(2, 7),
            "days": range(2, 13),
            "daily": "pets * cups",
            "food": "daily * days",
        },
        scenes=scenes("dogs", "dogs", "cats", "ponies", "goats", "rabbits"),
        stories=(
            ("A bag holds {food} cups of food. {name} feeds {pets} {dogs}, and each one eats {cups} cups a day."),
            (
                "{name} buys a bag with {food} cups of food. {He} gives {cups} cups a day to each of "
                "{his} {pets} {dogs}."
            ),
        ),
        questions=("How many days does the bag last?", "For how many days is there enough food?"),
        steps=(
            Step("each_day", "pets * cups", "Cups a day"),
            Step("time", "food / each_day", "Days"),
        ),
    ),
    Template(
        name="animals_times_as_many",
        plan="Multiply to get the number of the second animals, then add both numbers.",
        numbers={"few": range(2, 13), "times": range(2, 10)},
        scenes=scenes("cows, hens", "cows, hens", "horses, sheep", "goats, ducks", "pigs, geese"),
        stories=(
            "A farmer keeps {few} {cows} and {times} times as many {hens}. There are no other animals.",
            "On a small farm there are {times} times as many {hens} as {cows}. The farmer has {few} {cows}.",
        ),
        questions=("How many {cows} and {hens} are there in all?", "How many animals is that altogether?"),
        steps=(Step("many", "few * times", "{Hens}"), Step("total", "few + many", "Animals in all")),
    ),
    Template(
        name="animals_heads_and_legs",
        plan="Multiply the animals by 2 legs, subtract that from all legs, then divide the rest by 2.",
        numbers={
            "animals": range(5, 60),
            "fours": range(2, 50),
            "twos": "animals * 2",
            "legs": "fours * 2 + twos",
        },
        scenes=scenes(
            "hens, hen, goats, goat",
            "hens, hen, goats, goat",
            "ducks, duck, cows, cow",
            "geese, goose, pigs, pig",
            "turkeys, turkey, dogs, dog",
        ),
        stories=(
            "On a farm there are {animals} animals, all of them {hens} or {goats}. Together they have "
            "{legs} legs: 2 for a {hen}, 4 for a {goat}.",
            "{name} counts {legs} legs in a barn with {animals} animals. Each {hen} has 2 legs and each "
            "{goat} has 4, and there is nothing else.",
        ),
        questions=("How many {goats} are there?", "How many of the animals are {goats}?"),
        steps=(
            Step("base", "animals * 2", "Two legs each"),
            Step("more", "legs - base", "Other legs"),
            Step("count", "more / 2", "{Goats}"),
        ),
        where=("fours < animals",),
    ),
    Template(
        name="animals_shelter",
        plan="Add dogs and cats, divide by 3 for those that leave, subtract them, then add the new animals.",
        numbers={
            "third": range(5, 60),
            "a": range(4, 90),
            "b": "third * 3 - a",
            "new": range(2, 40),
        },
        scenes=scenes("dogs, cats", "dogs, cats", "cats, rabbits", "ponies, donkeys"),
        stories=(
            "A shelter has {a} {dogs} and {b} {cats}. One third of the animals find a home, and then "
            "{new} new ones arrive.",
            "There are {a} {dogs} and {b} {cats} in a shelter. Later {new} new animals come in, but "
            "before that a third of the animals leave for a home.",
        ),
        questions=("How many animals are in the shelter then?", "How many animals does the shelter have now?"),
        steps=(
            Step("all", "a + b", "Animals in all"),
            Step("leave", "all / 3", "Animals that leave"),
            Step("stay", "all - leave", "Animals that stay"),
            Step("now", "stay + new", "Animals then"),
        ),
    ),
    Template(
        name="animals_egg_profit",
        plan="Multiply hens by eggs, multiply by the weeks, divide by the box size, multiply by the price, "
        "subtract the feed.",
        numbers={
            "birds": range(4, 21),
            "eggs": range(3, 8),
            "weeks": range(2, 7),
            "size": (6, 8, 10, 12),
            "price": range(2, 7),
            "feed": range(10, 61),
        },
        scenes=scenes("hens, hen", "hens, hen", "ducks, duck"),
        stories=(
            "Each of {name}'s {birds} {hens} lays {eggs} eggs a week. After {weeks} weeks {he} sells all "
            "the eggs in boxes of {size} for ${price} a box. Feed cost {him} ${feed}.",
            "{name} spends ${feed} on feed for {birds} {hens}. In {weeks} weeks each {hen} lays {eggs} "
            "eggs a week, and the eggs are sold at ${price} for a box of {size}.",
        ),
        questions=("How many dollars of profit is that?", "How much profit does {name} make?"),
        steps=(
            Step("weekly", "birds * eggs", "Eggs a week"),
            Step("all", "weekly * weeks", "Eggs in all"),
            Step("boxes", "all / size", "Boxes"),
            Step("money", "boxes * price", "Money from eggs"),
            Step("profit", "money - feed", "Profit"),
        ),
    ),
)
