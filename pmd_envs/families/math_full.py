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
    checksums={
        "algebra/train-00000-of-00001.parquet": "73347f5b55869f21ff094361025dbd12d291e971aa4d72142eacee10438e449f",
        "algebra/test-00000-of-00001.parquet": "0e04a850dac9cfc758eac0c80afd2d0cc65e29ea72f916c8ac1045b12af937f5",
        "counting_and_probability/train-00000-of-00001.parquet": (
            "d37ae017930df41678edee50dcde18c17fb06afaff9eb505c1b95f1002bfcb31"
        ),
        "counting_and_probability/test-00000-of-00001.parquet": (
            "c324818949c75a6227c0328a8499d58023cbbf6757cfc1736f5ab24cc8d87966"
        ),
        "geometry/test-00000-of-00001.parquet": "98720f3a8134ad9784fd8951195245264495df03ffc5c9485a9a54ff5ae2431a",
        "prealgebra/train-00000-of-00001.parquet": "765b526fb5c0b8385cb7be2c16bf4f6f28cf71f2bc15c826abfbb5fa7f8616cc",
        "prealgebra/test-00000-of-00001.parquet": "301e5d8ade5c7b5038032532e498bdc9dca799e7f1061a63f2e7d980803240cc",
        "precalculus/train-00000-of-00001.parquet": "28bb1ff95525c8d32521509bef91de76339659f5467a381e6e8deea204538f0e",
    },
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
