"""Open pages hear how far a mailbox has come."""

import json
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..engine.sending.progress import BUS_TYPE
from ..providers.outcomes import SignInRequired
from ..providers.reasons import Reason
from ..tools.bus import CHANNEL
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestProgress(ConnectorCommon):
    def planned(self, number):
        for n in range(number):
            customer = self.customer.copy({"email": f"pay{n}@many.example"})
            self.invoice(5, partner=customer)
        return self.plan().sorted("id")

    def heard(self):
        """What was told since the last time, as (channel, payload)."""
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].sudo().search([("message", "like", BUS_TYPE)])
        said = [
            (json.loads(each.channel), json.loads(each.message)["payload"])
            for each in told.sorted("id")
        ]
        told.unlink()
        return said

    def test_once_a_batch_to_the_company(self):
        followups = self.planned(7)
        self.run_action()
        told = self.heard()
        channel = [self.env.cr.dbname, "res.company", self.company.id, CHANNEL]
        self.assertEqual([each for each, _said in told], [channel] * 3)
        said = [payload for _channel, payload in told]
        self.assertEqual([len(each["followup_ids"]) for each in said], [1, 4, 2])
        self.assertEqual([each["left"] for each in said], [6, 2, 0])
        self.assertEqual([each["goes_on"] for each in said], [True, True, False])
        self.assertFalse([id_ for each in said for id_ in each["waiting_ids"]])
        ids = [id_ for each in said for id_ in each["followup_ids"]]
        self.assertEqual(sorted(ids), followups.ids)

    def test_a_mailbox_that_breaks_says_how_many_wait(self):
        self.planned(7)
        self.mailbox.refusals[:] = [SignInRequired(Reason.WRONG_PASSWORD)]
        self.run_action()
        ((_channel, said),) = self.heard()
        self.assertEqual((said["left"], said["goes_on"]), (6, False))
        self.assertEqual(said["waiting_ids"], said["followup_ids"], "it has not left")

    def test_a_bus_that_fails_stops_nothing(self):
        followups = self.planned(7)
        bus = self.registry["bus.bus"]
        with (
            patch.object(bus, "_sendone", side_effect=RuntimeError("no bus")),
            self.assertLogs("odoo.addons.account_email_connector", "WARNING") as log,
        ):
            self.run_action()
        self.assertEqual(set(followups.mapped("state")), {"sent"})
        self.assertEqual(len(log.output), 3)

    def test_readers_of_the_company_hear_it(self):
        other = self.env["res.company"].create({"name": "Other"})

        def channels(group, companies):
            user = new_test_user(
                self.env,
                f"hears-{group}-{companies.ids}",
                f"base.group_user,{group}",
                company_id=companies[0].id,
                company_ids=[Command.set(companies.ids)],
            )
            websocket = self.env["ir.websocket"].with_user(user)
            request = type("Request", (), {"session": type("S", (), {"uid": user.id})})
            with patch("odoo.addons.bus.models.ir_websocket.wsrequest", request):
                found = websocket._build_bus_channel_list([])
            pairs = [each for each in found if isinstance(each, tuple)]
            return [pair for pair in pairs if pair[1] == CHANNEL]

        both = self.company | other
        readers = "account.group_account_invoice", "account.group_account_readonly"
        for group in readers:
            self.assertEqual(channels(group, other), [(other, CHANNEL)])
            expected = [(each, CHANNEL) for each in both.sorted()]
            self.assertCountEqual(channels(group, both), expected)
        self.assertEqual(channels("base.group_partner_manager", both), [])

    def test_what_is_begun_is_watched(self):
        form = self.env["account.email.followup.start"].create(
            {"connector_id": self.connector.id}
        )
        form.read_first = False
        shown = form.action_start()
        watched = shown["params"]["next"]
        self.assertEqual(watched["tag"], "account_email_connector.watch_sending")
        self.assertEqual(watched["params"]["connectors"], self.connector.ids)

    def test_many_are_watched_one_by_one(self):
        for n in range(3):
            customer = self.customer.copy({"email": f"pay{n}@many.example"})
            self.invoice(5, partner=customer)
        moves = self.env["account.move"].search([("state", "=", "posted")])
        opened = moves.action_email_followup_compose()
        composer = self.env[opened["res_model"]].browse(opened["res_id"])
        shown = composer.action_send()
        made = self.env["account.email.followup"].search([("by_hand", "=", True)])
        self.assertEqual(len(made), 3)
        watched = shown["params"]["next"]["params"]
        self.assertCountEqual(watched["ids"], made.ids)
        self.assertEqual(watched["next"]["type"], "ir.actions.act_window_close")
