"""Fairs, concerts and camps, six to ten steps long. Example: tickets sold, prizes bought, and what is left shared."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="events_cake_stand",
        plan=(
            "Multiply trays by pieces, subtract the lost ones, multiply by the price, subtract both costs, then halve."
        ),
        numbers={
            "trays": range(3, 9),
            "each": range(6, 16),
            "lost": range(2, 13),
            "price": range(2, 7),
            "rent": range(8, 41),
            "flour": range(6, 31),
        },
        scenes=scenes("cakes", "cakes", "muffins", "cookies", "waffles"),
        stories=(
            "For the school fair {name} and {friend} bake {trays} trays of {each} {cakes}. They burn {lost} of them "
            "and sell the others for ${price} each. The stand costs ${rent} and the flour ${flour}, and they share "
            "what is left equally.",
            "{name} and {friend} share a stand at the fair, which costs ${rent}. From flour for ${flour} they bake "
            "{trays} trays of {each} {cakes}. They throw {lost} burnt ones away and sell the rest for ${price} each.",
        ),
        questions=(
            "How many dollars does each of the two get?",
            "How much money is there for each of them in the end?",
        ),
        steps=(
            Step("all", "trays * each", "{Cakes} in all"),
            Step("sold", "all - lost", "{Cakes} sold"),
            Step("income", "sold * price", "Money for them"),
            Step("after", "income - rent", "After the stand"),
            Step("profit", "after - flour", "After the flour"),
            Step("share", "profit / 2", "Share of each"),
        ),
    ),
    Template(
        name="events_concert_share",
        plan=(
            "Multiply both ticket sales and add them, multiply by the concerts, subtract the hall, divide, then "
            "subtract the costume."
        ),
        numbers={
            "shows": range(2, 5),
            "adults": range(8, 25),
            "adult": range(5, 13),
            "children": range(5, 25),
            "child": range(2, 5),
            "hall": range(40, 161, 10),
            "members": range(4, 13),
            "dress": range(5, 31),
        },
        scenes=scenes("choir, singers, singer", "choir, singers, singer", "band, players, player"),
        stories=(
            "A {choir} of {members} {singers} gives {shows} concerts. At each concert {adults} adults pay ${adult} "
            "and {children} children pay ${child}. The hall costs ${hall} for all the evenings, and the {singers} "
            "share the rest equally. Each of them has spent ${dress} on a costume.",
            "Each of the {members} {singers} of a {choir} has bought a costume for ${dress}. They give {shows} "
            "concerts, each for {adults} adults at ${adult} and {children} children at ${child}. After paying ${hall} "
            "for the hall they share the money equally.",
        ),
        questions=(
            "How many dollars does each {singer} gain?",
            "How much more does each {singer} get than the costume cost?",
        ),
        steps=(
            Step("grown", "adults * adult", "Money from adults"),
            Step("young", "children * child", "Money from children"),
            Step("evening", "grown + young", "Money each evening"),
            Step("income", "evening * shows", "Money in all"),
            Step("left", "income - hall", "After the hall"),
            Step("share", "left / members", "Share of each"),
            Step("gain", "share - dress", "Gain of each"),
        ),
    ),
    Template(
        name="events_raffle",
        plan=(
            "Multiply and add for the tickets, times the price, multiply and add for the prizes, subtract them, then "
            "divide."
        ),
        numbers={
            "first": range(10, 41),
            "times": range(2, 5),
            "price": range(2, 6),
            "few": range(2, 6),
            "big": range(12, 31),
            "many": range(4, 10),
            "small": range(3, 9),
            "homes": range(2, 7),
        },
        scenes=scenes("shelters, shelter", "shelters, shelter", "schools, school", "museums, museum", "clubs, club"),
        stories=(
            "{name} sells {first} raffle tickets in the morning and {times} times as many in the afternoon, each for "
            "${price}. For the money {he} buys {few} prizes of ${big} and {many} prizes of ${small}. The rest goes to "
            "{homes} {shelters} in equal parts.",
            "A raffle has {few} prizes of ${big} and {many} prizes of ${small}, which are paid from the tickets. A "
            "ticket costs ${price}. {name} sells {first} tickets before lunch and {times} times as many after it. "
            "What is left is for {homes} {shelters}, the same for each.",
        ),
        questions=(
            "How many dollars does each {shelter} get?",
            "How much money is there for each {shelter}?",
        ),
        steps=(
            Step("later", "first * times", "Tickets in the afternoon"),
            Step("tickets", "first + later", "Tickets in all"),
            Step("money", "tickets * price", "Money for tickets"),
            Step("main", "few * big", "Cost of big prizes"),
            Step("minor", "many * small", "Cost of small prizes"),
            Step("prizes", "main + minor", "Cost of prizes"),
            Step("rest", "money - prizes", "Money left"),
            Step("part", "rest / homes", "Money for each"),
        ),
    ),
    Template(
        name="events_camp_bread",
        plan=(
            "Multiply and add for the people, multiply by rolls and days, divide into bags, multiply and add the "
            "costs, subtract."
        ),
        numbers={
            "groups": range(2, 6),
            "kids": range(4, 9),
            "leaders": range(2, 9),
            "rolls": range(2, 4),
            "days": range(2, 6),
            "bag": (6, 8, 10, 12, 15, 20),
            "price": range(3, 9),
            "jars": range(3, 13),
            "jam": range(2, 7),
            "money": range(150, 501, 10),
        },
        stories=(
            "In a camp there are {groups} groups of {kids} children and {leaders} leaders. Everyone eats {rolls} "
            "rolls a day for {days} days. {name} has ${money} and buys the rolls in bags of {bag} at ${price} a bag, "
            "and {jars} jars of jam at ${jam} each.",
            "{name} buys food for a camp of {days} days with {leaders} leaders and {groups} groups of {kids} "
            "children. Everybody gets {rolls} rolls a day, which come in bags of {bag} for ${price}. Then {he} buys "
            "{jars} jars of jam at ${jam} each. {He} had ${money} at first.",
        ),
        questions=(
            "How many dollars are left?",
            "How much money does {name} have left?",
        ),
        steps=(
            Step("children", "groups * kids", "Children"),
            Step("people", "children + leaders", "People in the camp"),
            Step("daily", "people * rolls", "Rolls a day"),
            Step("all", "daily * days", "Rolls in all"),
            Step("bags", "all / bag", "Bags"),
            Step("bread", "bags * price", "Cost of rolls"),
            Step("sweet", "jars * jam", "Cost of jam"),
            Step("cost", "bread + sweet", "Cost in all"),
            Step("left", "money - cost", "Money left"),
        ),
    ),
    Template(
        name="events_sports_day",
        plan=(
            "Multiply and add fees, tickets and drinks to get the money, multiply for the cups, then subtract field "
            "and cups."
        ),
        numbers={
            "teams": range(3, 9),
            "players": range(5, 12),
            "fee": range(2, 6),
            "guests": range(20, 61),
            "ticket": range(2, 6),
            "drinks": range(2, 4),
            "drink": range(2, 4),
            "field": range(50, 201, 10),
            "trophy": range(5, 16),
        },
        scenes=scenes("game, lemonade", "soccer, lemonade", "hockey, juice", "volleyball, tea", "handball, cocoa"),
        stories=(
            "On a {game} day {teams} teams of {players} players pay ${fee} a player. There are {guests} guests, who "
            "pay ${ticket} each to get in and buy {drinks} cups of {lemonade} each at ${drink} a cup. The field costs "
            "${field}, and every team gets a trophy for ${trophy}.",
            "The field for a {game} day costs ${field}, and a trophy for each team costs ${trophy}. There are {teams} "
            "teams with {players} players, and every player pays ${fee}. Each of {guests} guests pays ${ticket} to "
            "get in and drinks {drinks} cups of {lemonade} at ${drink} a cup.",
        ),
        questions=(
            "How many dollars are left in the end?",
            "How much money does the day bring after all costs?",
        ),
        steps=(
            Step("active", "teams * players", "Players"),
            Step("fees", "active * fee", "Money from players"),
            Step("gate", "guests * ticket", "Money at the gate"),
            Step("both", "fees + gate", "Money from both"),
            Step("cups", "guests * drinks", "Cups of {lemonade}"),
            Step("bar", "cups * drink", "Money for {lemonade}"),
            Step("income", "both + bar", "Money in all"),
            Step("metal", "teams * trophy", "Cost of trophies"),
            Step("after", "income - field", "After the field"),
            Step("left", "after - metal", "Money left"),
        ),
    ),
)
