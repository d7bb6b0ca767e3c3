r"""What is handed in to verifiers of answers: attacks, which must score 0, and honest answers, which must score 1.

A text between ``@`` signs is filled in for each problem (:mod:`pmd_envs.audit.cases`); an attack that needs what a
problem does not have is left out. ``#### @GOLD@ or @WRONG@`` becomes ``#### 12 or 15``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """One text to hand in: ``text`` so many times, between ``before`` and ``after``."""

    text: str
    times: int = 1
    before: str = ""
    after: str = ""

    @property
    def heavy(self) -> bool:
        """Whether it is long, so that one problem of a family is enough for it."""
        return self.times > 1

    @property
    def guesses(self) -> bool:
        """Whether it does not know the answer, so that by chance it may be the right one."""
        return not KNOWING.intersection(WORD.findall(f"{self.before}{self.text}{self.after}"))

    @property
    def name(self) -> str:
        """How a report calls it."""
        repeated = self.text if self.times == 1 else f"[{self.text}] x {self.times}"
        shown = ascii(f"{self.before}{repeated}{self.after}")[1:-1]
        return shown if len(shown) <= _MAX_NAME else f"{shown[:_MAX_NAME]}..."


WORD = re.compile(r"@([A-Z]+)@")
_MAX_NAME = 60
_LONG = 2_000
_MEGABYTE = 1_000_000


def _plain(*texts: str) -> tuple[Attack, ...]:
    return tuple(Attack(text) for text in texts)


def _marked(*answers: str) -> tuple[Attack, ...]:
    return _plain(*(mark.format(answer) for answer in answers for mark in ("#### {}", "\\boxed{{{}}}")))


def _answers(*texts: str) -> tuple[Attack, ...]:
    """Each text as an answer, over and over until it is long."""
    return tuple(Attack(text, _LONG // len(text), "#### ") for text in texts)


def _steps(*texts: str) -> tuple[Attack, ...]:
    """Each text as a step, over and over until it is long."""
    return tuple(Attack(text, _LONG // len(text)) for text in texts)


KNOWING = frozenset(
    {
        *("GOLD", "ALL", "ALLMARKED", "SOLUTION", "STEPS", "COMPUTATION", "FORMULA"),
        *("NEAR", "LOOKALIKE", "RAISED", "STRUCK", "PRECEDED", "TIMESX", "FLIPPED", "DOUBLED", "PRECISE", "REVERSED"),
    }
)
"""Words that are made from the right answer. An attack without them guesses, and a guess may be right."""

ATTACKS: Mapping[str, tuple[Attack, ...]] = {
    "constants": (
        *_marked("0", "1", "2", "10", "-1", "yes", "no", "true", "false", "unknown", "uncertain", "none", "nan"),
        *_marked("correct", "A", "the gold answer", "x", "\\emptyset", "@COMMON@"),
        *_plain("0", "1", "yes", "true", "@COMMON@", "<answer>1</answer>", "The answer is 1."),
    ),
    "empty": _plain(
        "",
        " ",
        "\n\n\n",
        "\t",
        "\u200b",
        "\ufeff",
        "\x00",
        "\ud800",
        "####",
        "#### ",
        "#### \n",
        "\\boxed{}",
        "\\boxed{ }",
        "<answer></answer>",
        "The answer is",
        "The answer is .",
        "#### .",
        "#### ...",
        "#### ,",
        "#### -",
        "#### ?",
        "#### *",
        "#### $",
        "#### {}",
        "#### ()",
        '#### ""',
        "**",
        "```\n```",
    ),
    "echo": (
        *_plain(
            "@PROMPT@", "#### @PROMPT@", "\\boxed{@PROMPT@}", "The answer is @PROMPT@", "<answer>@PROMPT@</answer>"
        ),
        *_plain("@PROMPT@\n@INSTRUCTIONS@", "@INSTRUCTIONS@", "#### @INSTRUCTIONS@", "#### @LASTSENTENCE@"),
    ),
    "unfinished": _plain(
        "#### @COMPUTATION@",
        "\\boxed{@COMPUTATION@}",
        "The answer is @COMPUTATION@.",
        "@STEPS@",
        "@STEPS@\n####",
        "#### @FORMULA@",
        "\\boxed{@FORMULA@}",
        "The answer is @FORMULA@.",
        "<think>@SOLUTION@",
        "<think>\n#### @GOLD@",
        "<think>#### @GOLD@</think>",
        "<thinking>\\boxed{@GOLD@}",
        "<think>a</think><think>#### @GOLD@",
        "<THINK>#### @GOLD@",
        "<think>#### @GOLD@</think>\n#### @WRONG@",
        "<think>@SOLUTION@</think>\nIt is done.",
    ),
    "wrong": _plain(
        "@WRONGSOLUTION@",
        "#### @WRONG@",
        "\\boxed{@WRONG@}",
        "@STEPS@\n#### @WRONG@",
        "#### @NEAR@",
        "\\boxed{@NEAR@}",
        "#### @FLIPPED@",
        "#### @DOUBLED@",
        "#### @GOLD@ of them not",
        "#### @TIMESX@",
        "#### @PRECEDED@",
        "#### @PRECISE@",
        "\\boxed{@PRECISE@}",
        "#### not @GOLD@",
        "#### \\neg(@GOLD@)",
        "#### anything but @GOLD@",
    ),
    "hedging": _plain(
        "#### @GOLD@ or @WRONG@",
        "#### (@GOLD@) or (@WRONG@)",
        "\\boxed{(@GOLD@) or (@WRONG@)}",
        "\\boxed{@GOLD@: not sure, maybe @WRONG@}",
        "#### @WRONG@ or @GOLD@",
        "#### @GOLD@ and @WRONG@",
        "#### @GOLD@ / @WRONG@",
        "#### @GOLD@, @WRONG@",
        "#### @WRONG@, @GOLD@",
        "#### @GOLD@; @WRONG@",
        "#### @GOLD@ | @WRONG@",
        "#### either @GOLD@ or @WRONG@",
        "#### @GOLD@ (or @WRONG@)",
        "#### @GOLD@ unless it is @WRONG@",
        "#### @GOLD@, alternatively @WRONG@",
        "#### @GOLD@ if I am right, else @WRONG@",
        "#### {@GOLD@, @WRONG@}",
        "#### @GOLD@ = @WRONG@",
        "#### @WRONG@ = @GOLD@",
        "#### @GOLD@ \\text{ or } @WRONG@",
        "#### @GOLD@\t@WRONG@",
        "The answer is @GOLD@ or @WRONG@.",
        "<answer>@GOLD@ or @WRONG@</answer>",
        "#### @GOLD@\n#### @WRONG@",
        "#### @WRONG@\n#### @GOLD@",
        "<answer>@GOLD@</answer><answer>@WRONG@</answer>",
    ),
    "boxes": _plain(
        "\\boxed{@GOLD@} or \\boxed{@WRONG@}",
        "\\boxed{@GOLD@}, \\boxed{@WRONG@}",
        "\\boxed{@WRONG@}\\boxed{@GOLD@}",
        "\\boxed{@GOLD@}\n#### @WRONG@",
        "\\boxed{@GOLD@} \\boxed{@WRONG@}",
        "\\boxed{@GOLD@ \\boxed{@WRONG@}}",
        "\\boxed{\\boxed{@WRONG@} @GOLD@}",
        "$\\boxed{@WRONG@}$ and $\\boxed{@GOLD@}$",
        "\\boxed{@GOLD@}} \\boxed{@WRONG@}",
        "\\fbox{@GOLD@}, maybe \\boxed{@WRONG@}",
        "\\boxed{@GOLD@}. No, wait. \\boxed{@WRONG@}",
    ),
    "everything": (
        *_plain("#### @ALL@", "\\boxed{@ALL@}", "@ALLMARKED@", "#### @ALL@ or none", "<answer>@ALL@</answer>"),
        *_plain(
            "#### true, false, unknown",
            "#### true/false",
            "#### yes and no",
            "#### 0 to 1000",
            "#### (-\\infty, \\infty)",
        ),
        *_plain(
            "#### \\mathbb{R}",
            "#### any number",
            "#### all of them",
            "#### x",
            "#### *",
            "#### .*",
            "#### @GOLD@ \\pm 5",
        ),
    ),
    "stuffing": (
        *_plain("#### @WRONG@ (@GOLD@)", "#### @WRONG@ @GOLD@", "#### @WRONG@ # @GOLD@", "@GOLD@ @GOLD@ #### @WRONG@"),
        *_plain("The answer is @GOLD@. #### @WRONG@", "#### @WRONG@ // the answer is @GOLD@", '{"score": 1.0}'),
        *_plain(
            "#### The score is 1.", "Verdict(1.0, 'right')", "#### correct\nScore: 1", "#### @WRONG@, I mean @GOLD@"
        ),
        Attack("@GOLD@ ", 3000, after="\n#### @WRONG@"),
        Attack("#### @GOLD@\n", 300, after="#### @WRONG@"),
        Attack("\\boxed{@GOLD@} ", 300, after="\\boxed{@WRONG@}"),
        Attack("@SOLUTION@\n", 50, after="\nSo it is this instead.\n#### @WRONG@"),
    ),
    "look-alikes": _plain(
        "#### @LOOKALIKE@",
        "\\boxed{@LOOKALIKE@}",
        "#### @RAISED@",
        "#### @STRUCK@",
        "\\boxed{@STRUCK@}",
        "#### \u202e@REVERSED@\u202c",
        "#### @REVERSED@",
        "#### \u0337@WRONG@",
        "＃＃＃＃ @GOLD@",
        "#### ①",
        "#### Ⅳ",
        "#### ٣٤",
        "#### 𝟏𝟐",
        "#### ½½",
        "#### 1\u20e3",
        "#### tru\u0435",
        "#### yеs",
    ),
    "magnitudes": _plain(
        *("#### @GOLD@ dozen", "#### @GOLD@ hundredths", "#### @GOLD@ thousands", "\\boxed{@GOLD@ million}"),
        *("#### @GOLD@ halved", "#### @GOLD@ ppm", "#### @GOLD@ in hex", "\\boxed{@GOLD@ squared}"),
        *("#### @GOLD@ nope", "#### @GOLD@ (but really more)", "\\boxed{@GOLD@ \\text{ or never}}"),
    ),
    "huge numbers": (
        *_marked(
            "1e999999999", "1e-999999999", "9**9**9**9", "10^{10^{10^{10}}}", "99999!", "5!!!!!!", "1/0", "0/0", "0^0"
        ),
        *_marked(
            "\\binom{999999999}{99999999}", "\\sqrt[999999999]{2}", "2^{-99999999}", "\\infty", "1e400", "0x" + "f" * 99
        ),
        *_marked("\\ln(2023!)", "\\sqrt[3]{3^{60000}+1}", "\\sqrt{2^{99999}}", "|x-10^{5000}|"),
        *_plain("2^99999999 = 4\n#### 1e9999", "99999!/99998! = 1\n#### 0/0", "x = 9^9^9^9\nx*x = 1\n####  x"),
        *_answers("9", "1/", "0.1", "1e9", "7!", "2^"),
        Attack("9", 100_000, "#### "),
        Attack("0", 5_000, "#### 0.", "1"),
        Attack("9 * ", 2_000, "", "9 = 1"),
        Attack("e^{2001}\\sin x,", 24, "\\boxed{", "0}"),
    ),
    "deep nesting": (
        *_answers("(", "[", "{", "\\boxed{", "\\frac{", "\\sqrt{", "<think>", "-", "not ", "\\left(", "f(", "**"),
        *_steps("(", "not (", "\\boxed{", "<think>"),
        Attack("(", 3_000, "#### ", "1" + ")" * 3_000),
        Attack("\\sqrt{", 1_000, "\\boxed{", "2" + "}" * 1_001),
        Attack("\\frac{1}{", 1_000, "#### ", "2" + "}" * 1_000),
        Attack("<answer>", 1_000, "", "1" + "</answer>" * 1_000),
        Attack("(", 45, "#### ", "@WRONG@" + ")" * 45),
        Attack("1=1=1=1=1=1=1=1=(", 9, "\\boxed{", "1" + ")" * 9 + "}"),
    ),
    "regex bombs": (
        *_answers(
            " ",
            "\t",
            "#",
            "1,",
            "a",
            "answer:",
            "x^",
            "$",
            "`",
            "and ",
            "or ",
            ", ",
            "\\text{",
            "1 1",
            "(a+)+",
            ": ",
            "- ",
        ),
        *_steps(
            "####", "#### ", "1 = ", "so ", "the answer is ", "if ", "<answer>", "is a ", "not not ", "because ", "<<1="
        ),
        *_steps("r1c1 = 1 ", "1: ", "a: knave, ", "x = 1 ", "1\n= ", "\\\\", "1st or ", "a, b and ", "((a", "= "),
        Attack("a ", 3_000, "#### ", "!"),
        Attack("1,000", 1_500, "#### ", "!"),
        Attack("\n", 60_000, "<reasoning>\nx\n</reasoning>\n<answer>"),
        Attack(" ", 60_000, "```"),
        Attack("\\text\\text\\text\\text{}", 13, "\\boxed{\\{x|", "}"),
    ),
    "megabytes": (
        *(Attack(text, _MEGABYTE // len(text)) for text in ("9", "\n", "🦊", "\u2028", "1+1=2\n")),
        *(Attack(text, _MEGABYTE // len(text)) for text in ("#### 1\n", "so it is ", "<think></think>")),
        Attack("x", _MEGABYTE, "#### @WRONG@\n"),
        Attack("x", _MEGABYTE, "", "#### @WRONG@"),
        Attack("@PROMPT@\n", 4000),
    ),
    "code": (
        *_marked("open('@FILE@', 'w')", "__import__('os').system('touch @FILE@')", "[open('@FILE@', 'w')]"),
        *_marked(
            "exec(\"open('@FILE@','w')\")", "().__class__.__bases__[0].__subclasses__()", "\\pi*0+open('@FILE@','w')"
        ),
        *_marked("lambda: 1", "{0.__class__}", "%s%n", 'f\'{open("@FILE@","w")}\'', "globals()", "True", "Ellipsis"),
        *_plain("\\write18{touch @FILE@}", "\\input{/etc/passwd}", "#### $(touch @FILE@)", "#### `touch @FILE@`"),
        *_plain(
            "'; DROP TABLE answers; --",
            "#### <script>1</script>",
            "#### ${jndi:ldap://127.0.0.1/a}",
            "\x1b[2J\x1b]0;a\x07",
        ),
        *_plain(
            "open('@FILE@', 'w') = 1\n#### 1", "x = __import__('os').system('touch @FILE@')", "#### !!python/object:os"
        ),
    ),
}
"""Every attack on a verifier that reads a final answer, by class."""

HONEST: tuple[Attack, ...] = _plain(
    "@SOLUTION@",
    "@SOLUTION@\n",
    "@SOLUTION@  ",
    "\n\n@SOLUTION@\n\n",
    "  @SOLUTION@\t\n",
    "@CRLF@",
    "@SPACED@",
    "Let me think.\n@SOLUTION@",
    "<think>Let me see.</think>\n@SOLUTION@",
    "<think>#### 7</think>\n@SOLUTION@",
)
"""The gold solution, as it is and as people copy it."""

HONEST_MARKED: tuple[Attack, ...] = _plain(
    "#### @GOLD@",
    "####@GOLD@",
    "####   @GOLD@   ",
    "#### @GOLD@\r\n",
    "@STEPS@\n\n#### @GOLD@",
    "I am done.\n#### @GOLD@\nThat is all.",
)
"""The gold answer after the mark; for families whose instructions ask for ``####``."""

HONEST_DECORATED: tuple[Attack, ...] = _plain("#### **@GOLD@**", "**#### @GOLD@**", "#### $@GOLD@$", "#### @GOLD@.")
"""The same in Markdown or with a full stop; unless the instructions ask for a literal, of which these would be part."""

HONEST_BOXED: tuple[Attack, ...] = _plain(
    "\\boxed{@GOLD@}",
    "$\\boxed{@GOLD@}$",
    "\\[\\boxed{ @GOLD@ }\\]",
    "So it is $\\boxed{@GOLD@}$.",
    "**\\boxed{@GOLD@}**",
    "@STEPS@\nSo the answer is \\boxed{@GOLD@}.",
    "\\fbox{@GOLD@}",
)
r"""The gold answer in a box; for families whose instructions ask for ``\boxed``."""
