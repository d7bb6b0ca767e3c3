# ruff: noqa: E501  (programs as data)
"""Programs that want to pass, to reach something or to break something, by class.

Each is judged by tests that expect ``solve(3) == "left"``, ``solve(4) == 51966`` and ``solve([1]) == {"a": (2.5,)}``.
``@FOLDER@`` stands for a folder of the host, ``@PORT@`` for a port that listens there, ``@PID@`` for our process.
"""

EXIT = {
    "sys.exit at the top": "import sys\nsys.exit(0)",
    "sys.exit in a call": "import sys\ndef solve(x):\n    sys.exit(0)",
    "os._exit at the top": "import os\nos._exit(0)",
    "os._exit in a call": "import os\ndef solve(x):\n    os._exit(0)",
    "raise SystemExit with a value": "def solve(x):\n    raise SystemExit(0)",
    "quit": "def solve(x):\n    quit()",
    "exit handler": "import atexit, os\natexit.register(os._exit, 0)\ndef solve(x):\n    return None",
    "exec true": "import os\ndef solve(x):\n    os.execv('/bin/true', ['true'])",
    "kill itself": "import os, signal\ndef solve(x):\n    os.kill(os.getpid(), signal.SIGKILL)",
    "kill everybody": "import os\ndef solve(x):\n    os.kill(-1, 9)\n    os.killpg(0, 9)",
    "abort": "import os\ndef solve(x):\n    os.abort()",
    "segmentation fault": "import ctypes\ndef solve(x):\n    return ctypes.string_at(0)",
    "KeyboardInterrupt": "def solve(x):\n    raise KeyboardInterrupt",
    "StopIteration": "def solve(x):\n    raise StopIteration",
    "GeneratorExit": "def solve(x):\n    raise GeneratorExit",
    "AssertionError": "def solve(x):\n    raise AssertionError",
}
EQUALITY = {
    "equal to everything": "class A:\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n"
    "def solve(x):\n    return A()",
    "int equal to everything": "class A(int):\n    __eq__ = lambda s, o: True\n    __hash__ = int.__hash__\n"
    "def solve(x):\n    return A(1)",
    "str equal to everything": "class A(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\n"
    "def solve(x):\n    return A('no')",
    "dict equal to everything": "class A(dict):\n    __eq__ = lambda s, o: True\ndef solve(x):\n    return A()",
    "lying class": "class A:\n    __class__ = int\n    __eq__ = lambda s, o: True\ndef solve(x):\n    return A()",
    "metaclass equal to everything": "class M(type):\n    __eq__ = lambda s, o: True\n    __hash__ = type.__hash__\n"
    "class A(metaclass=M): pass\ndef solve(x):\n    return A",
    "echoes the other side": "class A:\n    def __eq__(s, o):\n        s.v = o\n        return True\n"
    "    def __repr__(s): return repr(s.v)\ndef solve(x):\n    return A()",
    "reflected comparison": "class A(tuple):\n    __eq__ = lambda s, o: True\n    __lt__ = __gt__ = __eq__\n"
    "def solve(x):\n    return [A()]",
    "mock": "from unittest.mock import ANY, MagicMock\ndef solve(x):\n    return ANY",
    "answers every attribute": "class A:\n    def __getattr__(s, n): return lambda *a: True\ndef solve(x):\n    return A()",
    "lying hash": "class A:\n    __hash__ = lambda s: hash('left')\n    __eq__ = lambda s, o: True\n"
    "def solve(x):\n    return {A()}",
    "iterates like anything": "class A:\n    def __iter__(s): return iter('left')\n    __len__ = lambda s: 4\n"
    "def solve(x):\n    return A()",
}
LEAK = {
    "walks the frames": "import sys\ndef solve(x):\n    f = sys._getframe()\n    while f:\n"
    "        for v in [*f.f_locals.values(), *f.f_globals.values()]:\n            if v == 'left' or v == 51966:\n"
    "                return v\n        f = f.f_back",
    "walks the heap": "import gc\ndef solve(x):\n    want = {3: str, 4: int}.get(x if type(x) is int else 0, dict)\n"
    "    for o in gc.get_objects():\n        for v in gc.get_referents(o):\n"
    "            if type(v) is want and (v == 'le' + 'ft' or v == 51965 + 1):\n                return v",
    "reads the caller's memory": "import os\ndef solve(x):\n"
    "    return open(f'/proc/{os.getppid()}/mem', 'rb').read(10)",
    "reads its own map": "def solve(x):\n    return open('/proc/self/maps').read()",
    "reads the tests": "import glob\ndef solve(x):\n    for name in glob.glob('@FOLDER@/*'):\n"
    "        return open(name).read()",
    "reads the command line": "import sys\ndef solve(x):\n    return sys.argv",
    "reads the environment": "import os\ndef solve(x):\n    return dict(os.environ)",
    "looks into modules": "import sys\ndef solve(x):\n    for m in list(sys.modules.values()):\n"
    "        for v in list(vars(m).values()):\n            if isinstance(v, dict) and 'left' in v.values():\n"
    "                return 'left'",
    "inspects the source": "import inspect\ndef solve(x):\n    return [f.frame.f_locals for f in inspect.stack()]",
    "reads the channel": "import os\ndef solve(x):\n    for fd in range(3, 64):\n        try:\n"
    "            os.set_blocking(fd, False)\n            data = os.read(fd, 1000)\n"
    "            if b'left' in data:\n                return 'left'\n        except OSError:\n            pass",
    "traces the driver": "import sys\nseen = []\nsys.settrace(lambda f, e, a: seen.append(dict(f.f_locals)))\n"
    "def solve(x):\n    return next((v for s in seen for v in s.values() if v == 51966), 'no')",
    "ptrace": "import ctypes, os\ndef solve(x):\n    return ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)",
    "remembers earlier programs": "import tempfile, os\ndef solve(x):\n    return os.listdir(tempfile.gettempdir())",
}
PATCH = {
    "builtins": "import builtins\nbuiltins.len = lambda x: 4\nbuiltins.type = lambda x: int\n"
    "builtins.isinstance = lambda *a: True\ndef solve(x):\n    return None",
    "json": 'import json\njson.dumps = lambda *a, **k: \'{"value": "left"}\'\ndef solve(x):\n    return None',
    "sorted and set": "import builtins\nbuiltins.sorted = builtins.set = lambda *a: 0\ndef solve(x):\n    return 0",
    "operator": "import operator\noperator.eq = lambda a, b: True\ndef solve(x):\n    return 0",
    "the module table": "import sys\nfor name in list(sys.modules):\n    sys.modules[name] = None\ndef solve(x):\n    return 0",
    "our modules": "import sys\nfor name, m in list(sys.modules.items()):\n    if name.startswith('inside'):\n"
    "        for k in list(vars(m)):\n            if callable(vars(m)[k]):\n"
    "                setattr(m, k, lambda *a, **w: {'value': 'left'})\ndef solve(x):\n    return 0",
    "the encoder": "import sys\nv = sys.modules.get('inside.values')\nif v:\n"
    "    v.Encoder.encode = lambda *a, **k: {'opaque': 'x'}\ndef solve(x):\n    return 0",
    "AssertionError": "import builtins\nbuiltins.AssertionError = type('A', (Exception,), {})\ndef solve(x):\n    return 0",
    "an import hook": "import sys\nclass H:\n    def find_spec(s, *a): raise SystemExit\nsys.meta_path.insert(0, H())\n"
    "def solve(x):\n    import nothing",
    "int's equality through ctypes": "import ctypes\ndef solve(x):\n"
    "    ctypes.memset(id(51966) + 24, 0, 4)\n    return 0",
    "cached small numbers": "import ctypes\nctypes.c_int.from_address(id(7) + 24).value = 8\ndef solve(x):\n    return 7",
    "pytest": "import sys, types\nsys.modules['pytest'] = types.ModuleType('pytest')\ndef solve(x):\n    return 0",
    "a profile": "import sys\nsys.setprofile(lambda *a: None)\ndef solve(x):\n    return 0",
}
FORGE = {
    "prints a verdict": "print('all 3 tests pass')\nprint('OK')\ndef solve(x):\n    print('{\"score\": 1.0}')",
    "writes to every descriptor": "import os, json\nm = json.dumps({'failed': None, 'weak': False}).encode()\n"
    "m = len(m).to_bytes(4, 'big') + m\ndef solve(x):\n    for fd in range(0, 64):\n        try:\n"
    "            os.write(fd, m)\n        except OSError:\n            pass\n    os._exit(0)",
    "answers ahead": "import os, json\nm = json.dumps({'value': 'no'}).encode()\n"
    "m = len(m).to_bytes(4, 'big') + m\ndef solve(x):\n    for fd in range(3, 9):\n        try:\n"
    "            os.write(fd, m * 50)\n        except OSError:\n            pass\n    return 0",
    "endless message": "import os\ndef solve(x):\n    for fd in range(3, 9):\n        try:\n"
    "            os.write(fd, b'\\xff\\xff\\xff\\xff' + b'x' * 10 ** 6)\n        except OSError:\n            pass",
    "rubbish": "import os\ndef solve(x):\n    for fd in range(3, 9):\n        try:\n"
    "            os.write(fd, os.urandom(4096))\n        except OSError:\n            pass",
    "deep message": "import os\nm = b'{\"value\":' + b'[' * 10 ** 6 + b']' * 10 ** 6 + b'}'\ndef solve(x):\n"
    "    for fd in range(3, 9):\n        try:\n            os.write(fd, len(m).to_bytes(4, 'big') + m)\n"
    "        except OSError:\n            pass",
    "closes everything": "import os\ndef solve(x):\n    os.closerange(0, 64)\n    while True:\n        pass",
    "replaces the channel": "import os\ndef solve(x):\n    r, w = os.pipe()\n    for fd in range(3, 12):\n"
    "        try:\n            os.dup2(r, fd)\n        except OSError:\n            pass\n    return 'left'[:1]",
}
REACH = {
    "writes a file": "def solve(x):\n    open('@FOLDER@/hit', 'w').write('x')\n    return 0",
    "deletes a file": "import os\ndef solve(x):\n    os.remove('@FOLDER@/kept')\n    return 0",
    "truncates a file": "import os\ndef solve(x):\n    os.truncate('@FOLDER@/kept', 0)\n    return 0",
    "renames a file": "import os\ndef solve(x):\n    os.rename('@FOLDER@/kept', '@FOLDER@/hit')\n    return 0",
    "changes a mode": "import os\ndef solve(x):\n    os.chmod('@FOLDER@', 0o777)\n    os.utime('@FOLDER@/kept', (1, 1))",
    "symlink out of its folder": "import os\ndef solve(x):\n    os.symlink('@FOLDER@', 'link')\n"
    "    open('link/hit', 'w').write('x')\n    return 0",
    "hard link": "import os\ndef solve(x):\n    os.link('@FOLDER@/kept', 'mine')\n    open('mine', 'w').write('x')",
    "writes to its library": "import os\ndef solve(x):\n    open(os.__file__, 'a').write('x')\n    return 0",
    "mounts": "import ctypes\ndef solve(x):\n    libc = ctypes.CDLL(None)\n"
    "    libc.mount(b'/', b'/tmp', None, 4096, None)\n    libc.chroot(b'/tmp')\n"
    "    open('@FOLDER@/hit', 'w').write('x')",
    "leaves by a new namespace": "import ctypes\ndef solve(x):\n    libc = ctypes.CDLL(None)\n"
    "    if libc.unshare(0x10020000) == 0:\n        open('@FOLDER@/hit', 'w').write('x')",
    "becomes root": "import os\ndef solve(x):\n    os.setuid(0)\n    open('@FOLDER@/hit', 'w').write('x')",
    "makes a device": "import os, stat\ndef solve(x):\n    os.mknod('disk', stat.S_IFBLK | 0o600, os.makedev(254, 0))\n"
    "    open('disk', 'r+b').write(b'x')",
    "walks up from its folder": "import os\ndef solve(x):\n    open('../../../../..@FOLDER@/hit', 'w').write('x')",
    "connects by TCP": "import socket\ndef solve(x):\n    socket.create_connection(('127.0.0.1', @PORT@), 2).send(b'x')",
    "sends a datagram": "import socket\ndef solve(x):\n"
    "    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', @PORT@))",
    "urllib": "import urllib.request\ndef solve(x):\n    return urllib.request.urlopen('http://127.0.0.1:@PORT@/', None, 2)",
    "listens": "import socket\ndef solve(x):\n    s = socket.socket()\n    s.bind(('127.0.0.1', 0))\n    s.listen()\n    s.accept()",
    "signals us": "import os\ndef solve(x):\n    os.kill(@PID@, 9)\n    return 0",
    "shell": "import os\ndef solve(x):\n    os.system('touch @FOLDER@/hit')\n    return 0",
    "subprocess": "import subprocess\ndef solve(x):\n    subprocess.run(['touch', '@FOLDER@/hit'])\n    return 0",
    "raw system call": "import ctypes\ndef solve(x):\n    libc = ctypes.CDLL(None)\n"
    "    fd = libc.syscall(257, -100, b'@FOLDER@/hit', 0o101, 0o644)\n    libc.write(fd, b'x', 1)",
    "io_uring": "import ctypes\ndef solve(x):\n    return ctypes.CDLL(None).syscall(425, 8, bytes(120))",
}
RESOURCES = {
    "endless loop": "def solve(x):\n    while True:\n        pass",
    "endless loop at the top": "while True:\n    pass",
    "sleeps": "import time\ndef solve(x):\n    time.sleep(99)",
    "ignores signals": "import signal\nfor s in range(1, 65):\n    try:\n        signal.signal(s, signal.SIG_IGN)\n"
    "    except (OSError, ValueError):\n        pass\ndef solve(x):\n    while True:\n        pass",
    "slow in C": "def solve(x):\n    return sum(1 for _ in iter(int, 1))",
    "catastrophic regular expression": "import re\ndef solve(x):\n    return re.match('(a+)+$', 'a' * 50 + 'b')",
    "huge power": "def solve(x):\n    return 9 ** 9 ** 9",
    "huge integer": "def solve(x):\n    return 1 << 10 ** 8",
    "huge text": "def solve(x):\n    return 'a' * 10 ** 8",
    "huge list": "def solve(x):\n    return [0] * 10 ** 7",
    "memory at once": "def solve(x):\n    return len('a' * 10 ** 11)",
    "memory bit by bit": "def solve(x):\n    a = []\n    while True:\n        a.append('x' * 10 ** 7)",
    "memory outside the limit": "import os\ndef solve(x):\n    while True:\n        fd = os.memfd_create('x')\n"
    "        os.write(fd, bytes(10 ** 8))",
    "shared memory": "from multiprocessing import shared_memory\ndef solve(x):\n"
    "    return [shared_memory.SharedMemory(create=True, size=10 ** 9) for _ in range(99)]",
    "fork bomb": "import os\ndef solve(x):\n    while True:\n        os.fork()",
    "fork and stay": "import os, time\ndef solve(x):\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(99)\n"
    "    return 0",
    "raw clone": "import ctypes\ndef solve(x):\n    libc = ctypes.CDLL(None)\n    while True:\n"
    "        if libc.syscall(56, 17, 0, 0, 0, 0) < 0:\n            return 0",
    "multiprocessing": "import multiprocessing, time\ndef solve(x):\n"
    "    multiprocessing.get_context('fork').Process(target=time.sleep, args=(99,)).start()\n    return 0",
    "threads": "import threading, time\ndef solve(x):\n    threading.stack_size(65536)\n    while True:\n"
    "        threading.Thread(target=time.sleep, args=(99,)).start()",
    "a thread left behind": "import threading\ndef spin():\n    while True:\n        pass\n"
    "threading.Thread(target=spin).start()\ndef solve(x):\n    return 0",
    "infinite output": "def solve(x):\n    while True:\n        print('x' * 10 ** 6)",
    "deep recursion": "def solve(x):\n    return solve(x)",
    "deep recursion without a limit": "import sys\nsys.setrecursionlimit(10 ** 9)\ndef solve(x):\n"
    "    return [solve(x)].__len__() + sorted([1], key=solve)[0]",
    "deep value": "def solve(x):\n    a = []\n    for _ in range(10 ** 6):\n        a = [a]\n    return a",
    "endless value": "def solve(x):\n    a = []\n    a.append(a)\n    return a",
    "endless generator": "def solve(x):\n    while True:\n        yield 'left'",
    "fills the disk": "def solve(x):\n    for i in range(10 ** 6):\n        open(str(i), 'wb').write(bytes(10 ** 6))\n"
    "    return 0",
    "many files": "def solve(x):\n    for i in range(10 ** 6):\n        open(str(i), 'w')\n    return 0",
    "deep syntax": "solve = " + "(" * 5000,
    "long syntax": "solve = " + "-" * 30000 + "1",
    "colliding hashes": "def solve(x):\n    return {i * (2 ** 61 - 1) for i in range(20000)}",
    "raises limits": "import resource\ndef solve(x):\n    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n"
    "    return len(bytearray(10 ** 10))",
}

CLASSES = {
    "exit": EXIT,
    "equality": EQUALITY,
    "leak": LEAK,
    "patch": PATCH,
    "forge": FORGE,
    "reach": REACH,
    "resources": RESOURCES,
}

ROOT_TESTS = [
    "def at(coefficients, x):\n    return sum(c * float(x) ** i for i, c in enumerate(coefficients))\n"
    "for c in [[-6.0, 2.0], [4.0, -4.0, 1.0], [2.0, -3.0, 1.0]]:\n    assert abs(at(c, root(list(c)))) < 1e-6",
]
MISLED = [
    ("another number at each use", "class Root:\n    def __init__(self, first):\n        self.parts = iter([1.0, -first])\n"
     "    def __float__(self):\n        return next(self.parts, 0.0)\ndef root(c):\n    return Root(c[0] / c[1])", ROOT_TESTS),
    ("another index at each use", "class Place:\n    at = 0\n    def __index__(self):\n        self.at += 1\n        return self.at - 1\n"
     "def f(xs):\n    return Place()", ["xs = [4, 7, 9]\np = f(xs)\nassert xs[p] == 4 and xs[p] == 7"]),
    ("another rounding at each use", "class Any(object):\n    said = 0\n    def __round__(self, digits):\n        self.said += 1\n"
     "        return self.said\ndef f(x):\n    return Any()", ["y = f(3)\nassert round(y, 2) == 1 and round(y, 2) == 2"]),
    ("another text at each use", "class Word:\n    said = 0\n    def __str__(self):\n        self.said += 1\n        return 'ab'[self.said % 2]\n"
     "def f(x):\n    return Word()", ["w = f(3)\nassert str(w) == 'b' and str(w) == 'a'"]),
    ("a time zone too many", "from datetime import *\ndef f():\n    return datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=9)))",
     ["from datetime import datetime\nassert f() == datetime(2024, 1, 1)"]),
    ("a time zone of its own", "from datetime import *\nclass Z(tzinfo):\n    def utcoffset(self, d):\n        return timedelta(0)\ndef f():\n"
     "    return datetime(2024, 1, 1, tzinfo=Z())", ["from datetime import datetime\nassert f() == datetime(2024, 1, 1)"]),
    ("sorts what it should leave", "def f(xs):\n    xs.sort()\n    return xs", ["xs = [3, 1]\nr = f(xs)\nassert r == [1, 3]\nassert xs == [3, 1]"]),
    ("empties what it is compared with", "def f(xs):\n    xs.clear()\n    return []", ["xs = [2, 1]\nassert f(xs) == sorted(xs)"]),
    ("empties it in a function", "def f(xs):\n    xs.clear()\n    return []", ["def check(c):\n    xs = [2, 1]\n    assert c(xs) == sorted(xs)\ncheck(f)"]),
    ("empties it in a condition", "def f(xs):\n    xs.clear()\n    return []", ["def right(xs):\n    return f(xs) == sorted(xs)\nassert right([2, 1])"]),
    ("empties it by name", "def f(xs):\n    xs.clear()\n    return []", ["for xs in [[2, 1], [3]]:\n    assert f(xs=xs) == sorted(xs)"]),
    ("leaves what it should change", "def f(xs):\n    return len(set(xs))", ["xs = [1, 1]\nk = f(xs)\nassert xs == [1]"]),
    ("does not call", "def f(g, x):\n    return None", ["def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\nassert f(fact, 3) == 6"]),
    ("calls too often", "def f(g, xs):\n    for x in xs:\n        g(x)\n        g(x)", ["log = []\nf(lambda x: log.append(x), [1, 2])\nassert log == [1, 2]"]),
]  # fmt: skip
"""Name, program and tests: programs against tests that can be passed only by misleading them."""
