"""The rows of a query that has millions of them, in bounded memory."""

from contextlib import contextmanager

#: So many rows are in memory at once.
ROWS = 20_000


@contextmanager
def portions(cr, query):
    """Run a query, and give its rows, which PostgreSQL keeps until they are asked for.

    Other statements may be executed meanwhile, in the same transaction. An ``ORDER BY``
    that no index has makes PostgreSQL plan for all rows, not for the first ones.
    https://www.psycopg.org/docs/usage.html#server-side-cursors

    :param cr: Odoo's cursor.
    :param query: ``odoo.tools.SQL``.
    :return: an iterator, once, within the context.
    """
    with cr.connection.cursor("account_email_connector_portions") as rows:
        rows.itersize = ROWS
        rows.execute(query.code, query.params)
        yield rows
