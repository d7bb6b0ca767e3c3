"""Reasoning about people and things in natural language: the published set FOLIO, or problems of its kind of our own.

    Everyone who is a baker is a singer. Whoever is a pilot is a baker. Mia is a baker. Conclusion: Mia is a pilot.
    True, false or uncertain?

    Whoever is a pilot is a baker, and Mia is a baker, which is its consequence, so it can be that Mia is a pilot.
    Whoever is a pilot is a baker, and Mia is a baker, which is its consequence, so it can be that Mia is not a pilot.
    #### uncertain

Each problem has its premises and conclusion in first-order logic as well. For problems of our own, a solver decides by
them whether a step follows; for published ones, whose annotations do not always agree with the label, the label alone
counts, and steps are not checked.
"""

import random
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pmd_envs.datasets import Dataset, Row
from pmd_envs.errors import DatasetError
from pmd_envs.families import entailment_making
from pmd_envs.families.entailment_argument import Argument, Premise
from pmd_envs.families.entailment_family import EntailmentFamily, read_label
from pmd_envs.families.sentence_patterns import first_upper
from pmd_envs.records import Json, Problem, StepVerdict, Task

_PEOPLE = ("Ann", "Ben", "Cal", "Dee", "Eli", "Fay", "Gus", "Ida", "Kim", "Leo", "Mia", "Ned", "Ola", "Tom", "Zoe")
_NOUNS = (
    *("baker", "singer", "runner", "pilot", "teacher", "swimmer", "painter", "dancer", "gardener", "sailor", "nurse"),
    *("climber", "drummer", "farmer", "skater", "writer", "diver", "barber", "juggler", "cook"),
)
_WORDINGS = {
    "fact": ("{n} {a}",),
    "if": ("everyone who {a} {b}", "anyone who {a} {b}", "whoever {a} {b}"),
    "or": ("everyone {a} or {b}, or both", "everyone {a} or {b}, perhaps both", "each person {a} or {b}, or both"),
    "nand": ("nobody {a} and {b}", "there is nobody who {a} and {b}", "no person {a} and {b}"),
    "iff": (
        "a person {a} exactly when that person {b}",
        "a person {a} if and only if that person {b}",
        "a person {a} just in case that person {b}",
    ),
    "xor": (
        "everyone either {a} or {b}, but not both",
        "each person {a} or {b}, and never both",
        "everyone {a} or {b}, but not both",
    ),
    "two": ("everyone who {a} and {b} {c}", "anyone who {a} and {b} {c}", "whoever {a} and {b} {c}"),
}
_LOGIC = {
    "fact": "{a}",
    "if": "∀x ({a} → {b})",
    "or": "∀x ({a} ∨ {b})",
    "nand": "∀x ¬({a} ∧ {b})",
    "iff": "∀x ({a} ↔ {b})",
    "xor": "∀x ({a} ⊕ {b})",
    "two": "∀x (({a} ∧ {b}) → {c})",
}
_PUBLISHED_PLAN = (
    "Turn the premises into rules about everything that is named, and chain the rules up to the conclusion."
)


def _story(row: Row) -> Json:
    """The premises of a row, whatever its form and the spaces around them."""
    premises = _listed(row.get("premises"))
    return [str(premise).strip() for premise in premises] if isinstance(premises, list) else premises


def _listed(premises: Json) -> Json:
    if not isinstance(premises, str):
        return premises
    return [line.strip() for line in premises.split("\n") if line.strip()]


class Folio(EntailmentFamily):
    """Is the conclusion true, false or uncertain?"""

    name: ClassVar[str] = "FOLIO"
    neither: ClassVar[str] = "uncertain"
    max_turns: ClassVar[int] = 16
    instructions: ClassVar[str] = (
        "Write one deduction a line. End with a line that says whether the conclusion follows (true), "
        "its denial follows (false) or neither does (uncertain), such as: #### uncertain"
    )
    dataset: ClassVar[Dataset | None] = Dataset(
        folder="folio",
        # Its test split is not public: as elsewhere, the published validation split is what is tested on.
        files={"test": ("folio-validation.jsonl",)},
        # The second version of the set: its rows are not those of the local file.
        hub_repo="tasksource/folio",
        hub_revision="295b95fb4fe9be4ff3f933b73142d142cf6b2c97",
        hub_files={"train": ("folio_v2_train.jsonl",), "test": ("folio_v2_validation.jsonl",)},
        group=_story,  # which has several rows, each with a conclusion of its own
        checksums={"folio-validation.jsonl": "6922c988ef10987bd6545568ee8e63e897af80994591fa20539767da58f8e3d1"},
    )

    def kinds_at(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of a level: how the premises lead to what the conclusion is about."""
        return entailment_making.kinds(difficulty)

    def draw(self, rng: random.Random, kind: str, difficulty: int) -> Problem:  # noqa: ARG002  the kind says it all
        """Premises of a kind about everybody, and a conclusion that makes each answer equally likely."""
        draft = entailment_making.draw(rng, kind)
        person, nouns = rng.choice(_PEOPLE), rng.sample(_NOUNS, draft.size)
        conclusion = rng.choice((draft.settled, -draft.settled, rng.choice((draft.open, -draft.open))))
        texts = tuple(_write(premise, person, nouns) for premise in draft.premises)
        propositions = tuple((f"{person} is a {noun}", f"{person} is not a {noun}") for noun in nouns)
        argument = Argument(propositions, draft.premises, texts, conclusion)
        facts: dict[str, Json] = {
            **argument.to_facts(),
            "premises_fol": [_formula(premise, person, nouns) for premise in draft.premises],
            "conclusion_fol": _formula(Premise("fact", (conclusion,)), person, nouns),
            "kind": kind,
            "plan": entailment_making.plan(kind),
        }
        prompt = _prompt([f"{first_upper(text)}." for text in texts], f"{argument.words([conclusion])}.")
        return Problem(prompt, self.label(argument), facts)

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published problem: its premises are a list or, in the second version, a text of one per line.

        Raises:
            DatasetError: the row is not of the published form.
        """
        match {**row, **{name: _listed(row.get(name)) for name in ("premises", "premises-FOL")}}:
            case {
                "premises": list(premises),
                "premises-FOL": list(formulas),
                "conclusion": str(conclusion),
                "conclusion-FOL": str(formula),
                "label": str(label),
            } if label in ("True", "False", "Uncertain"):
                facts: dict[str, Json] = {
                    "premises_text": list(premises),
                    "premises_fol": list(formulas),
                    "conclusion_fol": formula,
                    "label": label.casefold(),
                    "kind": "published",
                    "plan": _PUBLISHED_PLAN,
                }
                prompt = _prompt([str(premise).strip() for premise in premises], conclusion.strip())
                return Problem(prompt, label.casefold(), facts)
        raise DatasetError(f"a FOLIO row needs premises, conclusion, their FOL and a label; got {sorted(row)}")

    def content(self, problem: Problem) -> str:
        """The premises: without their words, if they are our own."""
        if _is_published(problem.facts):
            return str(problem.facts["premises_text"])
        return super().content(problem)

    def label_of(self, task: Task) -> str:
        """The published label, or what the solver finds."""
        return str(task.facts["label"]) if _is_published(task.facts) else super().label_of(task)

    def judge(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Ask the solver, unless the problem is a published one."""
        if _is_published(task.facts):
            return StepVerdict(None, "steps about published problems are not checked")
        return super().judge(task, accepted, step)

    def gold_solution(self, task: Task) -> str:
        """As for propositions; of published problems, which come without solutions, only the answer."""
        return f"#### {task.gold}" if _is_published(task.facts) else super().gold_solution(task)

    def slip(self, rng: random.Random, task: Task) -> str:
        """As for propositions; of published problems another answer."""
        if not _is_published(task.facts):
            return super().slip(rng, task)
        return f"#### {rng.choice(('true', 'false', self.neither))}"

    def answer(self, response: str) -> str:
        """The stated label."""
        return read_label(super().answer(response), self.neither)


def _is_published(facts: Mapping[str, Json]) -> bool:
    return "label" in facts


def _prompt(premises: Sequence[str], conclusion: str) -> str:
    return f"{' '.join(premises)} Conclusion: {conclusion} True, false or uncertain?"


def _write(premise: Premise, person: str, nouns: Sequence[str]) -> str:
    said = [f"is {'' if literal > 0 else 'not '}a {nouns[abs(literal) - 1]}" for literal in premise.literals]
    return _WORDINGS[premise.form][premise.wording].format(n=person, **dict(zip("abc", said, strict=False)))


def _formula(premise: Premise, person: str, nouns: Sequence[str]) -> str:
    term = person.casefold() if premise.form == "fact" else "x"
    said = [
        f"{'' if literal > 0 else '¬'}{nouns[abs(literal) - 1].capitalize()}({term})" for literal in premise.literals
    ]
    return _LOGIC[premise.form].format(**dict(zip("abc", said, strict=False)))
