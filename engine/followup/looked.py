"""What is known of some customers of one company, gathered once for all who ask."""

from typing import NamedTuple

from odoo.exceptions import UserError

from ..planning.decisions import Decided, decide_all
from ..planning.units import Unit, Units


class Looked(NamedTuple):
    """One look at customers: a fixed number of SQL statements, and no more."""

    units: Units
    unit: Unit
    decided: dict[int, Decided]  #: of each customer (its id) with all that is open


def look_at(partners, company):
    """Return the :class:`Looked` at *partners*, by the unit that serves *company*.

    :param partners: with the right to see everything.
    :raises UserError: if the company is archived: nobody is chased for it.
    """
    units = Units(partners.env, company)
    if company.id not in units.unit_of:
        raise UserError(
            partners.env._(
                "%s is archived: unarchive it to see its customers' accounts.",
                company.name,
            )
        )
    found = decide_all(units, partners.commercial_partner_id)
    return Looked(units, units.unit_for(company.id), _by_customer(found))


def _by_customer(found):
    """A customer may be several cases: of contacts who hear about their own invoices
    only."""
    whole = {}
    for decided in found:
        customer = decided.customer
        if customer.whole:
            customer = customer.whole.customer
        whole[customer.id] = decided._replace(customer=customer)
    return whole
