"""What the child gives up before a program runs: resources, files, network and other processes.

Every layer is tried and the ones in force are reported, because containers and older kernels refuse some:
rlimits hold everywhere, Landlock and seccomp on Linux from 5.13, a user namespace where the kernel allows it.
It runs in the child, so it imports only what it needs; what it needs to know comes from :mod:`.runner`.
"""

import ctypes
import os
import resource
import sys

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, ALL_OF_FIRST_VERSION = 1, 2, 4, 8, (1 << 13) - 1
REFER, TRUNCATE = 1 << 13, 1 << 14
READABLE = ("/usr/lib", "/lib", "/lib64", "/usr/share/zoneinfo")


def confine(cpu_seconds: int, memory_bytes: int, file_bytes: int, seccomp: bytes) -> list[str]:
    """Give up what a program does not need and name the layers that hold."""
    layers = ["rlimits"]
    set_limits(cpu_seconds, memory_bytes, file_bytes, processes=None if seccomp else 0)
    libc = ctypes.CDLL(None, use_errno=True)
    # Without the filter the network has to go with a namespace, which costs about 3 ms.
    if libc.unshare(CLONE_NEWUSER | (0 if seccomp else CLONE_NEWNET)) == 0:
        layers.append("user namespace" if seccomp else "user and network namespaces")
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return layers
    if restrict_files(libc):
        layers.append("landlock")
    if seccomp and filter_calls(libc, seccomp):
        layers.append("seccomp")
    return layers


def set_limits(cpu_seconds: int, memory_bytes: int, file_bytes: int, processes: int | None) -> None:
    """Set the resource limits; the kernel kills a process that outlives its processor time."""
    limits = {
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 1),
        resource.RLIMIT_AS: (memory_bytes, memory_bytes),
        resource.RLIMIT_FSIZE: (file_bytes, file_bytes),
        resource.RLIMIT_NOFILE: (32, 32),
        resource.RLIMIT_CORE: (0, 0),
    }
    if processes is not None:
        limits[resource.RLIMIT_NPROC] = (processes, processes)
    for limit, (soft, hard) in limits.items():
        ceiling = resource.getrlimit(limit)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(limit, (soft, hard))


def restrict_files(libc: ctypes.CDLL) -> bool:
    """Landlock: Python's own files are readable, the working folder is writable, nothing else is there."""
    version = libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    handled = ALL_OF_FIRST_VERSION | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    rules = libc.syscall(LANDLOCK_CREATE, handled.to_bytes(8, sys.byteorder), ctypes.c_size_t(8), 0)
    if rules < 0:
        return False
    paths = dict.fromkeys((*READABLE, sys.base_prefix, sys.base_exec_prefix), READ_FILE | READ_DIR)
    paths[os.devnull] = READ_FILE | WRITE_FILE
    paths[os.getcwd()] = handled & ~EXECUTE  # noqa: PTH109 (pathlib costs 5 ms to import)
    for path, access in paths.items():
        allow(libc, rules, path, access)
    held = libc.syscall(LANDLOCK_RESTRICT, rules, 0) == 0
    os.close(rules)
    return bool(held)


def allow(libc: ctypes.CDLL, rules: int, path: str, access: int) -> None:
    """Add one path to a Landlock rule set; a path that is not there needs no rule."""
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rule = access.to_bytes(8, sys.byteorder) + fd.to_bytes(4, sys.byteorder)
    libc.syscall(LANDLOCK_ADD, rules, 1, rule, 0)
    os.close(fd)


def filter_calls(libc: ctypes.CDLL, program: bytes) -> bool:
    """Seccomp: from here on the kernel refuses the system calls that the filter names."""
    code = ctypes.create_string_buffer(program, len(program))
    header = (ctypes.c_uint64 * 2)(len(program) // 8, ctypes.addressof(code))
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) == 0)
