"""`dev/test [TAGS]`: prepare everything and run the tests.

    dev/test                    all: pure, then Odoo's, neighbours, then process
    dev/test pure [ARGS]        tests/pure with pytest: no Odoo, under a minute
    dev/test odoo               the Odoo tests, all tags
    dev/test neighbours         the Odoo tests tagged coexist without account_payment,
                                sale and others of Odoo's, and with all of them
    dev/test process [ARGS]     tests/process with pytest: real servers, killed ones too
    dev/test /account_email_connector:TestX.test_y
                                the Odoo tests that match, as with Odoo's --test-tags

Mail servers of other people's (Postfix, Exim, msmtpd) and sign-ins from npm are fetched
into the cache, and run from there: nothing of them is installed.

ARGS go to pytest, for example: dev/test process -k kill. A skipped test is a failure,
and so is an error in Odoo's log. The last line is `N passed, N failed, N skipped`.
"""

from . import system
from .console import say, step
from .results import Results

#: They wait more than they work, for servers that stall and for their time limits.
AT_ONCE = ("-n", "4")


def main(arguments):
    """Run the tests asked for; return 0 only if some ran and all passed."""
    if arguments and arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    results = Results()
    for part in parts(arguments):
        results += part()
    for name in results.failed:
        say(f"FAILED {name}")
    for name in results.skipped:
        say(f"SKIPPED, which counts as a failure: {name}")
    print(results, flush=True)
    return 0 if results.ok else 1


def parts(arguments):
    """The parts to run, each a function that returns `Results`."""
    kind, rest = (arguments[0], arguments[1:]) if arguments else (None, ())
    if kind is None:
        return [_pure, _odoo, *_NEIGHBOURS, lambda: _pytest("process")]
    if kind == "pure":
        return [lambda: _pure(rest)]
    if kind == "process":
        return [lambda: _pytest(kind, rest)]
    if kind == "odoo":
        return [_odoo]
    if kind == "neighbours":
        return _NEIGHBOURS
    return [lambda: _odoo(",".join(arguments))]


def _pure(arguments=()):
    return _pytest("pure", (*AT_ONCE, *arguments))


def _pytest(folder, arguments=()):
    from . import pytest_part

    system.require(system.MAIL_SERVER)
    with step(f"Tests in tests/{folder}"):
        return pytest_part.run(folder, arguments)


def _odoo(*tags):
    from . import odoo_part

    system.require(system.MAIL_SERVER, system.BROWSER, system.FONTS, system.PDF)
    return odoo_part.run(*tags)


def _without_neighbours():
    from . import odoo_part

    system.require(system.PDF)
    return odoo_part.without_neighbours()


def _with_neighbours():
    from . import odoo_part

    system.require(system.PDF)
    return odoo_part.with_neighbours()


_NEIGHBOURS = (_without_neighbours, _with_neighbours)
