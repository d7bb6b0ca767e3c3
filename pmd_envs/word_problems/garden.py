"""Trees, beds, fences and harvests. Example: a fence around a bed of 12 by 7 feet."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="garden_tree_last_year",
        plan="Subtract the inches that the tree grew from its height now.",
        numbers={"now": range(30, 151), "grew": range(4, 60)},
        scenes=scenes("tree", "apple tree", "pine tree", "plum tree", "palm tree"),
        stories=(
            "A young {tree} in {name}'s garden is {now} inches tall. It grew {grew} inches this year.",
            "This year the {tree} in {name}'s garden grew {grew} inches. Now it is {now} inches tall.",
        ),
        questions=("How tall was it a year ago, in inches?", "How many inches tall was it last year?"),
        steps=(Step("before", "now - grew", "Inches before"),),
        where=("before > 9",),
    ),
    Template(
        name="garden_fence_length",
        plan="Add the length and the width, then multiply the sum by 2.",
        numbers={"length": range(6, 46), "width": range(4, 31)},
        scenes=scenes("bed", "vegetable garden", "flower bed", "playground", "hen yard"),
        stories=(
            "{name} wants a fence around a {bed} that is {length} feet long and {width} feet wide.",
            "A {bed} is {width} feet wide and {length} feet long. {name} puts a fence all around it.",
        ),
        questions=("How many feet of fence does {name} need?", "How long is the fence, in feet?"),
        steps=(Step("half", "length + width", "Length plus width"), Step("fence", "half * 2", "Feet of fence")),
        where=("length > width",),
    ),
    Template(
        name="garden_fence_cost",
        plan="Add length and width, multiply the sum by 2, then multiply by the price of one foot.",
        numbers={"length": range(5, 41), "width": range(4, 31), "price": range(2, 10), "trees": range(2, 8)},
        scenes=scenes("bed", "vegetable garden", "small park", "rose garden", "hen yard"),
        stories=(
            "{name} fences a {bed} with {trees} trees in it. It is {length} feet long and {width} feet "
            "wide, and one foot of fence costs ${price}.",
            "Fence is sold at ${price} a foot. {name} buys enough to go all around a {bed} of {length} by "
            "{width} feet with {trees} trees in it.",
        ),
        questions=("How many dollars does the fence cost?", "How much does {name} pay for the fence?"),
        steps=(
            Step("half", "length + width", "Length plus width"),
            Step("fence", "half * 2", "Feet of fence"),
            Step("cost", "fence * price", "Cost of fence"),
        ),
        where=("length > width",),
    ),
    Template(
        name="garden_watering_cans",
        plan="Multiply plants by cups for both kinds, add both, then divide by the cups in a watering can.",
        numbers={
            "a": range(2, 16),
            "p": range(2, 10),
            "b": range(2, 16),
            "q": range(2, 10),
            "size": (6, 8, 9, 10, 12, 15, 20),
        },
        scenes=scenes("roses, tulips", "roses, tulips", "tomatoes, beans", "lilies, herbs", "vines, ferns"),
        stories=(
            "{name} gives {p} cups of water to each of {a} {roses} and {q} cups to each of {b} {tulips}. "
            "{His} watering can holds {size} cups.",
            "A watering can holds {size} cups. {name} has {a} {roses} that need {p} cups each and {b} "
            "{tulips} that need {q} cups each.",
        ),
        questions=("How many full cans does {name} need?", "How many times must {name} fill the can?"),
        steps=(
            Step("first", "a * p", "Cups for {roses}"),
            Step("second", "b * q", "Cups for {tulips}"),
            Step("water", "first + second", "Cups in all"),
            Step("cans", "water / size", "Full cans"),
        ),
    ),
    Template(
        name="garden_harvest_sale",
        plan=(
            "Multiply trees by fruit, add the fruit on the ground, subtract the bad, divide by bag size, "
            "times the price."
        ),
        numbers={
            "trees": range(2, 10),
            "each": range(8, 31),
            "ground": range(4, 60),
            "bad": range(2, 40),
            "size": range(4, 13),
            "price": range(2, 10),
        },
        scenes=scenes("apples", "apples", "pears", "lemons", "oranges"),
        stories=(
            "{name} picks {each} {apples} from each of {trees} trees and {ground} more off the ground. "
            "{He} throws {bad} bad ones away and sells the rest in bags of {size} at ${price} a bag.",
            "With {each} {apples} from each of {trees} trees and {ground} off the ground, minus {bad} bad "
            "ones, {name} fills bags of {size} and sells them for ${price} each.",
        ),
        questions=("How many dollars does {name} get?", "How much money do the bags bring?"),
        steps=(
            Step("picked", "trees * each", "{Apples} from trees"),
            Step("all", "picked + ground", "{Apples} in all"),
            Step("good", "all - bad", "Good {apples}"),
            Step("bags", "good / size", "Bags"),
            Step("money", "bags * price", "Money"),
        ),
    ),
)
