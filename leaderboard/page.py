"""The boards as one static page that needs nothing else: no script, no request, no other file.

Everything in a report is text from somebody else. The templates escape all of it, and the page's Content Security
Policy allows only its own style sheet (by hash) and images that are part of it.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from leaderboard.errors import StoreError
from leaderboard.ranking import Board
from leaderboard.records import BASELINE, Scores
from pmd_envs.records import Json

PAGE_FILE = "index.html"
_TEMPLATES = Path(__file__).parent / "templates"


def percent(share: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.1f}"


def interval(scores: Scores) -> str:
    """The 95 % interval in percent."""
    return f"{percent(scores.low)}–{percent(scores.high)}"


def settings(kwargs: Mapping[str, Json]) -> str:
    """The settings of an environment on one line."""
    return ", ".join(f"{name}={json.dumps(value)}" for name, value in sorted(kwargs.items())) or "default"


def duration(seconds: float) -> str:
    """Seconds as hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes) + [f"{rest} s"] * (not hours)
    return " ".join(parts)


def moment(time: str) -> str:
    """A time in ISO 8601 and UTC as people read it."""
    return datetime.fromisoformat(time).strftime("%Y-%m-%d %H:%M UTC")


def _indented(value: Json) -> str:
    return json.dumps(value, indent=2, sort_keys=True)


def _data_uri(image: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(image).decode("ascii")


def render(boards: Sequence[Board], curves: Mapping[int, bytes]) -> str:
    """The page's HTML. ``curves`` are PNG images by entry id."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=percent, interval=interval, settings=settings, duration=duration, moment=moment, indented=_indented
    )
    style = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return environment.get_template("index.html.j2").render(
        boards=boards,
        curves={entry_id: _data_uri(image) for entry_id, image in curves.items()},
        baseline=BASELINE,
        style=Markup(style),  # ours, and the hash covers it byte by byte
        style_hash=style_hash,
    )


def write_page(boards: Sequence[Board], curves: Mapping[int, bytes], folder: Path) -> Path:
    """Write the page into ``folder`` as a whole or not at all; its path.

    Raises:
        StoreError: The folder cannot be made or written.
    """
    path = folder / PAGE_FILE
    unfinished = folder / f".{PAGE_FILE}.{os.getpid()}"
    html = render(boards, curves)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            # A lone surrogate, which JSON can smuggle in, becomes a character reference instead of an error.
            unfinished.write_text(html, encoding="utf-8", errors="xmlcharrefreplace")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
    return path
