"""What a live check leaves to a person: what to do, and what should be seen then."""


def steps(connector):
    """Pairs of what to do, and what should be seen, for this mailbox's provider."""
    return STEPS.get(connector.provider, _password)(connector.env)


def _microsoft(env):
    return [
        (
            env._(
                "Sign in as a user who is no administrator, in a tenant that asks one."
            ),
            env._(
                "Microsoft: “Approval required”. Odoo, after you went back: “Waiting "
                "for an administrator”, with a link."
            ),
        ),
        (
            env._("Open that link as an administrator, and accept."),
            env._(
                "A page of Odoo says that the app is approved. “Reconnect” connects."
            ),
        ),
        (
            env._("“Send as another address”: a shared mailbox without Send As."),
            env._("“May not send as that address”, ErrorSendAsDenied."),
        ),
        (
            env._("Revoke the user's sessions in Entra, then “Send a test email”."),
            env._("“Connection lost”, within the hour. “Reconnect” mends it."),
        ),
    ]


def _google(env):
    return [
        (
            env._("Sign in, and leave the box for sending email unticked."),
            env._("“The permission to send email is missing”; nothing is connected."),
        ),
        (
            env._("Open the last row of the delivery log in Gmail, by its link."),
            env._("Gmail opens that very email."),
        ),
        (
            env._(
                "Remove the app at myaccount.google.com/connections, then “Send a test "
                "email”."
            ),
            env._("“Connection lost”. “Reconnect” mends it."),
        ),
    ]


def _password(env):
    return [
        (
            env._(
                "Change the mailbox's password at the provider, then “Send a test "
                "email”."
            ),
            env._("The sign-in is refused, once. “Reconnect” asks for the new one."),
        ),
        (
            env._("Open Sent in your email program or web mail."),
            env._("The test email is there once, with its PDF, marked as read."),
        ),
    ]


STEPS = {"microsoft": _microsoft, "google": _google}
