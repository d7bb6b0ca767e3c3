"""The programs with which :mod:`pmd_envs.sandbox.probe` tries what a program can reach, and how much it gets."""

REACH = """
import os, socket

def network(port, datagrams, path, name):
    reached = []
    for what, family, kind, address in (
        ("TCP", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port)),
        ("UDP", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", datagrams)),
        ("a socket in the file system", socket.AF_UNIX, socket.SOCK_STREAM, path),
        ("an abstract socket", socket.AF_UNIX, socket.SOCK_STREAM, name),
    ):
        try:
            with socket.socket(family, kind) as end:
                end.settimeout(1)
                end.connect(address)
                end.send(b"x")
            reached.append(what)
        except OSError:
            pass
    for what, address in (("a socket in the file system", path + "-datagrams"), ("an abstract socket", name + "-d")):
        try:
            for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM):
                end.connect(address)
                end.send(b"x")
            reached.append(what + " by datagrams")
        except OSError:
            pass
    return reached

def other_sockets():
    reached = []
    for family in ("AF_VSOCK", "AF_NETLINK", "AF_PACKET", "AF_ALG", "AF_BLUETOOTH", "AF_CAN", "AF_TIPC"):
        for kind in (socket.SOCK_STREAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(getattr(socket, family), kind).close()
            except (OSError, AttributeError):
                continue
            reached.append(family)
            break
    return reached

def files(folder, readable):
    reached = []
    for path in readable:
        try:
            with open(path, "rb") as file:
                file.read(1)
            reached.append("reads " + path)
        except OSError:
            pass
    try:
        with open(folder + "/written", "w") as file:
            file.write("x")
        reached.append("writes " + folder)
    except OSError:
        pass
    return reached

def packages(folders, modules):
    import sys
    reached = []
    for folder, module in zip(folders, modules):
        sys.path.insert(0, folder)
        try:
            reached += ["lists " + folder] if os.listdir(folder) else []
        except OSError:
            pass
        try:
            __import__(module)
            reached.append("imports " + module)
        except ImportError:
            pass
    return reached

def processes(pid, victim):
    import fcntl
    reached = []
    ours, theirs = socket.socketpair()
    try:
        fcntl.fcntl(ours, fcntl.F_SETOWN, victim)
        fcntl.fcntl(ours, 10, 9)  # F_SETSIG, SIGKILL
        fcntl.fcntl(ours, fcntl.F_SETFL, 0o20000)
        theirs.send(b"x")
    except OSError:
        pass
    try:
        os.kill(pid, 0)
        reached.append("signals a process of the host")
    except OSError:
        pass
    if os.path.exists(f"/proc/{pid}/status"):
        try:
            with open(f"/proc/{pid}/status") as file:
                file.read(1)
            reached.append("reads /proc")
        except OSError:
            pass
    return reached

def mounts():
    import ctypes
    libc = ctypes.CDLL(None)
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
        return ["mounts file systems"]
    return []

def programs():
    try:
        os.execv("/bin/true", ["true"])
    except OSError:
        return []
"""
FILL = """
import mmap, os, threading, time

def forks(limit):
    for count in range(limit):
        try:
            if os.fork() == 0:
                time.sleep(3)
                os._exit(0)
        except OSError:
            return count
    return limit

def threads(limit):
    gate, started = threading.Event(), []
    threading.stack_size(65536)
    for count in range(limit):
        try:
            thread = threading.Thread(target=gate.wait, daemon=True)
            thread.start()
        except (RuntimeError, MemoryError):
            break
        started.append(thread)
    gate.set()
    return len(started)

def memory(size):
    try:
        with mmap.mmap(-1, size) as block:
            return len(block)
    except (OSError, MemoryError):
        return 0

def disk(size):
    written = 0
    try:
        for number in range(64):
            with open(f"part{number}", "wb", buffering=0) as file:
                for _ in range(8):
                    if written >= size:
                        return written
                    written += file.write(bytes(2 ** 20))
    except OSError:
        pass
    return written

def forever():
    while True:
        pass
"""
