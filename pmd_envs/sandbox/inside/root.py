"""The server's namespaces and its own small file tree: Python's files read-only, a few devices, nothing else.

Everything is tried and what succeeded is named, because containers and older kernels refuse some of it.
"""

import os
import signal
import sys
from collections.abc import Collection
from pathlib import Path

from . import linux

USER, MOUNT, PID, NETWORK = "user namespace", "mount namespace", "pid namespace", "network namespace"
IPC, UTS, LANDLOCK, SECCOMP, LIMITS = "ipc namespace", "uts namespace", "landlock", "seccomp", "rlimits"
NAMESPACES = {
    USER: linux.CLONE_NEWUSER,
    MOUNT: linux.CLONE_NEWNS,
    PID: linux.CLONE_NEWPID,
    NETWORK: linux.CLONE_NEWNET,
    IPC: linux.CLONE_NEWIPC,
    UTS: linux.CLONE_NEWUTS,
}
LAYERS = (*NAMESPACES, LANDLOCK, SECCOMP, LIMITS)
LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo")
PACKAGES = ("site-packages", "dist-packages")
DEVICES = ("null", "zero", "random", "urandom")
NOBODY = 65534
STAGE = "/tmp"
PRIVATE = "/private/tmp"
"""Where each program has a folder of its own; /tmp leads there."""


def readable() -> list[str]:
    """What a program may read: shared libraries and the interpreter's standard library."""
    return list(dict.fromkeys([*LIBRARIES, *(f"{prefix}/lib" for prefix in (sys.base_prefix, sys.base_exec_prefix))]))


def installed() -> list[str]:
    """The folders of installed packages among what is readable. They hold anything, our own solutions included."""
    found = (folder for path in readable() for name in PACKAGES for folder in Path(path).glob(f"python*/{name}"))
    return sorted({os.path.realpath(folder) for folder in found})


def readable_without_installed() -> list[str]:
    """What is readable without installed packages: entry by entry where a folder has some of them below it."""
    closed = installed()
    left: list[str] = []
    waiting = list(dict.fromkeys(map(os.path.realpath, readable())))
    while waiting:
        path = waiting.pop()
        if any(folder.startswith(f"{path}/") for folder in closed):
            waiting += [entry.path for entry in os.scandir(path) if not entry.is_symlink()]
        elif path not in closed:
            left.append(path)
    return left


def enter(without: Collection[str]) -> list[str]:
    """Enter new namespaces and go on as process 1 of them; return the layers that hold."""
    wanted = {name: flag for name, flag in NAMESPACES.items() if name not in without}
    held = _unshare(wanted) or _unshare({name: flag for name, flag in wanted.items() if name != USER})
    if PID in held:
        child = os.fork()
        if child:
            # The original process only waits: the namespace dies with process 1, and process 1 with us.
            os.closerange(0, 256)
            os.waitpid(child, 0)
            os._exit(0)
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if MOUNT in held:
        build_tree(readable())
    return held


def _unshare(wanted: dict[str, int]) -> list[str]:
    uid, gid = os.geteuid(), os.getegid()
    mapper, told = _start_mapper() if uid == 0 and USER in wanted else (0, -1)
    try:
        linux.unshare(sum(wanted.values()))
    except OSError:
        return []
    finally:
        if mapper:
            os.close(told)
            os.waitpid(mapper, 0)
    if USER in wanted and uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    return list(wanted)


def _start_mapper() -> tuple[int, int]:
    """A child outside, which gives our new user namespace a second user: root's processes escape RLIMIT_NPROC."""
    ours, told = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child:
        os.close(ours)
        return child, told
    os.close(told)
    os.read(ours, 1)
    try:
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{parent}/{kind}").write_text(f"0 0 1\n1 {NOBODY} 1\n")
    finally:
        os._exit(0)


def build_tree(paths: list[str]) -> None:
    """Replace the root by a small read-only tree."""
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", STAGE, "tmpfs", linux.MS_NOSUID, "size=1m,mode=755")
    old = Path(STAGE, "old")
    old.mkdir()
    linux.pivot_root(STAGE, str(old))
    os.chdir("/")
    for path in paths:
        _bind(path)
    for path in installed():
        flags = linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
        linux.mount("tmpfs", path, "tmpfs", flags, "size=4k,mode=755")
    Path("/dev").mkdir()
    for device in DEVICES:
        target = Path("/dev", device)
        target.touch()
        linux.mount(f"/old/dev/{device}", str(target), None, linux.MS_BIND)
    Path(PRIVATE).mkdir(parents=True)
    Path("/tmp").symlink_to(PRIVATE)
    linux.detach("/old")
    Path("/old").rmdir()
    linux.mount(None, "/", None, linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID)


def _bind(path: str) -> None:
    source, target = Path(f"/old{path}"), Path(path)
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir() and not target.exists():
        target.mkdir(parents=True)
        linux.mount(str(source), path, None, linux.MS_BIND | linux.MS_REC)
        linux.make_read_only(path)
