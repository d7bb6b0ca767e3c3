"""Prices, change, packs and discounts. Example: 3 boxes of 4 pens; how many pens?"""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="shopping_packs_total",
        plan="Multiply the number of packs by the number of things in each pack.",
        numbers={"packs": range(2, 13), "each": range(2, 13)},
        scenes=scenes(
            "item, box, boxes",
            "pens, box, boxes",
            "buttons, bag, bags",
            "candles, pack, packs",
            "cups, box, boxes",
            "balloons, pack, packs",
        ),
        stories=(
            ("{name} goes to the shop and buys {packs} {boxes} of {item}. There are {each} {item} in each {box}."),
            ("There are {each} {item} in each {box}. {name} needs a lot of them, so {he} buys {packs} {boxes}."),
        ),
        questions=("How many {item} does {name} buy?", "How many {item} is that in all?"),
        steps=(Step("total", "packs * each", "{Item} in all"),),
    ),
    Template(
        name="shopping_money_left",
        plan="Subtract the price of the thing from the money that the buyer had.",
        numbers={"money": range(30, 131), "price": range(12, 90)},
        scenes=scenes("thing", "lamp", "rug", "radio", "jacket", "clock", "chair"),
        stories=(
            "{name} has ${money} in {his} wallet. {He} spends ${price} of it on a new {thing}.",
            "A {thing} at the market costs ${price}. {name} goes there with ${money} and buys it.",
        ),
        questions=("How much money does {name} have left?", "How many dollars does {name} still have?"),
        steps=(Step("left", "money - price", "Money left"),),
    ),
    Template(
        name="shopping_price_each",
        plan="Divide the whole price by the number of things to get the price of one.",
        numbers={"count": range(2, 13), "price": range(2, 13), "total": "count * price"},
        scenes=scenes("item, one", "mugs, mug", "plates, plate", "towels, towel", "caps, cap", "books, book"),
        stories=(
            "{name} pays ${total} at the till for {count} {item}. Every {one} has the same price.",
            "In a shop, {count} {item} of the same kind cost ${total} together, and {name} buys them.",
        ),
        questions=("How many dollars does one {one} cost?", "What is the price of a single {one} in dollars?"),
        steps=(Step("each", "total / count", "Price of one {one}"),),
    ),
    Template(
        name="shopping_two_items_left",
        plan="Add the two prices, then subtract that sum from the money that the buyer has.",
        numbers={"money": range(30, 131), "a": range(5, 50), "b": range(5, 50)},
        scenes=scenes("thing, other", "shirt, belt", "ball, racket", "kettle, pan", "tent, map", "bag, scarf"),
        stories=(
            "{name} has ${money}. {He} buys a {thing} for ${a} and a {other} for ${b}.",
            "A {thing} costs ${a} and a {other} costs ${b}. {name} buys both with the ${money} {he} has.",
        ),
        questions=("How much money is left after that?", "How many dollars does {name} have left?"),
        steps=(Step("cost", "a + b", "Cost of both"), Step("left", "money - cost", "Money left")),
    ),
    Template(
        name="shopping_money_before",
        plan="Multiply the number of things by the price of each, then add the money that is left over.",
        numbers={"count": range(2, 10), "price": range(2, 13), "left": range(3, 41)},
        scenes=scenes("item", "notebooks", "toy cars", "plants", "comics", "brushes"),
        stories=(
            "{name} buys {count} {item} for ${price} each. Now {he} has ${left} left in {his} purse.",
            "In {name}'s purse there are only ${left} left, because {he} has just bought {count} {item} "
            "at ${price} each.",
        ),
        questions=("How much money did {name} have at first?", "How many dollars were in the purse before?"),
        steps=(Step("spent", "count * price", "Money spent"), Step("first", "spent + left", "Money at first")),
    ),
    Template(
        name="shopping_two_kinds",
        plan=("Multiply count by price for the first kind, do the same for the second kind, then add both costs."),
        numbers={
            "a": range(2, 10),
            "p": range(2, 13),
            "b": range(2, 10),
            "q": range(2, 13),
            "minutes": range(10, 51, 5),
        },
        scenes=scenes("item, other", "plates, bowls", "caps, scarves", "paints, brushes", "nets, balls"),
        stories=(
            ("{name} buys {a} {item} at ${p} each and {b} {other} at ${q} each. The shop closes in {minutes} minutes."),
            ("After {minutes} minutes in the shop, {name} takes {b} {other} at ${q} each and {a} {item} at ${p} each."),
        ),
        questions=("How many dollars does {name} pay?", "How much does {name} have to pay?"),
        steps=(
            Step("first", "a * p", "Cost of {item}"),
            Step("second", "b * q", "Cost of {other}"),
            Step("total", "first + second", "Cost in all"),
        ),
    ),
    Template(
        name="shopping_shared_gift",
        plan="Add the two prices, subtract the coupon, then divide what is left by the number of friends.",
        numbers={
            "a": range(20, 121),
            "coupon": range(3, 21),
            "friends": range(2, 9),
            "share": range(6, 31),
            "b": "friends * share + coupon - a",
        },
        scenes=scenes("thing, other", "watch, cake", "bike, helmet", "lamp, vase", "camera, bag"),
        stories=(
            "As a present, {friends} friends buy a {thing} for ${a} and a {other} for ${b}. A coupon "
            "takes ${coupon} off the bill, and they share the cost equally.",
            "A {thing} costs ${a} and a {other} costs ${b}. With a coupon for ${coupon} off, {friends} "
            "friends buy both and share the cost equally.",
        ),
        questions=("How many dollars does each friend pay?", "How much does every friend pay?"),
        steps=(
            Step("both", "a + b", "Both prices"),
            Step("cost", "both - coupon", "Price to pay"),
            Step("each", "cost / friends", "Cost for each friend"),
        ),
        where=("b > 4", "a > b"),
    ),
    Template(
        name="shopping_percent_off",
        plan="Multiply count by price, take the percent of that as the discount, then subtract the discount.",
        numbers={"count": range(2, 9), "price": range(10, 51, 5), "percent": (10, 20, 25, 30, 40, 50)},
        scenes=scenes("item", "shirts", "chairs", "tickets", "lamps", "games"),
        stories=(
            ("{name} buys {count} {item} for ${price} each. In the sale {he} gets {percent}% off the whole price."),
            ("There is a sale with {percent}% off everything. {name} picks {count} {item} marked ${price} each."),
        ),
        questions=("How many dollars does {name} pay in the end?", "How much does {name} have to pay?"),
        steps=(
            Step("full", "count * price", "Full price"),
            Step("off", "full * percent / 100", "Discount"),
            Step("pay", "full - off", "Price to pay"),
        ),
    ),
    Template(
        name="shopping_two_kinds_change",
        plan=("Multiply count by price for each of the two kinds, add both costs, then subtract from the money."),
        numbers={
            "a": range(2, 10),
            "p": range(2, 13),
            "b": range(2, 10),
            "q": range(2, 13),
            "money": (50, 60, 80, 100, 120, 150, 200, 250),
        },
        scenes=scenes("item, other", "pies, cakes", "roses, pots", "pencils, rulers", "hats, gloves"),
        stories=(
            ("{name} goes shopping with ${money}. {He} buys {a} {item} at ${p} each and {b} {other} at ${q} each."),
            (
                "At the market {name} buys {a} {item} at ${p} each and {b} {other} at ${q} each. {He} "
                "hands over ${money}."
            ),
        ),
        questions=("How many dollars does {name} have left?", "How much of the ${money} is left?"),
        steps=(
            Step("first", "a * p", "Cost of {item}"),
            Step("second", "b * q", "Cost of {other}"),
            Step("cost", "first + second", "Cost in all"),
            Step("left", "money - cost", "Money left"),
        ),
    ),
    Template(
        name="shopping_second_half_price",
        plan=(
            "Halve the price for the second piece, add it to the first, add the other thing, subtract from the money."
        ),
        numbers={
            "half": range(6, 61),
            "price": "half * 2",
            "extra": range(5, 40),
            "money": (50, 80, 100, 120, 150, 200, 250),
        },
        scenes=scenes("coat, coats, hat", "coat, coats, hat", "pillow, pillows, sheet", "bag, bags, belt"),
        stories=(
            "A {coat} costs ${price}, and a second one is half the price. {name} takes two {coats} and a "
            "{hat} for ${extra} and pays with ${money}.",
            "{name} pays with ${money} for two {coats} and a {hat}. The {hat} costs ${extra}, the first "
            "{coat} costs ${price} and the second {coat} half of that.",
        ),
        questions=("How many dollars does {name} get back?", "How much change does {name} get?"),
        steps=(
            Step("second", "price / 2", "Second {coat}"),
            Step("both", "price + second", "Both {coats}"),
            Step("cost", "both + extra", "Cost in all"),
            Step("change", "money - cost", "Change"),
        ),
    ),
    Template(
        name="shopping_boxes_save_money",
        plan="Divide to get the boxes, multiply by the box price, multiply the pieces by the single price, "
        "subtract, then add the jar.",
        numbers={
            "size": range(4, 11),
            "single": range(2, 7),
            "boxes": range(2, 9),
            "cut": range(2, 9),
            "pieces": "size * boxes",
            "box": "size * single - cut",
            "jar": range(5, 61),
        },
        scenes=scenes("item", "cans of paint", "bars of soap", "bulbs", "jars of jam"),
        stories=(
            "Single {item} cost ${single} each, but a box of {size} costs ${box}. {name} buys {pieces} in "
            "boxes and puts the money saved into a jar that holds ${jar}.",
            "{name} buys {pieces} {item} in boxes of {size} for ${box} a box, not singly for ${single} "
            "each. What {he} saves goes into a jar with ${jar} in it.",
        ),
        questions=("How many dollars are in the jar then?", "How much money is in the jar at the end?"),
        steps=(
            Step("count", "pieces / size", "Boxes"),
            Step("paid", "count * box", "Cost in boxes"),
            Step("full", "pieces * single", "Cost of single ones"),
            Step("saved", "full - paid", "Money saved"),
            Step("end", "saved + jar", "Money in the jar"),
        ),
    ),
)
