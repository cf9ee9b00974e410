"""A copy of the database says of which one it is a copy."""


def migrate(cr, version):
    """Of a mailbox that was connected before, this is known where it still is; of one
    that was copied without being used since, nobody knows it any more."""
    cr.execute(
        """UPDATE account_email_connector SET connected_in = current_database()
            WHERE state = 'connected' AND connected_in IS NULL
              AND split_part(reverse(place), '.', 1) = reverse(
                  (SELECT oid::text FROM pg_database
                    WHERE datname = current_database()))"""
    )
