"""What one email raises is its own trouble."""

import logging
from contextlib import contextmanager

import psycopg2

_logger = logging.getLogger(__name__)


@contextmanager
def contained(connector, broken):
    """What one email raises is its own trouble: it is logged, and the others go on."""
    try:
        yield
    except MemoryError:
        raise  # the machine's trouble, not the email's
    except Exception as error:
        # Somebody changed the same rows: all again, in the next run. But what is too
        # large for PostgreSQL is always so ("54", "program limit exceeded"):
        # https://www.postgresql.org/docs/current/errcodes-appendix.html
        passing = isinstance(error, psycopg2.OperationalError)
        if passing and not (error.pgcode or "").startswith("54"):
            raise
        broken.append(type(error).__name__)
        # Not its text: there may be somebody's email in it.
        _logger.error(
            "An email that came back to %s could not be dealt with: %s",
            connector.email,
            type(error).__name__,
        )
