"""Dividing things among people, and giving some away. Example: 24 sweets for 6 children."""

from pmd_envs.word_problems.template import Step, Template
from pmd_envs.word_problems.words import scenes

_ITEMS = scenes("item", "marbles", "stickers", "cards", "shells", "beads")

TEMPLATES = (
    Template(
        name="sharing_equal",
        plan="Divide the number of things by the number of children who share them.",
        numbers={"kids": range(2, 13), "each": range(2, 13), "total": "kids * each"},
        scenes=scenes("item", "sweets", "balloons", "cookies", "crayons", "plums"),
        stories=(
            ("{name} has {total} {item} to hand out. {He} shares them equally among {kids} children at a party."),
            "At a party {kids} children get all of {name}'s {total} {item}. Each child gets the same number.",
        ),
        questions=("How many {item} does each child get?", "How many {item} are there for one child?"),
        steps=(Step("share", "total / kids", "{Item} for each child"),),
    ),
    Template(
        name="sharing_before_giving",
        plan="Add the things given away to the things that are still there.",
        numbers={"given": range(3, 60), "left": range(3, 90)},
        scenes=_ITEMS,
        stories=(
            "{name} gives {given} {item} to {friend}. After that {he} still has {left} {item} of {his} own.",
            "Today {name} has only {left} {item}, because {he} gave {given} of them to {friend} yesterday.",
        ),
        questions=("How many {item} did {name} have at first?", "How many {item} did {name} have before that?"),
        steps=(Step("first", "given + left", "{Item} at first"),),
    ),
    Template(
        name="sharing_keep_some",
        plan="Subtract the things that are kept, then divide the rest by the number of friends.",
        numbers={
            "friends": range(2, 10),
            "each": range(2, 13),
            "keep": range(3, 25),
            "total": "friends * each + keep",
        },
        scenes=_ITEMS,
        stories=(
            "{name} has {total} {item}. {He} keeps {keep} for {himself} and shares the rest equally among "
            "{friends} friends.",
            "Some of {name}'s friends, {friends} of them, share {his} {total} {item} equally, but first "
            "{he} takes out {keep} to keep.",
        ),
        questions=("How many {item} does each friend get?", "How many {item} does one of the friends get?"),
        steps=(
            Step("rest", "total - keep", "{Item} to share"),
            Step("share", "rest / friends", "{Item} for each friend"),
        ),
    ),
    Template(
        name="sharing_two_bags",
        plan="Add the things in the two bags, then divide the sum by the number of cousins.",
        numbers={
            "cousins": range(2, 10),
            "each": range(4, 17),
            "a": range(5, 60),
            "b": "cousins * each - a",
        },
        scenes=scenes("item", "nuts", "sweets", "coins", "grapes", "figs"),
        stories=(
            "{name} finds {a} {item} in one bag and {b} in another. {He} divides them all equally among "
            "{cousins} cousins.",
            "One bag holds {a} {item} and another holds {b}. All the {item} are for {name}'s {cousins} "
            "cousins, who share them equally.",
        ),
        questions=("How many {item} does each cousin get?", "How many {item} are there for each cousin?"),
        steps=(
            Step("total", "a + b", "{Item} in all"),
            Step("share", "total / cousins", "{Item} for each cousin"),
        ),
    ),
    Template(
        name="sharing_extra_later",
        plan=("Divide the things by the number of children, then add the extra ones that each child gets later."),
        numbers={
            "kids": range(2, 13),
            "each": range(2, 13),
            "extra": range(2, 15),
            "total": "kids * each",
        },
        scenes=scenes("item", "beads", "pencils", "stars", "blocks", "cards"),
        stories=(
            ("A teacher shares {total} {item} equally among {kids} children. Later each child gets {extra} more."),
            "First {kids} children share {total} {item} equally. Then the teacher gives {extra} more "
            "{item} to each child.",
        ),
        questions=("How many {item} does each child have then?", "How many {item} does every child end up with?"),
        steps=(
            Step("share", "total / kids", "{Item} at first"),
            Step("end", "share + extra", "{Item} in the end"),
        ),
    ),
    Template(
        name="sharing_boxes_and_loose",
        plan="Multiply boxes by things in a box, add the loose ones, then divide by the number of players.",
        numbers={"boxes": range(2, 10), "each": range(4, 13), "loose": range(2, 30), "players": range(2, 10)},
        scenes=scenes("item", "cards", "tiles", "chips", "tokens"),
        stories=(
            "For a game {name} takes {boxes} boxes with {each} {item} in each and {loose} loose {item}. "
            "{He} deals all of them out to {players} players.",
            "In a game {players} players share all the {item} equally. There are {loose} loose {item} and "
            "{boxes} boxes of {each}.",
        ),
        questions=("How many {item} does each player get?", "How many {item} are there for every player?"),
        steps=(
            Step("packed", "boxes * each", "{Item} in boxes"),
            Step("total", "packed + loose", "{Item} in all"),
            Step("share", "total / players", "{Item} for each player"),
        ),
    ),
    Template(
        name="sharing_third_then_lost",
        plan="Divide by 3 to get the part given away, subtract it, then subtract the lost ones too.",
        numbers={"third": range(5, 60), "total": "third * 3", "lost": range(3, 50)},
        scenes=_ITEMS,
        stories=(
            "{name} has {total} {item}. {He} gives a third of them to {friend} and then loses {lost} on the way home.",
            ("Out of {total} {item}, {name} gives one third to {friend}. Later {he} drops {lost} into the river."),
        ),
        questions=("How many {item} does {name} have left?", "How many {item} does {name} still have?"),
        steps=(
            Step("given", "total / 3", "{Item} given away"),
            Step("rest", "total - given", "{Item} after that"),
            Step("left", "rest - lost", "{Item} left"),
        ),
    ),
    Template(
        name="sharing_one_has_more",
        plan=("Subtract the difference from the total, divide by 2 for the smaller part, then add the difference."),
        numbers={"small": range(5, 80), "more": range(2, 40), "total": "small * 2 + more"},
        scenes=scenes("item", "apples", "cherries", "mushrooms", "flowers"),
        stories=(
            "{name} and {friend} pick {total} {item} together. {name} picks {more} more than {friend}.",
            "Together two friends pick {total} {item}. {friend} picks {more} fewer than {name} does.",
        ),
        questions=("How many {item} does {name} pick?", "How many of the {item} are {name}'s?"),
        steps=(
            Step("equal", "total - more", "Two equal parts"),
            Step("less", "equal / 2", "{Item} of {friend}"),
            Step("most", "less + more", "{Item} of {name}"),
        ),
    ),
)
