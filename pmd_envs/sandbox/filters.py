"""The seccomp filter: which system calls a program is refused, as instructions for the kernel.

Refused are new processes (threads are fine), other programs, signals, tracing, other processes' limits and
memory, new namespaces and network sockets. socketpair, which asyncio needs, stays.
"""

import errno
import platform
import struct
from functools import cache

LOAD, IF_EQUAL, IF_AT_LEAST, IF_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
CLONE_THREAD = 0x00010000
X32_BIT = 0x40000000

# name of the machine: (AUDIT_ARCH, clone, refused calls); clone3 is 435 on both.
MACHINES = {
    "x86_64": (
        0xC000003E,
        56,
        (
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(
                62,
                200,
                234,
                129,
                297,
                424,
            ),  # kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal
            *(101, 310, 311, 302, 203),  # ptrace, process_vm_readv, process_vm_writev, prlimit64, sched_setaffinity
            *(41, 272, 308, 165, 321, 425),  # socket, unshare, setns, mount, bpf, io_uring_setup
        ),
    ),
    # The same in the same order; fork and vfork do not exist.
    "aarch64": (
        0xC00000B7,
        220,
        (
            *(221, 281),
            *(129, 130, 131, 138, 240, 424),
            *(117, 270, 271, 261, 122),
            *(198, 97, 268, 40, 280, 425),
        ),
    ),
}
CLONE3 = 435


@cache
def seccomp_program(machine: str = platform.machine()) -> bytes:
    """The filter for this machine, or nothing where its system call numbers are not known here."""
    if machine not in MACHINES or platform.system() != "Linux":
        return b""
    architecture, clone, refused = MACHINES[machine]
    code = [(LOAD, 0, 0, 4), (IF_EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    code += [(IF_AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL)]
    for number in refused:
        code += [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    # The C library falls back to clone, whose flags a filter can read.
    code += [(IF_EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, REFUSE | errno.ENOSYS)]
    code += [(IF_EQUAL, 0, 3, clone), (LOAD, 0, 0, 16), (IF_ANY_BIT, 1, 0, CLONE_THREAD)]
    code += [(RETURN, 0, 0, REFUSE | errno.EPERM), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
