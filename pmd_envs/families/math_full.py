r"""All of MATH, 12,500 problems of competitions in LaTeX, or problems of our own as in MATH500.

Example::

    What is the product of the solutions of $x^2 - 5x + 6 = 0$?

    The solutions are 2 and 3.
    Their product is $2 \cdot 3 = \boxed{6}$.

The published train split may be trained on; a tenth of it is cut off for validation. The problems of MATH500 are 500 of
the 5,000 of the test split. Everything else is as in MATH500: steps, answers, and the generated problems.
"""

from typing import ClassVar

from pmd_envs.datasets import Dataset
from pmd_envs.errors import DatasetError
from pmd_envs.families.math500 import MATH500
from pmd_envs.records import Json, Problem
from pmd_envs.verifiers.answers import extract_answer

_SUBJECTS = (
    "algebra",
    "counting_and_probability",
    "geometry",
    "intermediate_algebra",
    "number_theory",
    "prealgebra",
    "precalculus",
)


def _files(split: str) -> tuple[str, ...]:
    return tuple(f"{subject}/{split}-00000-of-00001.parquet" for subject in _SUBJECTS)


MATH_DATA = Dataset(
    folder="math",
    files={"train": _files("train"), "test": _files("test")},
    hub_repo="EleutherAI/hendrycks_math",
    hub_revision="21a5633873b6a120296cce3e2df9d5550074f4a3",
    hub_files={"train": _files("train"), "test": _files("test")},
)


class MATH(MATH500):
    """MATH500 with the whole published data set, which has a train split."""

    name: ClassVar[str] = "MATH"
    dataset: ClassVar[Dataset | None] = MATH_DATA

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published row: ``problem``, and ``solution``, whose last box is the answer.

        Raises:
            DatasetError: Something is missing, or the answer cannot be read.
        """
        match row:
            case {"problem": str(), "solution": str(solution)}:
                gold = extract_answer(solution)
                if gold is None or "\\boxed" not in solution:
                    raise DatasetError(f"a MATH solution has its answer in a box, this one ends {solution[-40:]!r}")
                return super().from_row({**row, "answer": gold})
        raise DatasetError(f"a MATH row needs the texts problem and solution, this one has {sorted(row)}")
