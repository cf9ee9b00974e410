"""`dev/bench plot`: pictures of what the other benchmarks have printed."""

import subprocess
from pathlib import Path

from lib import python_env


def main(arguments):
    """Draw them with the developer's packages; return :mod:`.pictures`' exit code."""
    pictures = Path(__file__).with_name("pictures.py")
    return subprocess.run([python_env.python(), pictures, *arguments]).returncode
