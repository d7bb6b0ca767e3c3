"""The isolation is tried, reported as it is and required; the pool survives forks, deaths and strangers' workers."""

import errno
import os
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pmd_envs.errors import VerifierError
from pmd_envs.sandbox import Sandbox, check_code, pool, run_calls
from pmd_envs.sandbox.__main__ import layer_lines, main
from pmd_envs.sandbox.inside import filters
from pmd_envs.sandbox.inside.filters import MACHINES, seccomp_program
from pmd_envs.sandbox.inside.root import LAYERS, NAMESPACES, USER
from pmd_envs.sandbox.probe import check

ROOT = Path(__file__).parent.parent
RIGHT, TESTS = "def f(x):\n    return x + 1", ["assert f(1) == 2"]
NETWORK = ("network namespace", "seccomp", "landlock")
FILES = ("mount namespace", "landlock")


@pytest.fixture
def boxes():
    """Sandboxes that are closed after the test."""
    made = []

    def make(*without, unsafe=False):
        made.append(Sandbox(without, unsafe=unsafe))
        return made[-1]

    yield make
    for box in made:
        box.close()


def held(box):
    return {finding.name: finding.held for finding in check(box)}


def test_everything_holds_with_all_layers(boxes):
    box = boxes()
    assert box.missing == ()
    assert set(box.layers) == set(LAYERS)
    assert all(held(box).values())


@pytest.mark.parametrize("layer", LAYERS)
def test_network_and_files_survive_the_loss_of_any_one_layer(boxes, layer):
    box = boxes(layer)
    # For an ordinary user the user namespace carries the others.
    lost = NAMESPACES if layer == USER and os.getuid() else (layer,)
    assert [line.split(maxsplit=1)[1] for line in layer_lines(box) if line.endswith("MISSING")] == [
        f"{name:18} MISSING" for name in lost
    ]
    assert box.missing == ()
    assert check_code(RIGHT, TESTS, sandbox=box).passed


@pytest.mark.parametrize(
    ("without", "missing"),
    [(NETWORK, "the network"), (FILES, "the file system"), (LAYERS, "the network and the file system")],
)
def test_programs_are_refused_when_they_could_reach_something(boxes, without, missing):
    box = boxes(*without)
    assert " and ".join(box.missing) == missing
    with pytest.raises(VerifierError, match=missing):
        check_code(RIGHT, TESTS, sandbox=box)
    with pytest.raises(VerifierError, match=missing):
        run_calls(RIGHT, "f", [(1,)], sandbox=box)


def test_the_unsafe_option_is_in_every_result(boxes):
    result = check_code(RIGHT, TESTS, sandbox=boxes(*FILES, unsafe=True))
    assert result.passed
    assert result.unsafe == ("the file system",)
    assert "unsafe: the file system not isolated" in result.verdict().reason
    assert check_code(RIGHT, TESTS, sandbox=boxes(unsafe=True)).unsafe == ()


@pytest.mark.parametrize(
    ("without", "lost"),
    [
        (("seccomp", "landlock", "mount namespace"), "other programs"),
        (("seccomp",), "other sockets"),
        (("mount namespace", "seccomp"), "the network"),
        (("rlimits",), "memory"),
        (("rlimits",), "threads"),
        (("seccomp", "rlimits"), "new processes"),
        ((*NAMESPACES, "seccomp", "landlock"), "other processes"),
    ],
)
def test_the_check_says_what_a_missing_layer_costs(boxes, without, lost):
    (finding,) = check(boxes(*without), [lost])
    assert not finding.held
    assert finding.detail


OWNER = """
import fcntl, os, socket, time
ours, theirs = socket.socketpair()
fcntl.fcntl(ours, fcntl.F_SETOWN, PID)
fcntl.fcntl(ours, 10, SIGNAL)
fcntl.fcntl(ours, fcntl.F_SETFL, 0o20000)
theirs.send(b"x")
time.sleep(0.3)
"""


def test_a_program_signals_nobody_as_the_owner_of_a_file(boxes):
    victim = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    # Landlock, which scopes signals, is left out too where that still lets programs run.
    for without in ((), NAMESPACES, (*NAMESPACES, "landlock")):
        box = boxes(*without, unsafe=True)
        program = f"{OWNER.replace('PID', str(victim.pid)).replace('SIGNAL', '9')}{RIGHT}"
        assert not check_code(program, TESTS, sandbox=box).passed
        assert victim.poll() is None
        (finding,) = check(box, ["other processes"])
        assert "owner" not in finding.detail
    victim.communicate(b"\n")
    assert "signals the owner of a file" in check(boxes(*LAYERS, unsafe=True), ["other processes"])[0].detail


def test_a_program_that_ends_by_a_signal_without_a_name_ends_only_itself(boxes):
    box = boxes(*NAMESPACES, "seccomp", unsafe=True)
    assert check_code(RIGHT, TESTS, sandbox=box).passed
    server = box._server
    program = f"{OWNER.replace('PID', 'os.getpid()').replace('SIGNAL', '40')}{RIGHT}"
    assert "crashed with signal 40" in check_code(program, TESTS, sandbox=box).reason
    assert check_code(RIGHT, TESTS, sandbox=box).passed
    assert box._server is server
    assert server.process.poll() is None


def test_a_long_path_of_temporary_files_is_no_failure(boxes, tmp_path, monkeypatch):
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert check_code(RIGHT, TESTS, sandbox=boxes()).passed
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr("pmd_envs.sandbox.probe.LONGEST_FOLDER", 1000)
    with pytest.raises(VerifierError, match="gone"):
        check_code(RIGHT, TESTS, sandbox=boxes())


def test_the_command_reports_and_its_exit_code_refuses(capsys):
    assert main(["check"]) == 0
    assert "programs are run here" in capsys.readouterr().out
    assert main(["check", *(word for layer in FILES for word in ("--without", layer))]) == 1
    shown = capsys.readouterr().out
    assert "layer landlock           MISSING" in shown
    assert "refused: a program could reach the file system" in shown


def decide(program, number, architecture, *arguments):
    """What a filter says of a system call, by the kernel's rules."""
    record = struct.pack("=IIQ", number, architecture, 0) + struct.pack("=6Q", *arguments, *[0] * (6 - len(arguments)))
    value = place = 0
    while True:
        code, yes, no, k = struct.unpack_from("=HBBI", program, 8 * place)
        place += 1
        if code == filters.RETURN:
            return k
        if code == filters.LOAD:
            value = struct.unpack_from("=I", record, k)[0]
        elif code == filters.AND:
            value &= k
        else:
            tests = {filters.IF_EQUAL: value == k, filters.IF_AT_LEAST: value >= k, filters.IF_ANY_BIT: value & k != 0}
            place += yes if tests[code] else no


@pytest.mark.parametrize("signals", [False, True])
@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_answers_every_number_as_the_tables_say(machine, signals):
    architecture, column = MACHINES[machine]
    program = seccomp_program(signals, machine)
    tables = (filters.REFUSED | ({} if signals else filters.SIGNALS)).values()
    refused = {numbers[column] for numbers in tables if column < len(numbers)}
    special = {table[column] for table in (filters.CLONE, filters.PRLIMIT, filters.SOCKETPAIR)} | {filters.CLONE3}
    special |= set() if signals else {filters.FCNTL[column], filters.IOCTL[column]}
    forbidden = filters.REFUSE | errno.EPERM
    for number in {*range(1000), filters.X32_BIT - 1} - special:
        assert decide(program, number, architecture) == (forbidden if number in refused else filters.ALLOW)
        assert decide(program, number, 0x40000003) == filters.KILL
    for number in (filters.X32_BIT, filters.X32_BIT + 1, 2**32 - 1):
        assert decide(program, number, architecture) == filters.KILL
    assert decide(program, filters.CLONE3, architecture) == filters.REFUSE | errno.ENOSYS
    for table, fine, wrong in (
        (filters.CLONE, (filters.CLONE_THREAD | 0x100,), (17,)),
        (filters.PRLIMIT, (0,), (1,)),
        (filters.SOCKETPAIR, (1, 0x80001), (1, 0x80002)),
        *(((filters.FCNTL, (3, 4), (3, owner)) for owner in (8, 10, 15)) if not signals else ()),
        *(((filters.IOCTL, (3, 0x5401), (3, owner)) for owner in (0x8901, 0x8902)) if not signals else ()),
    ):
        assert decide(program, table[column], architecture, *fine) == filters.ALLOW
        assert decide(program, table[column], architecture, *wrong) == forbidden


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_is_whole_instructions_and_refuses_more_without_a_pid_namespace(machine):
    strict, loose = (seccomp_program(signals, machine) for signals in (False, True))
    assert len(strict) % 8 == len(loose) % 8 == 0
    assert len(strict) > len(loose) > 400
    assert seccomp_program(False, "pdp11") == b""


ORDINARY = """
import sys
from pmd_envs.sandbox import Sandbox, check_code
from pmd_envs.sandbox.probe import check
import os
assert os.getuid() == 65534
for without in ((), {namespaces!r}):
    box = Sandbox(without)
    assert box.missing == (), box.missing
    lost = [finding for finding in check(box, ["other processes", "mounts", "threads"]) if not finding.held]
    assert without or not lost, lost
    assert check_code("def f(x):\\n    return x + 1", ["assert f(1) == 2"], sandbox=box).passed
    assert not check_code("import os\\nos._exit(0)", ["assert f(1) == 2"], sandbox=box).passed
    box.close()
box = Sandbox(set({namespaces!r}) | {{"landlock"}})
assert box.missing, "an ordinary user without namespaces and Landlock sees files"
print("fine")
"""


def readable_python():
    """An interpreter of this version that every user may start, and the packages for it."""
    wanted = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (Path(sys.executable), Path("/usr/bin", wanted), Path("/usr/local/bin", wanted)):
        run = (
            subprocess.run([path, "-c", "pass"], user=65534, group=65534, extra_groups=[], check=False)
            if (path.exists() and reachable(path))
            else None
        )
        if run is not None and run.returncode == 0:
            return path
    return None


def reachable(path):
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


@pytest.mark.skipif(
    os.getuid() != 0, reason="only root can become somebody else; an ordinary user runs all tests as such"
)
def test_an_ordinary_user_has_the_same_isolation():
    python = readable_python()
    if python is None:
        pytest.skip("no interpreter of this version that every user may start")
    packages = os.pathsep.join([str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))])

    def as_nobody(code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-c", code],
            user=65534,
            group=65534,
            extra_groups=[],
            cwd="/",
            env={"PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    if not reachable(ROOT / "pmd_envs") or as_nobody("import gymnasium, numpy").returncode != 0:
        pytest.skip("the checkout or the installed packages lie where no other user may read them")
    run = as_nobody(ORDINARY.format(namespaces=tuple(NAMESPACES)))
    assert run.stdout.strip() == "fine", run.stderr[-2000:]


def test_a_server_that_dies_is_replaced(boxes):
    box = boxes()
    assert check_code(RIGHT, TESTS, sandbox=box).passed
    first = box._server.process.pid
    box._server.process.kill()
    deadline = time.monotonic() + 10
    while box._server.process.pid == first and time.monotonic() < deadline:
        assert check_code(RIGHT, TESTS, sandbox=box).passed  # by what still lives of the first, then by the next
    assert box._server.process.pid != first


PEEK = "def f():\n    try:\n        return open('/etc/passwd').read(1)\n    except OSError:\n        return ''"


@pytest.mark.parametrize("unsafe", [False, True])
def test_another_server_is_tried_before_a_program_runs_on_it(boxes, monkeypatch, unsafe):
    box = boxes("landlock", unsafe=unsafe)
    assert check_code(PEEK, ["assert f() == ''"], sandbox=box).unsafe == ()
    start = pool.start
    # As where the machine refuses at the second start what it gave at the first.
    monkeypatch.setattr(pool, "start", lambda without: start({*without, *NAMESPACES}))
    end_server(box)
    if unsafe:
        assert check_code(PEEK, ["assert f() != ''"], sandbox=box).unsafe == ("the file system",)
    else:
        with pytest.raises(VerifierError, match="the file system"):
            check_code(PEEK, ["assert f() != ''"], sandbox=box)
    monkeypatch.undo()
    box.close()
    assert box.missing == ()


def end_server(box):
    """Kill its server, and let go of the processes that outlive it for a moment."""
    box._server.process.kill()
    box._server.process.wait()
    for child in (*box._programs, *box._drivers):
        child.drop()
    box._programs.clear()
    box._drivers.clear()


def test_a_machine_that_cannot_tell_its_cores_has_some(boxes, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    assert pool.cores() >= 1
    assert check_code(RIGHT, TESTS, sandbox=boxes()).passed


def test_a_machine_that_cannot_start_a_server_raises(boxes, monkeypatch):
    box = boxes()
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(VerifierError, match="nonexistent"):
        check_code(RIGHT, TESTS, sandbox=box)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(VerifierError, match="could not be started"):
        check_code(RIGHT, TESTS, sandbox=box)


def test_a_forked_process_has_a_server_of_its_own(boxes):
    box = boxes()
    assert check_code(RIGHT, TESTS, sandbox=box).passed
    mine = box._server.process.pid
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        passed = check_code(RIGHT, TESTS, sandbox=box).passed
        os.write(theirs, f"{passed} {box._server.process.pid}".encode())
        box.close()
        os._exit(0)
    os.close(theirs)
    passed, pid = os.read(ours, 100).decode().split()
    os.close(ours)
    assert os.waitpid(child, 0)[1] == 0
    assert passed == "True"
    assert int(pid) != mine
    assert check_code(RIGHT, TESTS, sandbox=box).passed
    assert box._server.process.pid == mine


@pytest.mark.slow
def test_many_sandboxes_wait_side_by_side(boxes):
    """As those of an AsyncVectorEnv's workers, whose waiting programs hold more descriptors than one may open."""
    many = [boxes() for _ in range(24)]
    for _ in range(2):
        assert all(check_code(RIGHT, TESTS, sandbox=box).passed for box in many)


def test_nothing_is_left_when_the_process_ends():
    code = (
        "from pmd_envs.sandbox import verify_code, default_sandbox\n"
        f"assert verify_code({RIGHT!r}, {TESTS!r}).score == 1\n"
        "print(default_sandbox()._server.process.pid, flush=True)\n"
    )
    for end in ("", "import os; os.kill(os.getpid(), 9)"):
        run = subprocess.run([sys.executable, "-c", code + end], capture_output=True, text=True, cwd=ROOT, check=False)
        pid = int(run.stdout)
        deadline = time.monotonic() + 5
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not alive(pid)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_verdicts_run_side_by_side(boxes):
    box = boxes()
    sleeper = "import time\ndef f(x):\n    time.sleep(1)\n    return x + 1"
    assert check_code(RIGHT, TESTS, sandbox=box).passed
    started = time.monotonic()
    threads = [threading.Thread(target=check_code, args=(sleeper, TESTS), kwargs={"sandbox": box}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(os.sched_getaffinity(0)) > 1:
        assert time.monotonic() - started < 1.9


@pytest.mark.skipif("PMD_LEAK_PROGRAMS" not in os.environ, reason="set PMD_LEAK_PROGRAMS, for example to 10000")
def test_many_programs_leave_nothing_behind(boxes):
    box = boxes()
    programs = ("def f(x):\n    return x + 1", "import os\nos._exit(1)", "def f(x):\n    return 'a' * 10**6", "x = (")
    for _ in range(50):
        check_code(RIGHT, TESTS, sandbox=box)
    before = usage(box)
    for number in range(int(os.environ["PMD_LEAK_PROGRAMS"])):
        assert check_code(programs[number % 4], TESTS, sandbox=box).passed is (number % 4 == 0)
    time.sleep(1)
    after = usage(box)
    assert after["files"] <= before["files"] + 2
    assert after["processes"] <= before["processes"] + 2
    assert after["memory"] < before["memory"] + 20_000
    assert after["server memory"] < before["server memory"] + 5_000


def usage(box):
    """Open files, processes, and resident memory in kB, of us and of the server."""
    server = box._server.process.pid
    below = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    children = Path(f"/proc/{below[0]}/task/{below[0]}/children").read_text().split()
    open_files = [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in (os.getpid(), below[0])]
    return {
        "files": sum(open_files),
        "processes": len(children),
        "memory": resident(os.getpid()),
        "server memory": resident(below[0]),
    }


def resident(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
