"""What users do meanwhile, each in a request of its own."""

from functools import partial

from odoo import api
from odoo.service.model import retrying

ADDRESS = "accounting@acme.example"
SETTINGS = {
    "provider": "smtp",
    "smtp_host": "smtp.acme.example",
    "smtp_port": 465,
    "smtp_encryption": "ssl",
    "smtp_user": ADDRESS,
}
#: What is pressed on a follow-up → in which states its button is there.
BUTTONS = {
    "action_send_now": ("to_review", "planned"),
    "action_approve": ("to_review",),
    "action_skip": ("to_review", "planned", "failed"),
    "action_skip_step": ("to_review", "planned", "failed"),
    "action_retry": ("failed",),
    "action_was_sent": ("unknown",),
    "action_was_not_sent": ("unknown",),
}
#: Pressed when the follow-up had moved on: it is refused.
LATE = 0.1


class People:
    """Does something by chance, when asked.

    :ivar words: what people said of uncertain ones, as (follow-up's id, what).
    :ivar left_alone: customer's address → the moment and the time when it was
        committed that they have paid, or are excluded.
    :ivar disconnected: the moment at which it was committed; None while connected.
    """

    def __init__(self, world, chance, trace):
        self.world, self.chance, self.trace = world, chance, trace
        self.words = []
        self.left_alone = {}
        self.disconnected = None

    def something(self):
        """What somebody does next: its name, and a function that does it."""
        kinds = [self._press] * 6 + [self._retry_in_chatter]
        kinds += [self.disconnect, *[self._reconnect] * 3]
        kinds += [self._pay, self._exclude, self._change_plan]
        return self.chance.choice(kinds)()

    def request(self, act, then=None):
        """A function that does *act* (called with an environment) as Odoo does what a
        client asks for; *then* is called once it was committed."""

        def work():
            with self.world.registry.cursor() as cr:
                env = api.Environment(cr, self.world.manager, {})
                retrying(partial(act, env), env)
            if then:
                then()

        return work

    def _press(self):
        button = self.chance.choice(list(BUTTONS))
        states = BUTTONS[button]
        rows = self.world.monitor.ask(
            "SELECT id, state FROM account_email_followup ORDER BY id"
        )
        fitting = [id_ for id_, state in rows if state in states]
        any_one = [id_ for id_, _state in rows]
        ids = any_one if self.chance.random() < LATE else fitting
        if not ids:
            return self._pay() if self.chance.random() < 0.1 else ("nothing", None)
        followup = self.chance.choice(ids)
        if states == ("unknown",):
            self.words.append((followup, button))

        def act(env):
            getattr(env["account.email.followup"].browse(followup), button)()

        return f"{button} {followup}", self.request(act)

    def _retry_in_chatter(self):
        """Core's own button on a failed email."""

        def act(env):
            mails = env["mail.mail"].sudo().search([("state", "=", "exception")])
            mails.filtered("email_followup_id").write({"state": "outgoing"})
            mails.filtered("email_followup_id").send()

        return "retry in the chatter", self.request(act)

    def disconnect(self):
        """Somebody unlinks the mailbox."""

        def act(env):
            env["account.email.connector"].browse(
                self.world.connector
            ).action_disconnect()

        def then():
            self.disconnected = self.trace.moment

        return "disconnect", self.request(act, then)

    def _reconnect(self):
        return "reconnect", self.reconnecting()

    def reconnecting(self):
        """The function that signs in again."""
        secret = {"password": "planted"}

        def connected():
            self.disconnected = None

        def act(env):
            connected()  # it proves it by an email
            connector = env["account.email.connector"].browse(self.world.connector)
            connector._connect(ADDRESS, secret, SETTINGS)

        return self.request(act, connected)  # whoever disconnected it meanwhile

    def _pay(self):
        move, address = self.chance.choice(self.world.invoices)

        def act(env):
            env.cr.execute(
                """UPDATE account_move_line SET reconciled = TRUE, amount_residual = 0,
                          amount_residual_currency = 0
                    WHERE move_id = %s AND display_type = 'payment_term'""",
                [move],
            )
            env.cr.execute(
                """UPDATE account_move SET payment_state = 'paid', amount_residual = 0,
                          amount_residual_signed = 0 WHERE id = %s""",
                [move],
            )

        return f"{address} pays", self.request(act, partial(self._leave_alone, address))

    def _exclude(self):
        _move, address = self.chance.choice(self.world.invoices)

        def act(env):
            partner = env["res.partner"].search([("email", "=", address)])
            partner.email_followup_excluded = True

        work = self.request(act, partial(self._leave_alone, address))
        return f"{address} is excluded", work

    def _leave_alone(self, address):
        self.left_alone.setdefault(address, (self.trace.moment, self.world.clock.now))

    def _change_plan(self):
        hours = self.chance.choice([(0, 24), (0, 24), (9, 17)])
        review = self.chance.random() < 0.3

        def act(env):
            plan = env.ref("account_email_connector.plan_default").sudo()
            plan.write({"from_hour": hours[0], "until_hour": hours[1]})
            plan.step_ids[0].review = review

        return f"the plan: {hours}, review {review}", self.request(act)
