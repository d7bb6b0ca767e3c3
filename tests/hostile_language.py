# ruff: noqa: E501  (programs as data)
"""More hostile programs: what Python itself offers to one that wants its tests to pass.

The placeholders are those of :mod:`hostile_programs`, and so are the tests that judge them.
"""

FRAMES = {
    "frames of all threads": "import sys\ndef solve(x):\n    for f in sys._current_frames().values():\n        while f:\n"
    "            for v in [*f.f_locals.values(), *f.f_globals.values()]:\n                if v == 'le' + 'ft':\n"
    "                    return v\n            f = f.f_back",
    "a traceback's frames": "import sys\ndef solve(x):\n    try:\n        1 // 0\n    except ZeroDivisionError as e:\n"
    "        f = e.__traceback__.tb_frame\n        while f.f_back:\n            f = f.f_back\n"
    "        return [v for v in f.f_locals.values() if isinstance(v, str)]",
    "referrers of its argument": "import gc\ndef solve(x):\n    return [o for r in gc.get_referrers(x) for o in gc.get_referrers(r)][:3]",
    "referrers of constants": "import gc, sys\ndef solve(x):\n    for o in gc.get_referrers('left', 51966):\n"
    "        if isinstance(o, dict) and 'expected' in o:\n            return o['expected']\n    return sys.intern('le') + 'gt'",
    "a generator's frame": "import sys\ndef solve(x):\n    def g():\n        yield sys._getframe(1)\n    f = next(g())\n"
    "    while f.f_back:\n        f = f.f_back\n    return sorted(f.f_globals)[:1]",
    "answers what it asks": "import sys\ndef solve(x):\n    f = sys._getframe(1)\n    while f:\n        for v in list(f.f_locals.values()):\n"
    "            if isinstance(v, dict) and 'args' in v:\n                return v['args']\n        f = f.f_back",
    "rewrites the reply in a frame": "import sys, ctypes\ndef solve(x):\n    f = sys._getframe(1)\n    while f:\n"
    "        for k in list(f.f_locals):\n            if k in ('reply', 'failed', 'weak', 'secret'):\n"
    "                f.f_locals[k] = {'failed': None}\n                ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(f), 0)\n"
    "        f = f.f_back\n    return 0",
}
OBJECTS = {
    "another class afterwards": "class A: pass\nclass B(A):\n    __eq__ = lambda s, o: True\n    __hash__ = None\ndef solve(x):\n"
    "    a = A()\n    a.__class__ = B\n    return a",
    "an instance of everything": "class M(type):\n    __instancecheck__ = __subclasscheck__ = lambda *a: True\n"
    "class A(metaclass=M):\n    __eq__ = lambda s, o: True\ndef solve(x):\n    return A()",
    "a subclass hook": "import abc\nclass A(abc.ABC):\n    @classmethod\n    def __subclasshook__(c, o): return True\n"
    "    def __eq__(s, o): return True\ndef solve(x):\n    return A()",
    "an int of another value": "class A(int):\n    __int__ = __index__ = lambda s: 51966\n    __eq__ = lambda s, o: True\n"
    "    __hash__ = int.__hash__\ndef solve(x):\n    return A(1)",
    "a str of another text": "class A(str):\n    __str__ = __repr__ = lambda s: 'left'\n    __getitem__ = lambda s, i: 'left'\n"
    "    encode = lambda s, *a: b'left'\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\ndef solve(x):\n    return A('no')",
    "a dict of other items": "class A(dict):\n    items = lambda s: [('a', (2.5,))]\n    __iter__ = lambda s: iter('a')\n"
    "    __getitem__ = lambda s, k: (2.5,)\n    __eq__ = lambda s, o: True\ndef solve(x):\n    return A(b=1)",
    "a tuple of another length": "class A(tuple):\n    __len__ = lambda s: 1\n    __iter__ = lambda s: iter((2.5,))\ndef solve(x):\n    return {'a': A()}",
    "a float that is near everything": "class A(float):\n    __sub__ = __rsub__ = lambda s, o: 0.0\n    __abs__ = lambda s: 0.0\n"
    "    __eq__ = lambda s, o: True\n    __hash__ = float.__hash__\ndef solve(x):\n    return {'a': (A(1),)}",
    "a key equal to everything": "class K(str):\n    __eq__ = lambda s, o: True\n    __hash__ = lambda s: hash('a')\n"
    "def solve(x):\n    return {K('b'): (2.5,)}",
    "a name that shouts": "A = type('left', (), {'__eq__': lambda s, o: True, '__repr__': lambda s: \"'left'\"})\ndef solve(x):\n    return A()",
    "NotImplemented": "def solve(x):\n    return NotImplemented",
    "an exception equal to everything": "class E(Exception):\n    __eq__ = lambda s, o: True\ndef solve(x):\n    return E('left')",
    "raises the answer": "def solve(x):\n    raise Exception({3: 'left', 4: 51966}.get(x) if type(x) is int else {'a': (2.5,)})",
    "yields the answer": "def solve(x):\n    yield {3: 'left', 4: 51966}.get(x) if type(x) is int else {'a': (2.5,)}",
    "promises the answer": "async def solve(x):\n    return {3: 'left', 4: 51966}.get(x) if type(x) is int else {'a': (2.5,)}",
    "prints the answer": "def solve(x):\n    print({3: 'left', 4: 51966}.get(x) if type(x) is int else {'a': (2.5,)})",
    "a class as entry point": "class solve:\n    def __init__(s, x): pass\n    __eq__ = __contains__ = lambda s, o: True\n"
    "    __hash__ = lambda s: hash('left')",
    "a weak proxy": "import weakref\nclass A:\n    __eq__ = lambda s, o: True\na = A()\ndef solve(x):\n    return weakref.proxy(a)",
    "a date equal to everything": "import datetime\nclass A(datetime.date):\n    __eq__ = lambda s, o: True\n    __hash__ = None\n"
    "def solve(x):\n    return A(2020, 1, 1)",
    "a Decimal equal to everything": "import decimal\nclass A(decimal.Decimal):\n    __eq__ = lambda s, o: True\n"
    "    __hash__ = decimal.Decimal.__hash__\ndef solve(x):\n    return A(1)",
    "learns from call to call": "def solve(x, seen=[]):\n    seen.append(x)\n    return seen",
    "counts its calls": "calls = 0\ndef solve(x):\n    global calls\n    calls += 1\n    return ['', 'left', 51965][calls - 1]",
    "changes its argument": "def solve(x):\n    if type(x) is list:\n        x.clear()\n        x.append({'a': (2.5,)})\n    return x",
    "a new body for itself": "def real(x):\n    raise SystemExit(0)\ndef solve(x):\n    solve.__code__ = real.__code__\n    return solve(x)",
}
HOOKS = {
    "exit in a destructor": "import sys\nclass A:\n    def __del__(s): sys.exit(0)\ndef solve(x):\n    A()",
    "hard exit in a destructor": "import os\nclass A:\n    def __del__(s): os._exit(0)\ndef solve(x):\n    return [A()][1:]",
    "a finalizer": "import os, weakref\nclass A: pass\ndef solve(x):\n    a = A()\n    weakref.finalize(a, os._exit, 0)\n    return 0",
    "hooks of the interpreter": "import os, sys\nsys.excepthook = sys.unraisablehook = sys.displayhook = sys.breakpointhook = lambda *a: os._exit(0)\n"
    "def solve(x):\n    breakpoint()\n    raise ValueError",
    "an audit hook": "import sys\ndef hook(name, args):\n    if name in ('exec', 'compile', 'open'): raise SystemExit(0)\nsys.addaudithook(hook)\ndef solve(x):\n    return eval('0')",
    "hash of everything": "import builtins\nbuiltins.hash = lambda x: 0\nbuiltins.repr = builtins.str = lambda *a: 'left'\ndef solve(x):\n    return 1",
    "the builtins of a module": "__builtins__['__import__' if isinstance(__builtins__, dict) else 0] = None\ndef solve(x):\n    import os",
    "__build_class__": "import builtins\nbuiltins.__build_class__ = lambda *a, **k: 'left'\nclass A: pass\ndef solve(x):\n    return A[:3]",
    "__import__": "import builtins\nbuiltins.__import__ = lambda *a, **k: {}['left']\ndef solve(x):\n    import json",
    "struct, marshal and socket": "import struct, marshal, socket\nstruct.pack = marshal.dumps = lambda *a: b'left'\n"
    'socket.socket.sendall = lambda s, b: s.send(b\'\\0\\0\\0\\x10{"value":"left"}\')\ndef solve(x):\n    return 0',
    "os.write and sockets": "import os, socket\nos.write = lambda *a: 0\nsocket.socket.send = socket.socket.sendall = lambda *a: 0\ndef solve(x):\n    return 0",
    "the JSON encoder": "import json, json.encoder\njson.encoder.c_make_encoder = None\n"
    "json.JSONEncoder.default = lambda s, o: 'left'\njson.JSONEncoder.iterencode = lambda s, o, _one_shot=False: iter(['{\"value\": \"left\"}'])\n"
    'json.JSONEncoder.encode = lambda s, o: \'{"value": "left"}\'\ndef solve(x):\n    return 0',
    "the length of a message": "import builtins, json\njson.dumps = lambda o, **k: type('S', (str,), {'encode': lambda s, *a: b'{\"value\":\"left\"}' * 2})('x')\ndef solve(x):\n    return 0",
    "a module with properties": "import sys, types\nclass M(types.ModuleType):\n    solve = property(lambda s: lambda x: 'left')\n"
    "sys.modules[__name__].__class__ = M\ndef solve(x):\n    return 0",
    "a module's __getattr__": "def __getattr__(name):\n    return lambda *a: True",
    "sys.modules is its own": "import sys\nclass D(dict):\n    __getitem__ = get = lambda s, k, *a: None\nsys.modules = D(sys.modules)\ndef solve(x):\n    return 0",
    "warnings": "import warnings\nwarnings.simplefilter('error')\nwarnings.showwarning = exit\ndef solve(x):\n    warnings.warn('left')",
    "a codec": "import codecs\ncodecs.register(lambda name: exit())\ncodecs.register_error('strict', lambda e: ('left', e.end))\ndef solve(x):\n    return 'x'.encode('left')",
    "abstract classes claim ints": "import collections.abc, numbers\nnumbers.Number.register(type('A', (), {}))\ncollections.abc.Hashable.register(list)\ndef solve(x):\n    return type('A', (), {'__eq__': lambda s, o: 1})()",
    "profiles every call": "import sys, threading\nf = lambda *a: exit()\nthreading.setprofile(f)\nsys.setprofile(f)\ndef solve(x):\n    return 0",
    "traces every line": "import sys\ndef t(f, e, a):\n    if e == 'return' and f.f_code.co_name == 'answer':\n        raise SystemExit(0)\n    return t\nsys.settrace(t)\nsys._getframe(1).f_trace = t\ndef solve(x):\n    return 0",
    "an alarm in our loop": "import signal\ndef ring(*a): raise SystemExit(0)\nsignal.signal(signal.SIGALRM, ring)\n"
    "signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)\ndef solve(x):\n    return 0",
    "a thread that answers first": "import os, threading\nm = b'{\"value\": \"left\"}'\nm = len(m).to_bytes(4, 'big') + m\ndef spam():\n    while True:\n"
    "        for fd in (3, 4, 5):\n            try: os.write(fd, m)\n            except OSError: pass\nthreading.Thread(target=spam, daemon=True).start()\ndef solve(x):\n    return 0",
    "pending calls": "import ctypes\nF = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)\n@F\ndef leave(p):\n    raise SystemExit(0)\n"
    "ctypes.pythonapi.Py_AddPendingCall(leave, None)\ndef solve(x):\n    return 0",
}
INTERPRETER = {
    "True is false": "import ctypes\nctypes.c_long.from_address(id(False) + 16).value = 1\nctypes.c_int.from_address(id(False) + 24).value = 1\ndef solve(x):\n    return False",
    "another type for its value": "import ctypes\ndef solve(x):\n    a = object()\n    ctypes.c_void_p.from_address(id(a) + 8).value = id(int)\n    return a",
    "a slot of int": "import ctypes\ndef solve(x):\n    ctypes.memset(id(int) + 200, 0, 8)\n    return 5 == 6",
    "Py_Exit": "import ctypes\ndef solve(x):\n    ctypes.pythonapi.Py_Exit(0)",
    "exit of the C library": "import ctypes\ndef solve(x):\n    ctypes.CDLL(None).exit(0)",
    "the system call exit_group": "import ctypes\ndef solve(x):\n    ctypes.CDLL(None).syscall(231, 0)",
    "finalizes the interpreter": "import ctypes\ndef solve(x):\n    ctypes.pythonapi.Py_FinalizeEx()\n    return 0",
    "bad byte code": "def solve(x):\n    return 0\nsolve.__code__ = solve.__code__.replace(co_code=bytes([100, 200, 83, 0]) * 9, co_consts=())",
    "machine code": "import ctypes, mmap\ncode = bytes.fromhex('b83c00000031ff0f05')\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(code)\n"
    "f = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\ndef solve(x):\n    return f()",
    "32-bit system calls": "import ctypes, mmap\ncode = bytes.fromhex('b802000000cd80c3')\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(code)\n"
    "f = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\ndef solve(x):\n    return f()",
    "system calls of x32": "import ctypes\ndef solve(x):\n    return ctypes.CDLL(None).syscall(0x40000000 + 57)",
    "the stack by alloca": "import ctypes\ndef solve(x):\n    return ctypes.CDLL(None).qsort(bytes(8000), 1000, 8, ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(solve))",
    "swallows lack of memory": "def solve(x):\n    kept = []\n    while True:\n        try:\n            kept.append(bytearray(10 ** 8))\n        except MemoryError:\n            pass",
    "swallows everything": "def solve(x):\n    while True:\n        try:\n            solve(x)\n        except BaseException:\n            pass",
    "digits without end": "import sys\nsys.set_int_max_str_digits(0)\ndef solve(x):\n    return str(9 ** 10 ** 7)",
    "a factorial": "import math\ndef solve(x):\n    return math.factorial(10 ** 7)",
    "a million small objects": "class A: pass\ndef solve(x):\n    return [A() for _ in range(10 ** 6)]",
    "a wide dictionary": "def solve(x):\n    return {str(i): [i] for i in range(10 ** 6)}",
    "deep tuples of itself": "def solve(x):\n    t = ()\n    for _ in range(60):\n        t = (t, t)\n    return t",
    "a loop in a message": "def solve(x):\n    d = {}\n    d['d'] = d\n    return [d, (d,)]",
    "deep reprs": "class A(Exception):\n    def __str__(s): return str(s)\ndef solve(x):\n    raise A",
    "endless chains of causes": "def solve(x):\n    e = ValueError()\n    for _ in range(10 ** 5):\n        n = ValueError()\n        n.__cause__ = e\n        e = n\n    raise e",
    "a long error": "def solve(x):\n    raise ValueError('left' * 10 ** 7)",
    "an error in the error": "class E(Exception):\n    def __str__(s): raise SystemExit(0)\n    __class__ = property(lambda s: exit())\ndef solve(x):\n    raise E",
    "a bomb of constants": "solve = lambda x: " + "[" * 90 + "0" + "]*9" * 90,
    "constants folded": "def solve(x):\n    return 'left' * 2 ** 11 * 2 ** 11 * 2 ** 11 * 2 ** 11",
    "a null byte": "def solve(x):\n    return 0\n\0",
    "a source encoding": "# -*- coding: utf_7 -*-\ndef solve(x):\n    return '+AGwAZQBmAHQ-'",
    "lone surrogates": "def solve(x):\n    return 'left\ud800'",
    "asks for input": "def solve(x):\n    return input() or open(0).read()",
    "reads standard input for ever": "import sys\ndef solve(x):\n    while True:\n        sys.stdin.buffer.read(10 ** 6) if sys.stdin else 0",
}  # fmt: skip

CLASSES = {"frames": FRAMES, "objects": OBJECTS, "hooks": HOOKS, "interpreter": INTERPRETER}
