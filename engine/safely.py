"""Let one part of a scheduled action fail without the others."""

import logging

from psycopg2.errors import SerializationFailure

_logger = logging.getLogger(__name__)


def safely(env, part, *arguments):
    """Call *part* of the action; what stands in its way does not stop the rest."""
    try:
        part(*arguments)
        env.cr.flush()
    except SerializationFailure:
        _logger.info("Another worker was faster: %s", part)
        env.cr.rollback()
    except Exception:
        _logger.exception("A part of the action failed: %s", part)
        env.cr.rollback()
