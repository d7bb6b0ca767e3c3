"""The seccomp filter: which system calls a program is refused, as instructions for the kernel.

Refused are new processes (threads are fine), other programs, sockets, tracing, anonymous files and shared memory
that no limit counts, new namespaces and mounts, and whatever concerns the machine as a whole. A socketpair of streams,
which asyncio needs, stays (one of datagrams could be turned to any socket in the file system); so do signals, but only
in a PID namespace, where a program can reach nobody but itself. Without one a program may not name the owner of a file
either, to whom the kernel sends a signal of the program's choice when there is something to read.
"""

import errno
import platform
import struct
from functools import cache
from typing import TypeAlias

LOAD, IF_EQUAL, IF_AT_LEAST, IF_ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24
CLONE_THREAD = 0x00010000
X32_BIT = 0x40000000
SOCKET_KIND, STREAM = 0xF, 1
F_SETOWN, F_SETSIG, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP = 8, 10, 15, 0x8901, 0x8902

# name of the machine: (AUDIT_ARCH, column of the tables below)
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
CLONE, PRLIMIT, SOCKETPAIR, CLONE3 = (56, 220), (302, 261), (53, 199), 435
FCNTL, IOCTL = (72, 25), (16, 29)
# fork and vfork do not exist on aarch64, nor do iopl and ioperm.
REFUSED = {
    "fork": (57,), "vfork": (58,), "execve": (59, 221), "execveat": (322, 281),
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "userfaultfd": (323, 282),
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41), "mount": (165, 40),
    "umount2": (166, 39), "fsopen": (430, 430), "fsmount": (432, 432), "move_mount": (429, 429),
    "open_tree": (428, 428), "mount_setattr": (442, 442), "fsconfig": (431, 431), "fspick": (433, 433),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "mbind": (237, 235), "set_mempolicy": (238, 237), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "process_mrelease": (448, 448), "vhangup": (153, 58), "kexec_file_load": (320, 294), "sync": (162, 81),
    "syncfs": (306, 267),
    "bpf": (321, 280), "perf_event_open": (298, 241), "fanotify_init": (300, 262),
    "setpriority": (141, 140), "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274), "personality": (135, 92), "iopl": (172,), "ioperm": (173,),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "syslog": (103, 116), "acct": (163, 89),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162),
}  # fmt: skip
SIGNALS = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
}  # fmt: skip


# What is done about a system call, as instructions that end the filter. The C library falls back from clone3 to clone,
# whose flags a filter can read; a program may change limits of itself (process 0) only.
ALLOWED, FORBIDDEN, ABSENT, DEADLY = "allowed", "forbidden", "absent", "deadly"
Instruction: TypeAlias = tuple[int, int, int, int]
ANSWERS: dict[str, tuple[Instruction, ...]] = {
    ALLOWED: ((RETURN, 0, 0, ALLOW),),
    FORBIDDEN: ((RETURN, 0, 0, REFUSE | errno.EPERM),),
    ABSENT: ((RETURN, 0, 0, REFUSE | errno.ENOSYS),),
    DEADLY: ((RETURN, 0, 0, KILL),),
    "prlimit": (
        *((LOAD, 0, 0, FIRST_ARGUMENT), (IF_EQUAL, 0, 1, 0)),
        *((RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE | errno.EPERM)),
    ),
    "socketpair": (
        *((LOAD, 0, 0, SECOND_ARGUMENT), (AND, 0, 0, SOCKET_KIND), (IF_EQUAL, 0, 1, STREAM)),
        *((RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE | errno.EPERM)),
    ),
    "clone": (
        *((LOAD, 0, 0, FIRST_ARGUMENT), (IF_ANY_BIT, 1, 0, CLONE_THREAD)),
        *((RETURN, 0, 0, REFUSE | errno.EPERM), (RETURN, 0, 0, ALLOW)),
    ),
    "fcntl": (
        *((LOAD, 0, 0, SECOND_ARGUMENT), (IF_EQUAL, 3, 0, F_SETOWN)),
        *((IF_EQUAL, 2, 0, F_SETSIG), (IF_EQUAL, 1, 0, F_SETOWN_EX)),
        *((RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE | errno.EPERM)),
    ),
    "ioctl": (
        *((LOAD, 0, 0, SECOND_ARGUMENT), (IF_EQUAL, 2, 0, FIOSETOWN), (IF_EQUAL, 1, 0, SIOCSPGRP)),
        *((RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE | errno.EPERM)),
    ),
}


@cache
def seccomp_program(signals: bool, machine: str = platform.machine()) -> bytes:
    """The filter for this machine, or nothing where its system call numbers are not known here.

    Args:
        signals: Whether a program may send signals.
        machine: As ``platform.machine()`` names it.
    """
    if machine not in MACHINES or platform.system() != "Linux":
        return b""
    architecture, column = MACHINES[machine]
    refused = (REFUSED | ({} if signals else SIGNALS)).values()
    answers = {numbers[column]: FORBIDDEN for numbers in refused if column < len(numbers)}
    answers |= {CLONE3: ABSENT, PRLIMIT[column]: "prlimit", SOCKETPAIR[column]: "socketpair", CLONE[column]: "clone"}
    answers |= {} if signals else {FCNTL[column]: "fcntl", IOCTL[column]: "ioctl"}
    code = [(LOAD, 0, 0, ARCHITECTURE), (IF_EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in [*code, *_search(_ranges(answers))])


def _ranges(answers: dict[int, str]) -> list[tuple[int, str]]:
    """Where the numbers with another answer than those before them begin."""
    found = [(0, ALLOWED)]
    for number in sorted({*answers, *(number + 1 for number in answers)}):
        answer = answers.get(number, ALLOWED)
        if answer != found[-1][1]:
            found.append((number, answer))
    return [*found, (X32_BIT, DEADLY)]


def _search(ranges: list[tuple[int, str]]) -> list[Instruction]:
    """A binary search for the number: the kernel tries a filter on every number when it is put on."""
    nodes: list[tuple[int, int | str, int | str]] = []

    def divide(part: list[tuple[int, str]]) -> int | str:
        if len(part) == 1:
            return part[0][1]
        place, middle = len(nodes), len(part) // 2
        nodes.append((0, "", ""))
        below = divide(part[:middle])
        nodes[place] = (part[middle][0], divide(part[middle:]), below)
        return place

    divide(ranges)
    starts: dict[int | str, int] = {place: place for place in range(len(nodes))}
    end = len(nodes)
    for name, block in ANSWERS.items():
        starts[name], end = end, end + len(block)
    tests = [
        (IF_AT_LEAST, starts[yes] - place - 1, starts[no] - place - 1, number)
        for place, (number, yes, no) in enumerate(nodes)
    ]
    return [*tests, *(instruction for block in ANSWERS.values() for instruction in block)]
