"""What a button gives back to the browser."""

from odoo.exceptions import UserError

#: The page underneath, read anew.
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}
CLOSE = {"type": "ir.actions.act_window_close"}


def notify(kind, message, title="", sticky=False, then=None):
    """Show a message at the side of the page.

    :param kind: ``success``, ``info``, ``warning`` or ``danger``.
    :param sticky: until it is closed; else for a few seconds.
    :param then: the action that follows, such as :data:`RELOAD`.
    """
    params = {"type": kind, "message": message, "sticky": sticky}
    if title:
        params["title"] = title
    if then:
        params["next"] = then
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": params,
    }


def watch(connectors, then, ids=None):
    """Show how far these mailboxes come, then go on; see ``static/src/sending/``.

    :param then: the action that follows; perhaps None.
    :param ids: of the follow-ups that are watched; None: of all that is due.
    """
    return {
        "type": "ir.actions.client",
        "tag": "account_email_connector.watch_sending",
        "params": {"connectors": connectors.ids, "ids": ids, "next": then},
    }


def window(name, model, record_id=False, target="new", **context):
    """Open the form of *model*: of *record_id*, or of a new record.

    :param context: as defaults (``default_…``) for a new one.
    """
    action = {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "views": [(False, "form")],
        "target": target,
    }
    if record_id:
        action["res_id"] = record_id
    if context:
        action["context"] = context
    return action


def only_one(records):
    """Refuse what was chosen in a list for a button that is about one.

    :raises UserError: for none, and for several.
    """
    if len(records) != 1:
        raise UserError(records.env._("Choose one customer."))


def listing(name, model, domain, form=True, **context):
    """Show the records of *model* that *domain* finds; on a phone as cards.

    :param form: whether each can be opened.
    """
    views = [(False, "list"), (False, "kanban"), (False, "form")]
    action = {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "views": views if form else views[:-1],
        "mobile_view_mode": "kanban",
        "domain": domain,
    }
    if context:
        action["context"] = context
    return action
