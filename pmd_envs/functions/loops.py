"""Functions that need a loop with a state: running values, early stops, runs, repeated steps."""

from pmd_envs.functions.inputs import COUNTS, INTEGER, NATURAL, NUMBERS
from pmd_envs.functions.kind import FunctionKind

_LIMIT = tuple(range(2, 13))

LOOP_KINDS = (
    FunctionKind(
        name="sum_until_above",
        difficulty=5,
        inputs=NUMBERS,
        spec=(
            "add up xs from the left, stopping before the first number above {k}",
            "return the sum of the numbers of xs that stand before the first one above {k}",
        ),
        body="total = 0\nfor x in xs:\n    if x > {k}:\n        break\n    total += x\nreturn total",
        wrong=(
            "total = 0\nfor x in xs:\n    if x > {k}:\n        continue\n    total += x\nreturn total",
            "total = 0\nfor x in xs:\n    total += x\n    if x > {k}:\n        break\nreturn total",
            "total = 0\nfor x in xs:\n    if x < {k}:\n        break\n    total += x\nreturn total",
        ),
        plan="Loop and add, but test first and break at the first number above the limit.",
        parameters=(("k", _LIMIT),),
    ),
    FunctionKind(
        name="first_above",
        difficulty=5,
        inputs=NUMBERS,
        spec=(
            "return the first number in xs above {k}, or -1 if there is none",
            "find the first item above {k}, else -1",
        ),
        body="for x in xs:\n    if x > {k}:\n        return x\nreturn -1",
        wrong=(
            "for x in xs:\n    if x >= {k}:\n        return x\nreturn -1",
            "for x in xs:\n    if x > {k}:\n        return x",
            "return max(xs)",
        ),
        plan="Loop over the numbers, return the first one above the limit, and -1 after the loop.",
        parameters=(("k", _LIMIT),),
    ),
    FunctionKind(
        name="running_totals",
        difficulty=5,
        inputs=NUMBERS,
        spec=(
            "return the list of running totals of xs, starting from {k}",
            "start at {k}, add the numbers of xs one by one, and list each total",
        ),
        body="total = {k}\nout = []\nfor x in xs:\n    total += x\n    out.append(total)\nreturn out",
        wrong=(
            "total = 0\nout = []\nfor x in xs:\n    total += x\n    out.append(total)\nreturn out",
            "total = {k}\nout = []\nfor x in xs:\n    out.append(total)\n    total += x\nreturn out",
            "total = {k}\nfor x in xs:\n    total += x\nreturn total",
        ),
        plan="Start the total at the constant, add each number, and append the total every time.",
        parameters=(("k", _LIMIT),),
    ),
    FunctionKind(
        name="capped_total",
        difficulty=5,
        inputs=NUMBERS,
        spec=(
            "add up xs from the left, cutting the total to {k} after each step",
            "start at 0, add each number of xs, and lower the total to {k} whenever it is above",
        ),
        body="total = 0\nfor x in xs:\n    total = min(total + x, {k})\nreturn total",
        wrong=(
            "return min(sum(xs), {k})",
            "total = 0\nfor x in xs:\n    total = max(total + x, {k})\nreturn total",
            "total = 0\nfor x in xs:\n    total = total + min(x, {k})\nreturn total",
        ),
        plan="In every step of the loop add the number and take the min with the cap.",
        parameters=(("k", _LIMIT),),
    ),
    FunctionKind(
        name="longest_run_of",
        difficulty=5,
        inputs=COUNTS,
        spec=(
            "return the length of the longest run of {k}s in xs",
            "return how many {k}s stand in a row in xs at most",
        ),
        body=("top = run = 0\nfor x in xs:\n    run = run + 1 if x == {k} else 0\n    top = max(top, run)\nreturn top"),
        wrong=(
            "return xs.count({k})",
            "top = run = 0\nfor x in xs:\n    run = run + 1 if x == {k} else 0\n    top = max(top, run)\nreturn run",
            "top = run = 0\nfor x in xs:\n    run = run + 1 if x != {k} else 0\n    top = max(top, run)\nreturn top",
        ),
        plan="Count up while items equal the value, reset otherwise, and keep the largest count.",
        parameters=(("k", (1, 2, 3, 4, 5, 6)),),
    ),
    FunctionKind(
        name="halvings_to",
        difficulty=5,
        inputs=INTEGER,
        spec=(
            "halve n with // until it is at most {k}; return the number of halvings",
            "count how often n must be halved, rounding down, until it is not above {k}",
        ),
        body="steps = 0\nwhile n > {k}:\n    n = n // 2\n    steps += 1\nreturn steps",
        wrong=(
            "steps = 0\nwhile n > {k}:\n    n = n // 2\n    steps += 1\nreturn n",
            "steps = 0\nwhile n >= {k}:\n    n = n // 2\n    steps += 1\nreturn steps",
            "steps = 1\nwhile n > {k}:\n    n = n // 2\n    steps += 1\nreturn steps",
        ),
        plan="While n is above the limit halve it with // and count the steps.",
        parameters=(("k", (1, 2, 3, 4, 5, 6, 7)),),
    ),
    FunctionKind(
        name="doublings_to",
        difficulty=5,
        inputs=NATURAL,
        spec=(
            "double n + 1 until it is above {k}; return that number",
            "start with n + 1, double it while it is at most {k}, and return the result",
        ),
        body="x = n + 1\nwhile x <= {k}:\n    x = x * 2\nreturn x",
        wrong=(
            "x = n + 1\nwhile x < {k}:\n    x = x * 2\nreturn x",
            "x = n + 1\nif x <= {k}:\n    x = x * 2\nreturn x",
            "x = n + 1\nwhile x <= {k}:\n    x = x + 2\nreturn x",
        ),
        plan="Start from n + 1 and multiply by two as long as the limit is not passed.",
        parameters=(("k", (16, 24, 32, 40, 48, 56, 64, 72, 80)),),
    ),
    FunctionKind(
        name="repeat_map",
        difficulty=5,
        inputs=NATURAL,
        spec=(
            "start with n and {k} times replace it by double itself plus 1",
            "apply n = 2 * n + 1 exactly {k} times and return n",
        ),
        body="for i in range({k}):\n    n = 2 * n + 1\nreturn n",
        wrong=(
            "for i in range({k} - 1):\n    n = 2 * n + 1\nreturn n",
            "for i in range({k}):\n    n = 2 * (n + 1)\nreturn n",
            "return (2 * n + 1) * {k}",
        ),
        plan="Repeat the assignment n = 2 * n + 1 in a for loop over range of the constant.",
        parameters=(("k", (2, 3, 4, 5)),),
    ),
    FunctionKind(
        name="unique_above",
        difficulty=5,
        inputs=NUMBERS,
        spec=(
            "return the numbers of xs above {k}, each only once, in order",
            "list each number of xs above {k} one time",
        ),
        body="out = []\nfor x in xs:\n    if x > {k} and x not in out:\n        out.append(x)\nreturn out",
        wrong=(
            "out = []\nfor x in xs:\n    if x > {k}:\n        out.append(x)\nreturn out",
            "out = []\nfor x in xs:\n    if x >= {k} and x not in out:\n        out.append(x)\nreturn out",
            "out = []\nfor x in xs:\n    if x not in out:\n        out.append(x)\nreturn out",
        ),
        plan="Loop and append a number if it is above the limit and not in the result yet.",
        parameters=(("k", tuple(range(2, 10))),),
    ),
    FunctionKind(
        name="pairs_with_sum",
        difficulty=5,
        inputs=COUNTS,
        spec=(
            "return how many pairs i < j have xs[i] + xs[j] == {k}",
            "count the pairs of items of xs that add up to {k}",
        ),
        body=("c = 0\nfor i in range(len(xs)):\n    for y in xs[i + 1:]:\n        c += xs[i] + y == {k}\nreturn c"),
        wrong=(
            "c = 0\nfor i in range(len(xs)):\n    for y in xs[i:]:\n        c += xs[i] + y == {k}\nreturn c",
            "c = 0\nfor i in range(len(xs)):\n    for y in xs:\n        c += xs[i] + y == {k}\nreturn c",
            "c = 0\nfor i in range(len(xs)):\n    for y in xs[i + 1:]:\n        c += xs[i] * y == {k}\nreturn c",
        ),
        plan="For each index go over the later items only and count the sums that match.",
        parameters=(("k", (4, 6, 8, 10)),),
    ),
    FunctionKind(
        name="alternating_sum",
        difficulty=5,
        inputs=NUMBERS,
        spec=(
            "start at {k}, then add xs[0], subtract xs[1], add xs[2] and so on",
            "return {k} plus the numbers at even indices of xs minus those at odd indices",
        ),
        body="total = {k}\nfor i, x in enumerate(xs):\n    total += x if i % 2 == 0 else -x\nreturn total",
        wrong=(
            "total = {k}\nfor i, x in enumerate(xs):\n    total += x if x % 2 == 0 else -x\nreturn total",
            "total = {k}\nfor i, x in enumerate(xs):\n    total += x if i % 2 == 1 else -x\nreturn total",
            "total = 0\nfor i, x in enumerate(xs):\n    total += x if i % 2 == 0 else -x\nreturn total",
        ),
        plan="Start from the constant, add items at even indices and subtract those at odd indices.",
        parameters=(("k", _LIMIT),),
    ),
    FunctionKind(
        name="number_words",
        difficulty=5,
        inputs=NATURAL,
        spec=(
            'list 1 to n as numbers, but "x" for each multiple of {k}',
            'return [1, ..., n] with every multiple of {k} replaced by "x"',
        ),
        body='return ["x" if i % {k} == 0 else i for i in range(1, n + 1)]',
        wrong=(
            'return ["x" if i % {k} == 0 else i for i in range(1, n)]',
            'return ["x" if i == {k} else i for i in range(1, n + 1)]',
            'return ["x" if i % {k} == 0 else i for i in range(n + 1)]',
        ),
        plan="Go from 1 to n and write the mark for multiples of the constant, else the number.",
        parameters=(("k", (2, 3, 4, 5)),),
    ),
)
