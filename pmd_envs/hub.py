"""Files of data sets on the Hugging Face hub, each at a pinned commit and as the hub says that it is there.

``HF_ENDPOINT``, ``HF_HOME`` and ``HF_HUB_OFFLINE`` mean what they mean to every Hugging Face tool. The one thing
added is a quick look whether the hub answers, because its client alone retries for about half a minute.
"""

import hashlib
import os
import re
import ssl
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from pmd_envs.errors import DatasetError

GIT_HASH = re.compile("[0-9a-f]{40}")
_SHA256 = re.compile("[0-9a-f]{64}")
_REACH_SECONDS = 5.0


def hub_path(repo: str, revision: str, name: str) -> Path:
    """A file of a data set as it is at a commit, from the cache or else from the hub.

    Raises:
        DatasetError: It is in neither, or the hub cannot be asked.
    """
    # Imported here because most runs need no hub, and its client takes a while to import.
    from huggingface_hub import constants, hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    # The client lets errors of its HTTP library through, and which library that is depends on its version.
    client_bases = [base for base in HfHubHTTPError.__bases__ if issubclass(base, Exception)]
    # What brings large files, hf_xet, raises RuntimeError where its store cannot be reached or refuses.
    client_errors: tuple[type[Exception], ...] = (OSError, ValueError, RuntimeError, *client_bases)
    what = f"{name} of the Hugging Face data set {repo} at {revision}"
    endpoint = os.environ.get("HF_ENDPOINT") or constants.ENDPOINT

    def download(cache_only: bool) -> Path:
        path = hf_hub_download(
            repo,
            name,
            repo_type="dataset",
            revision=revision,
            endpoint=endpoint,
            local_files_only=cache_only,
        )
        return Path(path)

    try:
        return download(cache_only=True)
    except LocalEntryNotFoundError:
        missing = f"{what} is not in the cache {constants.HF_HUB_CACHE}"
    if constants.HF_HUB_OFFLINE:
        raise DatasetError(f"{missing} and HF_HUB_OFFLINE is set")
    _reach(endpoint, missing)
    try:
        return download(cache_only=False)
    except client_errors as error:
        raise DatasetError(f"cannot download {what} from {endpoint}: {error}") from error


def hold_to_hub(path: Path) -> None:
    """Hold a cached file to the hash that the hub gave for it at its commit, under which the client keeps it.

    That is the sha256 of a large file and git's own hash of a small one. The client compares lengths only, and where
    it cannot make links it keeps no hash either. What the link is to may be one itself, to a name of another kind.

    Raises:
        DatasetError: It has another hash, or the hub gave none.
    """
    if not path.is_symlink():
        return
    blob, content = _target(path), read_bytes(path)
    if _SHA256.fullmatch(blob.name):
        found = hashlib.sha256(content).hexdigest()
    elif GIT_HASH.fullmatch(blob.name):
        found = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    else:
        raise DatasetError(f"the hub gave {path} the tag {blob.name!r}, which is neither a sha256 nor a git hash")
    if found != blob.name:
        raise DatasetError(f"{path} has the hash {found}, the hub gave {blob.name}. {how_to_fetch_again(path)}")


def how_to_fetch_again(path: Path) -> str:
    """What to do about a damaged file: what it links to has to go, or else the client links it again."""
    behind = []
    while path.is_symlink():
        path = _target(path)
        behind.append(str(path))
    return f"Delete {' and '.join(behind or [str(path)])} and fetch it again."


def _target(link: Path) -> Path:
    """What a link leads to, one link further: the next may be one into a store that repositories share."""
    target = link.parent / link.readlink()
    return target.parent.resolve() / target.name


def _reach(endpoint: str, missing: str) -> None:
    """Raise at once if nothing answers; any answer at all is left to the client to understand."""
    try:
        with urllib.request.urlopen(urllib.request.Request(endpoint, method="HEAD"), timeout=_REACH_SECONDS):
            return
    except urllib.error.HTTPError as error:
        error.close()
    except (OSError, ValueError, HTTPException) as error:
        # The client brings its own certificates: one that Python rejects may be fine for it.
        if not (isinstance(error, urllib.error.URLError) and isinstance(error.reason, ssl.SSLError)):
            raise DatasetError(f"{missing} and {endpoint} does not answer: {error}") from error


def read_bytes(path: Path) -> bytes:
    """All of a file; :class:`DatasetError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error}") from error
