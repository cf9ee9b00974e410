"""What `dev/figures` counts in a file's syntax tree."""

import ast
from dataclasses import dataclass

PROVIDERS = ("smtp", "microsoft", "google", "imap")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Each of them is one way more through a function, as McCabe and ruff's C901 count.
BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.match_case,
    *FUNCTIONS,
)
# These too, as radon counts: they are read like an `if`.
SHORT_BRANCHES = (ast.IfExp, ast.comprehension)


@dataclass(frozen=True)
class Function:
    """A function or method: where it is, how long, and how many ways lead through.

    :ivar complexity: as ruff's C901 counts
    :ivar choices: the same with `and`, `or`, `x if y else z` and comprehensions
    """

    name: str
    lines: int
    complexity: int
    choices: int


def functions(file, tree):
    """All functions of a file, those within others too."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            lines = node.end_lineno - node.lineno + 1
            ways = sum(isinstance(each, BRANCHES) for each in ast.walk(node))
            choices = ways + sum(map(_short_branches, ast.walk(node)))
            yield Function(f"{file}:{node.lineno} {node.name}", lines, ways, choices)


def _short_branches(node):
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    ifs = len(node.ifs) if isinstance(node, ast.comprehension) else 0
    return isinstance(node, SHORT_BRANCHES) + ifs


def model_parts(tree):
    """The Odoo models that a file defines or extends; not those it is a kind of."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            values = dict(_texts(node))
            inherited = values.get("_inherit", [])
            yield from values.get("_name", inherited)


def _texts(class_node):
    for statement in class_node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                constants = (n for n in ast.walk(value) if isinstance(n, ast.Constant))
                yield name, [n.value for n in constants if isinstance(n.value, str)]


def provider_names(tree):
    """(line, literal) where a provider is named; a field's selection does not count."""
    selections = [node for node in ast.walk(tree) if _is_selection(node)]
    at_home = {id(inner) for node in selections for inner in ast.walk(node)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for node in constants:
        if node.value in PROVIDERS and id(node) not in at_home:
            yield node.lineno, repr(node.value)


def _is_selection(node):
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr == "Selection"
