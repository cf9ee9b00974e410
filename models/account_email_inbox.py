from datetime import timedelta

from odoo import fields, models

from ..engine.incoming.reading import NO_TROUBLE
from ..providers.outcomes import AdminActionRequired, SignInRequired
from ..providers.reasons import Reason
from ..texts import detail_of
from ..tools.waits import RETRY_AFTER

#: A person has to do something first; more attempts could lock the account.
WAIT_FOR_PERSON = timedelta(days=1)
NOT_GRANTED = (
    Reason.PERMISSION_MISSING,
    Reason.CONSENT_MISSING,
    Reason.APPROVAL_REQUIRED,
)


class AccountEmailInbox(models.Model):
    """How far the Inbox of a connector was read, and what stood in the way.

    It has a row of its own, so that reading never waits for sending, nor the other way
    round. Nobody has access: the connector shows what there is to be shown.
    """

    _name = "account.email.inbox"
    _description = "Inbox of an Email Connector"

    connector_id = fields.Many2one(
        "account.email.connector", required=True, ondelete="cascade"
    )
    granted = fields.Boolean(help="The sign-in gave us the permission to read.")
    cursor = fields.Json(help="Where the last look ended: the provider's business.")
    looked_at = fields.Datetime()
    passed_over = fields.Integer(help="So many emails could not be read.")
    retry_at = fields.Datetime()
    reason = fields.Char()
    code = fields.Char()
    detail = fields.Char()

    _one_per_connector = models.UniqueIndex("(connector_id)")

    def _note_look(self, cursor, passed_over=0):
        """Looking went well, up to *cursor*.

        :param passed_over: but so many emails could not be read.
        """
        self.write(
            {
                **NO_TROUBLE,
                "cursor": cursor,
                "looked_at": fields.Datetime.now(),
                "passed_over": self.passed_over + passed_over,
            }
        )

    def _note_outcome(self, outcome):
        """Looking did not go well. Sending is none of our business."""
        person = isinstance(outcome, (SignInRequired, AdminActionRequired))
        wait = timedelta(seconds=outcome.retry_after or RETRY_AFTER)
        values = {
            "reason": str(outcome.reason),
            "code": outcome.code,
            "detail": detail_of(outcome),
            "retry_at": fields.Datetime.now() + (WAIT_FOR_PERSON if person else wait),
        }
        if outcome.reason in NOT_GRANTED:
            values["granted"] = False
        self.write(values)
