"""To-dos for people: about a follow-up, on its customer; about money; of a mailbox."""

import re
from collections import defaultdict

from markupsafe import Markup

from odoo.tools.mail import plaintext2html
from odoo.tools.translate import LazyTranslate

from ..mailbox.people import managers

_lt = LazyTranslate(__name__)

LINK = _lt("The follow-up")
#: What such a link has in a to-do's note.
ABOUT = re.compile(r'data-oe-model="account\.email\.followup" data-oe-id="(\d+)"')


def values(record, user, summary, note, kind=None):
    """The values of a to-do (``mail.activity``) on *record*, for :func:`give`.

    :param summary: str, or a lazy translation.
    :param note: HTML.
    :param kind: its ``mail.activity.type``; a plain to-do, if None.
    """
    kind = kind or record.env.ref("mail.mail_activity_data_todo")
    return {
        "res_model_id": record.env["ir.model"]._get_id(record._name),
        "res_id": record.id,
        "activity_type_id": kind.id,
        "automated": True,
        "summary": summary if isinstance(summary, str) else say(record, user, summary),
        "note": note,
        "user_id": user.id,
    }


def give(env, todos, quiet=False):
    """Write down to-dos: a list of their :func:`values`.

    :param quiet: no email for each new one, as where there are many, or one for all.
    """
    activities = env["mail.activity"].with_context(mail_activity_quick_update=quiet)
    activities.create(todos)


def keep(kind, summary, notes, had_enough=lambda mailbox, user: False):
    """Keep one to-do of *kind* for each of *notes*, and take back all others.

    Who has one keeps it; its note says what is true now.

    :param kind: ``mail.activity.type``; its to-dos are all about mailboxes.
    :param summary: a lazy translation.
    :param notes: {(``account.email.connector``, ``res.users``): HTML}.
    :param had_enough: asked of whoever has none; True: gets none.
    """
    left = dict(notes)
    for activity in kind.env["mail.activity"].search(
        [("activity_type_id", "=", kind.id)]
    ):
        mailbox = kind.env["account.email.connector"].browse(activity.res_id)
        note = left.pop((mailbox, activity.user_id), None)
        if not note:
            activity.unlink()
        elif activity.note != note:
            activity.note = note
    asked = [
        values(mailbox, user, summary, note, kind)
        for (mailbox, user), note in left.items()
        if not had_enough(mailbox, user)
    ]
    give(kind.env, asked, quiet=True)


def keep_about(kind, summary, notes, untouched=()):
    """Keep one to-do of *kind* about each follow-up, on its customer, for its
    responsible, and take back all others. Who has done with one is not asked again.

    :param kind: ``mail.activity.type``; its to-dos are all about follow-ups.
    :param summary: a lazy translation.
    :param notes: {``account.email.followup``: plain text}.
    :param untouched: others, whose to-dos stay as they are.
    """
    activities = kind.env["mail.activity"].with_context(active_test=False)
    asked = activities.search([("activity_type_id", "=", kind.id)])
    by_id = _by_followup(asked)
    about = {each: by_id[each.id] for each in [*notes, *untouched]}
    (asked.filtered("active") - asked.browse().union(*about.values())).unlink()
    todos = []
    for followup, note in notes.items():
        if not about[followup]:
            user, customer = responsible(followup), followup.partner_id
            note = _with_link(followup, user, note)
            todos.append(values(customer, user, summary, note, kind))
    give(kind.env, todos, quiet=True)


def ask(followup, summary, activity_type=None, note="", each=False):
    """Put a to-do on the customer, for the responsible, once.

    :param summary: str, or a lazy translation.
    :param note: plain text.
    :param each: once for each follow-up; by default, once for all of the customer's.
    """
    user = responsible(followup)
    text = summary if isinstance(summary, str) else say(followup, user, summary)
    asked = mine(followup.partner_id, user, text)
    if _about(followup, asked) if each else asked:
        return
    note = _with_link(followup, user, note)
    todo = values(followup.partner_id, user, text, note, activity_type)
    give(followup.env, [todo])


def mine(partner, user, summary):
    """The to-dos of *user* on *partner* with this summary (str)."""
    wanted = [("summary", "=", summary), ("user_id", "=", user.id)]
    return partner.activity_ids.filtered_domain(wanted)


def ask_all(followups, kind, summary, note):
    """Put a to-do on the customer of each, for its responsible; who has one keeps it.

    :param followups: an iterable of ``account.email.followup``, one of each customer.
    :param kind: a ``mail.activity.type`` of its own, so that they are found again.
    :param summary: a lazy translation, and so is *note*.
    """
    wanted = {}
    for followup in followups:
        user = responsible(followup)
        wanted[followup.partner_id.commercial_partner_id.id, user.id] = followup, user
    if not wanted:
        return
    asked = kind.env["mail.activity"].search(
        [
            ("activity_type_id", "=", kind.id),
            ("res_model", "=", "res.partner"),
            ("res_id", "in", [customer_id for customer_id, _user in wanted]),
        ]
    )
    for todo in asked:
        wanted.pop((todo.res_id, todo.user_id.id), None)
    todos = [
        values(
            followup.partner_id.commercial_partner_id,
            user,
            summary,
            _with_link(followup, user, say(followup, user, note)),
            kind,
        )
        for followup, user in wanted.values()
    ]
    give(kind.env, todos, quiet=True)


def _with_link(followup, user, note):
    """*note* (plain text) and a link as HTML: no more than everybody may know who sees
    the customer."""
    link = followup._get_html_link(title=say(followup, user, LINK))
    return (plaintext2html(note) if note else "") + Markup("<p>%s</p>") % link


def questions(followup):
    """The to-dos, of whoever, that have been asking about it since it was tried."""
    tried = followup.delivery_id.started_at
    asked = _about(followup, followup.partner_id.activity_ids)
    return asked.filtered(lambda todo: not tried or todo.create_date >= tried)


def _about(followup, todos):
    """Those of *todos* whose link leads to this follow-up."""
    return _by_followup(todos)[followup.id]


def _by_followup(todos):
    """{id of a follow-up: those of *todos* whose link leads to it}, of any id."""
    found = defaultdict(todos.browse)
    for todo in todos:
        for id_ in ABOUT.findall(todo.note or ""):
            found[int(id_)] |= todo
    return found


def say(record, user, text):
    """*text* (a lazy translation) in the language of *user*."""
    return record.with_context(lang=user.lang).env._(text)


def who_decides(followup):
    """What is looked at to find its responsible: where this is the same, so is that."""
    fields = ("step_id", "plan_id", "connector_id", "company_id")
    return tuple(followup[name] for name in fields)


def responsible(followup):
    """Who handles what cannot go by itself: the first who is still there, and in the
    company."""
    users = followup.step_id.user_id, followup.plan_id.responsible_id
    return somebody(followup.connector_id, followup.company_id, *users)


def somebody(connector, company, *users):
    """The first of *users* who is still there, and in the company; else whoever
    connected the mailbox, or manages it."""
    for user in (*users, connector.connected_by_id):
        if user.active and company in user.company_ids:
            return user
    return managers(connector)[:1] or connector.env.ref("base.user_admin")
