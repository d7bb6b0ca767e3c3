"""Money and work at home, six to ten steps long. Example: pizzas and drinks for a party."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="household_pizza_party",
        plan=(
            "Multiply people by slices, divide into pizzas, multiply both costs, add them, then subtract from the "
            "money."
        ),
        numbers={
            "people": range(6, 25),
            "slices": range(2, 5),
            "cut": (4, 6, 8, 10, 12),
            "pizza": range(8, 19),
            "bottles": range(3, 13),
            "bottle": range(2, 6),
            "money": range(60, 251, 5),
        },
        scenes=scenes("lemonade", "lemonade", "juice", "cider", "water"),
        stories=(
            "At a party each of {people} people eats {slices} slices of pizza. A pizza has {cut} slices and costs "
            "${pizza}. There are also {bottles} bottles of {lemonade} at ${bottle} each. {name} pays with ${money}.",
            "{name} has ${money} for a party of {people} people. {He} buys {bottles} bottles of {lemonade} for "
            "${bottle} each, and pizzas with {cut} slices for ${pizza} each, just enough for {slices} slices each.",
        ),
        questions=(
            "How many dollars are left?",
            "How much money does {name} get back?",
        ),
        steps=(
            Step("all", "people * slices", "Slices"),
            Step("pizzas", "all / cut", "Pizzas"),
            Step("food", "pizzas * pizza", "Cost of pizzas"),
            Step("drinks", "bottles * bottle", "Cost of {lemonade}"),
            Step("cost", "food + drinks", "Cost in all"),
            Step("left", "money - cost", "Money left"),
        ),
    ),
    Template(
        name="household_two_floors",
        plan=(
            "Multiply for both areas, add them, divide into boxes, multiply by the price, add the glue, then subtract "
            "from the money."
        ),
        numbers={
            "long": range(4, 16),
            "wide": range(3, 11),
            "other": range(4, 16),
            "side": range(3, 11),
            "box": (4, 5, 6, 8, 9, 10, 12),
            "price": range(6, 25),
            "glue": range(10, 46),
            "money": range(150, 601, 10),
        },
        scenes=scenes("kitchen, hall", "kitchen, hall", "bathroom, terrace", "cellar, garage", "bedroom, balcony"),
        stories=(
            "A {kitchen} is {long} feet long and {wide} feet wide, and a {hall} is {other} feet long and {side} feet "
            "wide. {name} puts tiles on both floors. A box of tiles covers {box} square feet and costs ${price}. The "
            "glue costs ${glue}, and {he} has ${money}.",
            "For ${price} {name} gets a box of tiles, which is enough for {box} square feet. {He} needs tiles for a "
            "{kitchen} of {long} by {wide} feet and a {hall} of {other} by {side} feet, and glue for ${glue}. {He} "
            "has saved ${money}.",
        ),
        questions=(
            "How many dollars are left after that?",
            "How much of the money does {name} keep?",
        ),
        steps=(
            Step("first", "long * wide", "Square feet of {kitchen}"),
            Step("second", "other * side", "Square feet of {hall}"),
            Step("area", "first + second", "Square feet in all"),
            Step("boxes", "area / box", "Boxes"),
            Step("tiles", "boxes * price", "Cost of tiles"),
            Step("cost", "tiles + glue", "Cost in all"),
            Step("left", "money - cost", "Money left"),
        ),
    ),
    Template(
        name="household_saving_for_sale",
        plan=(
            "Multiply and add the weekly money, subtract spending, take the percent off the price, add, subtract "
            "savings, then divide."
        ),
        numbers={
            "lawns": range(2, 6),
            "lawn": range(4, 11),
            "pocket": range(3, 13),
            "spend": range(4, 21),
            "price": (80, 100, 120, 140, 150, 160, 180, 200, 240, 250, 300),
            "percent": (10, 20, 25, 30, 40),
            "helmet": range(15, 61),
            "saved": range(10, 91),
        },
        scenes=scenes("bike, extra", "bike, helmet", "guitar, case", "camera, bag", "drum, stand"),
        stories=(
            "Every week {name} mows {lawns} lawns for ${lawn} each, gets ${pocket} from {his} parents and spends "
            "${spend}. {He} has saved ${saved} and wants a {bike} that costs ${price} but is now {percent}% cheaper, "
            "and a {extra} for ${helmet}.",
            "A {bike} for ${price} is on sale at {percent}% off. {name} wants to buy it with a {extra} for "
            "${helmet}, and has ${saved} so far. Each week {he} is given ${pocket}, earns ${lawn} on each of {lawns} "
            "lawns and spends ${spend}.",
        ),
        questions=(
            "How many more weeks must {name} save?",
            "After how many weeks does {name} have enough?",
        ),
        steps=(
            Step("work", "lawns * lawn", "Money from lawns"),
            Step("weekly", "work + pocket", "Money a week"),
            Step("keep", "weekly - spend", "Saved each week"),
            Step("off", "price * percent / 100", "Discount"),
            Step("sale", "price - off", "Price of the {bike}"),
            Step("both", "sale + helmet", "Price of both"),
            Step("need", "both - saved", "Money missing"),
            Step("weeks", "need / keep", "Weeks"),
        ),
    ),
    Template(
        name="household_garden_fence",
        plan=(
            "Add the sides, double, subtract the gate, divide into rolls and posts, multiply both prices, then add all "
            "three costs."
        ),
        numbers={
            "long": range(10, 46),
            "wide": range(8, 31),
            "gate": range(2, 7),
            "roll": (5, 6, 8, 10, 12),
            "price": range(8, 25),
            "gap": range(2, 6),
            "post": range(2, 8),
            "door": range(20, 91, 5),
        },
        scenes=scenes("garden", "garden", "meadow", "playground", "yard"),
        stories=(
            "{name} puts a fence around a {garden} that is {long} meters long and {wide} meters wide, except where a "
            "gate of {gate} meters is. Fence comes in rolls of {roll} meters at ${price}. A post for ${post} stands "
            "at every {gap} meters of fence. The gate costs ${door}.",
            "A {garden} of {long} by {wide} meters gets a gate of {gate} meters, which costs ${door}, and a fence all "
            "around the rest. A roll of {roll} meters of fence costs ${price}. For every {gap} meters of it {name} "
            "needs a post for ${post}.",
        ),
        questions=(
            "How many dollars does it cost in all?",
            "What do fence, posts and gate cost together?",
        ),
        steps=(
            Step("half", "long + wide", "Two sides"),
            Step("around", "half * 2", "Meters around"),
            Step("fence", "around - gate", "Meters of fence"),
            Step("rolls", "fence / roll", "Rolls"),
            Step("wire", "rolls * price", "Cost of fence"),
            Step("posts", "fence / gap", "Posts"),
            Step("wood", "posts * post", "Cost of posts"),
            Step("both", "wire + wood", "Fence and posts"),
            Step("total", "both + door", "Cost in all"),
        ),
    ),
    Template(
        name="household_school_things",
        plan=(
            "Multiply for notebooks, pens and bags, divide pens into packs, add the three costs, then subtract the "
            "percent."
        ),
        numbers={
            "kids": range(2, 7),
            "books": range(3, 10),
            "book": range(2, 5),
            "pens": range(3, 13),
            "pack": (3, 4, 5, 6, 8, 10),
            "price": range(3, 9),
            "bag": range(15, 41),
            "percent": (10, 20, 25, 50),
        },
        scenes=scenes("crayons", "pens", "pencils", "crayons", "markers"),
        stories=(
            "{name} buys school things for {kids} children. Each needs {books} notebooks at ${book} each, {pens} "
            "{crayons} and a bag for ${bag}. The {crayons} come in packs of {pack}, and a pack costs ${price}. {He} "
            "gets {percent}% off everything.",
            "In a sale everything is {percent}% cheaper. Before that a notebook costs ${book}, a pack of {pack} "
            "{crayons} ${price} and a school bag ${bag}. {name} has {kids} children, and buys {books} notebooks, "
            "{pens} {crayons} and a bag for each.",
        ),
        questions=(
            "How many dollars does {name} pay?",
            "What does {name} pay after the discount, in dollars?",
        ),
        steps=(
            Step("paper", "kids * books", "Notebooks"),
            Step("written", "paper * book", "Cost of notebooks"),
            Step("all", "kids * pens", "{Crayons}"),
            Step("packs", "all / pack", "Packs"),
            Step("colors", "packs * price", "Cost of {crayons}"),
            Step("leather", "kids * bag", "Cost of bags"),
            Step("some", "written + colors", "Cost of both"),
            Step("full", "some + leather", "Cost in all"),
            Step("off", "full * percent / 100", "Discount"),
            Step("pay", "full - off", "Cost after discount"),
        ),
    ),
)
