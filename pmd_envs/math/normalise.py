r"""One spelling for the many ways in which the same answer is typed.

Unicode becomes LaTeX commands or ASCII (``½`` is ``\frac{1}{2}``, ``x²`` is ``x^{2}``, ``−`` is ``-``), spacing
commands become spaces, separators between digits that can only be thousands separators go away, and what stands around
the whole answer (dollar signs, Markdown, a full stop) is dropped.
"""

import re
import unicodedata

from pmd_envs.math.vocabulary import PREFIXED_UNITS
from pmd_envs.verifiers.magnitudes import CARDINALS

_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+-()n")
_SUB = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-")
_SUPER_RUN = re.compile("[⁰¹²³⁴-⁹⁺⁻⁽⁾ⁿ]+")
_SUB_RUN = re.compile("[₀-₉₊₋]+")
_VULGAR = re.compile("[¼-¾⅐-⅞↉]")
_SYMBOLS = str.maketrans(
    {
        **dict.fromkeys("−–‐‑﹣－", "-"),
        **dict.fromkeys("×⋅·∙✕", r"\times "),
        **dict.fromkeys("⁄∕÷", "/"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", ""),
        "√": r"\sqrt ", "∛": r"\cbrt ", "∞": r"\infty ", "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "≠": "!=",
        "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in ", "∅": r"\emptyset ", "∖": r"\setminus ", "±": "±", "∓": "∓",
        "≡": r"\equiv ",
        "∧": " and ", "∨": " or ", "ℝ": r"\mathbb{R}", "…": "...", "⟨": "(", "⟩": ")", "º": "°", "˚": "°",
    }
)  # fmt: skip
_GREEK = {
    "π": "pi", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "θ": "theta", "λ": "lambda",
    "μ": "mu", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Δ": "Delta", "Ω": "Omega", "Σ": "Sigma", "Φ": "Phi",
}  # fmt: skip
_GREEK_LETTER = re.compile(f"[{''.join(_GREEK)}]")
_THOUSANDS = re.compile(r"(?<=\d)(?:,\s*\\!\s*|\{,\}|\\,|\\!)(?=\d{3}(?!\d))")
_SPACING = re.compile(
    r"""(?<!\\)\\[,;:!>\ ] | \\(?:quad|qquad|hspace\{[^{}]*\})(?![A-Za-z])
    | (?<=[^\s=({$\[])~ | (?<=~=)~ | (?<=\{)~(?=\s*\\?[A-Za-z])""",
    re.VERBOSE,
)
r"""A tilde between two things is a space, as in ``\mathrm{~cm}``; in ``~18`` and ``x = ~18`` it says about."""
_REALS = re.compile(r"\\(?:mathbb|mathbf|Bbb)\s*(?:\{\s*R\s*\}|R(?![A-Za-z]))")
_DELIMITERS = re.compile(r"(?<!\\)\\[()\[\]]")
_BUILDER = re.compile(
    r"\\\{\s*[A-Za-z]\s*(?:\\in\s*\\reals\s*)?(?:\\mid\b|\\vert\b|\||:)(?P<condition>.*)\\\}", re.DOTALL
)
r"""``\{x \mid x > 2\}`` is the condition on x."""
_TEXT_INSIDE = re.compile(r"\\(?:text|quad)[^{}]*\{[^{}]*\}")
_SPACED = re.compile(r"-?[1-9][0-9]{0,2}(?:(?: |\\ )[0-9]{3})+")
_BRACES = frozenset("{}")
_DOTS = re.compile(r"\s*\\(?:ldots|dots|dotsc|cdots)(?![A-Za-z])")
_ANGLE = re.compile(r"\A(?:m\s*)?\\(?:measured)?angle\s*(?:\{\s*([A-Z]{1,3})\s*\}|([A-Z]{1,3}))\s*=")
"""The label of an angle. It keeps its letters, so that another angle is another answer."""
_BASE_IN_WORDS = re.compile(
    r"""(?<=[0-9A-F)])_\s*(?:(?P<open>\{\s*)?\\(?:text|textrm|mathrm|mbox)\s*\{\s*(?P<set>[a-z]+)\s*\}(?(open)\s*\})
    | \{\s*(?P<word>[a-z]+)\s*\})""",
    re.VERBOSE,
)
_PREFIXED = re.compile(
    rf"""(?P<set>\\(?:text|textrm|mathrm|mbox)\s*\{{\s*)?(?P<unit>{"|".join(PREFIXED_UNITS)})\.?[\s~]*(?(set)\}}[\s~]*)
    (?P<number>-?[0-9][0-9.,]*)""",
    re.VERBOSE,
)
"""An amount behind the name of its currency, as in ``Rs. 42``."""
_COLOUR = re.compile(r"\\(?:text)?color\s*\{[A-Za-z]+\}")
_CHOOSE = re.compile(r"\{([^{}]*)\\choose\b([^{}]*)\}")
_PER_CENT = re.compile(r"\bper\s+cent\b", re.IGNORECASE)
_LAST_STOP = re.compile(r"\\text\s*\{\s*[.,;]\s*\}$")
_WRAPPED = re.compile(r"\$\$?(.*?)\$?\$", re.DOTALL)
_MONEY = re.compile(r"\$(?=\s*-?[\d.])")


def normalise(text: str) -> str:
    """``text`` in the spelling that the tokenizer reads."""
    text = _VULGAR.sub(_fraction, text)
    text = _SUPER_RUN.sub(lambda run: f"^{{{run[0].translate(_SUPER)}}}", text)
    text = _SUB_RUN.sub(lambda run: f"_{{{run[0].translate(_SUB)}}}", text)
    text = unicodedata.normalize("NFKC", text.translate(_SYMBOLS)).translate(_SYMBOLS)
    text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    text = _GREEK_LETTER.sub(lambda letter: f"\\{_GREEK[letter[0]]} ", text)
    text = _THOUSANDS.sub("", text)
    text = _REALS.sub(r"\\reals ", _SPACING.sub(" ", text))
    text = _CHOOSE.sub(r"\\binom{\1}{\2}", _PER_CENT.sub("percent", _COLOUR.sub(" ", text)))
    text = _BASE_IN_WORDS.sub(_base, _DOTS.sub("...", text))
    text = _ANGLE.sub(r"\1\2 =", _unwrap(text), count=1)
    text = _PREFIXED.sub(r"\g<number> \g<unit>", text) if _PREFIXED.fullmatch(text) else text
    builder = _BUILDER.fullmatch(text)
    # Two steps: a pattern for braces inside braces took forever on some that are not closed.
    if builder and not _BRACES.intersection(_TEXT_INSIDE.sub("", builder["condition"])):
        return builder["condition"].strip()
    return text.replace("\\", "").replace(" ", "") if _SPACED.fullmatch(text) else text


def _fraction(sign: re.Match[str]) -> str:
    top, _, bottom = unicodedata.normalize("NFKC", sign[0]).partition("⁄")
    return rf"\frac{{{top}}}{{{bottom}}}"


def _base(subscript: re.Match[str]) -> str:
    """The subscript of ``101_{two}`` in digits."""
    base = CARDINALS.get(subscript["set"] or subscript["word"])
    return subscript[0] if base is None else f"_{{{base}}}"


def _unwrap(text: str) -> str:
    """Drop what stands around an answer; keep a dollar sign that is money."""
    text = _DELIMITERS.sub(" ", text).replace("`", " ").strip()
    text = text.removeprefix("**").removesuffix("**").strip()
    text = text[1:-1] if len(text) > 2 and text[0] == text[-1] == "*" else text
    text = _LAST_STOP.sub("", text.removeprefix("=").rstrip("\\").strip())
    text = text[:-1].rstrip() if text.endswith((".", ",", ";")) and not text.endswith("..") else text
    whole = _WRAPPED.fullmatch(text)
    if whole and "$" not in whole[1]:
        return whole[1].strip()
    if text.count("$") - text.count("\\$") == 1 or not _WRAPPED.search(text):
        return text
    return _MONEY.sub(r"\\$", _unpaired(text))


def _unpaired(text: str) -> str:
    """``$1$ and $2$`` without the signs."""
    pairs = re.compile(r"(?<!\\)\$([^$]*)(?<!\\)\$")
    return pairs.sub(r" \1 ", text)
