"""How a script that measures hands out what it found: as a table for people, or as one JSON object for programs."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from pmd_envs.records import Json


def json_option(parser: ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument(
        "--json", action="store_true", help="print what was found as one JSON object, and everything else to stderr"
    )


@contextmanager
def measuring(as_json: bool) -> Iterator[dict[str, Json]]:
    """What was found is put into the dictionary, and printed at the end if JSON is asked for.

    Until then everything that is printed, by libraries too, goes to stderr, so that the object is alone on stdout.
    """
    found: dict[str, Json] = {}
    if not as_json:
        yield found
        return
    with redirect_stdout(sys.stderr):
        yield found
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
