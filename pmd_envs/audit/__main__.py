"""``python -m pmd_envs.audit``: attack the verifiers and report what they accept, refuse and take."""

import argparse
import sys
from pathlib import Path

from pmd_envs.audit.report import as_json, page, table, worst
from pmd_envs.audit.runner import audit
from pmd_envs.command_line import Parser, as_command
from pmd_envs.errors import ConfigError

_EXAMPLES = """\
examples:
  python -m pmd_envs.audit                                     every environment
  python -m pmd_envs.audit pmd/GSM8K-v0 --problems 50 --json gsm8k.json
  python -m pmd_envs.audit --write-docs docs/audit.md

Exit status: 0 every verifier withstands every attack, 1 one does not, 2 a mistake, 130 stopped
with Ctrl-C.
"""


def parser() -> Parser:
    """What the command line takes."""
    made = Parser(
        prog="python -m pmd_envs.audit",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "env", nargs="*", help="ids such as pmd/GSM8K-v0; all but those of reasoning-gym if none is given"
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found to a file")
    made.add_argument("--problems", type=int, default=10, metavar="N", help="problems of each environment (10)")
    made.add_argument("--seed", type=int, default=0, metavar="S", help="which problems (0)")
    made.add_argument("--write-docs", type=Path, metavar="FILE", help="write the page of the documentation")
    return made


@as_command
def main(arguments: list[str] | None = None) -> int:
    """Print the table; 0 if every verifier withstands every attack, 1 if one does not."""
    options = parser().parse_args(arguments)
    try:
        audits = audit(options.env, options.problems, options.seed)
    except ConfigError as error:
        parser().error(str(error))
    print(table(audits))
    if options.json:
        options.json.write_text(as_json(audits, options.problems, options.seed), "utf-8")
    if options.write_docs:
        options.write_docs.write_text(page(audits, options.problems, options.seed), "utf-8")
    return worst(audits)


if __name__ == "__main__":
    sys.exit(main())
