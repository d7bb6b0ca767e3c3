"""Shops and workshops, six to ten steps long. Example: what a painter keeps after paying for the paint."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="trades_painter",
        plan=(
            "Multiply rooms, walls and meters, divide into cans, multiply by the can price, subtract that, divide by "
            "days."
        ),
        numbers={
            "rooms": range(2, 7),
            "walls": range(2, 5),
            "area": range(8, 25),
            "cover": (6, 8, 10, 12, 15, 16, 20),
            "can": range(4, 13),
            "pay": range(200, 601, 5),
            "days": range(2, 8),
        },
        scenes=scenes("hotel", "hotel", "school", "clinic", "farmhouse"),
        stories=(
            "{name} paints {rooms} rooms of a {hotel} in {days} days. In each room there are {walls} walls of {area} "
            "square meters. A can of paint is enough for {cover} square meters and costs ${can}. {He} gets ${pay} and "
            "pays for the paint.",
            "For ${pay} {name} paints {rooms} rooms in a {hotel}, each with {walls} walls of {area} square meters, "
            "and buys the paint. It takes {days} days, and one can for ${can} covers {cover} square meters.",
        ),
        questions=(
            "How many dollars does {name} earn a day?",
            "How much is that a day after paying for the paint?",
        ),
        steps=(
            Step("sides", "rooms * walls", "Walls"),
            Step("meters", "sides * area", "Square meters"),
            Step("cans", "meters / cover", "Cans"),
            Step("paint", "cans * can", "Cost of paint"),
            Step("left", "pay - paint", "Pay after paint"),
            Step("daily", "left / days", "Pay a day"),
        ),
    ),
    Template(
        name="trades_bakery_shift",
        plan=(
            "Multiply for all pieces, subtract those for the cafe, divide into bags, multiply, subtract the costs, "
            "then divide."
        ),
        numbers={
            "trays": range(2, 6),
            "each": range(6, 16),
            "hours": range(2, 7),
            "cafe": range(20, 91),
            "bag": range(4, 11),
            "price": range(3, 9),
            "cost": range(20, 91),
            "bakers": range(2, 6),
        },
        scenes=scenes("rolls", "rolls", "bagels", "buns", "pretzels"),
        stories=(
            "A bakery makes {trays} trays of {each} {rolls} an hour for {hours} hours. A cafe takes {cafe} {rolls} "
            "for free, and the others are sold in bags of {bag} at ${price} a bag. Flour and heat cost ${cost}. The "
            "{bakers} bakers share the profit equally.",
            "In a bakery {bakers} bakers work for {hours} hours and share the profit equally. Every hour they make "
            "{trays} trays of {each} {rolls}. They give {cafe} {rolls} away, sell the rest in bags of {bag} at "
            "${price} each and pay ${cost} for flour and heat.",
        ),
        questions=(
            "How many dollars does each baker get?",
            "What is the share of a baker in dollars?",
        ),
        steps=(
            Step("hourly", "trays * each", "{Rolls} an hour"),
            Step("all", "hourly * hours", "{Rolls} in all"),
            Step("rest", "all - cafe", "{Rolls} to sell"),
            Step("bags", "rest / bag", "Bags"),
            Step("money", "bags * price", "Money"),
            Step("profit", "money - cost", "Profit"),
            Step("share", "profit / bakers", "Share of each"),
        ),
    ),
    Template(
        name="trades_furniture",
        plan=(
            "Multiply and add the hours, divide for the workers, multiply by pay, add the wood, subtract from sales, "
            "multiply by weeks."
        ),
        numbers={
            "chairs": range(6, 31),
            "ch": range(2, 7),
            "tables": range(3, 16),
            "th": range(4, 11),
            "week": (30, 32, 35, 36, 38, 40),
            "pay": range(60, 121, 5),
            "wood": range(50, 201, 5),
            "sale": range(350, 801, 10),
            "weeks": range(2, 7),
        },
        scenes=scenes(
            "stools, stool, desks, desk",
            "stools, stool, desks, desk",
            "chairs, chair, tables, table",
            "benches, bench, beds, bed",
        ),
        stories=(
            "Each week a workshop makes {chairs} {stools} and {tables} {desks}. A {stool} takes {ch} hours of work "
            "and a {desk} {th} hours. Everyone works {week} hours a week for ${pay}. Wood costs ${wood} a week, and "
            "the sales bring ${sale}.",
            "In a workshop it takes {ch} hours to make a {stool} and {th} hours to make a {desk}. Every week {chairs} "
            "{stools} and {tables} {desks} are made from wood for ${wood} and sold for ${sale} together. A worker "
            "does {week} hours a week and gets ${pay}.",
        ),
        questions=(
            "How many dollars of profit are there in {weeks} weeks?",
            "How much profit does the workshop make in {weeks} weeks?",
        ),
        steps=(
            Step("first", "chairs * ch", "Hours for {stools}"),
            Step("second", "tables * th", "Hours for {desks}"),
            Step("hours", "first + second", "Hours a week"),
            Step("workers", "hours / week", "Workers"),
            Step("wages", "workers * pay", "Wages a week"),
            Step("costs", "wages + wood", "Costs a week"),
            Step("gain", "sale - costs", "Profit a week"),
            Step("all", "gain * weeks", "Profit in all"),
        ),
    ),
    Template(
        name="trades_juice_press",
        plan=(
            "Multiply crates, subtract the bad, divide into bottles, multiply the sales and both costs, add costs, "
            "subtract, then divide."
        ),
        numbers={
            "crates": range(3, 11),
            "kilos": range(10, 26),
            "price": range(4, 13),
            "bad": range(3, 25),
            "per": range(2, 6),
            "bottle": range(4, 9),
            "empty": range(2, 4),
            "friends": range(2, 6),
        },
        scenes=scenes("apples", "apples", "pears", "grapes", "cherries"),
        stories=(
            "A group of {friends} friends buys {crates} crates of {apples} at ${price} a crate, with {kilos} "
            "kilograms in each. They throw {bad} kilograms away and press the rest. It takes {per} kilograms for a "
            "bottle of juice. An empty bottle costs ${empty} and a full one is sold for ${bottle}. The friends share "
            "the profit equally.",
            "It takes {per} kilograms of {apples} to fill a bottle with juice, which sells for ${bottle}. The bottle "
            "itself costs ${empty}. A club of {friends} friends buys {crates} crates of {kilos} kilograms for "
            "${price} a crate, but {bad} kilograms are bad. They share the profit equally.",
        ),
        questions=(
            "How many dollars does each of them get?",
            "What is the share of each friend in dollars?",
        ),
        steps=(
            Step("all", "crates * kilos", "Kilograms bought"),
            Step("good", "all - bad", "Good kilograms"),
            Step("bottles", "good / per", "Bottles"),
            Step("income", "bottles * bottle", "Money from juice"),
            Step("fruit", "crates * price", "Cost of {apples}"),
            Step("glass", "bottles * empty", "Cost of bottles"),
            Step("costs", "fruit + glass", "Costs in all"),
            Step("profit", "income - costs", "Profit"),
            Step("share", "profit / friends", "Share of each"),
        ),
    ),
    Template(
        name="trades_print_shop",
        plan=(
            "Multiply and add the pages, divide by the speed, times the minute price, multiply and add the sales, "
            "subtract both costs."
        ),
        numbers={
            "books": range(3, 11),
            "pages": range(20, 61, 5),
            "flyers": range(10, 31),
            "few": range(2, 7),
            "speed": range(4, 16),
            "minute": range(2, 5),
            "bp": range(18, 46),
            "fp": range(2, 8),
            "paper": range(15, 81),
        },
        scenes=scenes(
            "albums, album, menus, menu",
            "albums, album, menus, menu",
            "books, book, flyers, flyer",
            "songbooks, songbook, letters, letter",
        ),
        stories=(
            "A print shop makes {books} {albums} of {pages} pages and {flyers} {menus} of {few} pages. The machine "
            "prints {speed} pages a minute, and a minute costs ${minute}. Paper costs ${paper} in all. The shop gets "
            "${bp} for each {album} and ${fp} for each {menu}.",
            "For ${bp} each a print shop sells {books} {albums}, and for ${fp} each {flyers} {menus}. Each {album} "
            "has {pages} pages and each {menu} has {few}. Printing costs ${minute} a minute for {speed} pages, and "
            "there is a bill of ${paper} for the paper.",
        ),
        questions=(
            "How many dollars does the shop earn after these costs?",
            "How much of the money is left after printing and paper?",
        ),
        steps=(
            Step("thick", "books * pages", "Pages of {albums}"),
            Step("thin", "flyers * few", "Pages of {menus}"),
            Step("all", "thick + thin", "Pages in all"),
            Step("time", "all / speed", "Minutes"),
            Step("print", "time * minute", "Cost of printing"),
            Step("main", "books * bp", "Money for {albums}"),
            Step("minor", "flyers * fp", "Money for {menus}"),
            Step("income", "main + minor", "Money in all"),
            Step("after", "income - print", "After printing"),
            Step("left", "after - paper", "After the paper"),
        ),
    ),
)
