"""`dev/figures [REV]`: how the code is cut into files, functions and models.

The product, its tests and the developer's tools, each for itself; for the product also
which models are written in several files, and where a provider is called by its name
above `providers/`. With REV (a commit, a branch) of that revision, so that before and
after come from the same command. `complexity` is counted as ruff's C901 does, `choices`
as radon does: with each `and`, `or`, `x if y else z` and comprehension.
"""

import ast
import math
import statistics
import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from . import cache, lint_command
from .console import DevError
from .figures_code import functions, model_parts, provider_names

LONG = 45
COMPLEX = 10
# What may name a provider: where it is at home, its words, and what brings old data on.
AT_HOME = ("providers/", "texts.py", "texts/", "migrations/")


def main(arguments):
    """Print the figures of the checkout or a revision; return 0."""
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    if arguments:
        with tempfile.TemporaryDirectory() as directory:
            _report(_read(directory, _unpack(arguments[0], directory)))
    else:
        _report(_read(cache.CHECKOUT, lint_command.known_files()))
    return 0


def _unpack(revision, directory):
    command = ["git", "archive", "--format=tar", revision]
    done = subprocess.run(command, cwd=cache.CHECKOUT, capture_output=True)
    if done.returncode:
        raise DevError(f"git archive failed: {done.stderr.decode().strip()}")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(directory)  # nosec B202 # git's own, of this repository
        return archive.getnames()


def _read(directory, names):
    """The Python files: {name: text}."""
    names = sorted(name for name in names if name.endswith(".py"))
    return {name: (Path(directory) / name).read_text() for name in names}


def _report(sources):
    parts = {"product": {}, "tests": {}, "dev": {}}
    for name, text in sources.items():
        top = name.split("/")[0]
        parts[top if top in parts else "product"][name] = text
    trees = {name: ast.parse(text) for name, text in sources.items()}
    for title, texts in parts.items():
        print(title)
        _sizes("files", [(len(t.splitlines()), name) for name, t in texts.items()])
        _functions({name: trees[name] for name in texts})
    product = {name: trees[name] for name in parts["product"]}
    _models(parts["product"], product)
    _providers(product)


def _sizes(title, sized):
    """One row: how many, and how many lines they have; `sized` is (lines, name)."""
    lines = sorted(size for size, _name in sized)
    row = f"  {title:<15}{len(lines):>4}"
    if lines:
        middle = statistics.median(lines)
        most = lines[math.ceil(0.95 * len(lines)) - 1]
        longest, name = max(sized)
        row += f"  median {middle:g}, 95 % up to {most}, longest {longest} ({name})"
    print(row)


def _functions(trees):
    found = [each for name, tree in trees.items() for each in functions(name, tree)]
    _sizes("functions", [(each.lines, each.name) for each in found])
    _above(LONG, f"over {LONG} lines", [(f.lines, f.name) for f in found])
    _above(COMPLEX, f"complexity > {COMPLEX}", [(f.complexity, f.name) for f in found])
    _above(COMPLEX, f"choices > {COMPLEX}", [(f.choices, f.name) for f in found])


def _models(texts, trees):
    print("models")
    files = [name for name in texts if name.startswith("models/")]
    files = [name for name in files if not name.endswith("__init__.py")]
    _sizes("files", [(len(texts[name].splitlines()), name) for name in files])
    parts = {}
    for name, tree in trees.items():
        for model in model_parts(tree):
            parts.setdefault(model, []).append(name)
    several = [(len(n), f"{model}: {', '.join(n)}") for model, n in parts.items()]
    _above(1, "in many files", several)


def _providers(trees):
    print("providers by name, above providers/")
    counts = []
    for name, tree in trees.items():
        named = [] if name.startswith(AT_HOME) else sorted(provider_names(tree))
        places = ", ".join(f"{line} {literal}" for line, literal in named)
        counts.append((len(named), f"{name}: {places}"))
    print(f"  {'literals':<15}{sum(count for count, _name in counts):>4}")
    _above(0, "files", counts)


def _above(limit, title, counted):
    """How many of the (number, name) are above a limit, and which."""
    rows = sorted((each for each in counted if each[0] > limit), reverse=True)
    print(f"  {title:<15}{len(rows):>4}")
    for number, name in rows:
        print(f"  {number:>6}  {name}")
