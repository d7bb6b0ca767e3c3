"""Distances, speeds, seats and fuel. Example: 9 miles an hour for 4 hours."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

TEMPLATES = (
    Template(
        name="travel_distance",
        plan="Multiply the speed in miles an hour by the number of hours.",
        numbers={"speed": range(3, 13), "hours": range(2, 13)},
        scenes=scenes("road", "along the river", "around the lake", "through the hills", "on the coast road"),
        stories=(
            "{name} rides {his} bike {road} at {speed} miles an hour. {He} rides for {hours} hours.",
            "For {hours} hours {name} rides {his} bike {road}. {He} does {speed} miles in every hour.",
        ),
        questions=("How many miles does {name} ride?", "How far does {name} ride, in miles?"),
        steps=(Step("miles", "speed * hours", "Miles in all"),),
    ),
    Template(
        name="travel_hours",
        plan="Divide the distance by the speed to get the hours.",
        numbers={"speed": range(3, 13), "hours": range(2, 13), "distance": "speed * hours"},
        scenes=scenes("boat", "ferry", "boat", "ship", "barge"),
        stories=(
            "The next harbor is {distance} miles away. A {boat} covers {speed} miles every hour.",
            "A {boat} that covers {speed} miles an hour sails to a harbor {distance} miles away.",
        ),
        questions=("How many hours does the trip take?", "After how many hours does the {boat} arrive?"),
        steps=(Step("time", "distance / speed", "Hours"),),
    ),
    Template(
        name="travel_on_and_off",
        plan="Subtract the people who get off, then add the people who get on.",
        numbers={"start": range(15, 90), "off": range(3, 40), "on": range(3, 40)},
        scenes=scenes("bus", "bus", "tram", "train", "ferry"),
        stories=(
            ("A {bus} leaves with {start} people. At the first stop {off} people get off and {on} people get on."),
            "At a stop {on} people get on a {bus} and {off} people get off. Before the stop there were "
            "{start} people on it.",
        ),
        questions=("How many people are on the {bus} then?", "With how many people does the {bus} go on?"),
        steps=(Step("stay", "start - off", "People who stay"), Step("now", "stay + on", "People then")),
        where=("off != on",),
    ),
    Template(
        name="travel_fuel_cost",
        plan="Divide the distance by the miles for each gallon, then multiply by the price of a gallon.",
        numbers={
            "per": range(5, 13),
            "gallons": range(2, 13),
            "distance": "per * gallons",
            "price": range(2, 8),
        },
        scenes=scenes("truck", "truck", "van", "tractor", "motor home"),
        stories=(
            "{name}'s old {truck} goes {per} miles on a gallon of gas. A gallon costs ${price}, and the "
            "trip is {distance} miles long.",
            "{name} drives {distance} miles in a {truck} that goes {per} miles on one gallon. Gas costs "
            "${price} a gallon.",
        ),
        questions=("How many dollars does the gas cost?", "How much does {name} pay for gas?"),
        steps=(Step("fuel", "distance / per", "Gallons"), Step("cost", "fuel * price", "Cost of gas")),
    ),
    Template(
        name="travel_there_and_back",
        plan="Double the distance for the way there and back, then multiply by the number of days.",
        numbers={"far": range(2, 13), "days": range(2, 13)},
        scenes=scenes("office", "post office", "factory", "school", "hospital"),
        stories=(
            "The way from {name}'s home to the {office} is {far} miles. {He} drives there in the morning "
            "and back in the evening.",
            (
                "{name} works at the {office}, which is {far} miles from {his} home. Each day {he} drives "
                "there and back."
            ),
        ),
        questions=(
            "How many miles does {name} drive in {days} days?",
            "How far is that in {days} days, in miles?",
        ),
        steps=(Step("day", "far * 2", "Miles a day"), Step("total", "day * days", "Miles in all")),
    ),
    Template(
        name="travel_empty_seats",
        plan="Multiply cars by seats, subtract the passengers, then add the passengers who get off.",
        numbers={
            "cars": range(3, 9),
            "seats": range(12, 51, 2),
            "people": range(40, 300),
            "off": range(5, 60),
        },
        stories=(
            "A train has {cars} cars with {seats} seats each, and {people} passengers are sitting in it. "
            "At a station {off} of them get off.",
            "There are {people} passengers on a train, each in a seat of their own. It has {cars} cars "
            "with {seats} seats each. Now {off} passengers leave.",
        ),
        questions=("How many seats are empty then?", "How many free seats are there after that?"),
        steps=(
            Step("all", "cars * seats", "Seats in all"),
            Step("empty", "all - people", "Empty at first"),
            Step("free", "empty + off", "Empty seats then"),
        ),
        where=("off < people",),
    ),
    Template(
        name="travel_riding_apart",
        plan="Add the two speeds, multiply by the hours, then add the distance between them at the start.",
        numbers={"gap": range(2, 50), "hours": range(2, 9), "a": range(4, 16), "b": range(4, 16)},
        stories=(
            "{name} and {friend} are {gap} miles apart. They ride away from each other for {hours} hours, "
            "{name} at {a} miles an hour and {friend} at {b}.",
            "Two riders start {gap} miles apart and ride in opposite directions, away from each other. "
            "For {hours} hours one does {a} and the other {b} miles an hour.",
        ),
        questions=("How many miles apart are they then?", "How far apart are they in the end, in miles?"),
        steps=(
            Step("speed", "a + b", "Miles each hour"),
            Step("ridden", "speed * hours", "Miles ridden"),
            Step("apart", "ridden + gap", "Miles apart"),
        ),
    ),
    Template(
        name="travel_shared_trip_cost",
        plan=("Divide miles by miles for each gallon, multiply by the gas price, add parking, divide by the friends."),
        numbers={
            "per": range(10, 31),
            "gallons": range(3, 13),
            "distance": "per * gallons",
            "price": range(2, 8),
            "parking": range(4, 31),
            "friends": range(2, 7),
        },
        stories=(
            "A trip of {distance} miles is shared by {friends} friends. Their car goes {per} miles on a "
            "gallon, a gallon costs ${price} and parking costs ${parking}.",
            "For a trip {friends} friends share all costs equally. They drive {distance} miles, {per} "
            "miles to the gallon, at ${price} a gallon. Parking costs ${parking}.",
        ),
        questions=("How many dollars does each friend pay?", "What is each friend's share in dollars?"),
        steps=(
            Step("fuel", "distance / per", "Gallons"),
            Step("gas", "fuel * price", "Cost of gas"),
            Step("cost", "gas + parking", "Cost in all"),
            Step("share", "cost / friends", "Cost for each friend"),
        ),
    ),
    Template(
        name="travel_long_trail",
        plan=("Multiply miles by days for both stages, add them, subtract from the trail, divide by the last days."),
        numbers={
            "a": range(5, 16),
            "m": range(2, 8),
            "b": range(5, 16),
            "n": range(2, 8),
            "last": range(2, 8),
            "each": range(4, 16),
            "one": "a * m",
            "two": "b * n + one",
            "trail": "last * each + two",
        },
        scenes=scenes("path", "trail", "hiking path", "coast path", "forest road"),
        stories=(
            "A {path} is {trail} miles long. {name} walks {a} miles a day for {m} days and {b} miles a "
            "day for {n} days. {He} covers the rest in {last} equal days.",
            "{name} walks a {path} of {trail} miles. First {he} does {a} miles on each of {m} days, then "
            "{b} miles on each of {n} days, and the rest in {last} equal days.",
        ),
        questions=(
            "How many miles does {name} walk on each of the last days?",
            "How long is each of the last days, in miles?",
        ),
        steps=(
            Step("first", "a * m", "Miles in stage one"),
            Step("second", "b * n", "Miles in stage two"),
            Step("done", "first + second", "Miles so far"),
            Step("rest", "trail - done", "Miles to go"),
            Step("daily", "rest / last", "Miles a day"),
        ),
    ),
)
