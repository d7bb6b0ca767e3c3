"""``python -m pmd_envs.sandbox check``: what isolation there really is on this machine."""

import argparse
import json
import sys
from dataclasses import asdict

from pmd_envs.command_line import Parser, as_command
from pmd_envs.errors import VerifierError
from pmd_envs.records import Json
from pmd_envs.sandbox.inside.root import LAYERS
from pmd_envs.sandbox.pool import Sandbox
from pmd_envs.sandbox.probe import Finding, check
from pmd_envs.sandbox.server import describe_machine

_EXAMPLES = """\
examples:
  python -m pmd_envs.sandbox check
  python -m pmd_envs.sandbox check --without landlock
  python -m pmd_envs.sandbox check --json

Exit status: 0 programs are run here, 1 they are refused, 2 a mistake, 130 stopped with Ctrl-C.
"""


def parser() -> Parser:
    """What the command line takes."""
    look = argparse.RawDescriptionHelpFormatter
    made = Parser(prog="python -m pmd_envs.sandbox", description=__doc__, epilog=_EXAMPLES, formatter_class=look)
    commands = made.add_subparsers(dest="command", required=True)
    summary = "try what a program can reach and report it"
    command = commands.add_parser("check", help=summary, epilog=_EXAMPLES, formatter_class=look)
    command.add_argument("--without", action="append", default=[], choices=LAYERS, help="leave a layer out")
    command.add_argument("--json", action="store_true", help="the same as JSON")
    return made


@as_command
def main(arguments: list[str] | None = None) -> int:
    """Print the report; 0 if programs are run here, 1 if they are refused."""
    options = parser().parse_args(arguments)
    sandbox = Sandbox(options.without)
    try:
        return report_json(sandbox) if options.json else report(sandbox)
    except VerifierError as error:
        print(json.dumps({"programs_are_run": False, "reason": str(error)}) if options.json else f"refused: {error}")
        return 1
    finally:
        sandbox.close()


def layer_lines(sandbox: Sandbox) -> list[str]:
    """Which layers the server could put on."""
    return [f"  layer {layer:18} {'on' if layer in sandbox.layers else 'MISSING'}" for layer in LAYERS]


def report(sandbox: Sandbox) -> int:
    """Layers, findings and the conclusion."""
    print(describe_machine(), *layer_lines(sandbox), sep="\n")
    findings = check(sandbox)
    for finding in findings:
        word = "held" if finding.held else "NOT HELD"
        print(f"  {finding.name:18} {word:9} a program gets: {finding.detail}")
    missing = _missing(findings)
    print(f"refused: a program could reach {' and '.join(missing)}" if missing else "programs are run here")
    return 1 if missing else 0


def report_json(sandbox: Sandbox) -> int:
    """The same for programs."""
    findings = check(sandbox)
    missing = _missing(findings)
    found: dict[str, Json] = {
        "machine": describe_machine(),
        "layers": {layer: layer in sandbox.layers for layer in LAYERS},
        "findings": [asdict(finding) for finding in findings],
        "reachable": [*missing],
        "programs_are_run": not missing,
    }
    print(json.dumps(found, indent=2))
    return 1 if missing else 0


def _missing(findings: list[Finding]) -> list[str]:
    return [finding.name for finding in findings if finding.required and not finding.held]


if __name__ == "__main__":
    sys.exit(main())
