"""What was entered into the form that connects a mailbox manually."""

from odoo.exceptions import UserError
from odoo.tools import email_normalize


def refuse_nonsense(form):
    """
    :raises UserError: for what needs no server to be known as wrong.
    """
    env = form.env
    if not email_normalize(form.email):
        raise UserError(env._("%s is not an email address.", form.email))
    if not 0 < form.port < 65536:
        raise UserError(env._("A port is a number from 1 to 65535."))
    if not form.has_password:
        raise UserError(_why_no_password(form))


def _why_no_password(form):
    if not form.asks_once_more:
        return form.env._("Enter the mailbox's password.")
    return form.env._(
        "Enter the mailbox's password once more: you have changed the server or "
        "the encryption, and a password goes to no other server than the one it "
        "was entered for."
    )


def is_as_connected(form, connector):
    """Whether what is in *form* is the mailbox that *connector* reads from: only of
    that one the folders can be told without signing in anew."""
    entered = (
        email_normalize(form.email or ""),
        (form.user or "").strip(),
        (form.imap_host or "").strip(),
        form.imap_port,
        form.imap_encryption,
    )
    return entered == (
        email_normalize(connector.email or ""),
        connector.smtp_user or "",
        connector.imap_host or "",
        connector.imap_port or form.imap_port,
        connector.imap_encryption or "ssl",
    )
