"""Which verifier gave a score: a version that changes whenever code behind a verdict does.

The version of an environment is that of its family together with a digest of every module that the family's verdicts
can depend on: its own, and those of its package that it imports, directly or not.
"""

import ast
import hashlib
import importlib.util
from functools import cache
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
    """``start`` and all modules of its package that it imports, directly or not: name and file."""
    package = start.partition(".")[0]
    found: dict[str, Path] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = _source(name)
        if name not in found and path is not None:
            found[name] = path
            imported = _imports(name, path.read_bytes(), path.name)
            waiting += [other for other in imported if other.partition(".")[0] == package]
    return found


def _source(name: str) -> Path | None:
    """The file of a module; None for what is no module of its own (a class that is imported, say)."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


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
