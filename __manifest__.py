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
    ],
    "application": False,
    "installable": True,
}
