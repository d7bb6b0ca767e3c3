"""Tables of a memory's items for a terminal."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from memory.records import Behavior, Experience, Insight, Item
from memory.reports import Counts
from memory.search import Hit

_LONGEST = 240


def items_table(title: str, items: Sequence[Item]) -> Table:
    """What was learned, when, and from which episodes."""
    table = _table(title, "id", "step", "kind", "learned", "from", "reward", "shown", "then right")
    for item in items:
        table.add_row(str(item.id), _steps(item), _kind(item), _learned(item), _source(item), *_worth(item))
    return table


def hits_table(query: str, hits: Iterable[Hit]) -> Table:
    """Items nearest to a query."""
    table = _table(f"nearest to {query!r}", "cosine", "id", "step", "kind", "learned", "from")
    for hit in hits:
        item = hit.item
        table.add_row(f"{hit.similarity:.3f}", str(item.id), _steps(item), _kind(item), _learned(item), _source(item))
    return table


def growth_table(curve: Iterable[tuple[int, Counts]]) -> Table:
    """Items at each level after every step that changed something."""
    table = _table("growth", "step", "experience", "insight", "behavior", "total")
    for step, counts in curve:
        numbers = (step, counts.experience, counts.insight, counts.behavior, counts.total)
        table.add_row(*(str(number) for number in numbers))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=_plain(title), title_justify="left", box=box.SIMPLE)
    for column in columns:
        wide = column in ("learned", "from")
        table.add_column(column, overflow="fold", ratio={"learned": 3, "from": 1}.get(column), no_wrap=not wide)
    return table


def _plain(text: str) -> Text:
    """Model text as it is: no markup of rich's, no escape sequences for the terminal."""
    shown = "".join(character if character.isprintable() else " " for character in text[: _LONGEST + 1])
    return Text(shown if len(text) <= _LONGEST else f"{shown[:_LONGEST]}…")


def _kind(item: Item) -> str:
    if isinstance(item, Insight):
        return item.kind
    if isinstance(item, Behavior):
        return "behavior"
    return "success" if item.success else "failure"


def _steps(item: Item) -> str:
    return str(item.written_step) if item.removed_step is None else f"{item.written_step}-{item.removed_step}"


def _learned(item: Item) -> Text:
    if isinstance(item, Insight):
        return _plain(f"{item.title}: {item.content}")
    if isinstance(item, Behavior):
        return _plain(f"{item.name}: {item.instruction}")
    return _plain(item.text)


def _source(item: Item) -> Text:
    origin = item.provenance
    if isinstance(item, Experience):
        return _plain(f"{item.subject_id}, episode {item.episode_id}")
    about = origin.subject_ids[0] if len(origin.subject_ids) == 1 else f"{len(origin.subject_ids)} problems"
    more = ", …" if len(origin.episode_ids) > 3 else ""
    return _plain(f"{about}, episodes {', '.join(origin.episode_ids[:3])}{more}")


def _worth(item: Item) -> tuple[str, str, str]:
    origin = item.provenance
    rate = origin.success_when_shown
    return f"{origin.reward:.2f}", str(origin.shown), "-" if rate is None else f"{rate:.2f}"
