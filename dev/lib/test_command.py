"""`dev/test [TAGS]`: prepare everything and run the tests.

    dev/test                    all of these but newest, two at a time
    dev/test pure [ARGS]        tests/pure with pytest: no Odoo
    dev/test odoo               the Odoo tests, all tags
    dev/test neighbours         the Odoo tests tagged coexist without account_payment,
                                sale and others of Odoo's, and with all of them
    dev/test neighbours --large the same with many more of Odoo's and of OCA's, which
                                take minutes to install: not in the run of all
    dev/test process [ARGS]     tests/process with pytest: real servers, killed ones too
    dev/test oldest [ARGS]      those of tests/pure that use the packages of
                                requirements.txt, with the oldest that it allows, on
                                Python 3.10 where there is one (pyenv's too)
    dev/test newest [ARGS]      the same with the newest there are today: not in the run
                                of all, which somebody else's release must not fail
    dev/test /account_email_connector:TestX.test_y
                                the Odoo tests that match, as with Odoo's --test-tags

Mail servers of other people's (Postfix, Exim, msmtpd) and sign-ins from npm are fetched
into the cache, and run from there: nothing of them is installed.

ARGS go to pytest, for example: dev/test process -k kill. A skipped test is a failure,
and so is an error in Odoo's log. The last line is `N passed, N failed, N skipped`.
"""

from . import environment, lanes, system
from .console import DevError, say, step
from .results import Results

#: They wait more than they work, for servers that stall and for their time limits.
AT_ONCE = ("-n", "3")


def main(arguments):
    """Run the tests asked for; return 0 only if some ran and all passed."""
    if arguments and arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    found = parts(arguments) if arguments else _everything()
    results = sum(found, start=Results())
    for name in results.failed:
        say(f"FAILED {name}")
    if not (results.passed or results.failed or results.skipped):
        say(f"No test matches {' '.join(arguments)}.")
    for name in results.skipped:
        say(f"SKIPPED, which counts as a failure: {name}")
    print(results, flush=True)
    return 0 if results.ok else 1


def parts(arguments):
    """Run the parts asked for, one after the other; yields the `Results` of each."""
    kind, *rest = arguments
    if kind.startswith("--"):
        raise DevError(f"{kind} is no option: see dev/test --help.")
    if kind == "pure":
        yield _pure(rest)
    elif kind == "process":
        yield _process(rest)
    elif kind == "oldest":
        yield _oldest(rest)
    elif kind == "newest":
        yield _newest(rest)
    elif kind == "odoo":
        yield _odoo()
    elif kind == "neighbours":
        yield from _neighbours(rest)
    else:
        yield _odoo(",".join(arguments))


def _everything():
    """All parts; what they share is prepared before the first."""
    system.require(system.MAIL_SERVER, system.BROWSER, system.FONTS, system.PDF)
    environment.prepare()
    return lanes.at_once(
        (_odoo, _process, _pure, _with_neighbours, _without_neighbours, _oldest)
    )


def _pure(arguments=()):
    return _pytest("pure", (*AT_ONCE, *arguments))


def _process(arguments=()):
    system.require(system.BROWSER, system.FONTS)
    return _pytest("process", arguments)


def _pytest(folder, arguments=()):
    from . import pytest_part

    system.require(system.MAIL_SERVER)
    with step(f"Tests in tests/{folder}"):
        return pytest_part.run([f"tests/{folder}"], arguments)


def _oldest(arguments=()):
    from . import versions_part

    system.require(system.MAIL_SERVER)
    with step("Tests with the oldest packages"):
        return versions_part.oldest((*AT_ONCE, *arguments))


def _newest(arguments=()):
    from . import versions_part

    system.require(system.MAIL_SERVER)
    with step("Tests with the newest packages"):
        return versions_part.newest((*AT_ONCE, *arguments))


def _odoo(*tags):
    from . import odoo_part

    system.require(system.MAIL_SERVER, system.BROWSER, system.FONTS, system.PDF)
    return odoo_part.run(*tags)


def _neighbours(arguments):
    if arguments not in ([], ["--large"]):
        raise DevError(f"{' '.join(arguments)} is no option: see dev/test --help.")
    if arguments:
        yield _with_many_neighbours()
    else:
        yield _without_neighbours()
        yield _with_neighbours()


def _without_neighbours():
    from . import odoo_part

    system.require(system.PDF)
    return odoo_part.without_neighbours()


def _with_neighbours():
    from . import odoo_part

    system.require(system.PDF)
    return odoo_part.with_neighbours()


def _with_many_neighbours():
    from . import odoo_part

    system.require(system.PDF)
    return odoo_part.with_many_neighbours()
