"""Premises turned into clauses once, and what follows from them, asked again and again.

Theory([Or(Var(0), Var(1))], 2).status(Var(1), [Not(Var(0))])   # True: it follows
"""

from collections.abc import Sequence
from functools import lru_cache

from pysat.solvers import Minisat22

from pmd_envs.logic.formulas import Clause, Formula, Not, to_cnf


class Theory:
    """A set of premises about propositions 0 to ``size - 1``.

    Every question gets a solver of its own, so that threads may share a theory.
    """

    def __init__(self, premises: Sequence[Formula], size: int) -> None:
        self._clauses: list[Clause] = to_cnf(premises, size)
        self._width = max([size, *(abs(literal) for clause in self._clauses for literal in clause)])

    def allows(self, formulas: Sequence[Formula]) -> bool:
        """Whether all formulas can hold together with the premises."""
        return _allows(self, *formulas) if len(formulas) == 1 else self.solve(formulas)

    def solve(self, formulas: Sequence[Formula]) -> bool:
        """As :meth:`allows`, by a solver of its own."""
        with Minisat22(bootstrap_with=[*self._clauses, *to_cnf(formulas, self._width)]) as solver:
            return bool(solver.solve())

    def status(self, claim: Formula, accepted: Sequence[Formula] = ()) -> bool | None:
        """True where the claim follows, False where it is contradicted, None where it is open.

        Accepted formulas only matter where the premises leave the claim open, and contradictory ones, from which
        anything would follow, do not matter at all.
        """
        alone = self._status((), claim)
        if alone is not None or not accepted or not self.allows(accepted):
            return alone
        return self._status(accepted, claim)

    def _status(self, accepted: Sequence[Formula], claim: Formula) -> bool | None:
        if not self.allows([*accepted, Not(claim)]):
            return True
        return None if self.allows([*accepted, claim]) else False


@lru_cache(maxsize=2048)
def _allows(theory: Theory, formula: Formula) -> bool:
    """Answers that are kept: the rollouts of a group claim much the same about their problem.

    Only about single claims. Long lists of them seldom come again, and would take hundreds of megabytes.
    """
    return theory.solve([formula])
