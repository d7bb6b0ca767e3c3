r"""Examples in the docstring of a function, as tests.

    >>> read_examples("def f(n):\n    '''Double.\n    >>> f(2)\n    4\n    f(3) => 6\n    '''", "f")
    ['assert f(2) == 4', 'assert f(3) == 6']

Read are the prompts of Python's own shell, and lines of a call with plain arguments, a sign and a plain value. What
else a docstring says, in prose or as a story, is left alone.
"""

import ast
import doctest
import re
import warnings

MAX_EXAMPLES = 10
_SIGN = re.compile(r"==>?|=>|=|-+>|➞|➔|→|\breturns?\b|[Rr]esult:")
_WORDS = {"true": "True", "false": "False", "none": "None"}
_VALUES = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp)


def read_examples(prompt: str, name: str) -> list[str]:
    """Statements that assert what the docstring shows of the function ``name``."""
    text = _docstring(prompt, name)
    pairs = [*_shell(text, name), *_lines(text, name)]
    return list(dict.fromkeys(f"assert {call} == {value}" for call, value in pairs))[:MAX_EXAMPLES]


def _docstring(prompt: str, name: str) -> str:
    tree = _parse(prompt, "exec")
    nodes = tree.body if isinstance(tree, ast.Module) else []
    found = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name == name]
    return (ast.get_docstring(found[0]) or "") if found else ""


def _shell(text: str, name: str) -> list[tuple[str, str]]:
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return []
    pairs = [(example.source.partition("#")[0].strip(), _value(example.want.strip())) for example in examples]
    return [(call, value) for call, value in pairs if value and name in call and _parse(call, "eval") is not None]


def _lines(text: str, name: str) -> list[tuple[str, str]]:
    pairs = []
    for line in text.splitlines():
        start = line.find(f"{name}(")
        if start >= 0 and ">>>" not in line:
            for sign in _SIGN.finditer(line, start):
                call, value = line[start : sign.start()].strip(), _value(line[sign.end() :].strip())
                if value and _is_plain_call(call, name):
                    pairs.append((call, value))
                    break
    return pairs


def _value(text: str) -> str:
    """A plain value, or nothing."""
    for candidate in (text.partition("#")[0].strip(), text.strip()):
        value = _WORDS.get(candidate.rstrip(".,;"), candidate.rstrip(".,;"))
        if _is_plain(_parse(value, "eval")):
            return value
    return ""


def _is_plain(tree: ast.AST | None) -> bool:
    body = tree.body if isinstance(tree, ast.Expression) else None
    if not isinstance(body, _VALUES):
        return False
    try:
        ast.literal_eval(body)
    except (ValueError, TypeError):
        return False
    return True


def _is_plain_call(text: str, name: str) -> bool:
    tree = _parse(text, "eval")
    call = tree.body if isinstance(tree, ast.Expression) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != name or call.keywords:
        return False
    return all(_is_plain(ast.Expression(arg)) for arg in call.args)


def _parse(text: str, mode: str) -> ast.AST | None:
    with warnings.catch_warnings(action="ignore"):
        try:
            return compile(text, "<example>", mode, ast.PyCF_ONLY_AST, dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
