from odoo import fields, models


class AccountEmailIncoming(models.Model):
    """That an email which came back was dealt with: each counts once.

    Nobody has access. Its words are in the customer's chatter; of other emails nothing
    is kept.
    """

    _name = "account.email.incoming"
    _description = "Email that Came Back"
    _order = "id desc"

    connector_id = fields.Many2one(
        "account.email.connector", required=True, ondelete="cascade"
    )
    followup_id = fields.Many2one(
        "account.email.followup", required=True, ondelete="cascade", index=True
    )
    message_id = fields.Char("Message-ID", required=True)
    kind = fields.Selection(
        [
            ("reply", "Answer"),
            ("own", "Our own answer"),
            ("automatic", "Automatic answer"),
            ("bounce", "Bounce"),
        ],
        required=True,
    )

    # Of a bounce, a value of providers.incoming.Cause.
    cause = fields.Char()
    # Of which attempt, and {address that we wrote to: a Cause's value}.
    delivery_id = fields.Many2one(
        "account.email.delivery", ondelete="set null", index="btree_not_null"
    )
    failed = fields.Json()
    breaks = fields.Boolean(help="It says clearly that the mailbox cannot send.")

    _once = models.UniqueIndex("(connector_id, message_id)")
