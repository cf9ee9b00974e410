"""Show an email before there is one."""

from .compose import layout, render


def preview(env, values, lang=None):
    """Render the email of a follow-up that does not exist.

    The template gets a record that is in memory only. A real one, taken back, would
    take the cache with it: a form that is being filled in would lose what its user has
    just chosen.

    :param values: the values of the ledger row.
    :param lang: render in this language instead of the customer's.
    :return: (subject, body, whole email), the last two as HTML.
    """
    followups = env["account.email.followup"].sudo()
    followup = followups.with_context(email_followup_lang=lang).new(values)
    subject, body = render(followup)
    return subject, str(body), str(layout(followup, body))
