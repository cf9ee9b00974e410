"""Before an app's secret expires: its form warns, and an administrator gets a to-do."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields

from ...providers.registry import OAUTH, provider

WARN_BEFORE = timedelta(days=30)
TODO = "mail.mail_activity_data_warning"


@api.depends("secret_expires_on", "has_certificate")
def warning(apps):
    """The ``compute`` of the field that the form shows."""
    today = fields.Date.today()
    for app in apps:
        expires_on = app.secret_expires_on
        app.secret_warning = expires_on and _warning(app, (expires_on - today).days)


def _warning(app, days):
    if app.has_certificate:
        return _certificate_warning(app.env, days)
    if days < 0:
        return app.env._(
            "The client secret has expired: no mailbox can send with this app. "
            "Create a new secret at the provider, and enter it here."
        )
    if days <= WARN_BEFORE.days:
        return app.env._(
            "Days until the client secret expires: %s. Create a new one at the "
            "provider and enter it here; mailboxes stay connected.",
            days,
        )
    return False


def _certificate_warning(env, days):
    if days < 0:
        return env._(
            "The certificate has expired: no mailbox can send with this app. Make a "
            "new one, and upload it at the provider."
        )
    if days <= WARN_BEFORE.days:
        return env._(
            "Days until the certificate expires: %s. Make a new one and upload it at "
            "the provider; mailboxes stay connected.",
            days,
        )
    return False


def proposed(app):
    """The day on which a secret of today expires at the latest; False: never.

    Somebody has to be reminded, also if nobody enters a day.
    """
    months = provider(app.provider or OAUTH[0]).app.secret_months
    return months and fields.Date.today() + relativedelta(months=months)


def note_new_secret(app):
    """A secret was entered, without its day: the day of the former one is over."""
    known = app.secret_expires_on
    if not known or known <= fields.Date.today() + WARN_BEFORE:
        app.secret_expires_on = proposed(app)


def announce(apps):
    """Give an administrator a to-do for each secret that expires soon.

    :param apps: the model.
    """
    soon = fields.Date.today() + WARN_BEFORE
    for app in apps.search([("secret_expires_on", "<=", soon)]):
        if not app.activity_search([TODO]):
            app.activity_schedule(
                TODO,
                date_deadline=app.secret_expires_on,
                summary=_summary(app),
                note=app.secret_warning,
                user_id=_administrator(app).id,
            )


def _summary(app):
    if app.has_certificate:
        return app.env._("The app's certificate expires")
    return app.env._("The client secret expires")


def forget(apps):
    """The secret is another one, or lasts longer: nobody has to do anything."""
    apps.activity_unlink([TODO])


def _administrator(app):
    system = app.env.ref("base.group_system")
    if app.create_uid.active and system in app.create_uid.all_group_ids:
        return app.create_uid
    return system.all_user_ids.filtered("active").sorted("id")[:1]
