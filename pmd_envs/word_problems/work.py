"""Pay, savings, machines and orders. Example: 6 hours at $9 an hour."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

_PLACES = scenes("place", "bakery", "library", "flower shop", "cafe", "garage")

TEMPLATES = (
    Template(
        name="work_pay",
        plan="Multiply the pay for an hour by the number of hours worked.",
        numbers={"rate": range(4, 13), "hours": range(2, 13)},
        scenes=_PLACES,
        stories=(
            "{name} works in a {place} and earns ${rate} an hour. On Saturday {he} works {hours} hours.",
            "On Saturday {name} helps in a {place} for {hours} hours. {He} is paid ${rate} for each hour.",
        ),
        questions=("How many dollars does {name} earn on Saturday?", "How much money does {name} earn that day?"),
        steps=(Step("pay", "rate * hours", "Pay"),),
    ),
    Template(
        name="work_two_days_pay",
        plan="Add the hours of both days, then multiply by the pay for an hour.",
        numbers={"rate": range(4, 13), "a": range(2, 8), "b": range(2, 8)},
        scenes=_PLACES,
        stories=(
            ("{name} earns ${rate} an hour in a {place}. {He} works {a} hours on Friday and {b} hours on Sunday."),
            ("In a {place} {name} works {a} hours on Friday and {b} hours on Sunday, always for ${rate} an hour."),
        ),
        questions=("How many dollars does {name} earn in all?", "How much does {name} earn on both days together?"),
        steps=(Step("hours", "a + b", "Hours in all"), Step("pay", "hours * rate", "Pay")),
    ),
    Template(
        name="work_daily_saving",
        plan="Subtract what is spent from what is earned in a day, then multiply by the days.",
        numbers={
            "daily": range(2, 13),
            "spend": range(3, 25),
            "earn": "daily + spend",
            "days": range(2, 13),
        },
        scenes=scenes("food", "lunch", "food", "bus tickets", "snacks"),
        stories=(
            "{name} earns ${earn} every day and spends ${spend} of it on {food}. {He} saves the rest.",
            ("Every day {name} spends ${spend} on {food} out of the ${earn} {he} earns, and saves what is left."),
        ),
        questions=("How many dollars does {name} save in {days} days?", "How much is saved after {days} days?"),
        steps=(Step("saved", "earn - spend", "Saved each day"), Step("total", "saved * days", "Saved in all")),
    ),
    Template(
        name="work_machine_speed",
        plan="Divide the pieces by the minutes to get pieces a minute, then multiply by the new minutes.",
        numbers={
            "minutes": range(2, 13),
            "rate": range(2, 13),
            "made": "minutes * rate",
            "later": range(2, 13),
        },
        scenes=scenes("toys", "toys", "bolts", "cups", "boxes", "caps"),
        stories=(
            "A machine makes {made} {toys} in {minutes} minutes. It always works at the same speed.",
            "In {minutes} minutes a machine makes {made} {toys}, and its speed never changes.",
        ),
        questions=(
            "How many {toys} does it make in {later} minutes?",
            "How many {toys} are made in {later} minutes?",
        ),
        steps=(Step("each", "made / minutes", "{Toys} a minute"), Step("total", "each * later", "{Toys} made")),
        where=("later != minutes",),
    ),
    Template(
        name="work_two_packers",
        plan="Add what both pack in an hour, multiply by the hours, then subtract what is sent away.",
        numbers={
            "hall": range(2, 31),
            "a": range(4, 26),
            "b": range(4, 26),
            "hours": range(2, 9),
            "sent": range(10, 90),
        },
        scenes=scenes("boxes", "boxes", "parcels", "crates", "baskets"),
        stories=(
            "In hall {hall} {name} packs {a} {boxes} an hour and {friend} packs {b}. After {hours} hours, "
            "{sent} {boxes} are sent away.",
            "{name} and {friend} work in hall {hall} for {hours} hours and then send {sent} {boxes} away. "
            "{name} packs {a} {boxes} an hour, {friend} packs {b}.",
        ),
        questions=("How many packed {boxes} are left?", "How many of the packed {boxes} are still there?"),
        steps=(
            Step("each", "a + b", "{Boxes} an hour"),
            Step("packed", "each * hours", "{Boxes} packed"),
            Step("left", "packed - sent", "{Boxes} left"),
        ),
    ),
    Template(
        name="work_weeks_to_goal",
        plan=(
            "Subtract the savings from the price, subtract spending from earnings, then divide the first by the second."
        ),
        numbers={
            "weeks": range(2, 13),
            "keep": range(4, 21),
            "spend": range(5, 31),
            "earn": "keep + spend",
            "saved": range(10, 91),
            "price": "weeks * keep + saved",
        },
        scenes=scenes("thing", "bike", "guitar", "tent", "camera", "phone"),
        stories=(
            "{name} has saved ${saved} for a {thing} that costs ${price}. Each week {he} earns ${earn} "
            "and spends ${spend}.",
            "A {thing} costs ${price}. {name} earns ${earn} a week, spends ${spend} of it and has already "
            "saved ${saved}.",
        ),
        questions=(
            "How many more weeks must {name} save?",
            "After how many weeks can {name} buy the {thing}?",
        ),
        steps=(
            Step("need", "price - saved", "Money missing"),
            Step("weekly", "earn - spend", "Saved each week"),
            Step("time", "need / weekly", "Weeks"),
        ),
    ),
    Template(
        name="work_pack_and_sell",
        plan=(
            "Multiply crates by pieces, subtract the broken ones, divide by the box size, multiply by the box price."
        ),
        numbers={
            "crates": range(2, 10),
            "each": range(8, 31),
            "broken": range(2, 30),
            "size": range(4, 13),
            "price": range(3, 13),
        },
        scenes=scenes("bulbs", "bulbs", "cups", "bottles", "vases"),
        stories=(
            "{name} gets {crates} crates of {each} {bulbs}, but {broken} {bulbs} are broken. {He} packs "
            "the good ones in boxes of {size} and sells each box for ${price}.",
            "Out of {crates} crates with {each} {bulbs} in each, {name} throws {broken} broken {bulbs} "
            "away. The others are sold in boxes of {size} at ${price} a box.",
        ),
        questions=("How many dollars does {name} get for them?", "How much money do the boxes bring?"),
        steps=(
            Step("all", "crates * each", "{Bulbs} in all"),
            Step("good", "all - broken", "Good {bulbs}"),
            Step("boxes", "good / size", "Boxes"),
            Step("money", "boxes * price", "Money"),
        ),
    ),
    Template(
        name="work_after_tax_and_rent",
        plan=("Multiply pay by hours, multiply by the days, take the percent as tax, subtract the tax, then the rent."),
        numbers={
            "rate": range(5, 13),
            "hours": range(2, 9),
            "days": range(3, 11),
            "percent": (10, 20, 25, 30),
            "rent": range(20, 151, 5),
        },
        scenes=scenes("place", "hotel", "farm", "market hall", "harbor"),
        stories=(
            "At a {place} {name} works {hours} hours a day for {days} days and earns ${rate} an hour. The "
            "tax is {percent}% of the pay, and a room costs {him} ${rent}.",
            "{name} is paid ${rate} an hour at a {place}, where {he} works {days} days of {hours} hours. "
            "Of the pay {percent}% goes to tax, and then ${rent} to rent.",
        ),
        questions=("How many dollars does {name} have left?", "How much of the pay is left in the end?"),
        steps=(
            Step("day", "rate * hours", "Pay for a day"),
            Step("pay", "day * days", "Pay in all"),
            Step("tax", "pay * percent / 100", "Tax"),
            Step("rest", "pay - tax", "Pay after tax"),
            Step("left", "rest - rent", "Money left"),
        ),
    ),
)
