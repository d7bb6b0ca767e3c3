"""One problem, and the words that attacks on it are made of."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, runtime_checkable

from pmd_envs.audit.attacks import WORD, Attack
from pmd_envs.family import Family
from pmd_envs.records import Task
from pmd_envs.verifiers.answers import extract_answer

_NUMBER = re.compile(r"-?[0-9]+")
_LAST_DIGIT = re.compile(r"[0-9](?=[^0-9]*$)")
_COMPUTATION = re.compile(r"([0-9]+(?: ?[-+*/] ?[0-9]+)+) ?= ?(\S+)")
_FORMULA = re.compile(r"\$([^$]+)\$")
_SIGN = re.compile(r"[-+*/^=<>\\]")
_EXAMPLE = re.compile(r"^\w+\((.*)\) == (.*)$", re.MULTILINE)
_LOOKALIKES = str.maketrans({"0": "O", "1": "l", "a": "а", "e": "е", "o": "о", "i": "і", "r": "г", "n": "п"})
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_STRIKE = "\u0336"


@runtime_checkable
class _KnowsMistakes(Protocol):
    def wrong_solution(self, rng: Random, task: Task) -> str: ...


@dataclass(frozen=True)
class Case:
    """A problem with its gold solution."""

    task: Task
    solution: str
    answer: str | None
    """The right answer as votes compare it; None where a response is a program."""
    words: Mapping[str, str]
    """What stands for the words between ``@`` signs. A word that this problem does not have is absent."""

    def fill(self, attack: Attack) -> str | None:
        """The response that an attack hands in, or None if this problem lacks something it needs."""
        parts = (attack.before, attack.text, attack.after)
        if not self.words.keys() >= set(WORD.findall("".join(parts))):
            return None
        before, text, after = (WORD.sub(lambda word: self.words[word[1]], part) for part in parts)
        return before + text * attack.times + after


def make_cases(family: Family, tasks: Sequence[Task], canary: str) -> list[Case]:
    """A case for each task; they need each other, because one problem's answer is wrong for the next.

    Args:
        family: Whose tasks these are.
        tasks: The problems.
        canary: A file that does not exist. Attacks that run code would make it.
    """
    solutions = [family.gold_solution(task) for task in tasks]
    finals = [_final(family, solution) for solution in solutions]
    shared = {
        "INSTRUCTIONS": family.instructions,
        "FILE": canary,
        "COMMON": _common(finals if finals[0] else solutions),
        "ALL": ", ".join(dict.fromkeys(filter(None, finals))),
        "ALLMARKED": "\n".join(dict.fromkeys(f"#### {final}" for final in finals if final)),
    }
    if len(set(finals)) == 1:
        del shared["ALL"], shared["ALLMARKED"]  # that would be the right answer
    cases = []
    for number, (task, solution, final) in enumerate(zip(tasks, solutions, finals, strict=True)):
        wrong = family.wrong_solution(Random(number), task) if isinstance(family, _KnowsMistakes) else None
        words = {**shared, **dict(_of_prompt(task)), **dict(_of_solution(solution))}
        if wrong is not None:
            words["WRONGSOLUTION"] = wrong
        if final:
            others = [extract_answer(wrong or ""), *finals[number + 1 :], *finals[:number]]
            words |= {"GOLD": final, **dict(_of_answer(final)), **dict(_wrong(final, others))}
        cases.append(Case(task, solution, family.answer(solution) if final else None, words))
    return cases


def _final(family: Family, solution: str) -> str:
    """The answer as the gold solution writes it; empty if the whole solution is the answer."""
    return "" if family.answer(solution) is None else (extract_answer(solution) or solution).strip()


def _common(answers: Sequence[str]) -> str:
    return Counter(answers).most_common(1)[0][0]


def _of_prompt(task: Task) -> Iterator[tuple[str, str]]:
    yield "PROMPT", task.prompt
    yield "LASTSENTENCE", re.split(r"[.:] ", task.prompt)[-1]
    formulas = [formula for formula in _FORMULA.findall(task.prompt) if _SIGN.search(formula[1:])]
    if formulas and task.gold not in formulas:
        yield "FORMULA", max(formulas, key=len)
    examples = _EXAMPLE.findall(task.prompt)
    if examples:
        yield "EXAMPLES", "\n".join(f"    if list(args) == [{given}]: return {value}" for given, value in examples)


def _of_solution(solution: str) -> Iterator[tuple[str, str]]:
    lines = solution.splitlines()
    yield "SOLUTION", solution
    yield "CRLF", "\r\n".join(lines)
    yield "SPACED", "".join(f"{line}   \n" for line in lines)
    steps = "\n".join(line for line in lines if extract_answer(line) is None)
    if steps and steps != solution:
        yield "STEPS", steps
        # Where "3 / 4 = 3/4" there is nothing left to compute.
        computations = [text for text, result in _COMPUTATION.findall(steps) if text.replace(" ", "") != result]
        if computations:
            yield "COMPUTATION", computations[-1]


def _of_answer(gold: str) -> Iterator[tuple[str, str]]:
    """The answer changed so that it says something else, or looks like itself and is not."""
    changed = {
        "NEAR": _LAST_DIGIT.sub(lambda digit: str((int(digit[0]) + 1) % 10), gold),
        "LOOKALIKE": gold.translate(_LOOKALIKES),
        "RAISED": gold[:1] + gold[1:].translate(_RAISED),
        "STRUCK": "".join(char + _STRIKE for char in gold),
        "PRECEDED": f"1 {gold}" if gold[:1].isdigit() else gold,
        "TIMESX": f"{gold}x" if gold != "0" else gold,
    }
    if not _NUMBER.fullmatch(gold):
        changed["NEAR"] = gold if len(_LAST_DIGIT.findall(gold)) != 1 else changed["NEAR"]
    elif int(gold):
        changed |= {
            "FLIPPED": gold[1:] if gold.startswith("-") else f"-{gold}",
            "DOUBLED": gold + gold,
            "PRECISE": f"{gold}.{'0' * 30}1",
            "REVERSED": gold[::-1],
        }
    yield from ((word, text) for word, text in changed.items() if text != gold)


def _wrong(gold: str, others: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """The first answer with something in it that the gold does not have: 2 alone would only be a part of "2, 3"."""
    parts = set(_parts(gold))
    found = next((other for other in others if other and not parts.issuperset(_parts(other))), None)
    if found:
        yield "WRONG", found


def _parts(answer: str) -> list[str]:
    return [part.strip() for part in answer.split(",")]
