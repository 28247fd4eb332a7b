"""`slipway` as a function: the words of a command line and standard input -> exit code, output, errors."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from controller.cli import main


class Answer(NamedTuple):
    """What the command gave back."""

    code: int
    out: str
    err: str


def slipway(*words: str, stdin: str = "") -> Answer:
    """Run the command in this process, through the entry point that is installed."""
    out, err = io.StringIO(), io.StringIO()
    argv, standard_input = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["slipway", *words], io.StringIO(stdin)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = _code_of_main()
    finally:
        sys.argv, sys.stdin = argv, standard_input
    return Answer(code, out.getvalue(), err.getvalue())


def _code_of_main() -> int:
    try:
        main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0
    return 0
