"""Programs that want to pass, reach or break something gain nothing; honest ones that look odd lose nothing."""

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hostile_kernel
import hostile_language
import hostile_programs
import pytest
from honest_programs import HONEST
from hostile_programs import MISLED, REACH

from pmd_envs.sandbox import CodeResult, Sandbox, check_code, run_calls

TESTS = ["assert solve(3) == 'left'", "assert solve(4) == 51966", "assert solve([1]) == {'a': (2.5,)}"]
CLASSES = hostile_programs.CLASSES | hostile_language.CLASSES | hostile_kernel.CLASSES
PROGRAMS = {f"{group}: {name}": text for group, programs in CLASSES.items() for name, text in programs.items()}
SOME = frozenset(list(PROGRAMS)[::4])
"""Those that are judged without --slow: all take the longest of any file."""
EACH = [pytest.param(name, marks=[] if name in SOME else pytest.mark.slow) for name in PROGRAMS]
TIMEOUT = 0.7
RIGHT = "def solve(x):\n    return {3: 'left', 4: 51966}.get(x, {'a': (2.5,)}) if type(x) is int else {'a': (2.5,)}"


def descendants(pid):
    """Ids of all processes below one."""
    children = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found, todo = set(), [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found.update(below)
        todo += below
    return found


class Host:
    """What the programs are after: a folder with a file and a port that counts its visitors."""

    def __init__(self, folder):
        self.folder = folder
        self.visits = 0
        folder.chmod(0o777)
        (folder / "kept").write_text("the expected value is 'left'")
        (folder / "kept").chmod(0o666)
        self.stream = socket.create_server(("127.0.0.1", 0))
        self.port = self.stream.getsockname()[1]
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", self.port))
        self.stream.setblocking(False)
        self.datagrams.setblocking(False)

    def fill(self, program):
        found = program.replace("@FOLDER@", str(self.folder)).replace("@PORT@", str(self.port))
        return found.replace("@PID@", str(os.getpid()))

    def visited(self):
        count = 0
        for receive in (self.stream.accept, lambda: self.datagrams.recv(1)):
            try:
                receive()
                count += 1
            except BlockingIOError:
                pass
        return count

    def close(self):
        self.stream.close()
        self.datagrams.close()


@pytest.fixture(scope="module")
def sandbox():
    box = Sandbox()
    yield box
    box.close()


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    found = Host(tmp_path_factory.mktemp("host"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def verdicts(sandbox, host, slow_too):
    """Every hostile program's result (or some programs'), seconds, and seconds of the right program that came next."""

    def judge(program):
        started = time.monotonic()
        result = check_code(host.fill(program), TESTS, entry_point="solve", timeout_s=TIMEOUT, sandbox=sandbox)
        between = time.monotonic()
        after = check_code(RIGHT, TESTS, entry_point="solve", sandbox=sandbox)
        return result, between - started, after, time.monotonic() - between

    chosen = {name: text for name, text in PROGRAMS.items() if slow_too or name in SOME}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(chosen, pool.map(judge, chosen.values()), strict=True))


def test_the_suites_are_large_and_the_tests_can_be_passed(sandbox):
    assert len(PROGRAMS) >= 250
    assert len(HONEST) >= 90
    assert check_code(RIGHT, TESTS, entry_point="solve", sandbox=sandbox).passed


@pytest.mark.parametrize("name", EACH)
def test_no_hostile_program_passes_and_none_is_slow(verdicts, name):
    result, seconds, after, _ = verdicts[name]
    assert isinstance(result, CodeResult)
    assert not result.passed
    assert result.reason
    assert len(result.reason) <= 2000
    assert seconds < TIMEOUT + 3
    assert after.passed, after.reason


@pytest.mark.parametrize(("name", "program", "tests"), MISLED, ids=[name for name, _, _ in MISLED])
def test_no_program_misleads_tests_of_another_form(sandbox, name, program, tests):
    result = check_code(program, tests, sandbox=sandbox)
    assert not result.passed
    assert result.reason


def test_hostile_programs_do_not_slow_the_next_one(verdicts):
    seconds = sorted(after for _, _, _, after in verdicts.values())
    assert seconds[len(seconds) // 2] < 0.5
    assert seconds[-1] < 3


def test_hostile_programs_change_no_file_and_reach_no_socket(verdicts, host):
    assert [path.name for path in host.folder.iterdir()] == ["kept"]
    assert (host.folder / "kept").read_text() == "the expected value is 'left'"
    assert host.visited() == 0
    assert len(REACH) > 15


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_host_would_notice(tmp_path):
    """The traps work: a program that is let out is seen."""
    host = Host(tmp_path)
    for name in ("writes a file", "connects by TCP", "sends a datagram"):
        scope = {}
        exec(host.fill(REACH[name]), scope)
        try:
            scope["solve"](3)
        except OSError:
            pytest.fail("the trap is out of reach")
    assert (tmp_path / "hit").exists()
    assert host.visited() == 2
    host.close()


# What a program may say in place of our side of it, to each thing that it is asked.
REPLIES = (
    {},
    {"value": "left"},
    {"names": []},
    {"names": {"solve": 3}},
    {"names": {"solve": {"exception": [7, None, {}]}}},
    {"names": {"solve": {"value": {"remote": ["x", 2]}}}},
    {"names": {"solve": {"value": {"remote": [0, "function"]}}, "abs": {"value": {"remote": [0, "function"]}}}},
    {"names": {"solve": {"value": {"remote": [10**30, "f"]}}, "__fail__": {"value": 0}}},
    {"error": 5},
    {"error": {"kinds": "ValueError", "text": 3, "trace": []}},
    {"error": {"kinds": ["StopIteration", "ExceptionGroup"], "value": [1, 2], "object": {"remote": [0, "x"]}}},
    {"error": {"kinds": ["UnicodeDecodeError", "OSError"], "value": {"tuple": 3}}},
    {"replies": [], "failed": None, "weak": False, "secret": "x", "done": 0},
    {"value": {"set": [[], {}]}},
    {"value": {"fraction": ["1e999999999"]}},
    {"value": {"range": [0, True, 0.5]}},
    {"value": {"int": "0x" + "f" * 10**5}, "changed": [[1], 2, {"dict": []}]},
    [],
    "left",
)
SAYS = """
import json
real, said = json.dumps, 0
def dumps(value, **options):
    global said
    said += 1
    return real(REPLY if said > FIRST else value)
json.dumps = dumps
def solve(x):
    return 0
"""


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: str(reply)[:40])
def test_no_reply_of_a_program_passes_or_breaks_the_driver(sandbox, reply, first):
    program = SAYS.replace("REPLY", repr(reply)).replace("FIRST", str(first))
    for tests in (TESTS, ["assert abs(solve(3) - 2) < 1", "assert abs(solve(4) - 5) < 1"], [("3", "left")]):
        entry = None if isinstance(tests[0], tuple) else "solve"
        result = check_code(program, tests, entry_point=entry, timeout_s=10, sandbox=sandbox)
        assert not result.passed
        assert "broke off" not in result.reason
    calls = run_calls(program, "solve", [(3,), (4,)], sandbox=sandbox)
    assert "broke off" not in calls.failure


def test_no_process_outlives_its_verdict(verdicts, sandbox):
    waiting = len(sandbox._programs) + len(sandbox._drivers) + 1  # forked ahead, and process 1
    deadline = time.monotonic() + 5
    while len(descendants(sandbox._server.process.pid)) > waiting and time.monotonic() < deadline:
        time.sleep(0.05)
    left = descendants(sandbox._server.process.pid)
    assert 1 < len(left) <= waiting
    sandbox.close()
    while any(Path(f"/proc/{pid}").exists() for pid in left) and time.monotonic() < deadline + 5:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in left)


@pytest.mark.parametrize(("name", "program", "tests"), HONEST, ids=[name for name, _, _ in HONEST])
def test_honest_programs_pass(sandbox, name, program, tests):
    result = check_code(program, tests, timeout_s=10, sandbox=sandbox)
    assert result.passed, result.reason


def test_many_threads_get_the_verdicts_that_one_would(sandbox):
    wrong = ("def f(x):\n    return 0", ["assert f(1) == 1"])
    jobs = [*((program, tests) for _, program, tests in HONEST[:12]), *[wrong] * 12]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda job: check_code(*job, timeout_s=20, sandbox=sandbox).passed, jobs))
    assert results == [True] * 12 + [False] * 12
    assert threading.active_count() < 20
