"""Answers to those problems of reasoning-gym that come without one, since many answers are right."""

import itertools
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from pmd_envs.errors import DatasetError
from pmd_envs.rg.entries import Entry, Metadata

_SIDE = 6  # of a board of Rush Hour
_EXIT = 2 * _SIDE + _SIDE - 1  # where the red car has to reach


def answered(name: str, entry: Entry) -> Entry:
    """The problem with a right answer: the package's own, else one that is worked out from its notes.

    Raises:
        DatasetError: The problem has none.
    """
    return entry if entry.answer is not None else replace(entry, answer=_ORACLES[name](entry.metadata))


def _graph_color(metadata: Metadata) -> str:
    return json.dumps(metadata["possible_answer"])


def _rubiks_cube(metadata: Metadata) -> str:
    """The scramble backwards."""
    moves = str(metadata["scramble_moves"]).split()
    return " ".join(move[:-1] if move.endswith("'") else f"{move}'" for move in reversed(moves))


def _boxnet(metadata: Metadata) -> str:
    """One box after the other goes to its target, first down or up, then sideways."""
    plan: list[dict[str, str]] = []
    state: Mapping[str, list[str]] = metadata["initial_state"]
    targets = {colour: _places(state, f"target_{colour}") for colour in _colours(state)}
    for colour, places in targets.items():
        for start, end in zip(_places(state, f"box_{colour}"), places, strict=True):
            place = start
            for following in _path(start, end):
                plan.append({_agent(place): f"move(box_{colour}, square[{following[0]}, {following[1]}])"})
                place = following
            plan.append({_agent(place): f"move(box_{colour}, target_{colour})"})
    return json.dumps(plan)


def _colours(state: Mapping[str, list[str]]) -> list[str]:
    return sorted({item.removeprefix("box_") for items in state.values() for item in items if item.startswith("box_")})


def _places(state: Mapping[str, list[str]], item: str) -> list[tuple[float, float]]:
    found = [place.split("_") for place, items in state.items() for here in items if here == item]
    return [(float(row), float(column)) for row, column in found]


def _agent(place: tuple[float, float]) -> str:
    return f"Agent[{place[0]}, {place[1]}]"


def _path(start: tuple[float, float], end: tuple[float, float]) -> Iterator[tuple[float, float]]:
    row, column = start
    while row != end[0]:
        row += 1 if end[0] > row else -1
        yield row, column
    while column != end[1]:
        column += 1 if end[1] > column else -1
        yield row, column


def _rush_hour(metadata: Metadata) -> str:
    """The shortest way out, by a search in breadth over the boards."""
    start = _as_shown(str(metadata["board_config"]))
    came: dict[str, tuple[str, str]] = {start: ("", "")}
    waiting = deque([start])
    while waiting:
        board = waiting.popleft()
        if board[_EXIT] == "A":
            return " ".join(_way(came, board))
        for move, following in _moves(board):
            if following not in came:
                came[following] = (board, move)
                waiting.append(following)
    raise DatasetError(f"no way out of {start}")


def _as_shown(board: str) -> str:
    """The problem names the cars A, B, C and so on in the order of their labels, which leave letters out."""
    labels = sorted(set(board) - set("ox"))
    return "".join(chr(ord("A") + labels.index(label)) if label in labels else label for label in board)


def _way(came: Mapping[str, tuple[str, str]], board: str) -> list[str]:
    moves: list[str] = []
    while came[board][1]:
        board, move = came[board]
        moves.append(move)
    return moves[::-1]


def _moves(board: str) -> Iterator[tuple[str, str]]:
    """Every move of one car by one square or more, and the board after it."""
    for car in sorted(set(board) - set("ox")):
        squares = [place for place, label in enumerate(board) if label == car]
        stride = squares[1] - squares[0]
        for sign in (-1, 1):
            front = squares[-1] if sign > 0 else squares[0]
            for steps in itertools.count(1):
                place = front + sign * stride * steps
                inside = 0 <= place < len(board) and (stride > 1 or place // _SIDE == front // _SIDE)
                if not inside or board[place] != "o":
                    break
                yield f"{car}{'+' if sign > 0 else '-'}{steps}", _moved(board, car, squares, sign * stride * steps)


def _moved(board: str, car: str, squares: list[int], distance: int) -> str:
    cells = ["o" if label == car else label for label in board]
    for place in squares:
        cells[place + distance] = car
    return "".join(cells)


def _propositional_logic(metadata: Metadata) -> str:
    return str(metadata["example_answer"])


_ORACLES: Mapping[str, Callable[[Metadata], str]] = {
    "boxnet": _boxnet,
    "graph_color": _graph_color,
    "propositional_logic": _propositional_logic,
    "rubiks_cube": _rubiks_cube,
    "rush_hour": _rush_hour,
}
