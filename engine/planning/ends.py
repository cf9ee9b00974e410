"""The end of the ladder: the responsible of a customer who had every step is told.

There is one to-do for a customer. It comes once for each invoice that comes to the end,
and goes when nothing is at the end any more: paid, promised, handed over.
"""

from collections import defaultdict

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ..followup import todo
from .decisions import decisions

_lt = LazyTranslate(__name__)

ACTIVITY = "account_email_connector.activity_type_all_steps_done"
SUMMARY = _lt("Every reminder was sent, and money is still owed: decide what to do.")
NOTE = _lt(
    "Call, write once more by hand, agree on a day, or hand the customer over to "
    "somebody who collects it. This to-do goes by itself when the money has come."
)
#: In one run; the others are told of in the next.
AT_MOST = 200

HAD_STEPS = """
    SELECT DISTINCT partner.commercial_partner_id
      FROM account_email_followup followup
      JOIN res_partner partner ON partner.id = followup.partner_id
      JOIN account_email_followup_line listed
           ON listed.followup_id = followup.id AND listed.state = 'chased'
      JOIN account_move_line item ON item.id = listed.move_line_ref
     WHERE followup.state IN ('sent', 'skipped')
       AND item.reconciled IS NOT TRUE
       AND item.company_id = ANY(%s)
"""


def tell(env, news):
    """Give a to-do to the responsible of each customer of whom nobody was told yet.

    :param env: with the right to see and write everything.
    :param news: list of :class:`.decisions.Decided` with something untold, of companies
        that chase; :data:`AT_MOST`. Without any nothing is read or written.
    """
    kind = news and env.ref(ACTIVITY, raise_if_not_found=False)
    if not kind:  # somebody wants no such to-dos
        return
    lines = _lines(env, [ref for decided in news for ref in decided.decision.untold])
    lines.told = True
    todo.ask_all(_latest(lines).values(), kind, SUMMARY, NOTE)


def take_back(env, customers=None):
    """End the to-dos about customers who are not at the end any more.

    They may come there again, by a promise that is broken, say: then it is asked again.

    :param env: with the right to see and write everything.
    :param customers: look at these commercial partners only; at all if None.
    """
    kind = env.ref(ACTIVITY, raise_if_not_found=False)
    domain = [("activity_type_id", "=", kind.id if kind else False)]
    if customers is not None:
        domain.append(("res_id", "in", customers.ids))
    todos = env["mail.activity"].search(domain) if kind else env["mail.activity"]
    if not todos:
        return
    asked = env["res.partner"].browse(todos.mapped("res_id")).exists()
    still = ended(env, None, asked.commercial_partner_id)
    over = asked.filtered(lambda each: each.commercial_partner_id.id not in still)
    todos.filtered(lambda each: each.res_id not in (asked - over).ids).unlink()
    _forget(env, over.commercial_partner_id)


def ended(env, companies=None, partners=None):
    """Return ``{customer id: line ids}`` of those who are at the end.

    :param env: with the right to see everything.
    :param partners: commercial partners; of all who ever had a step if None.
    """
    if partners is None:
        env.flush_all()
        env.cr.execute(SQL(HAD_STEPS, companies.ids))
        partners = env["res.partner"].browse(id_ for (id_,) in env.cr.fetchall())
    found = decisions(env, companies, partners) if partners else []
    lines = defaultdict(list)
    for decided in found:
        if decided.decision.ended:
            lines[decided.customer.id] += decided.decision.ended
    return dict(lines)


def _lines(env, refs):
    """The ledger's lines by which these journal items were asked for."""
    return env["account.email.followup.line"].search(
        [
            ("move_line_ref", "in", refs),
            ("state", "=", "chased"),
            ("followup_id.state", "in", ("sent", "skipped")),
        ]
    )


def _latest(lines):
    """{(company, customer): the last follow-up}, of *lines*."""
    return {
        (followup.company_id, followup.partner_id.commercial_partner_id): followup
        for followup in lines.followup_id.sorted(lambda each: (each.done_on, each.id))
    }


def _forget(env, customers):
    """Ask again, if these come to the end again."""
    told = [
        ("told", "=", True),
        ("followup_id.partner_id.commercial_partner_id", "in", customers.ids),
    ]
    env["account.email.followup.line"].search(told).told = False
