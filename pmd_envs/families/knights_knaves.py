"""Knights and knaves: find out from their own words who always tells the truth and who always lies.

    Knights tell the truth, knaves lie. Ann says: "Bo and I are the same kind." Bo says: "Ann is a knave." What is each?

    Ann says Bo and Ann are the same kind, so Bo is a knight.
    Knight Bo says Ann is a knave, so Ann is a knave.
    #### Ann: knave, Bo: knight

A statement holds exactly if its speaker is a knight. So a SAT solver can tell whether a deduction follows, and an
answer is right if it fits what everybody says.
"""

import random
from collections.abc import Sequence
from typing import ClassVar

from pmd_envs.datasets import Dataset
from pmd_envs.errors import unknown
from pmd_envs.families import knights_plans
from pmd_envs.families.answer_lines import in_one_line
from pmd_envs.families.knights_answers import find_answer, kinds_in, read_answer, states_answer
from pmd_envs.families.knights_claims import parse_claim, reader
from pmd_envs.families.knights_deductions import Deduction, Reasoner, deduce
from pmd_envs.families.knights_making import MAX_DEDUCTIONS, draw
from pmd_envs.families.knights_plans import SIZES
from pmd_envs.families.knights_published import read_puzzle
from pmd_envs.families.knights_puzzle import Puzzle, assignment, describe, kind_word
from pmd_envs.families.suppositions import may_still_hold, supposition_of, unless_supposed
from pmd_envs.family import Family
from pmd_envs.logic.formulas import Formula, Not
from pmd_envs.logic.solver import entails
from pmd_envs.records import Json, Problem, StepVerdict, Task, Verdict

_MAX_STEPS = 64
_MAX_VOTE = 500
_WRONG_TRIES = 20


class KnightsKnaves(Family):
    """Who is a knight and who is a knave?"""

    name: ClassVar[str] = "KnightsKnaves"
    instructions: ClassVar[str] = (
        "Write one deduction a line. End with a line that gives each person's kind once, "
        "such as: #### Ann: knave, Bo: knight"
    )
    difficulties: ClassVar[tuple[int, ...]] = tuple(SIZES)
    added: ClassVar[tuple[int, ...]] = (6, 7, 8, 9, 10)
    max_turns: ClassVar[int] = MAX_DEDUCTIONS + 1
    dataset: ClassVar[Dataset | None] = Dataset(
        folder="knights_knaves",
        files={"test": ("3ppl_test.jsonl", "4ppl_test.jsonl", "5ppl_test.jsonl")},
        # Other puzzles of the same generator: the set of its authors, as large and with train files.
        hub_repo="K-and-K/knights-and-knaves",
        hub_revision="2f68547989981b1af37cb3dde5fdefa847aa8619",
        hub_files={
            "train": tuple(f"train/people{people}_num1000.jsonl" for people in (3, 4, 5)),
            "test": tuple(f"test/people{people}_num100.jsonl" for people in (3, 4, 5)),
        },
        checksums={
            "3ppl_test.jsonl": "a6399ea491058ec6d73f259a00eb55cfffd4c9f86fd594c6fe6d55d6ea5fcab9",
            "4ppl_test.jsonl": "90fecfc64136cd4c9aa325608a8828325869f1e76464a443c5538f2355a04677",
            "5ppl_test.jsonl": "473c5d67a439e0ad8b58025bcd3fd875809c90c54dc45541ab49080bdb560eb1",
            "test/people4_num100.jsonl": "4495f24f570939383e92f7874600b18826a8c841adc8800c89b6c2d2635ee5e4",
            "test/people5_num100.jsonl": "49a9677832ab1622ef85e290de71acaaaeb3a55c275544dc4dad3669377a7992",
            "train/people5_num1000.jsonl": "de3c833b47b6ba92f5f29c13c5631d31548d42ddc0ea2c1b15132a59a4783aaa",
        },
    )

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of puzzle that :meth:`generate` draws from."""
        if difficulty not in self.difficulties:
            raise unknown(f"difficulty of {self.name}", difficulty, self.difficulties)
        return knights_plans.kinds(difficulty)

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a puzzle of a kind drawn uniformly."""
        return self.generate_kind(rng, rng.choice(self.kinds(difficulty)), difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a puzzle of one kind."""
        if kind not in self.kinds(difficulty):
            raise unknown(f"kind of {self.name} at difficulty {difficulty}", kind, self.kinds(difficulty))
        puzzle, solution, text = draw(rng, kind, difficulty)
        prompt = f"Knights tell the truth, knaves lie. {text} What is each?"
        return _problem(prompt, puzzle, solution, kind)

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published puzzle. Its kind and plan are those of our own solution."""
        quiz, puzzle, solution = read_puzzle(row)
        return _problem(quiz, puzzle, solution, knights_plans.kind_of(puzzle, deduce(puzzle, solution)))

    def content(self, problem: Problem) -> str:
        """Who says what in which form, with numbers in place of names."""
        return Puzzle.from_facts(problem.facts).content()

    def cut_steps(self, text: str) -> tuple[str, ...]:
        """Lines; an answer that gives one person's kind a line is one."""
        return in_one_line(super().cut_steps(text), kinds_in, ", ")

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Ask the solver whether what the step claims follows from the statements."""
        puzzle = Puzzle.from_facts(task.facts)
        if states_answer(step):
            return _judge_answer(task, puzzle, "\n".join([*accepted[-_MAX_STEPS:], step]))
        return _judge(puzzle, step, accepted[-_MAX_STEPS:])

    def verify(self, task: Task, response: str) -> Verdict:
        """1 if the answer names everybody's kind once and fits everything that is said, else 0."""
        puzzle = Puzzle.from_facts(task.facts)
        problem = _problem_of(task, puzzle, response)
        wrong = _first_wrong(task, puzzle, self.split_steps(response)[:_MAX_STEPS])
        if problem:
            return Verdict(0.0, problem, wrong)
        return Verdict(1.0, "the answer fits what everybody says", wrong)

    def gold_solution(self, task: Task) -> str:
        """Deductions, one a line, and the answer."""
        puzzle, solution = Puzzle.from_facts(task.facts), _solution(task)
        return _written(puzzle, [deduction.line for deduction in deduce(puzzle, solution)], solution)

    def answer(self, response: str) -> str:
        """The stated assignment, with the spelling evened out."""
        stated = find_answer(response)
        return (", ".join(kinds_in(stated)) or " ".join(stated.casefold().split()))[:_MAX_VOTE]

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """The gold solution with one conclusion turned round and its consequences, or a slip in the answer."""
        puzzle, solution = Puzzle.from_facts(task.facts), _solution(task)
        for _ in range(_WRONG_TRIES):
            wrong = _with_slip(rng, puzzle, solution)
            if self.verify(task, wrong).score == 0:
                return wrong
        raise RuntimeError(f"no wrong solution found for {task.id!r}")

    def misreading(self, rng: random.Random, task: Task) -> str:
        """As :meth:`wrong_solution`: none of its mistakes is a slip in calculation."""
        return self.wrong_solution(rng, task)

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:  # noqa: ARG002  the base class's signature
        """Whether the step says that it is the answer."""
        return states_answer(step)


def _problem(prompt: str, puzzle: Puzzle, solution: tuple[bool, ...], kind: str) -> Problem:
    gold = assignment(puzzle.names, solution)
    facts: dict[str, Json] = {
        **puzzle.to_facts(),
        "solution": list(solution),
        "kind": kind,
        "plan": knights_plans.plan(kind),
        "solution_text": gold,
    }
    return Problem(prompt, gold, facts)


def _solution(task: Task) -> tuple[bool, ...]:
    values = task.facts["solution"]
    return tuple(value is True for value in values) if isinstance(values, list) else ()


def _problem_of(task: Task, puzzle: Puzzle, response: str) -> str:
    """What is wrong with the answer of a response; empty if it is right."""
    answer = read_answer(response, puzzle.names)
    if answer.problem:
        return answer.problem
    violated = puzzle.violated(answer.knights)
    if violated is not None:
        return f"the answer makes what {puzzle.names[violated.speaker]} says impossible"
    # Only a puzzle with a second solution gets here; every known one has a single solution.
    return "" if answer.knights == _solution(task) else "the answer is not the published one"


def _first_wrong(task: Task, puzzle: Puzzle, steps: Sequence[str]) -> int | None:
    """The first wrong step."""
    for index, step in enumerate(steps):
        if states_answer(step):
            verdict = _judge_answer(task, puzzle, "\n".join(steps[: index + 1]))
        else:
            verdict = _judge(puzzle, step, steps[:index])
        if verdict.ok is False:
            return index
    return None


def _judge_answer(task: Task, puzzle: Puzzle, response: str) -> StepVerdict:
    problem = _problem_of(task, puzzle, response)
    return StepVerdict(not problem, problem or "the answer fits what everybody says")


def _judge(puzzle: Puzzle, step: str, earlier: Sequence[str]) -> StepVerdict:
    """Judge what a step claims, given the statements.

    Steps before it prove nothing: those that follow add nothing. They may have supposed something.
    """
    claim, supposed, read = parse_claim(step, puzzle.names), supposition_of(step), reader(puzzle.names)
    if claim is None:
        return StepVerdict(None, "this is not a claim about people's kinds that can be checked")
    words = describe(claim, puzzle.names)
    words = words if len(words) <= 100 else f"{words[:97]}..."

    def ask(formula: Formula) -> bool | None:
        if entails(puzzle.premises, formula):
            return True
        return False if entails(puzzle.premises, Not(formula)) else None

    if supposed is None:
        found = unless_supposed(ask(claim), step, [statement.says for statement in puzzle.statements])
    else:
        found = supposed.judged(ask, read, claim)
    if found is False and may_still_hold(earlier, lambda text: read(text) is not None):
        found = None
    if not found:
        return StepVerdict(
            found, f"that {words} {'does not follow' if found is None else 'contradicts the statements'}"
        )
    return StepVerdict(True, f"{'' if supposed is None else 'under this condition '}it follows that {words}")


def _written(puzzle: Puzzle, lines: Sequence[str], kinds: Sequence[bool]) -> str:
    return "\n".join([*lines, f"#### {assignment(puzzle.names, kinds)}"])


def _with_slip(rng: random.Random, puzzle: Puzzle, solution: Sequence[bool]) -> str:
    """A wrong solution: one conclusion about one person is turned round, in a deduction or only in the answer."""
    deductions = deduce(puzzle, solution)
    turning = [index for index, deduction in enumerate(deductions) if deduction.decided]
    at = rng.choice([*turning, len(deductions)])
    if at == len(deductions):
        person = rng.randrange(len(solution))
        kinds = [kind != (index == person) for index, kind in enumerate(solution)]
        return _written(puzzle, [deduction.line for deduction in deductions], kinds)
    person = rng.choice(deductions[at].decided)[0]
    known = {p: kind for deduction in deductions[: at + 1] for p, kind in deduction.decided}
    known[person] = not solution[person]
    reasoner = Reasoner(puzzle, known)
    lines = [deduction.line for deduction in deductions[:at]]
    lines.append(_turned_round(deductions[at], puzzle.names[person], solution[person]))
    lines.extend(deduction.line for deduction in reasoner.run())
    return _written(puzzle, lines, [reasoner.known.get(p, kind) for p, kind in enumerate(solution)])


def _turned_round(deduction: Deduction, name: str, kind: bool) -> str:
    start, so, end = deduction.line.rpartition(", so ")
    return start + so + end.replace(f"{name} is a {kind_word(kind)}", f"{name} is a {kind_word(not kind)}")
