"""`touchstone`: the composition root, where settings, rooms and commands meet.

Exit codes: 0 success, 2 a mistake of the person who typed, 1 any other failure.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import typer

from infra import commands
from infra.errors import InfraError, MistakeError
from infra.settings import settings

app = typer.Typer(
    name="touchstone",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def touchstone() -> None:
    """One glossary, the same number everywhere: from the source systems to dashboards and the board pack."""


def _register_all() -> None:
    """Add the commands of each module in infra/commands, in the order of their names."""
    for found in sorted(pkgutil.iter_modules(commands.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{commands.__name__}.{found.name}")
        if hasattr(module, "register"):
            module.register(app)
        else:
            app.add_typer(module.app, name=found.name)


_register_all()


def exit_code(error: Exception) -> int:
    """2 for what the person who typed can put right, 1 for any other failure."""
    # Imported here: most commands end without an error, and `--help` should not pay for the engine.
    from semantic.errors import UserError

    return 2 if isinstance(error, (MistakeError, UserError)) else 1


def is_expected(error: Exception) -> bool:
    """Whether the message was written for the person who reads it; anything else is told with its class."""
    from ingest.errors import IngestError
    from semantic.errors import TouchstoneError

    return isinstance(error, (InfraError, TouchstoneError, IngestError))


def main() -> None:
    """Run the command line; an expected failure becomes one line on stderr and an exit code."""
    try:
        app()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        raise SystemExit(1) from None
    except BrokenPipeError:
        raise SystemExit(1) from None
    except Exception as error:
        if settings().debug:
            raise
        name = "" if is_expected(error) else f"{type(error).__name__}: "
        print(f"touchstone: {name}{error}", file=sys.stderr)
        raise SystemExit(exit_code(error)) from error


if __name__ == "__main__":
    main()
