#!/usr/bin/env python3
"""Keep what a study measured in one small file, and bring it back to where ``study.py`` finds it.

The cells of a study are many gigabytes, mostly weights and texts. Its page needs little of them: reports, metrics, and
which answers to which problems were right. Whoever has that can write the page again, draw other intervals, or add
seeds: ``study.py --out FOLDER`` takes the cells that it finds in a folder for done. What is left out is whatever only a
run that goes on needs (weights, memories, optimizers), and what was asked and answered: answers cannot be graded again,
and such a run cannot be posted to a leaderboard.
"""

import argparse
import io
import json
import lzma
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

from benchmarks.files import make_folder
from pmd_envs.command_line import Parser, as_command
from pmd_envs.completion import script_parser
from pmd_envs.errors import ConfigError

REPORT = "report.json"
WHOLE = ("config.json", "data.json", REPORT, "metrics.jsonl", "seconds.jsonl", "unseen.json", "validation_start.json")
"""Files of a cell that are kept as they are, where there are any."""
ANSWERS = ("evaluation.jsonl", "unseen/*.jsonl")
"""Files with a line for each answer, of which it is kept which answer to which problem had which score."""
TEXTS = ("response", "reason", "context")
"""Fields of such a line that are not kept."""
MOST_OF_FILE, MOST_OF_ALL = 2**29, 2**34
"""Bytes of one file of a cell and of everything in an archive, unpacked: what is larger was not written here."""
_CELL = len(("suite", "arm", "seed"))
_EXAMPLES = """\
Examples:
  python benchmarks/archive.py pack runs/study study.tar.xz
  python benchmarks/archive.py pack runs/study first.tar.xz --seeds 0 1
  python benchmarks/archive.py unpack study.tar.xz runs/again
  python benchmarks/study.py --out runs/again --page page/results.md

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""


def parser() -> Parser:
    """What the command line takes."""
    made = script_parser(__doc__)
    made.epilog = _EXAMPLES
    commands = made.add_subparsers(dest="command", required=True)
    look = argparse.RawDescriptionHelpFormatter
    pack_it = commands.add_parser("pack", help="all finished cells of a study into one file", formatter_class=look)
    pack_it.add_argument("folder", type=Path, help="of the study, as study.py --out has it")
    pack_it.add_argument("file", type=Path, help="to write, .tar.xz")
    pack_it.add_argument("--seeds", type=int, nargs="+", help="the cells of these only")
    unpack_it = commands.add_parser("unpack", help="the cells of such files into a folder", formatter_class=look)
    unpack_it.add_argument("files", type=Path, nargs="+", help="written by pack")
    unpack_it.add_argument("folder", type=Path, help="for study.py --out; cells that it has already are kept")
    return made


@as_command
def main() -> int:
    """Pack or unpack, and say what."""
    options = parser().parse_args()
    if options.command == "pack":
        count = pack(options.folder, options.file, options.seeds)
        sys.stdout.write(f"{options.file}: {count} cells, {options.file.stat().st_size:,} bytes\n")
        return 0
    for file in options.files:
        found, new = unpack(file, options.folder)
        sys.stdout.write(f"{file}: {found} cells, {new} of them new in {options.folder}\n")
    return 0


def pack(folder: Path, file: Path, seeds: Sequence[int] | None = None) -> int:
    """Write the finished cells of a study to one file, the same bytes for the same cells; how many they are.

    Args:
        folder: Has a folder for each suite, in it one for each arm, in it one for each seed.
        file: Replaced as a whole, or not at all.
        seeds: Of the cells; all if not told.

    Raises:
        ConfigError: There is no finished cell, or a cell's file is damaged.
    """
    wanted = ["seed*"] if seeds is None else [f"seed{seed}" for seed in seeds]
    cells = sorted(report.parent for name in wanted for report in folder.glob(f"*/*/{name}/{REPORT}"))
    if not cells:
        which = "" if seeds is None else f" of seed {', '.join(map(str, seeds))}"
        raise ConfigError(f"{folder} has no finished cell{which}: expected {folder}/SUITE/ARM/seedN/{REPORT}")
    make_folder(file)
    new = file.with_name(f"{file.name}.new")
    try:
        with tarfile.open(new, "w:xz", format=tarfile.PAX_FORMAT) as archive:
            for cell in cells:
                for name, text in _kept(cell):
                    entry = tarfile.TarInfo(f"{cell.relative_to(folder).as_posix()}/{name}")
                    entry.size = len(text)
                    archive.addfile(entry, io.BytesIO(text))
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    return len(cells)


def _kept(cell: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of what a cell needs."""
    for name in WHOLE:
        if (cell / name).exists():
            yield name, (cell / name).read_bytes()
    for file in sorted(found for pattern in ANSWERS for found in cell.glob(pattern)):
        yield file.relative_to(cell).as_posix(), "".join(_without_texts(file)).encode()


def _without_texts(file: Path) -> Iterator[str]:
    with file.open() as lines:
        try:
            for answer in map(json.loads, lines):
                yield json.dumps({key: value for key, value in answer.items() if key not in TEXTS}) + "\n"
        except (ValueError, AttributeError) as error:
            raise ConfigError(f"{file} is damaged: {error!r}") from error


def unpack(file: Path, folder: Path) -> tuple[int, int]:
    """Bring packed cells back; how many there are, and how many of them the folder had not.

    Raises:
        ConfigError: The file cannot be read or holds something else than cells, or the folder has another run in the
            place of one. Then the folder is as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=folder) as place:
        found = Path(place)
        try:
            # As a whole, before anything is taken from it: tarfile does not notice that a file's end is missing.
            with lzma.open(file) as packed, tempfile.TemporaryFile(dir=found) as plain:
                while chunk := packed.read(2**20):
                    plain.write(chunk)
                    if plain.tell() > MOST_OF_ALL:
                        raise ConfigError(f"{file} unpacks to more than {MOST_OF_ALL:,} bytes")
                plain.seek(0)
                with tarfile.open(fileobj=plain, mode="r:") as archive:
                    for entry in archive:
                        _write(found, file, entry, archive)
        except ConfigError:  # which says it, and is a ValueError
            raise
        except (OSError, EOFError, ValueError, lzma.LZMAError, tarfile.TarError) as error:
            raise ConfigError(f"{file} cannot be read: {error}") from error
        cells = sorted(report.parent.relative_to(found) for report in found.glob(f"*/*/*/{REPORT}"))
        new = [cell for cell in cells if not _has(folder / cell, found / cell)]
        for cell in new:
            (folder / cell).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(found / cell, folder / cell)
    return len(cells), len(new)


def _write(found: Path, file: Path, entry: tarfile.TarInfo, archive: tarfile.TarFile) -> None:
    """Write one file of a cell; whoever made the archive does not choose where else files go."""
    path = PurePosixPath(entry.name)
    name = PurePosixPath(*path.parts[_CELL:])
    known = str(name) in WHOLE or any(name.match(pattern) for pattern in ANSWERS)
    # Of a sparse file most may be holes, which cost its writer nothing.
    content = archive.extractfile(entry) if entry.isfile() and not entry.issparse() else None
    if entry.size > MOST_OF_FILE:
        raise ConfigError(f"{file} holds {entry.name!r} of {entry.size:,} bytes, and {MOST_OF_FILE:,} are the most")
    if content is None or not known or path.is_absolute() or ".." in path.parts:
        raise ConfigError(f"{file} holds {entry.name!r}, which is no file of a study's cell")
    place = found / path
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as written:
        shutil.copyfileobj(content, written)


def _has(cell: Path, packed: Path) -> bool:
    """Whether a cell is there already.

    Raises:
        ConfigError: There is another one, or one that is not finished.
    """
    if not cell.exists():
        return False
    if not (cell / REPORT).exists() or (cell / REPORT).read_bytes() != (packed / REPORT).read_bytes():
        raise ConfigError(f"{cell} holds another run; unpack into another folder")
    return True


if __name__ == "__main__":
    sys.exit(main())
