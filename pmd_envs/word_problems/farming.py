"""Harvests, milk, honey and wool, six to ten steps long. Example: eggs in boxes, sold at the market."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="farming_egg_boxes",
        plan=(
            "Multiply hens by eggs and by weeks, subtract what is eaten, divide into boxes, multiply, subtract the "
            "feed."
        ),
        numbers={
            "hens": range(6, 25),
            "eggs": range(3, 7),
            "weeks": range(2, 7),
            "eaten": range(12, 61),
            "box": (6, 8, 10, 12),
            "price": range(3, 8),
            "feed": range(15, 61),
        },
        scenes=scenes("birds", "hens", "ducks", "quails", "geese"),
        stories=(
            "{name} keeps {hens} {birds}, and each of them lays {eggs} eggs a week. In {weeks} weeks the family eats "
            "{eaten} of the eggs. The others are sold in boxes of {box} at ${price} a box, and the feed costs "
            "${feed}.",
            "On a farm {hens} {birds} lay {eggs} eggs each a week, and their feed for {weeks} weeks costs ${feed}. In "
            "that time {name} keeps {eaten} eggs and sells the rest in boxes of {box} for ${price} each.",
        ),
        questions=(
            "How many dollars does {name} earn in that time?",
            "How much money is left after paying for the feed?",
        ),
        steps=(
            Step("weekly", "hens * eggs", "Eggs a week"),
            Step("all", "weekly * weeks", "Eggs in all"),
            Step("rest", "all - eaten", "Eggs to sell"),
            Step("boxes", "rest / box", "Boxes"),
            Step("money", "boxes * price", "Money for eggs"),
            Step("profit", "money - feed", "After the feed"),
        ),
    ),
    Template(
        name="farming_milk_cans",
        plan=(
            "Add the milk of a cow, multiply by cows, subtract the rest, divide into cans, multiply, subtract feed, "
            "multiply by days."
        ),
        numbers={
            "cows": range(4, 16),
            "morning": range(6, 13),
            "evening": range(4, 11),
            "calves": range(10, 46),
            "can": (8, 10, 12, 15, 20, 25),
            "price": range(6, 16),
            "feed": range(15, 61),
            "days": range(3, 10),
        },
        scenes=scenes("farm", "farm", "monastery", "village", "ranch"),
        stories=(
            "On a {farm} each of {cows} cows gives {morning} liters of milk in the morning and {evening} liters in "
            "the evening. The calves drink {calves} liters a day, and the rest is sold in cans of {can} liters at "
            "${price} a can. The feed costs ${feed} a day.",
            "The milk of a {farm} is sold in cans of {can} liters for ${price} each. There are {cows} cows, and each "
            "gives {morning} liters in the morning and {evening} in the evening, but {calves} liters a day are for "
            "the calves. Every day the cows eat feed for ${feed}.",
        ),
        questions=(
            "How many dollars does the {farm} earn in {days} days?",
            "What is the profit of {days} days in dollars?",
        ),
        steps=(
            Step("each", "morning + evening", "Liters from each"),
            Step("all", "each * cows", "Liters a day"),
            Step("rest", "all - calves", "Liters to sell"),
            Step("cans", "rest / can", "Cans"),
            Step("money", "cans * price", "Money a day"),
            Step("profit", "money - feed", "Profit a day"),
            Step("total", "profit * days", "Profit in all"),
        ),
    ),
    Template(
        name="farming_two_fields",
        plan=(
            "Multiply both fields and add, multiply by the fruit, subtract the loss, divide into carts, multiply, "
            "subtract the seed."
        ),
        numbers={
            "rows": range(3, 10),
            "plants": range(5, 16),
            "lines": range(3, 10),
            "more": range(5, 16),
            "each": range(2, 6),
            "lost": range(5, 41),
            "load": (12, 15, 20, 24, 25, 30),
            "price": range(12, 41),
            "seed": range(20, 101, 5),
        },
        scenes=scenes("pumpkins", "pumpkins", "melons", "peppers", "cucumbers"),
        stories=(
            "{name} has a field with {rows} rows of {plants} plants and a field with {lines} rows of {more} plants. "
            "Every plant bears {each} {pumpkins}, but hail ruins {lost} of them. The good ones are sold in carts of "
            "{load} at ${price} a cart. The seed has cost ${seed}.",
            "From seed for ${seed} {name} grows {pumpkins} in two fields, one with {rows} rows of {plants} plants and "
            "one with {lines} rows of {more}. There are {each} {pumpkins} on each plant. Deer eat {lost} of them, and "
            "{he} sells the others for ${price} a cart, {load} in each.",
        ),
        questions=(
            "How many dollars does {name} earn?",
            "How much money is left after paying for the seed?",
        ),
        steps=(
            Step("first", "rows * plants", "Plants in field one"),
            Step("second", "lines * more", "Plants in field two"),
            Step("all", "first + second", "Plants in all"),
            Step("fruit", "all * each", "{Pumpkins}"),
            Step("good", "fruit - lost", "Good {pumpkins}"),
            Step("carts", "good / load", "Carts"),
            Step("money", "carts * price", "Money"),
            Step("profit", "money - seed", "After the seed"),
        ),
    ),
    Template(
        name="farming_honey_market",
        plan=(
            "Multiply hives, combs and jars, subtract the presents, divide into boxes, multiply, subtract the jar cost "
            "and the stand."
        ),
        numbers={
            "hives": range(3, 10),
            "combs": range(4, 10),
            "per": range(2, 4),
            "people": range(3, 10),
            "gifts": range(2, 4),
            "box": range(3, 9),
            "price": range(18, 46),
            "glass": range(2, 4),
            "stand": range(15, 61),
        },
        scenes=scenes("neighbors", "friends", "neighbors", "cousins", "teachers"),
        stories=(
            "{name} has {hives} hives with {combs} combs each, and a comb gives {per} jars of honey. {He} gives "
            "{gifts} jars to each of {people} {neighbors} and sells the rest in boxes of {box} jars at ${price} a "
            "box. A jar costs {him} ${glass} and the stand ${stand}.",
            "At a stand that costs ${stand}, {name} sells honey in boxes of {box} jars for ${price} each. It comes "
            "from {hives} hives of {combs} combs, with {per} jars from each comb, and every empty jar cost ${glass}. "
            "Before that {he} gave {gifts} jars each to {people} {neighbors}.",
        ),
        questions=(
            "How many dollars does {name} earn?",
            "How much money is left after the jars and the stand are paid?",
        ),
        steps=(
            Step("all", "hives * combs", "Combs"),
            Step("jars", "all * per", "Jars"),
            Step("given", "people * gifts", "Jars given away"),
            Step("rest", "jars - given", "Jars to sell"),
            Step("boxes", "rest / box", "Boxes"),
            Step("money", "boxes * price", "Money for honey"),
            Step("empty", "jars * glass", "Cost of jars"),
            Step("after", "money - empty", "After the jars"),
            Step("profit", "after - stand", "After the stand"),
        ),
    ),
    Template(
        name="farming_wool_sweaters",
        plan=(
            "Multiply and add the wool, subtract the loss, multiply into balls, subtract those for sweaters, multiply "
            "both sales, add."
        ),
        numbers={
            "ewes": range(4, 13),
            "wool": range(4, 9),
            "rams": range(2, 6),
            "more": range(7, 13),
            "lost": range(4, 31),
            "balls": range(3, 7),
            "made": range(4, 16),
            "need": range(6, 13),
            "price": range(2, 5),
            "piece": range(25, 61),
        },
        scenes=scenes(
            "sweaters, sweater",
            "sweaters, sweater",
            "blankets, blanket",
            "jackets, jacket",
            "ponchos, poncho",
        ),
        stories=(
            "{name} gets {wool} pounds of wool from each of {ewes} ewes and {more} pounds from each of {rams} rams. "
            "In the wash {lost} pounds are lost, and every clean pound makes {balls} balls. {He} knits {made} "
            "{sweaters} from {need} balls each. A {sweater} is sold for ${piece}, and a ball that is left for "
            "${price}.",
            "It takes {need} balls of wool to knit a {sweater}, which sells for ${piece}, and a single ball sells for "
            "${price}. {name} shears {ewes} ewes with {wool} pounds of wool each and {rams} rams with {more} pounds "
            "each. Washing takes {lost} pounds away, and the rest is spun into {balls} balls a pound. {He} knits "
            "{made} {sweaters} and sells everything.",
        ),
        questions=(
            "How many dollars does {name} get in all?",
            "How much money do {sweaters} and balls bring together?",
        ),
        steps=(
            Step("first", "ewes * wool", "Pounds from ewes"),
            Step("second", "rams * more", "Pounds from rams"),
            Step("all", "first + second", "Pounds in all"),
            Step("clean", "all - lost", "Clean pounds"),
            Step("yarn", "clean * balls", "Balls of wool"),
            Step("used", "made * need", "Balls used"),
            Step("other", "yarn - used", "Balls to sell"),
            Step("small", "other * price", "Money for balls"),
            Step("large", "made * piece", "Money for {sweaters}"),
            Step("money", "small + large", "Money in all"),
        ),
    ),
)
