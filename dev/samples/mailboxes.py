"""Connect mailboxes as a person does: through the addon's wizard, a real sign-in."""

from odoo.tests import Form

from .begin import begin


class SignInFailed(Exception):
    """The wizard stayed open; the words are those that it shows."""


def connect(env, company_name, **entered):
    """Sign in to the mailbox of a company, as the accounting manager.

    :param entered: what the manager types into the wizard's form, in this order: email,
        password, host, encryption, port, imap_host, imap_port, …
    Its follow-ups begin, unless they have before.

    :return: the connector.
    :raises SignInFailed: with the wizard's words.
    """
    manager = env["res.users"].search([("login", "=", "manager")])
    env = env(user=manager or env.user)
    company = env["res.company"].search([("name", "=", company_name)])
    env = env(context=dict(env.context, allowed_company_ids=company.ids))
    env["account.email.connector"].action_open()
    connector = env["account.email.connector"].search([("company_id", "=", company.id)])
    action = connector.action_connect_smtp()
    form = Form(env[action["res_model"]].with_context(**action["context"]))
    for name, value in entered.items():
        setattr(form, name, value)
    wizard = form.save()
    wizard.action_log_in()
    if wizard.exists():
        words = (wizard.failure_title, wizard.failure_text, wizard.failure_detail)
        raise SignInFailed(" ".join(filter(None, words)))
    if connector.chasing == "new":
        begin(connector)
    return connector
