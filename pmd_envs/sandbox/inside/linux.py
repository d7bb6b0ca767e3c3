"""The system calls that Python's standard library does not offer, through ctypes."""

import ctypes
import os
import platform

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 1, 22, 38, 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, AT_RECURSIVE, AT_FDCWD = 1, 2, 4, 0x8000, -100
MOUNT_SETATTR = 442
PIVOT_ROOT, CAPSET = {"aarch64": (41, 91)}.get(platform.machine(), (155, 126))

LIBC = ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    """The result of a call, or its errno as an OSError."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """A system call by its number."""
    return checked(LIBC.syscall(number, *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]))


def unshare(flags: int) -> None:
    """Leave the namespaces of ``flags`` for new ones."""
    checked(LIBC.unshare(flags))


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """``mount(2)``."""
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    checked(LIBC.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]))


def make_read_only(path: str) -> None:
    """Forbid writes, set-uid programs and devices in a mount and in every mount below it."""
    attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV
    record = b"".join(part.to_bytes(8, "little") for part in (attributes, 0, 0, 0))
    syscall(MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), AT_RECURSIVE, record, len(record))


def pivot_root(new: str, old: str) -> None:
    """Make ``new`` the root and put the old one at ``old``."""
    syscall(PIVOT_ROOT, os.fsencode(new), os.fsencode(old))


def detach(path: str) -> None:
    """Unmount what is at ``path`` and below."""
    checked(LIBC.umount2(os.fsencode(path), MNT_DETACH))


def prctl(option: int, value: int, address: "ctypes.Array[ctypes.c_uint64] | int" = 0) -> None:
    """``prctl(2)``."""
    second = ctypes.c_ulong(address) if isinstance(address, int) else address
    checked(LIBC.prctl(option, ctypes.c_ulong(value), second, ctypes.c_ulong(0), ctypes.c_ulong(0)))


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    syscall(CAPSET, (0x20080522).to_bytes(4, "little") + bytes(4), bytes(24))
