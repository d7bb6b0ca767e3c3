"""Equations with words that multiply, as in ``3 dozen``: such a word may also only say what is counted.

``3 dozen * $4 per dozen = $12`` and ``60 eggs / 12 = 5 dozen`` are right, though 36 times 4 is not 12.
"""

from collections.abc import Sequence
from fractions import Fraction

from pmd_envs.verifiers.expressions import read_pieces
from pmd_envs.verifiers.magnitudes import SCALES
from pmd_envs.verifiers.pieces import Piece, Token

_MOST_COUNTED = 1000


def factor(piece: Piece) -> int:
    """What the words behind it multiply a single number by."""
    return 1 if piece.computes else max(piece.scales, default=1)


def is_counted_in(left: Piece, right: Piece) -> bool:
    """Whether only the result has such a word, and no more of it than one counts: ``48 / 12 = 4 dozen``."""
    scale = factor(right)
    return scale != 1 and not left.scales and right.value is not None and abs(right.value) < scale * _MOST_COUNTED


def without_scales(tokens: Sequence[Token], left: Piece, right: Piece) -> tuple[Piece, Piece] | None:
    """Both sides as they are where such words multiply nothing, if they can be read."""
    plain = [token._replace(value=token.value / token.scale, scale=1) for token in tokens[left.start : right.stop]]
    sides = read_pieces(plain)
    if len(sides) != 2 or sides[0].value is None or sides[1].value is None:
        return None
    return sides[0], sides[1]


def may_be_counted_or_rounded(left: Piece, right: Piece) -> bool:
    """Whether two sides differ by what such a word is worth, or by less than a number before one is precise to."""
    if left.value is None or right.value is None:
        return True
    worth = {*left.scales, *right.scales, *SCALES.values()}
    if left.value and right.value and (left.value / right.value in worth or right.value / left.value in worth):
        return True
    steps = [Fraction(factor(side), 10**side.decimals) for side in (left, right) if factor(side) != 1]
    return any(abs(left.value - right.value) < step for step in steps)
