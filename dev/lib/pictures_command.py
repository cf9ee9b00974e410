"""`dev/pictures [NAME…]`: take the pictures of static/description/ from the product.

    dev/pictures              all of them
    dev/pictures customer     some

It starts what `dev/demo` starts, on ports of its own, and looks at it with a browser as
the users of the demo do. Dates are those of today; else they come out the same.
"""

import json

import env

from . import cache, demo_command, demo_webmail, system
from .console import run, step

MODULES = (cache.CHECKOUT / "dev", cache.CHECKOUT / "tests/process")
TO = cache.CHECKOUT / "static/description"


def main(arguments):
    """Take the pictures; return the exit code."""
    if arguments and arguments[0].startswith("-"):
        print(__doc__)
        return 0 if arguments[0] in ("-h", "--help") else 2
    system.require(system.MAIL_SERVER, system.PDF, system.FONTS, system.BROWSER)
    with demo_command.Demo(env.free_ports()[0]) as demo:
        demo.prepare()
        with demo.serve_unscheduled():
            pages = demo_webmail.serve(demo.mailboxes)
            _take(demo, {"url": demo.url, "emails": pages.url, "names": arguments})
    return 0


def _take(demo, request):
    with step("Taking the pictures"):
        taken = run(
            [
                demo.box.python,
                cache.CHECKOUT / "dev/lib/pictures_taken.py",
                json.dumps(request | {"to": str(TO)}),
            ],
            "Taking the pictures",
            env={"PYTHONPATH": ":".join(map(str, MODULES))},
        )
    print(taken.strip())
