"""Whether two answers say the same: what kind each is first, then part by part, exactly wherever that is possible."""

from collections.abc import Mapping
from fractions import Fraction

from pmd_envs.math.exact import ratio_sign, same, same_zeros, value_of
from pmd_envs.math.guard import Allowance, TookTooLong, compare_numerically
from pmd_envs.math.limits import MAX_COMPARISONS, MAX_ITEMS, MAX_WORK_OF_VERDICT, NotRead, TooBig
from pmd_envs.math.policy import Policy
from pmd_envs.math.polynomials import Work
from pmd_envs.math.regions import Interval, Region, has_variables, is_variable, region_of
from pmd_envs.math.shapes import (
    COLLECTIONS,
    as_matrix,
    as_point,
    binary,
    difference,
    elements,
    is_label,
    labelled,
    spread,
    without_percent,
)
from pmd_envs.math.syntax import Apply, Name, Node, Number, apply, is_op, names_in, number, product, total
from pmd_envs.math.units import may_be_missing, split_unit

_BRACKETS = ("()", "[]", "(]", "[)")
_REGIONS = (*_BRACKETS, "union", "minus", "or", "and", "set")
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_MIN_PLACES = 2


class NotShown(NotRead):
    """Two answers may be equal, but it could not be shown."""


class Comparison:
    """Compares answers under one policy. The first argument is always the gold.

    One of these serves one verdict: what its comparisons may cost is counted over all of them together.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.left = MAX_COMPARISONS
        self.work = Work(MAX_WORK_OF_VERDICT)
        self.allowance = Allowance()

    def same(self, gold: Node, answer: Node) -> bool:
        """Whether ``answer`` is ``gold``.

        Raises:
            NotRead: It cannot be told, for the reason in the message.
        """
        self.left -= 1
        if self.left < 0:
            raise TooBig("it takes too many comparisons")
        if gold == answer:
            return True
        gold, answer = spread(gold), spread(answer)
        gold, answer = _as_listed(gold, answer), _as_listed(answer, gold)
        if is_op(gold, "relation") or is_op(answer, "relation"):
            return self._relations(gold, answer)
        if is_op(gold, *COLLECTIONS) or is_op(answer, *COLLECTIONS):
            return self._collections(gold, answer)
        return self._single(gold, answer)

    def _single(self, gold: Node, answer: Node) -> bool:
        """Neither is a relation or a collection."""
        if is_op(gold, "matrix", "row", "ratio") or is_op(answer, "matrix", "row", "ratio"):
            return self._parts(as_matrix(gold), as_matrix(answer))
        if is_op(gold, *_BRACKETS) and is_op(answer, *_BRACKETS):
            return self._parts(gold, answer)
        if _is_region(gold) or _is_region(answer):
            return self._regions(region_of(gold), region_of(answer))
        return self._quantities(gold, answer)

    def _parts(self, gold: Node, answer: Node) -> bool:
        """The same operator with the same operands in the same order."""
        if not isinstance(gold, Apply) or not isinstance(answer, Apply):
            return False
        if gold.op != answer.op or len(gold.args) != len(answer.args):
            return False
        return all(self.same(one, other) for one, other in zip(gold.args, answer.args, strict=True))

    def _collections(self, gold: Node, answer: Node) -> bool:
        regions = region_of(gold), region_of(answer)
        if None not in regions and not (is_op(gold, "set") and is_op(answer, "set")):
            return self._regions(*regions)
        points = as_point(gold) or gold, as_point(answer) or answer
        if is_op(points[0], "()") and is_op(points[1], "()"):
            return self._parts(*points)
        expected = self._distinct(gold)
        # The gold says how many there may be, so that of a long answer only as many are compared with all others.
        given = self._distinct(answer, len(expected)) if len(elements(answer)) >= len(expected) else []
        if len(expected) != len(given):
            return False
        if len(expected) == 1:
            return self.same(expected[0], given[0])
        for item in expected:
            match = next((at for at, other in enumerate(given) if self.same(item, other)), None)
            if match is None:
                return False
            given.pop(match)
        return True

    def _distinct(self, node: Node, most: int = MAX_ITEMS) -> list[Node]:
        """The elements of a collection, each once; anything else is its own only element. Stops after ``most``."""
        distinct: list[Node] = []
        for item in elements(node):
            if not any(self.same(known, item) for known in distinct):
                distinct.append(item)
            if len(distinct) > most:
                break
        return distinct

    def _relations(self, gold: Node, answer: Node) -> bool:
        if is_op(gold, "relation") and is_op(answer, "relation"):
            return self._both_relations(self._shortened(gold), self._shortened(answer))
        relation, other = (gold, answer) if is_op(gold, "relation") else (answer, gold)
        region = region_of(relation)
        if region is not None:
            if is_op(other, "or", "and", "list"):
                return self._collections(gold, answer)
            return self._regions(region, region_of(other))
        if is_op(other, "list", "or", "and", "set"):
            return self._collections(gold, answer)
        stated = self._stated(relation)
        if stated is None or (is_variable(stated) and names_in(other).isdisjoint({"i"}) and not is_variable(other)):
            return False
        return self.same(stated, other) if relation is gold else self.same(other, stated)

    def _both_relations(self, gold: Node, answer: Node) -> bool:
        regions = region_of(gold), region_of(answer)
        if None not in regions:
            return self._regions(*regions)
        one, other = binary(gold), binary(answer)
        if one is None or other is None:
            return self._parts(gold, answer)
        if one[1] == other[1] == "=":
            return self._equations(one, other)
        return self._inequalities(one, other)

    def _equations(self, one: tuple[Node, str, Node], other: tuple[Node, str, Node]) -> bool:
        sides = one[0], one[2], other[0], other[2]
        if any(is_op(side, *_BRACKETS, *COLLECTIONS, "matrix", "union", "pm") for side in sides):
            return self.same(one[0], other[0]) and self.same(one[2], other[2])
        found = same_zeros(difference(one[0], one[2]), difference(other[0], other[2]), self.work)
        if found is not None:
            return found
        straight = self.same(one[0], other[0]) and self.same(one[2], other[2])
        return straight or (self.same(one[0], other[2]) and self.same(one[2], other[0]))

    def _inequalities(self, one: tuple[Node, str, Node], other: tuple[Node, str, Node]) -> bool:
        """Whether two inequalities are the same up to a constant factor."""
        sign = ratio_sign(difference(one[0], one[2]), difference(other[0], other[2]), self.work)
        return (sign > 0 and one[1] == other[1]) or (sign < 0 and _FLIPPED.get(one[1]) == other[1])

    def _shortened(self, node: Node) -> Node:
        """``x = 10/2 = 5`` as ``x = 5``, if the steps agree."""
        assert isinstance(node, Apply)
        if len(node.args) == 3 or any(sign != Name("=") for sign in node.args[1::2]):
            return node
        *middle, last = node.args[2::2]
        if not all(self.same(last, step) for step in middle):
            raise NotRead("its parts contradict each other")
        return apply("relation", node.args[0], Name("="), last)

    def _stated(self, relation: Node) -> Node | None:
        """The value that an equation such as ``x = 5`` states."""
        relation = self._shortened(relation)
        assert isinstance(relation, Apply)
        left, right = relation.args[0], relation.args[2]
        stated = is_op(right, *_REGIONS) if relation.args[1] == Name("in") else relation.args[1] == Name("=")
        if len(relation.args) != 3 or not stated:
            return None
        if is_label(left) and not labelled(left) & names_in(right):
            return right
        if not has_variables(left) and not has_variables(right) and self.same(left, right):
            return right
        return left if is_variable(right) and not has_variables(left) else None

    def _regions(self, gold: Region | None, answer: Region | None) -> bool:
        if gold is None or answer is None or len(gold.intervals) != len(answer.intervals):
            return False
        if gold.name and answer.name and gold.name != answer.name:
            return False
        left = list(answer.intervals)
        for interval in gold.intervals:
            match = next((at for at, other in enumerate(left) if self._same_interval(interval, other)), None)
            if match is None:
                return False
            left.pop(match)
        return True

    def _same_interval(self, one: Interval, other: Interval) -> bool:
        if (one.low_closed, one.high_closed) != (other.low_closed, other.high_closed):
            return False
        return self.same(one.low, other.low) and self.same(one.high, other.high)

    def _quantities(self, gold: Node, answer: Node) -> bool:
        one, other = split_unit(gold), split_unit(answer)
        if not self._units_agree(one.units, other.units):
            return False
        return self._values(one.value, other.value)

    def _units_agree(self, gold: Mapping[str, int], answer: Mapping[str, int]) -> bool:
        if gold == answer:
            return True
        if self.policy.units == "required" or not (may_be_missing(gold) and may_be_missing(answer)):
            return False
        return self.policy.units == "ignored" or not (gold and answer)

    def _values(self, gold: Node, answer: Node) -> bool:
        if _base(gold) != _base(answer):
            return False
        if self._expressions(gold, answer):
            return True
        percents = is_op(gold, "percent"), is_op(answer, "percent")
        if self.policy.percent == "optional" and percents[0] != percents[1]:
            return self._expressions(without_percent(gold), without_percent(answer))
        return self.policy.decimals == "rounded" and self._rounded(gold, answer)

    def _expressions(self, gold: Node, answer: Node) -> bool:
        if isinstance(gold, Number) and isinstance(answer, Number):
            return gold.value == answer.value
        for node in (gold, answer):
            if names_in(node) & {"oo", "{}", "reals"} or (isinstance(node, Apply) and node.op in _REGIONS):
                return gold == answer
        found = same(gold, answer, self.work)
        if found is None:
            found = self._ask(gold, answer)
        return found

    def _ask(self, gold: Node, answer: Node) -> bool:
        try:
            found = compare_numerically(gold, answer, self.allowance)
        except TookTooLong:
            raise NotShown("comparing it took too long") from None
        if found is None:
            raise NotShown("it could not be shown equal to the gold answer")
        return found

    def _rounded(self, gold: Node, answer: Node) -> bool:
        """Whether a decimal with enough places is the other value, rounded to as many."""
        sign = -1 if is_op(answer, "neg") else 1
        decimal = answer.args[0] if isinstance(answer, Apply) and answer.op == "neg" else answer
        if not isinstance(decimal, Number) or (decimal.places or 0) < _MIN_PLACES or has_variables(gold):
            return False
        assert decimal.places is not None
        scale = Fraction(10) ** decimal.places
        exact = value_of(gold, self.work)
        if exact is not None:
            return abs(exact - sign * decimal.value) * scale <= Fraction(1, 2)
        nearest = apply("floor", total(product(gold, number(scale)), number(Fraction(1, 2))))
        return self._ask(nearest, number(sign * decimal.value * scale))


def _as_listed(node: Node, other: Node) -> Node:
    r"""``x \in \{1, 11\}`` as ``x = 1, x = 11``, beside another collection."""
    parts = binary(node)
    if parts is None or parts[1] != "in" or not is_variable(parts[0]) or not is_op(parts[2], "set"):
        return node
    if not is_op(other, *COLLECTIONS):
        return node
    return apply("list", *(apply("relation", parts[0], Name("="), item) for item in elements(parts[2])))


def _is_region(node: Node) -> bool:
    return is_op(node, *_REGIONS) or node in (Name("reals"), Name("{}"))


def _base(node: Node) -> int:
    return node.base if isinstance(node, Number) else 10
