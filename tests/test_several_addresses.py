"""Several addresses in one email field are several recipients of one email."""

import random

from odoo.tests import tagged
from odoo.tools import SQL

from ..engine import compose
from ..engine.followup.addressees import address
from ..engine.followup.addresses import addresses, is_valid, split
from ..engine.planning import contacts
from ..engine.planning.units import Units
from .common import ConnectorCommon
from .pure import incoming_samples as samples
from .test_incoming import IncomingCommon

AP, BOSS = "ap@two.example", "boss@two.example"
#: How people write them, and whom Odoo finds in it.
WRITTEN = {
    f"{AP}, {BOSS}": [AP, BOSS],
    f"{AP}; {BOSS}": [AP, BOSS],
    f"{AP};{BOSS};": [AP, BOSS],
    f"{AP} {BOSS}": [AP, BOSS],
    f"Ann <{AP}>, {BOSS}": [AP, BOSS],
    f'"Payer, Ann" <{AP}>; Boss <{BOSS}>': [AP, BOSS],
    f'"Bike@Home" <{AP}>': [AP],
    f"{AP}, {AP.upper()}": [AP],
    f"{AP}\nBcc: {BOSS}": [AP],
    f"{AP} / {BOSS}": [AP, BOSS],
    f"Ann: {AP}": [AP],
    f"{AP}, no address": [AP],
    "Ännchen@two.example, b@bücher.example": [
        "Ännchen@two.example",
        "b@bücher.example",
    ],
    f"x@-odd-.example, {AP}": [AP],
    f"a b@x..example; {AP}": [AP],
    "x@-odd-.example": [],
    f"{'x' * 65}@two.example": [],
    "nobody": [],
    "": [],
}


#: What odd fields are made of.
LOCAL = ("ap", "A.P", "a..p", ".ap", "a b", "x" * 65, "Ä", "o'neil", "a+b", "", "a\xa0")
DOMAIN = (
    *("two.example", "TWO.Example", "-two-.example", "two", "bücher.example", "a_b.nl"),
    *(
        "two..example",
        "x" * 64 + ".example",
        "two.example.",
        "",
        "1.2.3.4",
        "[1.2.3.4]",
    ),
)
BETWEEN = (", ", ";", " ", "; ", "\n", "\t", " / ", " <", '>, "', "@")


def odd_field(dice):
    """An email field as imports and hurried people leave it."""
    field = ""
    for _part in range(dice.randint(1, 3)):
        field += f"{dice.choice(LOCAL)}@{dice.choice(DOMAIN)}{dice.choice(BETWEEN)}"
    return field if dice.random() < 0.5 else field.rstrip(' ,;/<>"@')


@tagged("post_install", "-at_install")
class TestSeveralAddresses(ConnectorCommon):
    def sent_to(self):
        """Whom the one email went to, and whom its To names."""
        self.mailbox.accepted.clear()
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        people = [each.addr_spec for each in email.message["To"].addresses]
        return list(email.recipients), people

    def test_however_they_are_written(self):
        for text, found in WRITTEN.items():
            with self.subTest(text=text):
                self.customer.email = text
                self.assertEqual(addresses(self.customer), found)

    def test_the_planner_finds_the_same_as_the_email(self):
        """Who has an address left is said in SQL for all customers at once."""
        self.invoice(5)
        for text, found in WRITTEN.items():
            for bounced in ([], found[:1], found[1:], found, ["old@two.example"]):
                with self.subTest(text=text, bounced=bounced):
                    self.customer.email = text
                    self.customer.email_followup_bounced = ", ".join(bounced)
                    followup = self.plan()
                    is_email = bool(addresses(self.customer))
                    self.assertEqual(followup.channel == "email", is_email)
                    followup.sudo().unlink()

    def test_both_get_one_email(self):
        self.customer.email = f"{AP}; Boss <{BOSS}>"
        self.invoice(5)
        self.assertEqual(self.sent_to(), ([AP, BOSS], [AP, BOSS]))
        delivery = self.env["account.email.delivery"].sudo().search([], limit=1)
        self.assertEqual(delivery.recipients, f"{AP}, {BOSS}")

    def test_one_that_is_another_contacts_too_gets_it_once(self):
        self.customer.create(
            [
                {
                    "name": name,
                    "parent_id": self.customer.id,
                    "type": "email_followup",
                    "email": email,
                }
                for name, email in (("Ann", AP), ("Boss", f"{BOSS}, {AP}"))
            ]
        )
        self.invoice(5)
        self.assertEqual(self.sent_to(), ([AP, BOSS], [AP, BOSS]))

    def test_what_came_back_is_left_out(self):
        self.customer.write(
            {"email": f"{AP}, {BOSS}", "email_followup_bounced": AP.upper()}
        )
        self.invoice(5)
        self.assertEqual(self.sent_to(), ([BOSS], [BOSS]))

    def test_an_address_that_is_none_keeps_nothing_from_the_other(self):
        self.customer.email = f"{AP}, boss@-two-.example"
        self.invoice(5)
        self.assertEqual(self.sent_to(), ([AP], [AP]))

    def test_alone_it_is_told_that_it_is_none(self):
        self.customer.email = "boss@-two-.example"
        self.invoice(5)
        followup = self.plan()
        self.assertEqual(followup.channel, "todo")
        self.run_action()
        self.assertEqual(followup.state, "failed")
        self.assertIn("no valid email address", followup.reason_text)
        self.assertIn("no valid email address", self.customer.activity_ids.summary)

    def test_the_planner_and_the_email_agree_on_every_field(self):
        """Whatever stands in it, and whatever of it has come back."""
        dice = random.Random(20261129)
        fields = [odd_field(dice) for _number in range(400)]
        customers = self.env["res.partner"].create(
            [{"name": str(number), "email": text} for number, text in enumerate(fields)]
        )
        for customer in customers:
            known = split(customer.email)
            came_back = dice.sample(known, dice.randint(0, len(known)))
            customer.email_followup_bounced = ", ".join(came_back)
        self.env.flush_all()
        units = Units(self.env(su=True), self.company)
        self.env.cr.execute(
            SQL(
                "SELECT id, %s FROM res_partner partner WHERE id = ANY(%s)",
                contacts.column([]),
                customers.ids,
            )
        )
        planned = {}
        for id_, found in self.env.cr.fetchall():
            (contact,) = contacts.known(
                found, id_, units.unit_for(self.company.id), units
            )
            planned[id_] = contact.address
        said = {each.id: address(each) for each in customers}
        self.assertEqual(planned, said)
        self.assertGreater(len(set(said.values())), 30)
        for number, written_to in said.items():
            with self.subTest(fields[customers.ids.index(number)]):
                self.assertTrue(written_to is None or is_valid(written_to))

    def test_by_hand_too(self):
        self.customer.email = f"{AP}; {BOSS}"
        self.invoice(5)
        action = self.customer.action_email_followup_compose()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        composer.body = "<p>Please pay.</p>"
        composer.action_send()
        self.assertEqual(self.sent_to()[0], [AP, BOSS])

    def test_nobody_to_write_to(self):
        self.customer.write(
            {"email": f"{AP}, {BOSS}", "email_followup_bounced": f"{BOSS}; {AP}"}
        )
        self.invoice(5)
        followup = self.plan()
        self.assertEqual(followup.channel, "todo")
        with self.assertRaises(compose.NoAddress):
            compose.email_to(followup)


@tagged("post_install", "-at_install")
class TestOneOfSeveral(IncomingCommon):
    """What comes back, or is answered, by one of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = f"pay@bluelake.example; Boss <{BOSS}>"

    def comes_back_from(self, address):
        raw = samples.postfix_bounce(**self.ids(), recipient=address)
        self.arrives(raw.replace(b"4D6F@", address.encode().replace(b"@", b".") + b"@"))
        self.look()

    def test_the_other_gets_the_next(self):
        self.comes_back_from(BOSS)
        self.assertEqual(self.customer.email_followup_bounced, BOSS)
        self.assertIn(BOSS, self.todos().summary)
        self.assertNotIn("pay@", self.todos().summary)
        self.assertEqual(addresses(self.customer), ["pay@bluelake.example"])

    def test_one_after_the_other(self):
        self.comes_back_from(BOSS)
        self.comes_back_from("pay@bluelake.example")
        self.assertEqual(
            self.customer.email_followup_bounced, f"pay@bluelake.example, {BOSS}"
        )
        self.assertFalse(self.customer._email_followup_recipients())
        self.customer.email = "new@bluelake.example"
        self.assertTrue(self.customer._email_followup_recipients(), "corrected")

    def test_an_answer_from_the_second(self):
        raw = samples.reply(**self.ids())
        self.arrives(raw.replace(b"pay@bluelake.example", BOSS.encode()))
        self.look()
        self.assertEqual(self.shown().author_id, self.customer)
        self.assertTrue(self.customer.email_followup_answered)

    def test_one_in_punycode(self):
        self.customer.email = "pay@bluelake.example, ap@bücher.example"
        delivery = self.followup.sudo().delivery_id
        delivery.recipients = "ap@xn--bcher-kva.example, pay@bluelake.example"
        self.comes_back_from("ap@xn--bcher-kva.example")
        self.assertEqual(self.customer.email_followup_bounced, "ap@bücher.example")

    def test_whom_it_went_to_is_told(self):
        (note,) = self.sent_invoice.message_ids.filtered(
            lambda message: BOSS in (message.body or "")
        )
        self.assertIn("pay@bluelake.example", note.body)
