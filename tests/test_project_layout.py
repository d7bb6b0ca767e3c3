"""How the project is put together: what imports what, what is in the wheel, and who wins a clash of names."""

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("pmd_envs", "memory", "agents", "benchmarks", "leaderboard")


def python(*arguments, cwd=ROOT, **environment):
    """The standard output of this interpreter in another process."""
    run = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("package", ["pmd_envs", "memory", "leaderboard"])
def test_what_needs_no_torch_does_not_import_it(package):
    heavy = "{'torch', 'transformers', 'tensorboard', 'matplotlib'}"
    assert python("-c", f"import sys, {package}; print(sorted({heavy} & set(sys.modules)))").strip() == "[]"


def test_importing_pmd_envs_takes_less_than_a_second():
    code = "import time, pmd_envs; print(time.process_time())"  # the process's own time, whatever else is running
    assert min(float(python("-c", code)) for _ in range(3)) < 1


def test_importing_pmd_envs_warns_of_nothing():
    python("-W", "error", "-c", "import pmd_envs")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_the_one_of_this_checkout(package):
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).parent == ROOT / package


def test_a_strangers_agents_package_does_not_get_in_the_way(tmp_path):
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise SystemExit('a stranger was imported')")
    shown = python(str(ROOT / "benchmarks" / "run.py"), "--help", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert "--agent" in shown


def test_the_wheel_holds_pmd_envs_and_nothing_else(tmp_path):
    python("-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pmd_envs"}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "pmd_envs").rglob("*.py")}
    assert sources | {"pmd_envs/py.typed"} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def requirements_of(name, extras):
    """What an installed distribution needs on this machine, as (name, extras)."""
    for text in importlib.metadata.requires(name) or ():
        requirement = Requirement(text)
        chosen = [{"extra": extra} for extra in ("", *extras)]
        if requirement.marker is None or any(requirement.marker.evaluate(extra) for extra in chosen):
            yield canonicalize_name(requirement.name), frozenset(requirement.extras)


def test_everything_that_is_installed_is_pinned():
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    direct = [Requirement(text) for text in (*project["dependencies"], *extras["train"], *extras["dev"])]
    todo = [(canonicalize_name(requirement.name), frozenset(requirement.extras)) for requirement in direct]
    seen = set()
    while todo:
        name, chosen = todo.pop()
        # setuptools belongs to the environment; torch itself pins its CUDA packages, which differ by platform.
        if (name, chosen) in seen or name == "setuptools" or name.startswith(("nvidia-", "cuda-", "triton")):
            continue
        seen.add((name, chosen))
        todo.extend(requirements_of(name, chosen))
    assert len(seen) > 40
    assert sorted({name for name, _ in seen} - set(pins)) == []
    assert all(requirement.specifier.contains(pins[canonicalize_name(requirement.name)]) for requirement in direct)
