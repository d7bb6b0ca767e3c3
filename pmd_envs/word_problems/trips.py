"""Outings and holidays, six to ten steps long. Example: buses and tickets for a whole school."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="trips_school_buses",
        plan=(
            "Multiply classes by pupils, add the teachers, divide by seats, multiply for buses and tickets, then add "
            "both."
        ),
        numbers={
            "classes": range(2, 6),
            "pupils": range(15, 29),
            "teachers": range(3, 16),
            "seats": range(12, 41, 2),
            "bus": range(40, 111, 5),
            "ticket": range(2, 6),
        },
        scenes=scenes("museum", "museum", "zoo", "castle", "theater"),
        stories=(
            "From a school {classes} classes of {pupils} pupils and {teachers} teachers go to a {museum}. They fill "
            "buses of {seats} seats, which cost ${bus} each. A ticket for the {museum} costs ${ticket}.",
            "A ticket for a {museum} costs ${ticket}, and a bus with {seats} seats costs ${bus}. A school takes "
            "{classes} classes of {pupils} pupils and {teachers} teachers there, so that no seat stays empty.",
        ),
        questions=(
            "How many dollars does the trip cost in all?",
            "How much do buses and tickets cost together?",
        ),
        steps=(
            Step("children", "classes * pupils", "Pupils"),
            Step("people", "children + teachers", "People"),
            Step("buses", "people / seats", "Buses"),
            Step("ride", "buses * bus", "Cost of buses"),
            Step("entry", "people * ticket", "Cost of tickets"),
            Step("total", "ride + entry", "Cost in all"),
        ),
    ),
    Template(
        name="trips_bike_tour",
        plan=(
            "Multiply and add the miles so far, subtract them from the tour, divide by the last days, multiply by "
            "minutes, add breaks."
        ),
        numbers={
            "a": range(12, 36),
            "m": range(2, 5),
            "b": range(12, 36),
            "n": range(2, 5),
            "last": range(2, 6),
            "each": range(12, 36),
            "one": "a * m",
            "two": "b * n + one",
            "tour": "last * each + two",
            "minutes": range(3, 7),
            "pause": range(15, 91, 5),
        },
        scenes=scenes("river", "river", "coast", "canal", "border"),
        stories=(
            "A bike tour along the {river} is {tour} miles long. {name} rides {a} miles a day for {m} days and {b} "
            "miles a day for {n} days. The rest takes {last} days of equal length. {He} needs {minutes} minutes for a "
            "mile and rests for {pause} minutes a day.",
            "On a tour of {tour} miles along the {river}, {name} needs {minutes} minutes for each mile. {He} rides "
            "{a} miles on each of {m} days and {b} miles on each of {n} days, and shares the rest equally among "
            "{last} days. A break of {pause} minutes belongs to every day.",
        ),
        questions=(
            "How many minutes does one of the last days take?",
            "How long is each of the last days, in minutes with the break?",
        ),
        steps=(
            Step("first", "a * m", "Miles at first"),
            Step("second", "b * n", "Miles after that"),
            Step("done", "first + second", "Miles so far"),
            Step("rest", "tour - done", "Miles to go"),
            Step("daily", "rest / last", "Miles a day"),
            Step("ride", "daily * minutes", "Minutes of riding"),
            Step("time", "ride + pause", "Minutes in all"),
        ),
    ),
    Template(
        name="trips_seaside_holiday",
        plan=(
            "Add the two ways, double them, divide by miles a gallon, multiply for gas, rooms and food, then add all "
            "costs."
        ),
        numbers={
            "a": range(40, 131),
            "b": range(10, 61),
            "per": (15, 18, 20, 24, 25, 30, 32, 35, 40),
            "gas": range(2, 7),
            "nights": range(2, 8),
            "room": range(30, 81, 5),
            "food": range(10, 41),
            "days": range(3, 9),
        },
        scenes=scenes("sea", "sea", "lake", "desert", "forest"),
        stories=(
            "{name} drives {a} miles to the {sea} and {b} miles farther to a small hotel, and comes back the same "
            "way. The car goes {per} miles on a gallon, which costs ${gas}. {He} pays ${room} a night for {nights} "
            "nights and ${food} a day for food on {days} days.",
            "For a holiday of {days} days {name} needs ${food} a day for food, and ${room} for each of {nights} "
            "nights in a hotel. The hotel is {b} miles behind the {sea}, which is {a} miles away. Both there and back "
            "{he} drives {per} miles on a gallon of gas for ${gas}.",
        ),
        questions=(
            "How many dollars does {name} pay in all?",
            "What does the whole holiday cost, in dollars?",
        ),
        steps=(
            Step("way", "a + b", "Miles one way"),
            Step("miles", "way * 2", "Miles both ways"),
            Step("gallons", "miles / per", "Gallons"),
            Step("fuel", "gallons * gas", "Cost of gas"),
            Step("hotel", "nights * room", "Cost of the hotel"),
            Step("meals", "food * days", "Cost of food"),
            Step("road", "fuel + hotel", "Gas and hotel"),
            Step("total", "road + meals", "Cost in all"),
        ),
    ),
    Template(
        name="trips_ferry_profit",
        plan=(
            "Multiply and add both fares, subtract the fuel, multiply by crossings, subtract wages, multiply by days, "
            "subtract repairs."
        ),
        numbers={
            "trips": range(2, 6),
            "cars": range(3, 8),
            "car": range(5, 11),
            "walkers": range(4, 13),
            "walk": range(2, 4),
            "fuel": range(8, 31),
            "crew": range(2, 4),
            "wage": range(20, 46),
            "days": range(2, 7),
            "repair": range(15, 91),
        },
        scenes=scenes("ferry, river", "ferry, river", "boat, lake", "ship, bay"),
        stories=(
            "A {ferry} crosses a {river} {trips} times a day, each time with {cars} cars at ${car} and {walkers} "
            "people on foot at ${walk} each. Fuel for a crossing costs ${fuel}, and a crew of {crew} earns ${wage} "
            "each a day. After {days} days there are repairs for ${repair}.",
            "The crew of a {ferry} is {crew} people, and each of them earns ${wage} a day. On every crossing of the "
            "{river} there are {cars} cars for ${car} each and {walkers} walkers for ${walk} each, and fuel costs "
            "${fuel}. It crosses {trips} times a day for {days} days and then needs repairs for ${repair}.",
        ),
        questions=(
            "How many dollars are left?",
            "How much profit is there after the repairs, in dollars?",
        ),
        steps=(
            Step("wheels", "cars * car", "Money from cars"),
            Step("feet", "walkers * walk", "Money from walkers"),
            Step("fares", "wheels + feet", "Money each time"),
            Step("net", "fares - fuel", "After the fuel"),
            Step("daily", "net * trips", "Money a day"),
            Step("wages", "crew * wage", "Wages a day"),
            Step("gain", "daily - wages", "Profit a day"),
            Step("all", "gain * days", "Profit in all"),
            Step("left", "all - repair", "After repairs"),
        ),
    ),
    Template(
        name="trips_family_by_train",
        plan=(
            "Multiply and add the fares, double them, add the people, multiply for food and rooms, then add all three "
            "costs."
        ),
        numbers={
            "adults": range(2, 7),
            "fare": range(12, 41),
            "kids": range(2, 7),
            "half": range(4, 13),
            "food": range(6, 16),
            "days": range(2, 6),
            "rooms": range(2, 4),
            "nights": range(2, 5),
            "room": range(25, 61, 5),
        },
        scenes=scenes("city", "city", "coast", "village", "capital"),
        stories=(
            "A family of {adults} adults and {kids} children takes the train to the {city} and back. Each way costs "
            "${fare} for an adult and ${half} for a child. Everybody needs ${food} a day for food on {days} days. "
            "They take {rooms} rooms at ${room} a night for {nights} nights.",
            "Train tickets to the {city} cost ${fare} for an adult and ${half} for a child, and the same for the way "
            "back. On a trip of {days} days {adults} adults and {kids} children spend ${food} each a day on food. For "
            "{nights} nights they have {rooms} hotel rooms, and each room costs ${room} a night.",
        ),
        questions=(
            "How many dollars does the trip cost in all?",
            "What do they pay for the whole trip, in dollars?",
        ),
        steps=(
            Step("big", "adults * fare", "Fares of adults"),
            Step("little", "kids * half", "Fares of children"),
            Step("way", "big + little", "Fares one way"),
            Step("train", "way * 2", "Fares both ways"),
            Step("people", "adults + kids", "People"),
            Step("daily", "people * food", "Food a day"),
            Step("meals", "daily * days", "Food in all"),
            Step("stay", "rooms * nights * room", "Cost of rooms"),
            Step("basics", "train + meals", "Fares and food"),
            Step("total", "basics + stay", "Cost in all"),
        ),
    ),
)
