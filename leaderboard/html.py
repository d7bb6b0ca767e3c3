"""From templates to HTML that is safe to look at, whatever a report says.

Everything in a report is text from somebody else. The templates escape all of it, and the pages' Content Security
Policy allows only our own style sheet and, in an export, our one script, each by the hash of its bytes.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pmd_envs.records import Json

_TEMPLATES = Path(__file__).parent / "templates"


def percent(share: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.1f}"


def signed(share: float) -> str:
    """A difference of shares, in points."""
    return f"{100 * share:+.1f}".replace("-", "−")


def tokens(number: int | None) -> str:
    """A number of tokens that a server counted, if it did."""
    return "not told by the server" if number is None else f"{number:,}"


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


def indented(value: Json) -> str:
    """JSON over several lines."""
    return json.dumps(value, indent=2, sort_keys=True)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (percent, signed, tokens, settings, duration, moment, indented)
    environment.filters.update({filter_.__name__: filter_ for filter_ in filters})
    return environment


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") + "'"


@cache
def content_policy(*, is_static: bool) -> str:
    """The Content Security Policy of all pages."""
    script = _hash(_asset("filter.js")) if is_static else "'none'"
    form = "'none'" if is_static else "'self'"
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(_asset('style.css'))}; script-src {script}; "
        f"base-uri 'none'; form-action {form}"
    )


@cache
def templates_version() -> str:
    """Digest of everything that decides how a page looks."""
    digest = hashlib.sha256()
    for path in sorted(_TEMPLATES.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def render(template: str, values: Mapping[str, object], *, is_static: bool) -> str:
    """One page."""
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            style=Markup(_asset("style.css")),  # ours, and the hash covers it byte by byte
            script=Markup(_asset("filter.js")),
            policy=content_policy(is_static=is_static),
        )
    )
