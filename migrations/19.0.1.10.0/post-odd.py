"""What no screen takes, and stopped the planning of all companies, goes."""

from odoo.tools import SQL

#: Of a year before 1000 Odoo keeps no zero in front, and cannot read it again.
ANTIQUITY = '^"[0-9]{1,3}-'


def migrate(cr, version):
    """A rule by an amount that is none holds for nobody; a plan's is 0. A pause until
    such a day is over; who was handed over on one stays it."""
    cr.execute(
        """UPDATE account_email_followup_plan_rule
              SET amount_overdue = 0, active = FALSE
            WHERE NOT amount_overdue < 1e15"""
    )
    cr.execute(
        """UPDATE account_email_followup_plan SET
            minimum_amount = CASE WHEN minimum_amount < 1e15 THEN minimum_amount END,
            interest_rate = CASE WHEN interest_rate < 1e15 THEN interest_rate END,
            fixed_fee = CASE WHEN fixed_fee < 1e15 THEN fixed_fee END
            WHERE NOT (minimum_amount < 1e15 AND interest_rate < 1e15
                       AND fixed_fee < 1e15)"""
    )
    cr.execute(_without("email_followup_paused_until", None))
    cr.execute(_without("email_followup_handed_over_on", "1900-01-01"))


def _without(column, instead):
    """The statement that takes such days out of a company-dependent *column*."""
    return SQL(
        """UPDATE res_partner SET %(column)s = (
               SELECT jsonb_object_agg(key, CASE WHEN value::text ~ %(odd)s
                                                 THEN to_jsonb(%(instead)s::text)
                                                 ELSE value END)
                 FROM jsonb_each(%(column)s)
                WHERE %(instead)s::text IS NOT NULL OR value::text !~ %(odd)s)
            WHERE EXISTS (SELECT FROM jsonb_each(%(column)s)
                           WHERE value::text ~ %(odd)s)""",
        column=SQL.identifier(column),
        instead=instead,
        odd=ANTIQUITY,
    )
