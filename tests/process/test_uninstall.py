"""The addon goes without a trace but the emails as sent, and can come back."""

import office
from scheduler import Scheduler

# What a year leaves behind: plans and defaults of one's own, promises, answers that
# were dealt with and others that wait, late fees, and emails in every state.
LIFE = """
sent, waiting, doubtful, open_ = env["account.email.followup"].search([], order="id")
plan = env.ref("account_email_connector.plan_default").copy({"name": "Ours"})
plan.step_ids[0].template_id = plan.step_ids[0].template_id.copy({"name": "Ours"})
env.company.email_followup_plan_id = plan
partner = sent.partner_id
partner.type = "email_followup"
partner.email_followup_plan_id = plan
partner.email_followup_paused_until = "2099-01-01"
env["account.email.promise"].create(
    {"partner_id": partner.id, "company_id": sent.company_id.id,
     "until": odoo.fields.Date.add(odoo.fields.Date.today(), months=1)})
env["account.email.late.charge"].create(
    {"followup_id": sent.id, "fee_move_id": sent.line_ids.move_id[0].id,
     "move_ref": 1, "move_line_ref": 1})
env["ir.default"].set("res.partner", "email_followup_excluded", True)
answered = "account_email_connector.activity_type_answered"
partner.activity_schedule(answered, user_id=env.uid).action_feedback("Called back")
waiting.partner_id.activity_schedule(answered, user_id=env.uid)
waiting.state, doubtful.state, open_.state = "sending", "unknown", "planned"
waiting.mail_id.state = "outgoing"
told = env["mail.notification"].search([("mail_mail_id", "=", waiting.mail_id.id)])
told.notification_status = "ready"
env.company._email_followup_demo()
env.cr.commit()
print(waiting.mail_id.id)
"""
UNINSTALL = """
module = env["ir.module.module"].search([("name", "=", "account_email_connector")])
module.button_immediate_uninstall()
"""
LEFT = {
    "records": """SELECT name FROM ir_model_data
                   WHERE module = 'account_email_connector'""",
    "tables": "SELECT tablename FROM pg_tables WHERE tablename LIKE 'account_email_%'",
    "columns": """SELECT table_name || '.' || column_name
                    FROM information_schema.columns
                   WHERE column_name ~ '^email_(followup|connector)'""",
    "actions": "SELECT name FROM ir_act_server WHERE code ~ '_cron_(followups|health)'",
    "templates": "SELECT name FROM mail_template WHERE model LIKE 'account.email%'",
    "kinds of contact": "SELECT name FROM res_partner WHERE type = 'email_followup'",
}


def test_uninstalled_after_a_life_and_installed_again(box, database, mail):
    office.release(box, database, office.ACME, 0, 4)
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
    (waiting,) = box.shell(database, LIFE).split()
    sent = [each.message["Message-ID"] for each in mail.accepted()]
    assert len(sent) == 4

    # An error in the log fails the test.
    box.odoo("shell", "-d", database, stdin=UNINSTALL)
    with office.connection(box, database) as cr:
        for what, query in LEFT.items():
            cr.execute(query)
            assert cr.fetchall() == [], f"{what} are left"
        cr.execute("SELECT count(*) FROM res_partner WHERE name = 'Cedar & Sons'")
        assert cr.fetchone() == (1,), "the demo's customers have invoices, and stay"
        cr.execute(
            "SELECT count(*) FROM mail_message WHERE message_id = ANY(%s)", [sent]
        )
        assert cr.fetchone() == (4,), "the emails as sent stay in a chatter"
        cr.execute(
            """SELECT m.state, n.notification_status FROM mail_mail m
                 JOIN mail_notification n ON n.mail_mail_id = m.id WHERE m.id = %s""",
            [waiting],
        )
        assert cr.fetchall() == [("cancel", "canceled")]

    box.odoo("-d", database, "-i", "account_email_connector", "--stop-after-init")
    assert office.followups(box, database) == {}
