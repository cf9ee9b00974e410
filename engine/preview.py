"""Show an email before there is one."""

from .compose import layout, render


class _Discard(Exception):
    pass


def preview(env, values, lang=None):
    """Render the email of a follow-up that does not exist.

    The template needs a real record, so one is made and taken back again.

    :param values: the values of the ledger row.
    :param lang: render in this language instead of the customer's.
    :return: (subject, body, whole email), the last two as HTML.
    """
    rendered = ()
    try:
        with env.cr.savepoint():
            followup = env["account.email.followup"].sudo()
            # In no open state, so that it does not clash with a real one.
            followup = followup.create({**values, "state": "skipped"})
            followup = followup.with_context(email_followup_lang=lang)
            subject, body = render(followup)
            rendered = subject, str(body), str(layout(followup, body))
            raise _Discard()
    except _Discard:
        env.invalidate_all(flush=False)
    return rendered
