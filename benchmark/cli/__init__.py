"""The command line: one module per command, which parses, calls and prints; nothing else.

A command's module is imported when the command is used, so ``--help`` stays fast.

Exit codes: 0 done; 1 a check failed; 2 wrong usage or bad input; 3 nothing that was asked for could run;
75 a training was told to stop, and can be resumed; 130 interrupted.
"""

from __future__ import annotations

import errno
import importlib
import io
import sys

import click

from benchmark import __version__
from benchmark.errors import UserError

COMMANDS = {
    "run": "Caption drawings, score the captions, write leaderboards.",
    "score": "Score captions that were made elsewhere.",
    "leaderboard": "Rebuild the leaderboards from what is on disk.",
    "compare": "Say whether one captioner is better than another.",
    "check": "Hold scores against a committed baseline.",
    "report": "Write the HTML report: pictures, charts, every caption.",
    "render": "Draw SVGs as PNGs; compare renderers.",
    "fetch": "Get weights of captioners, or make safetensors of a pickle.",
    "train": "Train a LoRA adapter that captions drawings.",
    "list": "List captioners, renderers, metrics, datasets or presets.",
    "doctor": "Say what is here and what is missing.",
}


class LazyGroup(click.Group):
    """Knows names and one-line helps of its commands; imports a command's module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"benchmark.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "token_normalize_func": lambda token: token.replace("_", "-"),
        "max_content_width": 110,
    },
    epilog="Start with: python -m benchmark run --captioners all",
)
@click.version_option(__version__, prog_name="svg-caption-bench")
def cli() -> None:
    """Which captioner of SVG drawings is best: render, caption, score and rank on the same samples."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; what is the user's to mend is one message without a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that has no "—" shows its code
    try:
        code = _exit_code(arguments)
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO):
            raise
        sys.exit(_fail(f"cannot write to standard output: {error.strerror}", UserError.exit_code))
    sys.exit(code)


def _exit_code(arguments: list[str] | None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    try:
        cli.main(given, prog_name="python -m benchmark", standalone_mode=False, obj=given)  # a launcher repeats them
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted; what was finished is kept, and the same command goes on from there", 130)
    except UserError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output is gone; Python would complain on exit
        return 0
    except Exception as error:
        from captioners import CaptionerError
        from renderers import RenderError
        from renderers.registry import UnknownName

        if isinstance(error, UnknownName | RenderError | CaptionerError):
            return _fail(str(error), UserError.exit_code)
        raise
    return 0


def _fail(message: str, code: int) -> int:
    click.echo(f"Error: {message}", err=True)
    return code
