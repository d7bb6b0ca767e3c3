"""The formulas that science problems ask for, one to three steps long: data for the engine of the word problems.

A draw, with its one step, is::

    A cart of 4 kg speeds up by 6 m/s in every second. Which net force acts on it?

    Force in N: 4 * 6 = 24
"""

from dataclasses import dataclass

from pmd_envs.word_problems.template import Step, Template

DOMAINS = ("biology", "chemistry", "material", "physics")
_SMALL, _LARGE = range(2, 13), range(5, 41)
_TENS = range(10, 101, 10)


@dataclass(frozen=True)
class Formula:
    """One kind of problem of a domain."""

    domain: str
    unit: str
    """What stands behind the numbers of the options."""
    template: Template


def _formula(
    domain: str,
    name: str,
    unit: str,
    numbers: dict[str, range | str],
    text: tuple[str, str],
    *steps: tuple[str, str],
    where: tuple[str, ...] = (),
) -> Formula:
    """A formula with its text, a statement and a question, its steps, a label with what is computed, and conditions."""
    last = len(steps)
    written = tuple(
        Step(f"r{number}" if number < last else "result", expression, label)
        for number, (label, expression) in enumerate(steps, 1)
    )
    plan = "Work out, one after the other: " + ", ".join(label for label, _ in steps) + "."
    return Formula(
        domain, unit, Template(f"{domain} {name}", plan, numbers, (text[0],), (text[1],), written, where=where)
    )


FORMULAS: tuple[Formula, ...] = (
    _formula(
        "physics", "force", "N", {"mass": _SMALL, "gain": _SMALL},
        ("A cart of {mass} kg speeds up by {gain} m/s in every second.", "Which net force acts on it?"),
        ("Force in N", "mass * gain"),
    ),
    _formula(
        "physics", "speed", "m/s", {"speed": _SMALL, "time": _SMALL, "path": "speed * time"},
        ("A runner covers {path} m in {time} s at a constant speed.", "How fast is the runner?"),
        ("Speed in m/s", "path / time"),
    ),
    _formula(
        "physics", "kinetic energy", "J", {"half": range(2, 7), "mass": "half * 2", "speed": range(2, 6)},
        ("A ball of {mass} kg moves at {speed} m/s.", "What is its kinetic energy?"),
        ("Half of the mass times the speed", "mass / 2 * speed"), ("Energy in J", "r1 * speed"),
    ),
    _formula(
        "physics", "resistors in series", "A",
        {"first": _SMALL, "second": _SMALL, "total": "first + second", "current": range(2, 7),
         "voltage": "total * current"},
        ("Resistors of {first} and {second} ohm in series lie at {voltage} V.", "Which current flows?"),
        ("Resistance in ohm", "first + second"), ("Current in A", "voltage / r1"),
    ),
    _formula(
        "physics", "heat", "K",
        {"mass": range(2, 7), "heat": range(2, 6), "rise": range(3, 20), "share": range(2, 4),
         "capacity": "mass * heat",
         "absorbed": "capacity * rise", "given": "absorbed * share"},
        ("{given} kJ are shared equally by {share} blocks of {mass} kg each; 1 kg of them takes {heat} kJ for 1 K.",
         "By how much does each block warm up?"),
        ("Heat of one block in kJ", "given / share"), ("Heat for 1 K in kJ", "mass * heat"),
        ("Rise in K", "r1 / r2"),
    ),
    _formula(
        "chemistry", "amount", "mol", {"amount": range(2, 10), "molar": _LARGE, "mass": "amount * molar"},
        ("A sample of {mass} g is of a substance with a molar mass of {molar} g/mol.", "What is its amount?"),
        ("Amount in mol", "mass / molar"),
    ),
    _formula(
        "chemistry", "neutrons", "neutrons",
        {"protons": range(6, 41), "neutrons": range(6, 60), "mass": "protons + neutrons"},
        ("An atom has the mass number {mass} and the atomic number {protons}.", "How many neutrons does it have?"),
        ("Neutrons", "mass - protons"),
    ),
    _formula(
        "chemistry", "molar mass", "g/mol",
        {"atoms": range(2, 5), "other": range(2, 5), "one": range(10, 33), "two": range(10, 20)},
        ("A compound has {atoms} atoms of an element of {one} g/mol and {other} of one of {two} g/mol.",
         "What is its molar mass?"),
        ("First element in g/mol", "atoms * one"), ("Molar mass in g/mol", "other * two + r1"),
    ),
    _formula(
        "chemistry", "dilution", "mL",
        {"strong": range(3, 11), "start": range(2, 16), "weak": range(2, 6), "amount": "strong * start",
         "end": "amount / weak"},
        ("{start} mL of a solution of {strong} mol/L are diluted to {weak} mol/L.", "What is the volume then?"),
        ("Amount in mmol", "strong * start"), ("Volume in mL", "r1 / weak"),
        where=("strong > weak",),
    ),
    _formula(
        "chemistry", "reaction", "g",
        {"amount": range(2, 8), "molar": range(5, 31), "mass": "amount * molar", "ratio": range(2, 4),
         "other": range(4, 21)},
        ("{mass} g of a substance of {molar} g/mol react; each mole gives {ratio} mol of a product of {other} g/mol.",
         "How much product is there?"),
        ("Amount that reacts in mol", "mass / molar"), ("Product in mol", "r1 * ratio"), ("Product in g", "r2 * other"),
    ),
    _formula(
        "biology", "codons", "amino acids", {"acids": range(4, 51), "bases": "acids * 3"},
        ("A coding stretch of {bases} bases, without a stop codon, is translated.",
         "How many amino acids are in the chain?"),
        ("Amino acids", "bases / 3"),
    ),
    _formula(
        "biology", "remaining bases", "bases", {"adenine": range(5, 20), "guanine": range(5, 20)},
        ("A double strand of DNA has {adenine} A and {guanine} G.", "How many bases does it have that are T or C?"),
        ("T and C", "adenine + guanine"),
    ),
    _formula(
        "biology", "base pairing", "C",
        {"cytosine": range(6, 40), "thymine": range(6, 35), "half": "cytosine + thymine", "all": "half * 2"},
        ("A double strand of DNA of {all} bases has {thymine} T.", "How many C does it have?"),
        ("T and C", "all / 2"), ("C", "r1 - thymine"),
    ),
    _formula(
        "biology", "diluted sample", "cells", {"counted": range(4, 30), "factor": range(2, 6), "volume": range(2, 4)},
        ("A sample is diluted {factor} times, and 1 mL of it then holds {counted} cells.",
         "How many cells were in {volume} mL of the undiluted sample?"),
        ("Cells in 1 mL before", "counted * factor"), ("Cells", "r1 * volume"),
    ),
    _formula(
        "biology", "recapture", "animals",
        {"marked": _SMALL, "again": range(2, 6), "seen": range(6, 31), "left": range(2, 30), "product": "marked * seen",
         "estimate": "product / again"},
        ("{marked} animals are marked. Later {again} of {seen} caught ones carry a mark. Then {left} animals leave.",
         "How many are left, by this estimate?"),
        ("Marked times caught", "marked * seen"), ("Estimate", "r1 / again"), ("Left", "r2 - left"),
        where=("marked > again", "result > 1"),
    ),
    _formula(
        "material", "density", "g/cm^3", {"density": range(2, 21), "volume": range(2, 7), "mass": "density * volume"},
        ("A block of {volume} cm^3 has a mass of {mass} g.", "What is its density?"),
        ("Density in g/cm^3", "mass / volume"),
    ),
    _formula(
        "material", "stress", "MPa", {"stress": range(5, 40), "area": range(2, 4), "force": "stress * area"},
        ("A wire with a cross section of {area} mm^2 is pulled with {force} N.", "What is the stress in it?"),
        ("Stress in MPa", "force / area"),
    ),
    _formula(
        "material", "stress of a bar", "MPa",
        {"width": range(2, 9), "depth": range(2, 6), "area": "width * depth", "stress": range(3, 13),
         "force": "area * stress"},
        ("A bar with a cross section of {width} mm by {depth} mm is pulled with {force} N.",
         "What is the stress in it?"),
        ("Area in mm^2", "width * depth"), ("Stress in MPa", "force / r1"),
    ),
    _formula(
        "material", "modulus", "MPa",
        {"stress": _TENS, "strain": range(2, 9), "area": range(2, 6), "force": "stress * area"},
        ("Stretched by 1 percent, a strip of {area} mm^2 pulls back with {force} N. It stays elastic.",
         "What stress is in it at {strain} percent?"),
        ("Stress at 1 percent in MPa", "force / area"), ("Stress in MPa", "r1 * strain"),
    ),
    _formula(
        "material", "expansion", "um",
        {"length": range(2, 9), "rate": range(2, 10), "start": range(10, 31), "rise": range(2, 9),
         "end": "start + rise"},
        ("A rod of {length} m grows by {rate} um for each metre and kelvin. It warms from {start} to {end} degrees.",
         "By how much does it grow?"),
        ("Rise in kelvin", "end - start"), ("Growth of 1 m in um", "r1 * rate"), ("Growth in um", "r2 * length"),
    ),
)  # fmt: skip
"""Every formula; a domain has some of each number of steps."""
