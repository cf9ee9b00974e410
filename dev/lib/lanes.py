"""Parts of the tests at the same time: each waits for others now and then."""

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed

from .console import DevError, say
from .results import Results

#: Two use the two processors of a small machine; more would be in each other's way.
LANES = 2


def at_once(parts):
    """Run parts, two at a time, and give the `Results` of each when it has ended.

    What a part prints is shown then, in one piece.

    :param parts: functions that return `Results`, known by their modules' names; the
        longest should be first
    """
    names = ", ".join(part.__name__.strip("_") for part in parts)
    say(f"In two lanes: {names}. What they print is shown when each has ended.")
    with ProcessPoolExecutor(LANES) as pool:
        for done in as_completed([pool.submit(_part, part) for part in parts]):
            results, printed = done.result()
            say(printed)
            yield results


def _part(part):
    """Run in a process of a lane: the results of a part, and what it has printed."""
    with tempfile.TemporaryFile() as file:
        # Those of the tools that it starts, and those of Python.
        for stream in {1, 2, sys.stdout.fileno(), sys.stderr.fileno()}:
            os.dup2(file.fileno(), stream)
        try:
            results = part()
        except DevError as error:
            say(str(error))
            results = Results(failed=[f"{part.__name__.strip('_')}: {error.message}"])
        sys.stdout.flush()
        file.seek(0)
        return results, file.read().decode(errors="replace")
