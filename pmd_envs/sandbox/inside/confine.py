"""What a fresh child gives up before a program runs: files, other users, capabilities, system calls, resources."""

import ctypes
import os
import resource
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import linux, root
from .filters import seccomp_program
from .landlock import RuleSet

TMP_BYTES = 32 * 2**20
OPEN_FILES, TASKS = 64, 64


class Filter:
    """A seccomp filter in the form that the kernel reads, laid out once for all children."""

    def __init__(self, program: bytes) -> None:
        self.code = ctypes.create_string_buffer(program, len(program))
        self.header = (ctypes.c_uint64 * 2)(len(program) // 8, ctypes.addressof(self.code))

    def apply(self) -> None:
        """From here on the kernel refuses what the filter names."""
        linux.prctl(linux.PR_SET_SECCOMP, linux.SECCOMP_MODE_FILTER, self.header)


@dataclass(frozen=True)
class Plan:
    """The layers of the server, and what each child adds to them."""

    held: tuple[str, ...]
    rules: RuleSet | None
    uid: int | None
    """Whom a child becomes, where the server runs as root."""
    filter: "Filter | None"
    limits: bool

    @classmethod
    def make(cls, held: Collection[str], without: Collection[str]) -> "Plan":
        """Prepare what can be prepared once for all children."""
        rules = None if root.LANDLOCK in without else _rules(root.MOUNT in held)
        seccomp = b"" if root.SECCOMP in without else seccomp_program(root.PID in held)
        uid = None
        if os.getuid() == 0 and root.MOUNT in held:
            uid = _second_user(root.USER in held)
        found = [*held, *([root.LANDLOCK] if rules else []), *([root.SECCOMP] if seccomp else [])]
        limits = root.LIMITS not in without
        layers = tuple(found + ([root.LIMITS] if limits else []))
        return cls(layers, rules, uid, Filter(seccomp) if seccomp else None, limits)


def _rules(own: bool) -> RuleSet | None:
    # A rule holds for all below a folder. Without mounts, which cover installed packages, their folders need rules for
    # all but them; modules are still found, since the server has listed the standard library before.
    try:
        if own:
            return RuleSet(root.readable(), str(Path(root.PRIVATE).parent))
        return RuleSet(root.readable_without_installed(), "")
    except OSError:
        return None


def _second_user(mapped: bool) -> int | None:
    """Root's server has a second user to hand to its children; an ordinary user's server has only itself."""
    if not mapped:
        return root.NOBODY
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(1, 1, 1)
        except OSError:
            os._exit(1)
        os._exit(0)
    return 1 if os.waitpid(child, 0)[1] == 0 else None


def confine(plan: Plan, *, folder: bool) -> None:
    """Give up everything of the plan; with ``folder`` this child gets a private, limited /tmp and lives in it."""
    os.setsid()
    own = folder and root.MOUNT in plan.held
    if own:
        linux.unshare(linux.CLONE_NEWNS | (linux.CLONE_NEWIPC if root.IPC in plan.held else 0))
        options = f"size={TMP_BYTES},nr_inodes=4096,mode=1777"
        linux.mount("tmpfs", root.PRIVATE, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC, options)
    if plan.uid is not None:
        os.setgroups([])
        os.setresgid(plan.uid, plan.uid, plan.uid)
        os.setresuid(plan.uid, plan.uid, plan.uid)
    if folder and root.USER in plan.held:
        linux.unshare(linux.CLONE_NEWUSER)  # limits of processes count by user namespace
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.drop_capabilities()
    os.chdir(root.PRIVATE if own else "/")
    if plan.rules:
        plan.rules.apply()
    if plan.limits:
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_NPROC, TASKS)
    if plan.filter:
        plan.filter.apply()


def limit_files(plan: Plan) -> None:
    """The last limit, for a child that has handed over its descriptors.

    It also bounds how many descriptors of one user may be under way between processes, those of all waiting programs of
    all servers together.
    """
    if plan.limits:
        _lower(resource.RLIMIT_NOFILE, OPEN_FILES)


def set_limits(limits: Sequence[int]) -> None:
    """Processor seconds, memory and file size: a program's own limits, none if they are switched off."""
    for kind, value in zip((resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE), limits, strict=False):
        _lower(kind, value)


def _lower(kind: int, value: int) -> None:
    ceiling = resource.getrlimit(kind)[1]
    value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
    resource.setrlimit(kind, (value, value))
