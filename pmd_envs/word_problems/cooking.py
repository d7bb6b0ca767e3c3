"""Recipes, baking and drinks. Example: 12 cups of flour, 3 cups for each cake."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="cooking_batches",
        plan="Divide the flour in the kitchen by the flour that one cake needs.",
        numbers={"cups": range(2, 13), "cakes": range(2, 13), "flour": "cups * cakes"},
        scenes=scenes("one, many", "cake, cakes", "pie, pies", "pizza, pizzas", "big loaf, big loaves"),
        stories=(
            "One {one} takes {cups} cups of flour. {name} has {flour} cups of flour in the kitchen.",
            "There are {flour} cups of flour in the kitchen. {name} uses {cups} cups for every {one}.",
        ),
        questions=("How many {many} can {name} bake?", "For how many {many} does the flour last?"),
        steps=(Step("count", "flour / cups", "{Many}"),),
    ),
    Template(
        name="cooking_cookies_left",
        plan="Multiply trays by pieces on a tray, then subtract the pieces that are eaten.",
        numbers={"trays": range(2, 13), "each": range(4, 13), "eaten": range(3, 60)},
        scenes=scenes("cookies", "cookies", "muffins", "rolls", "tarts"),
        stories=(
            "{name} bakes {trays} trays of {cookies} with {each} {cookies} on every tray. {His} family "
            "eats {eaten} of them.",
            "{name}'s guests eat {eaten} of the {cookies} {he} made. There were {trays} trays with {each} "
            "{cookies} on each.",
        ),
        questions=("How many {cookies} are left?", "How many {cookies} does {name} still have?"),
        steps=(
            Step("baked", "trays * each", "{Cookies} baked"),
            Step("left", "baked - eaten", "{Cookies} left"),
        ),
    ),
    Template(
        name="cooking_oven_time",
        plan="Multiply the rounds by the minutes for each round, then add the minutes for mixing.",
        numbers={"mix": range(5, 41), "rounds": range(2, 9), "bake": range(6, 13)},
        scenes=scenes(
            "dough, trays, tray", "dough, trays, tray", "batter, waffles, waffle", "dough, flatbreads, flatbread"
        ),
        stories=(
            "It takes {name} {mix} minutes to mix the {dough}. Then {he} bakes {rounds} {trays}, one "
            "after the other, for {bake} minutes each.",
            "{name} bakes {rounds} {trays} one by one, and each {tray} needs {bake} minutes. Before that "
            "{he} mixes the {dough} for {mix} minutes.",
        ),
        questions=("How many minutes does all of it take?", "How many minutes does {name} need for everything?"),
        steps=(
            Step("baking", "rounds * bake", "Minutes of baking"),
            Step("total", "baking + mix", "Minutes in all"),
        ),
    ),
    Template(
        name="cooking_drink_left",
        plan=("Add the water and the juice, divide by the cups in a jug, then subtract the jugs that are drunk."),
        numbers={
            "size": range(2, 9),
            "fills": range(6, 41),
            "juice": range(4, 90),
            "water": "size * fills - juice",
            "drunk": range(2, 30),
        },
        scenes=scenes("drink, jugs", "lemon juice, jugs", "syrup, bottles", "cider, flasks", "apple juice, jars"),
        stories=(
            "{name} mixes {water} cups of water with {juice} cups of {drink} and fills {jugs} that hold "
            "{size} cups each. Then {his} guests empty {drunk} of them.",
            "For a party {name} fills {jugs} of {size} cups each. {He} mixes {juice} cups of {drink} and "
            "{water} cups of water, and {drunk} {jugs} are emptied.",
        ),
        questions=("How many full {jugs} are left?", "How many of the {jugs} are still full?"),
        steps=(
            Step("mix", "water + juice", "Cups in all"),
            Step("full", "mix / size", "Full {jugs}"),
            Step("left", "full - drunk", "{Jugs} left"),
        ),
        where=("water > juice",),
    ),
    Template(
        name="cooking_two_bakers",
        plan="Multiply trays by pieces for the first baker, do the same for the second, then subtract.",
        numbers={"a": range(3, 13), "p": range(4, 25), "b": range(2, 13), "q": range(4, 25)},
        scenes=scenes("rolls", "rolls", "muffins", "scones", "buns"),
        stories=(
            "{name} bakes {a} trays of {p} {rolls}, and {friend} bakes {b} trays of {q} {rolls}.",
            "Two bakers are at work. {friend} bakes {b} trays with {q} {rolls} each, {name} bakes {a} "
            "trays with {p} {rolls} each.",
        ),
        questions=(
            "How many more {rolls} does {name} bake than {friend}?",
            "By how many {rolls} does {name} beat {friend}?",
        ),
        steps=(
            Step("mine", "a * p", "{Rolls} of {name}"),
            Step("other", "b * q", "{Rolls} of {friend}"),
            Step("more", "mine - other", "Difference"),
        ),
    ),
    Template(
        name="cooking_cake_stall",
        plan=(
            "Subtract cost from price for one cake, multiply by the cakes, subtract the stall fee, divide "
            "by the helpers."
        ),
        numbers={
            "cost": range(2, 13),
            "gain": range(2, 13),
            "price": "cost + gain",
            "sold": range(6, 31),
            "fee": range(5, 41),
            "helpers": range(2, 7),
        },
        scenes=scenes("cake, cakes", "cake, cakes", "pie, pies", "jar of jam, jars of jam", "pizza, pizzas"),
        stories=(
            "Making one {cake} costs ${cost}, and it sells for ${price}. At a fair {helpers} helpers sell "
            "{sold} {cakes}, pay ${fee} for the stall and share the profit equally.",
            "At a fair {helpers} helpers sell {sold} {cakes} at ${price} each and share the profit. Each "
            "{cake} costs ${cost} to make, and the stall costs ${fee}.",
        ),
        questions=("How many dollars does each helper get?", "What is the profit of each helper in dollars?"),
        steps=(
            Step("each", "price - cost", "Profit on one {cake}"),
            Step("gross", "each * sold", "Profit on all"),
            Step("net", "gross - fee", "Profit after the fee"),
            Step("share", "net / helpers", "Each helper"),
        ),
    ),
    Template(
        name="cooking_pizza_party",
        plan=("Multiply people by slices for both groups, add them, divide by the slices of a pizza, times the price."),
        numbers={
            "adults": range(2, 21),
            "p": range(2, 6),
            "kids": range(2, 21),
            "q": range(2, 6),
            "slices": (6, 8, 10, 12),
            "price": range(5, 16),
        },
        scenes=scenes("pizza, pizzas", "pizza, pizzas", "cake, cakes", "pie, pies"),
        stories=(
            "At a party {adults} adults eat {p} slices each and {kids} children eat {q} slices each. "
            "Every {pizza} has {slices} slices and costs ${price}, and nothing is left over.",
            "Each {pizza} costs ${price} and is cut into {slices} slices. At a party {kids} children eat "
            "{q} slices each, {adults} adults eat {p} each, and no slice is left.",
        ),
        questions=("How many dollars do the {pizzas} cost?", "How much do all the {pizzas} cost?"),
        steps=(
            Step("first", "adults * p", "Slices for adults"),
            Step("second", "kids * q", "Slices for children"),
            Step("eaten", "first + second", "Slices in all"),
            Step("count", "eaten / slices", "{Pizzas}"),
            Step("cost", "count * price", "Cost in all"),
        ),
        where=("p != q",),
    ),
)
