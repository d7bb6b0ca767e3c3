"""Questions about formulas, answered by a SAT solver (python-sat's MiniSat)."""

from collections.abc import Sequence
from functools import lru_cache

from pysat.solvers import Minisat22

from pmd_envs.logic.formulas import Formula, Not, to_cnf

_FEW = 16
"""Longer lists seldom come again, and keeping many of them would take hundreds of megabytes."""


def satisfiable(formulas: Sequence[Formula]) -> bool:
    """Whether some assignment makes all formulas true."""
    return _kept(tuple(formulas)) if len(formulas) <= _FEW else _satisfiable(formulas)


@lru_cache(maxsize=2048)
def _kept(formulas: tuple[Formula, ...]) -> bool:
    """Answers that are kept: the rollouts of a group claim much the same about their problem."""
    return _satisfiable(formulas)


def _satisfiable(formulas: Sequence[Formula]) -> bool:
    with Minisat22(bootstrap_with=to_cnf(formulas)) as solver:
        return bool(solver.solve())


def entails(premises: Sequence[Formula], claim: Formula) -> bool:
    """Whether the claim is true wherever all premises are."""
    return not satisfiable([*premises, Not(claim)])


def models(formulas: Sequence[Formula], size: int, limit: int) -> list[tuple[bool, ...]]:
    """Up to ``limit`` different assignments of propositions 0 to ``size - 1`` under which all formulas hold."""
    found: list[tuple[bool, ...]] = []
    with Minisat22(bootstrap_with=to_cnf(formulas, size)) as solver:
        while len(found) < limit and solver.solve():
            true = set(solver.get_model())
            model = tuple(index + 1 in true for index in range(size))
            found.append(model)
            solver.add_clause([-(i + 1) if value else i + 1 for i, value in enumerate(model)])
    return found


def count_models(formulas: Sequence[Formula], size: int, limit: int = 2) -> int:
    """How many assignments satisfy all formulas, counted up to ``limit``."""
    return len(models(formulas, size, limit))


def unique_model(formulas: Sequence[Formula], size: int) -> tuple[bool, ...] | None:
    """The only assignment that satisfies all formulas, or None when there is none or more than one."""
    found = models(formulas, size, limit=2)
    return found[0] if len(found) == 1 else None
