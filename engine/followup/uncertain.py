"""A follow-up that was perhaps sent: what is known of it, and what would prove it."""

from odoo.tools import format_datetime

from ...providers.registry import provider
from ...texts import said
from ..mailbox import copies, habit


def told(followup):
    """What a person should know who is to say whether it was sent.

    :param followup: in the language and the time zone to say it in.
    :return: str, in two paragraphs.
    """
    return f"{_known(followup)}\n\n{_proof(followup)}"


def _known(followup):
    """How far it came, and when."""
    env, delivery = followup.env, followup.delivery_id
    words = said(delivery.code, delivery.detail)
    at = delivery.started_at
    time = _time(env, at) if at else env._("an unknown time")
    if not words or delivery.code == "defect":
        return env._(
            "Odoo was interrupted while it handed the email over, at %s: how far it "
            "came is not known.",
            time,
        )
    told = {"time": time, "words": words}
    if delivery.code:
        return env._(
            "The email was handed over at %(time)s. The server's answer did not say "
            "that it was taken: %(words)s",
            **told,
        )
    if provider(followup.connector_id.provider).uses_oauth:  # perhaps in part only
        return env._(
            "The email was being handed over at %(time)s. The provider's answer did "
            "not come (%(words)s).",
            **told,
        )
    return env._(
        "The whole email was handed over at %(time)s. The server's answer did not "
        "come (%(words)s).",
        **told,
    )


def _time(env, at):
    """As its reader's clock shows it; without a zone of theirs, it says which."""
    zone = env.context.get("tz") or env.user.tz or "UTC"
    time = format_datetime(env, at, tz=zone)
    return f"{time} UTC" if zone == "UTC" else time


def _proof(followup):
    """Where a person looks. Nobody is sent to the Sent folder where we file the copies
    ourselves, after the answer that is missing."""
    env, connector = followup.env, followup.connector_id
    if files_itself(connector):
        address = copies.folder_of(connector) or connector.email  # Odoo may not see it
        chosen = not _is_known(connector) and copies.chosen(connector)
        if chosen:  # that is where it was seen to come
            return env._(
                "What was sent lies in the folder %(folder)s of %(address)s, after "
                "some minutes: look there.",
                **{"folder": chosen, "address": address},
            )
        return env._(
            "What was sent lies in the Sent folder of %s, after some minutes: look "
            "there.",
            address,
        )
    return env._(
        "The log of your mail server tells whether it took the email: ask your IT, "
        "with the Message-ID and the time. Or ask the customer; an answer to it proves "
        "it as well."
    )


def files_itself(connector):
    """Whether what the mailbox sends lies in its Sent folder without our doing."""
    return _is_known(connector) or habit.is_provider(connector)


def _is_known(connector):
    return provider(connector.provider).files_sent(connector.smtp_host or "")
