"""Published data sets: where their files are, what they should contain, and how rows become splits.

A :class:`Dataset` names files; :func:`read_rows` reads one split of it, either from a folder under
``PMD_DATA_DIR`` ("local") or through the Hugging Face cache and hub ("hub"). Both ways end in the same
parser, so JSONL, JSON, their ``.gz`` twins and parquet are all accepted. Most sets publish no validation
split: then about a tenth of the train file, chosen by a hash of each row or of what it shares with others, is cut off.
"""

import codecs
import gzip
import hashlib
import importlib
import json
import os
import zlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from pmd_envs.errors import ConfigError, DatasetError, unknown
from pmd_envs.hub import GIT_HASH, hold_to_hub, how_to_fetch_again, hub_path, read_bytes
from pmd_envs.records import SPLITS, Json, Split

Where = Literal["local", "hub"]
Row = dict[str, Json]
Share = Literal["train", "validation"] | None

_VALIDATION_SHARE = 10  # one row in ten


@dataclass(frozen=True)
class Dataset:
    """The files of one published data set. A split without files of its own is not published."""

    folder: str
    """Its folder under ``PMD_DATA_DIR``."""
    files: Mapping[Split, tuple[str, ...]]
    """Local file names of each split, without ``.gz``."""
    ranges: Mapping[Split, tuple[int, int]] = field(default_factory=dict)
    """Which of those rows are the split's, first and last plus one, where the files hold several splits."""
    hub_repo: str = ""
    """``owner/name`` of the data set on the Hugging Face hub; empty if it is not there."""
    hub_revision: str = ""
    """The git commit to read there, which fixes the content of every file: 40 hex digits, no branch and no tag."""
    hub_files: Mapping[Split, tuple[str, ...]] = field(default_factory=dict)
    """File names of each split in that repository."""
    checksums: Mapping[str, str] = field(default_factory=dict)
    """sha256 of the decompressed content by file name; others are held to what the hub says of them at the commit."""
    questions: tuple[Callable[[Row], Hashable], ...] = ()
    """What a row asks, where other splits repeat some of test: rows are left out of them that are alike in any way."""
    group: Callable[[Row], Json] | None = None
    """What rows that belong together share, where there are such: all of them are in train, or all in validation."""
    solved: bool = True
    """Whether its rows have solutions that can be shown."""

    def __post_init__(self) -> None:
        _hold_files(f"files of {self.folder}", self.files)
        _hold_files(f"hub_files of {self.folder}", self.hub_files)
        if self.hub_repo and not GIT_HASH.fullmatch(self.hub_revision):
            found = f"hub_revision={self.hub_revision!r}"
            raise ConfigError(f"{self.hub_repo} is not pinned: {found} is not a git commit of 40 hex digits")


def _hold_files(what: str, files: object) -> None:
    if not isinstance(files, Mapping):
        raise ConfigError(f"{what} are a mapping of splits, not {files!r:.80}")
    for split, names in files.items():
        if split not in SPLITS:
            raise unknown(f"split in {what}", split, SPLITS)
        if not isinstance(names, (tuple, list)) or not all(isinstance(name, str) for name in names):
            right = "a tuple of names, such as ('train.jsonl',)"
            raise ConfigError(f"{what}: those of {split!r} are {right}, not {names!r:.80}")


def read_rows(dataset: Dataset, split: Split, where: Where) -> tuple[Row, ...]:
    """Every row of one split, in published order, but for those of the other splits that a test row repeats.

    Args:
        dataset: What to read.
        split: "validation" is cut from the train files where none is published.
        where: "local" reads ``PMD_DATA_DIR``, "hub" the Hugging Face cache and then the hub.
    """
    files = dataset.files if where == "local" else dataset.hub_files
    names, share = _names_of(dataset, split, files, where)
    rows = [row for name in names for row in _read_file(dataset, name, where)]
    if where == "local" and split in dataset.ranges:
        rows = rows[slice(*dataset.ranges[split])]
    tested = read_rows(dataset, "test", where) if dataset.questions and split != "test" else ()
    for question in dataset.questions:
        asked = set(map(question, tested))
        rows = [row for row in rows if question(row) not in asked]
    if share is None:
        return tuple(rows)
    group = dataset.group or (lambda row: row)
    return tuple(row for row in rows if _is_validation(group(row)) == (share == "validation"))


def publishes(dataset: Dataset, split: Split, where: Where) -> bool:
    """Whether there is such a split, be its files there or not."""
    return bool(_source_files(dataset.files if where == "local" else dataset.hub_files, split)[0])


def has_local(dataset: Dataset, split: Split | None = None) -> bool:
    """Whether ``PMD_DATA_DIR`` holds the files that ``split`` is read from, or those of every split if none is named.

    Raises:
        ConfigError: ``PMD_DATA_DIR`` names something that is no folder, so that nothing in it was meant.
    """
    return bool(_local_names(dataset, split)) and missing_local(dataset, split) == ()


def missing_local(dataset: Dataset, split: Split | None = None) -> tuple[str, ...] | None:
    """Which of those files are not there, as paths in ``PMD_DATA_DIR``; None if that is not set.

    Raises:
        ConfigError: As for :func:`has_local`.
    """
    root = os.environ.get("PMD_DATA_DIR")
    if not root:
        return None
    if not Path(root).is_dir():
        near = next(parent for parent in Path(root).absolute().parents if parent.is_dir())
        raise ConfigError(f"PMD_DATA_DIR={root} is no folder; the nearest is {near}. Unset it to do without data.")
    names = dict.fromkeys(_local_names(dataset, split))
    return tuple(f"{dataset.folder}/{name}" for name in names if _twin(Path(root) / dataset.folder, name) is None)


def _local_names(dataset: Dataset, split: Split | None) -> tuple[str, ...]:
    """The files of a split; where rows are left out that test repeats, those of test too."""
    if split is None:
        return tuple(name for published in dataset.files.values() for name in published)
    names, _ = _source_files(dataset.files, split)
    return (*names, *dataset.files.get("test", ())) if names and dataset.questions and split != "test" else names


def fingerprint(rows: Iterable[Row]) -> str:
    """A short name for exactly these rows in this order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(_canonical(row) + b"\n")
    return digest.hexdigest()[:16]


def _canonical(value: Json) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _is_validation(group: Json) -> bool:
    return int(hashlib.sha256(_canonical(group)).hexdigest(), 16) % _VALIDATION_SHARE == 0


def _source_files(files: Mapping[Split, tuple[str, ...]], split: Split) -> tuple[tuple[str, ...], Share]:
    """The files that hold a split, and which share of their rows it is (None: all of them)."""
    if split == "test" or "validation" in files:
        return files.get(split, ()), None
    return files.get("train", ()), split


def _names_of(
    dataset: Dataset, split: Split, files: Mapping[Split, tuple[str, ...]], where: Where
) -> tuple[tuple[str, ...], Share]:
    if where == "hub" and not dataset.hub_repo:
        raise DatasetError(f"{dataset.folder} has no copy on the Hugging Face hub; set PMD_DATA_DIR to read it")
    names, share = _source_files(files, split)
    if not names:
        known = ", ".join(name for name in SPLITS if _source_files(files, name)[0]) or "none"
        raise DatasetError(f"{dataset.folder} has no {split!r} split here ({where}). There is: {known}.")
    return names, share


def _read_file(dataset: Dataset, name: str, where: Where) -> list[Row]:
    if name.endswith(".parquet"):
        _parquet_reader(name)  # say what is missing before anything is downloaded
    path = _local_path(dataset, name) if where == "local" else hub_path(dataset.hub_repo, dataset.hub_revision, name)
    pinned = dataset.checksums.get(name, "")
    if where == "hub" and not pinned:
        hold_to_hub(path)
    content = _decompressed(path)
    found = hashlib.sha256(content).hexdigest()
    if pinned and found != pinned:
        advice = how_to_fetch_again(path) if where == "hub" else "Delete it and fetch it again."
        raise DatasetError(
            f"{path} is not the published {name}: its decompressed content has sha256 {found}, "
            f"expected {pinned}. {advice}"
        )
    return _parse(content, name.removesuffix(".gz"), path)


def _twin(folder: Path, name: str) -> Path | None:
    """The file or its gzipped or unzipped twin."""
    plain = name.removesuffix(".gz")
    for candidate in (folder / plain, folder / f"{plain}.gz"):
        if candidate.is_file():
            return candidate
    return None


def _local_path(dataset: Dataset, name: str) -> Path:
    root = os.environ.get("PMD_DATA_DIR")
    if not root:
        raise DatasetError(f"PMD_DATA_DIR is not set: it must name the folder that holds {dataset.folder}/{name}")
    folder = Path(root) / dataset.folder
    path = _twin(folder, name)
    if path is not None:
        return path
    for other in (folder / name, folder / f"{name}.gz"):
        if other.is_symlink() or other.exists():  # a file of git-annex whose content was not fetched is such a link
            found = "is a link to no file" if other.is_symlink() else "is no file"
            raise DatasetError(f"{other} {found}. PMD_DATA_DIR is {root}.")
    looked = f"{folder / name} (or its .gz twin) does not exist"
    parent, wanted = (folder, name) if folder.is_dir() else (folder.parent, dataset.folder)
    there = sorted(entry.name for entry in parent.iterdir()) if parent.is_dir() else []
    near = get_close_matches(wanted, there, n=1, cutoff=0.3) or there[:1]
    nearest = f"the nearest there is {parent / near[0]}" if near else f"{parent} has no files"
    raise DatasetError(f"{looked}; {nearest}. PMD_DATA_DIR is {root}.")


def _decompressed(path: Path) -> bytes:
    content = read_bytes(path)
    try:
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"cannot read {path}: {error}") from error


def _parse(content: bytes, name: str, path: Path) -> list[Row]:
    """Rows of a file by the ending of its published name."""
    if name.endswith(".parquet"):
        return _parse_parquet(content, path)
    if name.endswith(".jsonl") or (name.endswith(".json") and _is_lines(content)):
        # Not splitlines(): a JSON string may hold U+2028 and its like.
        lines = enumerate(content.split(b"\n"), start=1)
        texts = ((f"{path}, line {number}", line) for number, line in lines if line.strip())
        return [_row(_json(line, place), place) for place, line in texts]
    if name.endswith(".json"):
        rows = _json(content, str(path))
        if not isinstance(rows, list):
            raise DatasetError(f"{path} should hold a JSON list of objects, not a {type(rows).__name__}")
        return [_row(row, f"{path}, entry {number}") for number, row in enumerate(rows)]
    raise DatasetError(f"{path}: only .jsonl, .json and .parquet can be read (also gzipped)")


def _is_lines(content: bytes) -> bool:
    """Whether a ``.json`` file holds JSON lines, as some publishers call them: a whole object in its first line."""
    first, _, rest = content.removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")
    return first.startswith(b"{") and first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")


def _json(text: bytes, place: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{place} is not JSON: {error}") from error
    return value


def _row(value: Json, place: str) -> Row:
    if not isinstance(value, dict):
        raise DatasetError(f"{place} should be a JSON object, not a {type(value).__name__}")
    return value


def _parse_parquet(content: bytes, path: Path) -> list[Row]:
    parquet = _parquet_reader(path.name)
    failures = importlib.import_module("pyarrow.lib").ArrowException, OSError, ValueError, OverflowError
    try:
        rows = parquet.read_table(BytesIO(content)).to_pylist()
    except failures as error:  # OverflowError: a time that Python's datetime cannot hold
        raise DatasetError(f"cannot read {path} as parquet: {error}") from error
    return [{name: _as_json(value, f"{path}, column {name!r}") for name, value in row.items()} for row in rows]


def _as_json(value: Any, place: str) -> Json:  # noqa: ANN401  parquet has types that JSON lacks
    """A value of a parquet column: dates and times as ISO 8601 writes them, decimals with all their digits."""
    match value:
        case None | str() | int() | float():
            return value
        case dict():
            return {key: _as_json(inner, place) for key, inner in value.items()}
        case list() | tuple():
            return [_as_json(inner, place) for inner in value]
        case date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
    raise DatasetError(f"{place} holds values of type {type(value).__name__}, which have no form in JSON")


def _parquet_reader(name: str) -> ModuleType:
    try:
        return importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise DatasetError(f"{name} is parquet, which needs pyarrow: pip install pyarrow") from error
