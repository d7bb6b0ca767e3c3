"""Which reasoning a puzzle needs: the names of the kinds of puzzle, and a plan in words for each.

For two people the kind names the claims in the order in which the gold solution reads them. For more it names how the
solution starts, and whether single statements are enough from there on (``chain``) or not (``detour``).
"""

from collections.abc import Sequence
from itertools import product

from pmd_envs.families.knights_deductions import Deduction
from pmd_envs.families.knights_forms import DECIDING, PERSONAL, Claim
from pmd_envs.families.knights_puzzle import Puzzle, Statement
from pmd_envs.logic.formulas import Var, evaluate, variables

_HEADS = {
    "same_kind": "Whoever is called the speaker's own kind is a knight",
    "different_kinds": "Whoever is called a different kind is a knave",
    "both_knaves": "Saying 'we are both knaves' makes the speaker a knave and the other a knight",
    "some_knave": "Saying 'one of us is a knave' makes the speaker a knight, the other a knave",
    "knight_if_me": "Saying 'you are a knight if I am' makes both of them knights",
    "only_me_knave": "Saying 'only I am a knave' makes both of them knaves",
    "link": "Find a statement that makes two people alike or different and judge another statement by it",
    "split": "Assume somebody's kind, follow the statements to a contradiction and take the opposite",
    "absurd": "A statement that is true or false by itself settles its speaker",
    "other": "Find the statement that settles somebody by itself",
}
_CHAIN = "; then judge each statement by known people."
_DETOUR = "; when stuck, link two people or refute guesses."
_PAIRS = {
    "same_kind_then_same_kind": "; the same claim coming back makes the speaker a knight too.",
    "same_kind_then_different_kinds": "; that knight truly says different kinds, so the speaker is a knave.",
    "same_kind_then_praise": "; that knight truly calls the speaker a knight.",
    "same_kind_then_blame": "; that knight truly calls the speaker a knave.",
    "same_kind_then_both_knights": "; that knight truly says both are knights, so the speaker is one.",
    "same_kind_then_only_me_knight": "; that knight truly claims to be the only one: the speaker is a knave.",
    "different_kinds_then_same_kind": "; that knave's claim of the same kind is a lie, so the speaker is a knight.",
    "different_kinds_then_different_kinds": "; that knave's same claim is a lie, so the speaker is a knave too.",
    "different_kinds_then_praise": "; that knave's praise is a lie, so the speaker is a knave.",
    "different_kinds_then_blame": "; that knave's blame is a lie, so the speaker is a knight.",
    "different_kinds_then_some_knight": "; that knave lies that one is a knight, so the speaker is a knave.",
    "different_kinds_then_me_if_knight": "; that knave's 'I am if you are' is a lie, so the speaker is a knight.",
}
_LINKED_PAIRS = {
    "praise_then_only_me_knight": (
        "Praise makes both the same kind; then 'only I am a knight' is a lie, so both are knaves."
    ),
    "praise_then_me_if_knight": (
        "Praise makes both the same kind; then 'I am a knight if you are' is true, so both are knights."
    ),
    "blame_then_both_knights": (
        "Blame makes both different kinds; then 'we are both knights' is a lie, so its speaker is the knave."
    ),
    "blame_then_some_knight": (
        "Blame makes both different kinds; then 'one of us is a knight' is true, so its speaker is the knight."
    ),
}
_ALONE = ("both_knaves", "some_knave", "knight_if_me", "only_me_knave")
"""Claims that settle both people at once."""

_EASY = (*_ALONE, *_PAIRS)
_DIRECT_HEADS = tuple(claim.name for claim in DECIDING)
_CHAINS = tuple(f"{head}_chain" for head in (*_DIRECT_HEADS, "link", "split"))
_KINDS = {
    1: _EASY,
    2: (*_EASY, *_LINKED_PAIRS),
    # A third person is always settled by a known pair, so only two starts leave room for a detour.
    3: (*_CHAINS, "same_kind_detour", "different_kinds_detour", "split_detour"),
    4: (*_CHAINS, *(f"{head}_detour" for head in (*_DIRECT_HEADS, "split"))),
    **dict.fromkeys(range(5, 11), (*_CHAINS, *(f"{head}_detour" for head in (*_DIRECT_HEADS, "link", "split")))),
}
SIZES = {1: 2, **{level: level for level in range(2, 11)}}
"""People in a puzzle of each difficulty."""


def kinds(difficulty: int) -> tuple[str, ...]:
    """The kinds of puzzle at a difficulty."""
    return _KINDS[difficulty]


def plan(kind: str) -> str:
    """One sentence that says how puzzles of this kind are solved."""
    if kind in _LINKED_PAIRS:
        return _LINKED_PAIRS[kind]
    if kind in _ALONE:
        return f"{_HEADS[kind]}."
    if kind in _PAIRS:
        return _HEADS[kind.split("_then_")[0]] + _PAIRS[kind]
    head, _, rest = kind.rpartition("_")
    return _HEADS[head] + (_CHAIN if rest == "chain" else _DETOUR)


def kind_of(puzzle: Puzzle, deductions: Sequence[Deduction]) -> str:
    """The kind of a puzzle that these deductions solve."""
    if len(puzzle.names) == 2:
        read = [puzzle.statements[d.statement] for d in deductions if d.statement is not None]
        return "_then_".join(claim_name(statement) for statement in read)
    first = deductions[0]
    head: str = "split" if first.statement is None else first.how
    if first.how == "direct" and first.statement is not None:
        head = claim_name(puzzle.statements[first.statement])
    rest = "chain" if all(deduction.how == "direct" for deduction in deductions[1:]) else "detour"
    return f"{head}_{rest}"


def head_claim(kind: str) -> Claim | None:
    """The claim that starts the solution of a puzzle for three or more, unless a link or a split does."""
    head = kind.rpartition("_")[0]
    return next((claim for claim in DECIDING if claim.name == head), None)


def claim_name(statement: Statement) -> str:
    """Which claim a statement makes; in published puzzles found by its truth table."""
    if statement.form:
        return statement.form.split("/")[0]
    people = sorted(variables(statement.formula) | {statement.speaker}, key=lambda p: p != statement.speaker)
    table = []
    for values in product((True, False), repeat=len(people)):
        kinds = [False] * (max(people) + 1)
        for person, kind in zip(people, values, strict=True):
            kinds[person] = kind
        table.append(evaluate(statement.formula, kinds))
    if len(set(table)) == 1:
        return "absurd"
    return _BY_TABLE.get(tuple(table), "other")


def _table(claim: Claim) -> tuple[bool, ...]:
    formula = claim.wordings[0].build(Var(0), Var(1))
    return tuple(evaluate(formula, values) for values in product((True, False), repeat=2))


_BY_TABLE = {_table(claim): claim.name for claim in PERSONAL}
