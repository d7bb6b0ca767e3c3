"""Which verifier gave a score: a version that changes whenever code behind a verdict does.

The version of an environment is that of its family together with a digest of every module that the family's verdicts
can depend on: its own, and those of its package that it imports, directly or not. What runs in other processes
(comparisons of numbers, programs of models) is started by its path and imported by nobody: a module that names files or
folders beside its own, as ``Path(__file__).with_name("numeric.py")`` does, depends on these as well.
"""

import ast
import hashlib
import importlib.util
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

import gymnasium

from pmd_envs import environment_ids


def verifier_versions() -> dict[str, str]:
    """The version of the verifier of every registered environment."""
    return {env_id: verifier_version(env_id) for env_id in environment_ids()}


@cache
def verifier_version(env_id: str) -> str:
    """Such as ``v0-3f5a90c2b1de``; empty for an id that is not registered."""
    if env_id not in environment_ids():
        return ""
    module = str(gymnasium.registry[env_id].kwargs["family"]).partition(":")[0]
    digest = hashlib.sha256()
    for name, path in sorted(module_files(module).items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return f"{env_id.rpartition('-')[2]}-{digest.hexdigest()[:12]}"


def module_files(start: str) -> dict[str, Path]:
    """``start`` and all modules of its package it imports or names by a path, directly or not: name and file."""
    package = start.partition(".")[0]
    found: dict[str, Path] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = _source(name)
        if name not in found and path is not None:
            found[name] = path
            source = path.read_bytes()
            imported = _imports(name, source, path.name)
            waiting += [other for other in imported if other.partition(".")[0] == package]
            waiting += _beside(name, path, _named_beside(source))
    return found


def _source(name: str) -> Path | None:
    """The file of a module; None for what is no module of its own (a class that is imported, say)."""
    spec = _spec(name)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


@cache
def _spec(name: str) -> ModuleSpec | None:
    """Where a module is. Nothing is imported for that: some modules are for other processes only."""
    parent = name.rpartition(".")[0]
    if not parent:
        try:
            return importlib.util.find_spec(name)
        except (ImportError, ValueError):
            return None
    above = _spec(parent)
    if above is None or above.submodule_search_locations is None:
        return None
    return PathFinder.find_spec(name, above.submodule_search_locations)


def _beside(name: str, path: Path, places: tuple[str, ...]) -> list[str]:
    """The modules in files and folders that a module names."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = []
    for place in map(path.with_name, places):
        for file in place.rglob("*.py") if place.is_dir() else [place]:
            parts = file.relative_to(path.parent).with_suffix("").parts
            found.append(".".join([*package, *(part for part in parts if part != "__init__")]))
    return found


@cache
def _named_beside(source: bytes) -> tuple[str, ...]:
    """The files and folders that a module finds by its own path, ``Path(__file__).with_name("...")``."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args]
    asked = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "with_name"]
    places = [call.args[0] for call in asked if ast.unparse(call.func) == "Path(__file__).with_name"]
    return tuple(str(place.value) for place in places if isinstance(place, ast.Constant))


@cache
def _imports(name: str, source: bytes, file: str) -> tuple[str, ...]:
    """What a module imports. Kept, because most families import the same modules."""
    imported: list[str] = []
    base = name.split(".") if file == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = base[: len(base) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            imported += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return tuple(imported)
