{
    "name": "Accounting Email Connector",
    "summary": "Send invoice follow-ups from your company's own mailbox",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Accounting Email Connector contributors",
    "depends": ["account", "mail"],
    "external_dependencies": {
        "python": [
            "cryptography",
        ],
    },
    "data": [
        "security/ir.model.access.csv",
        "security/ir_rule.xml",
        "data/followup_templates.xml",
        "data/mail_template.xml",
        "data/followup_plan.xml",
        "data/ir_cron.xml",
        "views/account_email_connector_views.xml",
        "views/account_email_connector_smtp_views.xml",
        "views/account_email_followup_views.xml",
        "views/account_email_followup_plan_views.xml",
        "views/account_email_delivery_views.xml",
        "views/account_move_views.xml",
        "views/res_config_settings_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "account_email_connector/static/src/banner/**/*",
        ],
        "web.assets_tests": [
            "account_email_connector/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests": [
            "account_email_connector/static/tests/**/*.test.js",
        ],
    },
    "application": False,
    "installable": True,
}
