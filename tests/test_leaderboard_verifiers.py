"""The version of a verifier: another one as soon as code that decides a verdict is, in whatever process it runs."""

import subprocess
import sys
from pathlib import Path

import gymnasium
import pytest

import pmd_envs
from leaderboard.verifiers import module_files, verifier_version
from pmd_envs import environment_ids

FOLDER = Path(pmd_envs.__file__).parent
INSIDE = sorted(path.name for path in (FOLDER / "sandbox" / "inside").glob("*.py"))


def version_with(env_id, file, monkeypatch):
    """The version of a verifier if a file of the package were another one."""
    read = Path.read_bytes
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: read(path) + (b"\n# edited\n" if path == FOLDER / file else b""))
        return verifier_version.__wrapped__(env_id)


@pytest.mark.parametrize(
    ("env_id", "file"),
    [
        ("pmd/MATH500-v0", "math/guard.py"),
        ("pmd/MATH500-v0", "math/numeric.py"),
        ("pmd/MATH-v0", "math/numeric.py"),
        *(("pmd/HumanEval-v0", f"sandbox/inside/{name}") for name in INSIDE),
        ("pmd/FunctionSynthesis-v0", "sandbox/server.py"),
        ("pmd/FunctionSynthesis-v0", "sandbox/inside/solution.py"),
    ],
)
def test_an_edit_of_code_that_child_processes_run_changes_the_version(env_id, file, monkeypatch):
    assert (FOLDER / file).exists()
    usual = verifier_version(env_id)
    assert version_with(env_id, file, monkeypatch) != usual
    assert version_with(env_id, "nothing.py", monkeypatch) == usual


def test_an_edit_of_code_that_decides_nothing_here_does_not(monkeypatch):
    for file in ("math/numeric.py", "sandbox/inside/solution.py", "play.py"):
        assert version_with("pmd/Sudoku-v0", file, monkeypatch) == verifier_version("pmd/Sudoku-v0")


@pytest.mark.parametrize(("env_id", "package"), [("pmd/MATH500-v0", "math"), ("pmd/HumanEval-v0", "sandbox")])
def test_packages_that_start_processes_are_digested_whole(env_id, package):
    """However they come to name what they start; what only a command line runs may be missing."""
    family = gymnasium.registry[env_id].kwargs["family"].partition(":")[0]
    left_out = {FOLDER / package / name for name in ("__init__.py", "__main__.py")}
    assert set((FOLDER / package).rglob("*.py")) - left_out <= set(module_files(family).values())


def test_a_digest_imports_nothing():
    """What is for a confined process only is not run here."""
    code = (
        "import sys; from leaderboard.verifiers import module_files; before = set(sys.modules); "
        "assert 'pmd_envs.sandbox.inside.solution' in module_files('pmd_envs.families.humaneval'); "
        "print(sorted(name for name in set(sys.modules) - before if 'pmd_envs' in name))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_only_registered_environments_have_a_version():
    assert verifier_version("pmd/Nothing-v0") == ""
    assert all(verifier_version(env_id) for env_id in environment_ids())
