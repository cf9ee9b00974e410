"""What a sign-in is doing, shown to the one who waits for it.

It is told to the user's own pages by Odoo's bus, in transactions apart. Who has no bus
sees that the page is at work, as ever.
"""

import logging
from contextlib import contextmanager

import psycopg2

from ...texts.progress import progress_text
from ...tools.apart import apart

_logger = logging.getLogger(__name__)

BUS_TYPE = "account_email_connector/sign_in"


@contextmanager
def shown(form):
    """Yield a function that shows a :class:`...providers.progress.Progress` on *form*.
    In the end nothing is shown there any more.

    :param form: the record whose page waits.
    """
    env, form_id = form.env, form.id
    try:
        yield lambda progress: _show(env, form_id, progress_text(env, progress))
    finally:
        _show(env, form_id, "")


def _show(env, form_id, text):
    try:
        with apart(env) as own:
            if own.user.exists():  # not while a user is being made, as in a test
                own.user._bus_send(BUS_TYPE, {"form": form_id, "text": text})
    except psycopg2.Error as error:  # it is signed in all the same
        _logger.warning("A step could not be shown: %s", type(error).__name__)
