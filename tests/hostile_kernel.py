# ruff: noqa: E501  (programs as data)
"""More hostile programs: what the kernel offers to one that wants out, wants to stay, or wants more than its share.

The placeholders are those of :mod:`hostile_programs`, and so are the tests that judge them. System calls have the
numbers of x86-64; elsewhere they are other calls, which must gain nothing either.
"""

LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
HIT = "open('@FOLDER@/hit', 'w').write('x')"

MEMORY = {
    "writes its own memory file": "def solve(x):\n    with open('/proc/self/mem', 'r+b') as f:\n        f.seek(id(x) + 24)\n        f.write(b'left')\n    return x",
    "reads other memory": LIBC
    + "def solve(x):\n    return [libc.syscall(310, p, bytes(16), 1, bytes(16), 1, 0) for p in range(1, 99)]",
    "writes other memory": LIBC
    + "def solve(x):\n    return [libc.syscall(311, p, bytes(16), 1, bytes(16), 1, 0) for p in (1, 2, @PID@)]",
    "ptrace of everybody": LIBC
    + "def solve(x):\n    return [libc.ptrace(r, p, 0, 0) for r in (0, 16, 0x4206) for p in (0, 1, 2, @PID@)]",
    "takes descriptors of others": LIBC
    + "def solve(x):\n    for p in (1, 2, @PID@):\n        fd = libc.syscall(434, p, 0)\n"
    "        for n in range(9):\n            libc.syscall(438, fd, n, 0)\n    return 0",
    "compares with others": LIBC + "def solve(x):\n    return libc.syscall(312, 1, @PID@, 0, 3, 3)",
    "page faults by hand": LIBC + "def solve(x):\n    return libc.syscall(323, 1)",
    "advises others' memory": LIBC + "def solve(x):\n    return libc.syscall(440, 3, bytes(16), 1, 21, 0)",
    "keys": LIBC
    + "def solve(x):\n    libc.syscall(248, b'user', b'left', b'x' * 100, 100, -5)\n    return libc.syscall(250, 0, -3, 0)",
    "becomes dumpable and traced": LIBC
    + "def solve(x):\n    libc.prctl(4, 1)\n    libc.prctl(0x59616d61, -1)\n    return libc.ptrace(0, 0, 0, 0)",
}
PROCESSES = {
    "stops itself": "import os, signal\ndef solve(x):\n    os.kill(os.getpid(), signal.SIGSTOP)\n    signal.raise_signal(signal.SIGSTOP)\n    return 0",
    "stops everybody": "import os, signal\ndef solve(x):\n    for p in (0, -1, 1, os.getppid(), @PID@):\n        try:\n            os.kill(p, signal.SIGSTOP)\n"
    "        except OSError:\n            pass\n    return 0",
    "interrupts its group": "import os, signal\ndef solve(x):\n    for s in (2, 15, 1, 3, 17):\n        os.kill(0, s)\n    return 0",
    "forks and exits": "import os\ndef solve(x):\n    if os.fork():\n        os._exit(0)\n    return 0",
    "a daemon": "import os, time\ndef solve(x):\n    for _ in range(2):\n        if os.fork():\n            os._exit(0)\n        os.setsid()\n"
    "    while True:\n        time.sleep(1)\n        try:\n            "
    + HIT
    + "\n        except OSError:\n            pass",
    "vfork": LIBC + "def solve(x):\n    return libc.syscall(58)",
    "clone without a thread": LIBC
    + "def solve(x):\n    return [libc.syscall(56, f, 0, 0, 0, 0) for f in (17, 0x100, 0x4011, 0x10000011, 0x20000011, 0x8000011)]",
    "clone3": LIBC
    + "import struct\ndef solve(x):\n    return libc.syscall(435, struct.pack('8Q', 0, 0, 0, 0, 17, 0, 0, 0), 64)",
    "a thread in new namespaces": LIBC
    + "def solve(x):\n    return [libc.syscall(56, 0x10f00 | f, 0, 0, 0, 0) for f in (0x10000000, 0x40000000, 0x20000)]",
    "posix_spawn": "import os\ndef solve(x):\n    return os.posix_spawn('/bin/sh', ['sh', '-c', 'touch @FOLDER@/hit'], {})",
    "popen": "import os\ndef solve(x):\n    return os.popen('touch @FOLDER@/hit').read()",
    "a pseudo-terminal": "import pty\ndef solve(x):\n    return pty.spawn(['/bin/sh', '-c', 'touch @FOLDER@/hit'])",
    "runs what it wrote": "import os, stat\ndef solve(x):\n    open('run', 'w').write('#!/bin/sh\\ntouch @FOLDER@/hit\\n')\n    os.chmod('run', 0o755)\n    os.execv('./run', ['run'])",
    "runs from memory": "import os\ndef solve(x):\n    fd = os.memfd_create('run')\n    os.write(fd, b'#!/bin/sh\\ntouch @FOLDER@/hit\\n')\n    os.execve(fd, ['run'], {})",
    "execveat": LIBC + "def solve(x):\n    return libc.syscall(322, -100, b'/bin/true', 0, 0, 0)",
    "the loader runs it": "import os, glob\ndef solve(x):\n    for l in glob.glob('/lib*/ld-linux*'):\n        os.execv(l, [l, '/bin/touch', '@FOLDER@/hit'])",
    "a process pool": "from concurrent.futures import ProcessPoolExecutor\ndef solve(x):\n    with ProcessPoolExecutor(2) as p:\n        return list(p.map(abs, [x]))",
    "a daemon thread that outlives": "import threading, time\ndef stay():\n    while True:\n        time.sleep(0.01)\n        try:\n            "
    + HIT
    + "\n        except OSError:\n            pass\n"
    "def solve(x):\n    threading.Thread(target=stay, daemon=True).start()\n    return 0",
    "an exit handler that hangs": "import atexit, time\natexit.register(time.sleep, 99)\ndef solve(x):\n    raise SystemExit",
    "a forked handler": "import os, signal\nsignal.signal(signal.SIGTERM, lambda *a: os.fork())\ndef solve(x):\n    os.kill(os.getpid(), 15)\n    return 0",
    "a subreaper": LIBC + "def solve(x):\n    libc.prctl(36, 1)\n    libc.prctl(1, 0)\n    return libc.syscall(57)",
}
DOORS = {
    "every namespace of its own": LIBC
    + "def solve(x):\n    return [libc.unshare(f) for f in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x8000000, 0x2000000, 0x80)]",
    "namespaces of others": LIBC
    + "import os\ndef solve(x):\n    for p in ('self', 1, @PID@):\n        for n in ('mnt', 'net', 'user', 'pid'):\n"
    "            try:\n                libc.setns(os.open(f'/proc/{p}/ns/{n}', 0), 0)\n            except OSError:\n                pass\n    "
    + HIT,
    "turns the root": LIBC
    + "import os\ndef solve(x):\n    os.mkdir('new')\n    libc.syscall(155, b'new', b'new')\n    libc.umount2(b'/', 2)\n    "
    + HIT,
    "leaves a chroot": LIBC
    + "import os\ndef solve(x):\n    os.mkdir('jail')\n    libc.chroot(b'jail')\n    for _ in range(99):\n        os.chdir('..')\n    libc.chroot(b'.')\n    "
    + HIT,
    "the new mount calls": LIBC
    + "def solve(x):\n    fd = libc.syscall(430, b'tmpfs', 0)\n    libc.syscall(431, fd, 6, 0, 0, 0)\n    m = libc.syscall(432, fd, 0, 0)\n"
    "    libc.syscall(429, m, b'', -100, b'/tmp', 4)\n    return libc.syscall(428, -100, b'/', 1)",
    "remounts its library": LIBC
    + "import os\ndef solve(x):\n    d = os.path.dirname(os.__file__).encode()\n    libc.mount(b'none', d, None, 32, None)\n    open(os.__file__, 'a').write('x')",
    "a file by its handle": LIBC
    + "def solve(x):\n    h = bytearray(128)\n    h[0] = 120\n    libc.syscall(303, -100, b'/', bytes(h), bytes(8), 0)\n    return libc.syscall(304, 3, bytes(h), 2)",
    "an old descriptor of the root": "import os\ndef solve(x):\n    for fd in range(64):\n        try:\n            os.fchdir(fd)\n            "
    + HIT
    + "\n        except OSError:\n            pass\n"
    "    for fd in range(64):\n        try:\n            os.open('@FOLDER@/hit', os.O_CREAT | os.O_WRONLY, dir_fd=fd)\n        except OSError:\n            pass",
    "devices": "import os\ndef solve(x):\n    for d in ('tty', 'kmsg', 'mem', 'kvm', 'fuse', 'shm/x', 'ptmx', 'userfaultfd', 'vsock', 'net/tun'):\n        try:\n"
    "            os.write(os.open('/dev/' + d, os.O_RDWR | os.O_CREAT), b'left')\n        except OSError:\n            pass\n    return 0",
    "settings of the kernel": "def solve(x):\n    for p in ('/proc/sys/kernel/core_pattern', '/proc/self/oom_score_adj', '/proc/sysrq-trigger', '/sys/power/state', '/sys/fs/cgroup/cgroup.procs'):\n"
    "        try:\n            open(p, 'w').write('1')\n        except OSError:\n            pass\n    return 0",
    "symlinks in a row": "import os\ndef solve(x):\n    os.symlink('@FOLDER@/hit', 'a')\n    os.symlink('a', 'b')\n    os.symlink('loop', 'loop')\n    open('b', 'w').write('x')",
    "moves its folder away": "import os\ndef solve(x):\n    os.rename('/tmp', '/gone')\n    os.symlink('@FOLDER@', '/tmp')\n    open('/tmp/hit', 'w').write('x')",
    "owners and attributes": "import os\ndef solve(x):\n    open('f', 'w').close()\n    os.chmod('f', 0o6777)\n    os.setxattr('f', 'security.capability', bytes(20))\n    os.chown('f', 0, 0)",
    "root in every way": "import os\ndef solve(x):\n    for f in (lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0]), lambda: os.setresgid(0, 0, 0), lambda: os.setreuid(0, 0)):\n        try:\n            f()\n"
    "        except OSError:\n            pass\n    " + HIT,
    "capabilities back": LIBC
    + "def solve(x):\n    libc.syscall(126, (0x20080522).to_bytes(4, 'little') + bytes(4), b'\\xff' * 24)\n    libc.prctl(47, 2, 21, 0, 0)\n    "
    + HIT,
    "io_uring in three calls": LIBC
    + "def solve(x):\n    fd = libc.syscall(425, 8, bytes(120))\n    libc.syscall(427, fd, 0, 0, 0)\n    return libc.syscall(426, fd, 1, 0, 0, 0, 0)",
    "a filter of its own": LIBC
    + "import struct\ndef solve(x):\n    code = ctypes.create_string_buffer(struct.pack('=HBBI', 6, 0, 0, 0x7fff0000))\n"
    "    head = struct.pack('QQ', 1, ctypes.addressof(code))\n    libc.prctl(22, 2, head)\n    libc.syscall(317, 1, 0, head)\n    return libc.syscall(57)",
    "programs in the kernel": LIBC
    + "def solve(x):\n    return [libc.syscall(n, 0, bytes(128), 128, 0, 0) for n in (321, 298, 300, 313, 175, 246, 320)]",
    "another clock and name": LIBC
    + "def solve(x):\n    return [libc.syscall(n, bytes(128), 8, 0) for n in (164, 227, 159, 305, 170, 171, 163, 167, 168, 169, 103)]",
}
WIRES = {
    "netlink": "import socket\ndef solve(x):\n    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\n    s.bind((0, 0))\n    return s.fileno()",
    "raw packets": "import socket\ndef solve(x):\n    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW).fileno()",
    "sockets of virtual machines": "import socket\ndef solve(x):\n    s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)\n    s.connect((2, 1024))",
    "the kernel's ciphers": "import socket\ndef solve(x):\n    socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).bind(('hash', 'sha256'))",
    "IPv6": "import socket\ndef solve(x):\n    socket.create_connection(('::1', @PORT@), 1)",
    "a pair turned elsewhere": "import socket\ndef solve(x):\n    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET):\n        for where in ('\\0@FOLDER@', '@FOLDER@/socket', '/dev/log', '/run/systemd/notify'):\n"
    "            a, b = socket.socketpair(socket.AF_UNIX, kind)\n            try:\n                a.connect(where)\n                a.send(b'x')\n            except OSError:\n                pass\n    return 0",
    "a pair that listens": "import socket\ndef solve(x):\n    a, b = socket.socketpair()\n    a.bind('\\0left')\n    a.listen()\n    a.accept()",
    "a datagram without connecting": "import socket\ndef solve(x):\n    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n    a.sendto(b'x', '@FOLDER@/socket')",
    "descriptors for the driver": "import os, socket\ndef solve(x):\n    for fd in range(3, 16):\n        try:\n            socket.send_fds(socket.socket(fileno=os.dup(fd)), [b'\\0'], [0, 1, 2] * 9)\n        except OSError:\n            pass\n    return 0",
    "looks names up": "import socket\ndef solve(x):\n    return socket.getaddrinfo('localhost', @PORT@), socket.gethostbyname('example.org')",
    "http": "import http.client\ndef solve(x):\n    c = http.client.HTTPConnection('127.0.0.1', @PORT@, timeout=1)\n    c.request('GET', '/')\n    return c.getresponse().read()",
    "ssl and mail": "import smtplib\ndef solve(x):\n    return smtplib.SMTP('127.0.0.1', @PORT@, timeout=1).noop()",
    "a server": "import http.server\ndef solve(x):\n    http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler).serve_forever()",
}
SHARES = {
    "the best priority": "import os\ndef solve(x):\n    os.setpriority(os.PRIO_PROCESS, 0, -20)\n    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))",
    "limits of others": "import resource\ndef solve(x):\n    for p in (1, 2, @PID@):\n        resource.prlimit(p, resource.RLIMIT_NOFILE, (0, 0))\n    return 0",
    "higher limits": "import resource\ndef solve(x):\n    for kind in range(16):\n        try:\n            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n        except (OSError, ValueError):\n            pass\n"
    "    while True:\n        pass",
    "locked memory": LIBC + "def solve(x):\n    libc.mlockall(7)\n    return len(bytearray(10 ** 10))",
    "maps of nothing": "import mmap\ndef solve(x):\n    kept = []\n    while True:\n        kept.append(mmap.mmap(-1, 2 ** 26))",
    "shared memory of System V": LIBC + "def solve(x):\n    return [libc.shmget(i, 10 ** 9, 0o1666) for i in range(99)], libc.semget(1, 9, 0o1666), libc.msgget(1, 0o1666)",
    "message queues": LIBC + "def solve(x):\n    return [libc.syscall(240, f'/q{i}'.encode(), 0o102, 0o666, 0) for i in range(99)]",
    "full pipes": "import os, fcntl\ndef solve(x):\n    while True:\n        r, w = os.pipe()\n        os.set_blocking(w, False)\n        fcntl.fcntl(w, 1031, 2 ** 20)\n        os.write(w, bytes(2 ** 20))",
    "descriptors in flight": "import socket\ndef solve(x):\n    while True:\n        a, b = socket.socketpair()\n        socket.send_fds(a, [b'x'], [a.fileno(), b.fileno()])",
    "every descriptor": "import os\ndef solve(x):\n    try:\n        while True:\n            os.open('/dev/null', os.O_RDWR)\n    except OSError:\n        pass\n    import statistics, ipaddress\n    return 0",
    "timers": LIBC + "def solve(x):\n    t = ctypes.c_long()\n    return [libc.syscall(222, 0, 0, ctypes.byref(t)) for _ in range(10 ** 5)][:1]",
    "a file with a hole": "def solve(x):\n    with open('big', 'wb') as f:\n        f.seek(10 ** 13)\n        f.write(b'x')",
    "a deep folder": "import os\ndef solve(x):\n    while True:\n        os.mkdir('d')\n        os.chdir('d')",
    "a named pipe": "import os\ndef solve(x):\n    os.mkfifo('p')\n    return open('p').read()",
    "its lock on the library": "import fcntl, os\nf = open(os.__file__)\nfcntl.flock(f, fcntl.LOCK_EX)\ndef solve(x):\n    fcntl.fcntl(f, 1024, 1)\n    return 0",
    "writes the disks back": LIBC + "import os\ndef solve(x):\n    for _ in range(1000):\n        os.sync()\n        libc.syncfs(3)\n    return 0",
    "stderr without end": "import os, sys\ndef solve(x):\n    while True:\n        sys.stderr.write('x' * 10 ** 6)\n        os.write(2, b'x' * 10 ** 6)",
    "sorts for ever": "import functools\ndef solve(x):\n    return sorted(range(10 ** 6), key=functools.cmp_to_key(lambda a, b: -1 if hash((a, b)) % 2 else 1))",
    "compresses nothing": "import zlib\ndef solve(x):\n    return zlib.decompress(zlib.compress(bytes(10 ** 9)))",
    "sleeps in C": LIBC + "def solve(x):\n    libc.sleep(99)",
    "threads that never end": "import threading\nfor _ in range(9):\n    threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()\ndef solve(x):\n    return 0",
    "a stack without end": "import threading, sys\nsys.setrecursionlimit(10 ** 9)\nthreading.stack_size(2 ** 27)\ndef solve(x):\n    import copy\n    a = []\n    for _ in range(10 ** 6):\n        a = [a]\n    return copy.deepcopy(a)",
}  # fmt: skip

CLASSES = {"memory": MEMORY, "processes": PROCESSES, "doors": DOORS, "wires": WIRES, "shares": SHARES}
