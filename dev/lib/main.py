"""Where the entry files `dev/odoo`, `dev/test` and `dev/lint` arrive."""

import importlib
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from lib.console import DevError, cause_of, say  # noqa: E402


def main(command, *arguments):
    """Run one command; a failure that has a plain reason is told in one line."""
    try:
        module = importlib.import_module(f"lib.{command}_command")
        return module.main(list(arguments))
    except DevError as error:
        if error.details:
            say(error.details)
        say(f"dev/{command}: {error.message}")
    except OSError as error:
        if not cause_of(str(error)):
            raise
        say(f"dev/{command}: {cause_of(str(error))} ({error.filename}).")
    except KeyboardInterrupt:
        say(f"dev/{command}: stopped.")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
