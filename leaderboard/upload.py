"""A run folder on its way over HTTP: one JSON object that maps the names of its text files to their content."""

import http.client
import json
import secrets
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from leaderboard.apart import verify_apart
from leaderboard.chain import CHAIN_FILE, EPISODES_FILE
from leaderboard.curves import START_FILE
from leaderboard.entry import CONFIG_FILE, REPORT_FILE
from leaderboard.errors import LeaderboardError, RefusedError, ReportError
from leaderboard.fields import Fields, parse, printable, read_bytes
from leaderboard.store import Leaderboard, Posted
from leaderboard.training import METRICS_FILE

MAX_UPLOAD_BYTES = 64_000_000
MAX_SECONDS = 600.0
"""What verifying an upload may take."""
_LAST_OF_LATIN_1 = 255
NEEDED = (REPORT_FILE, EPISODES_FILE, CHAIN_FILE)
OPTIONAL = (CONFIG_FILE, METRICS_FILE, START_FILE)


def pack(folder: Path) -> bytes:
    """The files of a run folder that are sent.

    Raises:
        ReportError: One is missing, not UTF-8 or, all together, they are too large.
    """
    names = [*NEEDED, *(name for name in OPTIONAL if (folder / name).exists())]
    try:
        files = {name: read_bytes(folder / name, MAX_UPLOAD_BYTES).decode() for name in names}
    except UnicodeDecodeError as error:
        raise ReportError(f"a file of {folder} is not UTF-8: {error}") from error
    packed = json.dumps(files).encode()
    if len(packed) > MAX_UPLOAD_BYTES:
        raise ReportError(f"{folder} has {len(packed):,} bytes, more than the {MAX_UPLOAD_BYTES:,} that can be sent")
    return packed


def unpack(body: bytes) -> dict[str, bytes]:
    """The files by name: only names that a run folder has, so none can lead out of it.

    Raises:
        ReportError: It is something else.
    """
    fields = parse(body, "upload")
    for name in fields.names():
        if name not in (*NEEDED, *OPTIONAL):
            raise fields.wrong(name[:80], f"is not a file that is taken; known: {', '.join((*NEEDED, *OPTIONAL))}")
    missing = [name for name in NEEDED if not fields.has(name)]
    if missing:
        raise fields.wrong(missing[0], "is missing")
    try:
        return {name: fields.text(name).encode() for name in fields.names()}
    except UnicodeEncodeError as error:
        raise ReportError(f"upload: text that is not Unicode: {error.reason}") from error


def receive(leaderboard: Leaderboard, files: Mapping[str, bytes], seconds: float = MAX_SECONDS) -> Posted:
    """Verify and post what was uploaded; of accepted runs the folder is kept beside the database, for ``rebuild``.

    It is verified in a process of its own, for so many seconds at most.

    Raises:
        RefusedError: For whatever reason :meth:`Leaderboard.post` gives; then nothing is kept.
    """
    kept = leaderboard.path.with_name(f"{leaderboard.path.stem}-runs")
    folder = kept / f"run-{secrets.token_hex(12)}"
    folder.mkdir(parents=True)
    posted = None
    try:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        posted = leaderboard.add(verify_apart(folder, seconds), folder, replace=False)
    except LeaderboardError as error:
        # Where this server keeps its files is nobody's business.
        raise RefusedError(str(error).replace(f"{folder}/", "").replace(str(folder), "the run")) from error
    finally:
        if posted is None or posted.already:
            shutil.rmtree(folder)
    return posted


def send(folder: Path, server: str, token: str) -> Posted:
    """Post a run folder to the server at ``http://HOST:PORT``; where it ended up there.

    Raises:
        ReportError: The folder cannot be sent, or the server's answer has another form.
        RefusedError: The server cannot be reached, or refused the run.
    """
    _check_address(server)
    check_token(token)
    request = urllib.request.Request(
        f"{server.rstrip('/')}/api/runs",
        data=pack(folder),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with _opener().open(request, timeout=MAX_SECONDS + 60) as answer:
            content = answer.read(1_000_000)
    except urllib.error.HTTPError as error:
        raise RefusedError(f"{server} says {error.code}: {_reason(error)}") from error
    except OSError as error:
        raise RefusedError(f"cannot reach {server}: {error}") from error
    except (http.client.InvalidURL, ValueError) as error:
        raise RefusedError(f"{server!r} is not the address of a server: {_about(error)}") from error
    except http.client.HTTPException as error:
        raise RefusedError(f"{server} does not answer as a web server does: {_about(error)}") from error
    return _posted(parse(content, f"the answer of {server}"))


def _opener() -> urllib.request.OpenerDirector:
    """What opens an address, and no other one instead: to where a server points, urllib would take the token along."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _check_address(server: str) -> None:
    try:
        port = urllib.parse.urlsplit(server).port
    except ValueError as error:
        raise RefusedError(f"{server!r} is not the address of a server: {_about(error)}") from error
    if not server.startswith(("http://", "https://")) or port == 0:
        raise RefusedError(f"{server!r} is not the address of a server: http://HOST:PORT, or https:// instead")


def check_token(token: str) -> None:
    """Refuse a token that no header can hold: only printable Latin characters, and no space around them, arrive.

    Raises:
        RefusedError: With the one character that is wrong and nothing else, as tokens are secrets.
    """
    if token != token.strip(" "):
        raise RefusedError("the token cannot be sent: it begins or ends with a space, which a header does not keep")
    for place, char in enumerate(token, start=1):
        if not char.isprintable() or ord(char) > _LAST_OF_LATIN_1:
            raise RefusedError(f"the token cannot be sent: its character {place} is {char!r}")


def _about(error: Exception) -> str:
    """What an error of the library says; some of them quote the server."""
    return printable(str(error).strip())[:200] or type(error).__name__


def _posted(fields: Fields) -> Posted:
    return Posted(
        entry_id=fields.whole("entry_id"),
        board=fields.name("board"),
        rank=None if fields.json("rank") is None else fields.whole("rank"),
        of=fields.whole("of"),
        already=fields.flag("already"),
        mark=printable(fields.text("mark")),
    )


def _reason(error: urllib.error.HTTPError) -> str:
    elsewhere = error.headers.get("Location")
    if 300 <= error.code < 400 and elsewhere:
        error.close()
        return f"it points to {elsewhere!r:.300}, where nothing was sent: name that address, if it is the right one"
    try:
        with error:
            text = error.read(10_000)
    except (OSError, http.client.HTTPException) as broken:
        return _about(broken)
    try:
        return printable(parse(text, "answer").text("error"))
    except ReportError:
        return repr(text[:200])
