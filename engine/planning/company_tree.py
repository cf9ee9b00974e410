"""The companies and their parents: where each is at home, and who comes nearest."""

from typing import NamedTuple

from odoo.tools import SQL

from .segments import RULES

HOMES = """
    SELECT company.id, company.parent_path, company.email_followup_plan_id,
           country.code, state.code, COALESCE(partner.tz, person.tz), %s,
           EXISTS (SELECT 1 FROM account_bank_statement_line unmatched
                    WHERE unmatched.company_id = company.id
                      AND unmatched.is_reconciled IS NOT TRUE)
      FROM res_company company
      JOIN res_partner partner ON partner.id = company.partner_id
 LEFT JOIN res_country country ON country.id = partner.country_id
 LEFT JOIN res_country_state state ON state.id = partner.state_id
 LEFT JOIN account_email_connector mailbox ON mailbox.company_id = company.id
 LEFT JOIN res_users ON res_users.id = mailbox.connected_by_id
 LEFT JOIN res_partner person ON person.id = res_users.partner_id
     WHERE company.active
"""


class Home(NamedTuple):
    """A company, its lineage, its country and its time zone."""

    id: int
    lineage: tuple  #: its own id, its parent's, …
    plan_id: int | None  #: the plan that was chosen for it
    country: str | None  #: ISO 3166
    state: str | None
    tz: str | None
    plan_rules: list | None  #: as :data:`.segments.RULES` has them
    unmatched: bool  #: it has bank transactions that nobody has matched


class CompanyTree:
    """The :class:`Home` of every active company, by one SQL statement.

    Archived companies have none: they chase nobody.

    :param supposed: :class:`.supposed.Supposed`, in place of what is stored.
    """

    def __init__(self, env, supposed):
        self.homes = supposed.homes(_homes(env))

    def nearest(self, company_id, wanted):
        """Of a company and its parents the nearest that is *wanted*; None if none is.

        :param wanted: called with the id of a company.
        """
        return next(filter(wanted, self.homes[company_id].lineage), None)

    def unmatched(self, company_ids):
        """Whether one of these companies has bank transactions to be matched."""
        return any(self.homes[id_].unmatched for id_ in company_ids)

    def top(self, company_id):
        """The company above which there is none."""
        return self.homes[company_id].lineage[-1]

    def tz(self, company_id):
        """The time zone of the nearest that has one."""
        nearest = self.nearest(company_id, lambda id_: self.homes[id_].tz)
        return self.homes[nearest].tz if nearest else "UTC"


def _homes(env):
    """Return {company id: :class:`Home`} for every active company."""
    env.flush_all()
    env.cr.execute(SQL(HOMES, SQL(RULES)))
    homes = {}
    for id_, path, *facts in env.cr.fetchall():
        lineage = tuple(int(part) for part in path.split("/")[::-1] if part)
        homes[id_] = Home(id_, lineage, *facts)
    return {
        id_: home._replace(lineage=tuple(c for c in home.lineage if c in homes))
        for id_, home in homes.items()
    }
