import os
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import hypothesis
import pytest
from toy_family import ToySums

import pmd_envs

# Each of pytest's processes computes with one thread, and so do the commands that tests start: two threads each would
# wait for one another.
os.environ["OMP_NUM_THREADS"] = "1"

hypothesis.settings.register_profile("default", deadline=None, max_examples=25)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=40, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well, as .ci/run does")


def _runs_slow(config: pytest.Config) -> bool:
    return bool(config.getoption("--slow") or os.environ.get("CI"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not _runs_slow(config):
        skip = pytest.mark.skip(reason="slow: --slow runs it, and so does .ci/run")
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(skip)
    if os.environ.get("PMD_DATA_DIR"):
        return
    skip = pytest.mark.skip(reason="PMD_DATA_DIR is not set")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def slow_too(pytestconfig: pytest.Config) -> bool:
    """Whether the tests marked slow are run as well, for what a fixture makes for many tests at once."""
    return _runs_slow(pytestconfig)


@pytest.fixture
def data_dir() -> Path:
    """The folder with the published data sets."""
    if not os.environ.get("PMD_DATA_DIR"):
        pytest.skip("PMD_DATA_DIR is not set")
    return Path(os.environ["PMD_DATA_DIR"])


@pytest.fixture
def toy_id() -> Iterator[str]:
    """The id of a family from outside pmd_envs, registered for one test."""
    env_id = pmd_envs.register(ToySums)
    yield env_id
    del gymnasium.registry[env_id]
