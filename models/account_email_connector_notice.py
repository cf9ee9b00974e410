from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_datetime

from ..engine.rights import READERS, may_read
from ..providers.reasons import Reason
from ..texts import APPROVAL_REASONS, reason_text

ACTIVITY = "account_email_connector.activity_type_reconnect"
BUS_TYPE = "account_email_connector/state"
MANAGERS = "account.group_account_manager"
#: What the banner depends on.
SITUATION = {"state", "error_reason", "approved_at"}


class AccountEmailConnector(models.Model):
    """Who is told that a mailbox is in trouble, and how.

    An incident begins when the state becomes ``error`` and ends when it becomes
    another. Pages that are open hear of each change (bus) and show a banner; people
    get one activity and one email an incident.
    """

    _name = "account.email.connector"
    _inherit = ["account.email.connector", "mail.activity.mixin"]

    def write(self, vals):
        """As before; a change of what the banner says is told to those concerned."""
        if not SITUATION & vals.keys():
            return super().write(vals)
        before = {connector: connector._situation() for connector in self}
        res = super().write(vals)
        for connector in self:
            if connector._situation() != before[connector]:
                connector.sudo()._tell_change(was=before[connector]["state"])
        return res

    def _situation(self):
        return {name: self[name] for name in SITUATION}

    def _break(self, outcome):
        """As before; an incident that goes on began when it began."""
        since = self.state == "error" and self.error_since
        res = super()._break(outcome)
        if since:
            self.error_since = since
        return res

    def _tell_change(self, was):
        self._tell_open_pages()
        if self.state == was:
            return
        if self.state == "error":
            # A copy writes to nobody: whoever works with it sees the banner.
            if self.error_reason != Reason.DATABASE_COPIED:
                self._tell_people()
        elif self.state == "connected":
            self.activity_feedback([ACTIVITY])
        else:
            self.activity_unlink([ACTIVITY])

    # -- the banner ------------------------------------------------------------------

    def _tell_open_pages(self):
        """Wake the pages of accounting users, of all companies: no details in here."""
        payload = {"company_id": self.company_id.id, "state": self.state}
        for group in READERS:
            self.env.ref(group)._bus_send(BUS_TYPE, payload)

    @api.model
    def get_trouble(self):
        """What the banner says, for all companies of the user; see :meth:`_banner`.

        One query, as long as nothing is wrong.

        :return: list of dict; empty for those who are no accounting users.
        """
        user = self.env.user
        if not may_read(user):
            return []
        # As core's session_info, which has read their parents already.
        companies = self.env["res.company"].sudo().browse(user._get_company_ids())
        troubled = self.sudo().search(
            [
                ("company_id", "in", companies.parent_ids.ids),
                ("state", "in", ("error", "pending_approval")),
            ]
        )
        if not troubled:
            return []
        served = {company: self._of_company(company) for company in companies}
        banners = []
        for connector in troubled:
            mine = companies.filtered(lambda c, mail=connector: served[c] == mail)
            if connector.state == "pending_approval":  # it serves nobody yet
                mine = companies & connector.company_id
            if mine:
                banners.append(connector._banner(mine.ids))
        return banners

    def _banner(self, company_ids):
        """One line of the banner.

        :param company_ids: the user's companies that send through this mailbox, or
            will once it is approved.
        :return: dict for JavaScript; ``since`` in UTC, ``ask`` names of people.
        """
        may_connect = self.company_id in self.env.user.company_ids
        manager = may_connect and self.env.user.has_group(MANAGERS)
        return {
            "id": self.id,
            "company_id": self.company_id.id,
            "company_ids": company_ids,
            "company": self.company_id.name,
            "address": self.email or "",
            "state": self.state,
            "title": self._trouble_title(),
            "since": fields.Datetime.to_string(self._trouble_since()),
            "waiting": self.waiting_count,
            "can_reconnect": manager,
            "ask": [] if manager else self._responsible_users().mapped("name"),
        }

    def _trouble_title(self):
        """What happened, in the language of the environment."""
        waits = self.state != "error" or self.error_reason in APPROVAL_REASONS
        if waits and self.approved_at:
            return self.env._("Approved by an administrator: connect again")
        if self.state == "error" or self.error_reason == Reason.SIGN_IN_CANCELLED:
            return reason_text(self.env, self.error_reason)[0]
        return self.env._("Waiting for an administrator's approval")

    def _trouble_since(self):
        since = self.error_since if self.state == "error" else self.approval_asked_at
        return since or self.write_date

    # -- people ------------------------------------------------------------------------

    def _managers(self):
        """The accounting managers who may act for the company."""
        return self.env["res.users"].search(
            [
                ("all_group_ids", "in", self.env.ref(MANAGERS).ids),
                ("company_ids", "in", self.company_id.ids),
            ]
        )

    def _responsible_users(self):
        """The person who connected the mailbox, if still a manager; else them all."""
        managers = self._managers()
        return managers & self.connected_by_id or managers

    def _tell_people(self):
        for user in self._responsible_users():
            self._schedule_reconnect(user)
        for user in self._managers().filtered("email"):
            self._mail_incident(user)
        # The queue's own turn comes once an hour.
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _schedule_reconnect(self, user):
        # "quick update": no email from the activity, theirs is on its way.
        connector = self.with_context(lang=user.lang, mail_activity_quick_update=True)
        words = filter(None, [connector.error_text, connector.error_said])
        connector.activity_schedule(
            ACTIVITY,
            user_id=user.id,
            summary=connector.error_title,
            note=Markup().join(Markup("<p>%s</p>") % line for line in words),
        )

    def _mail_incident(self, user):
        """Queue an email for the normal mail server: the mailbox itself is broken.

        It belongs to no record, so that no connector claims it.
        """
        connector = self.with_context(lang=user.lang)
        env = connector.env
        values = {
            "connector": connector,
            "since": format_datetime(env, self.error_since, tz=user.tz or "UTC"),
            "url": f"{self.get_base_url()}/mail/view"
            f"?model={self._name}&res_id={self.id}",
        }
        body = env["ir.qweb"]._render("account_email_connector.incident_email", values)
        env["mail.mail"].create(
            {
                "subject": env._("Follow-ups of %s are not sent", self.company_id.name),
                "body_html": body,
                "email_from": self.company_id.email_formatted or user.email_formatted,
                "recipient_ids": [fields.Command.link(user.partner_id.id)],
                "auto_delete": True,
            }
        )
