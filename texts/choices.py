"""The words of selection fields: of a mailbox, and of what it was given."""

STATES = [
    ("disconnected", "Not connected"),
    ("pending_approval", "Waiting for approval"),
    ("connected", "Connected"),
    ("error", "Connection lost"),
]
PROVIDERS = [("smtp", "SMTP"), ("microsoft", "Microsoft"), ("google", "Google")]
ENCRYPTIONS = [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")]
SENT_COPIES = [
    ("auto", "If the server has not filed it"),
    ("always", "Always"),
    ("never", "Never"),
]
DELIVERY_STATES = [
    ("sending", "Sending"),
    ("accepted", "Accepted"),
    ("deferred", "Not accepted yet"),
    ("rejected", "Refused"),
    ("unknown", "Perhaps sent"),
]
FILED_COPIES = [
    ("filed", "Filed by Odoo"),
    ("by_provider", "Filed by the provider"),
    ("off", "Not filed"),
    ("failed", "Could not be filed"),
    ("owed", "To be filed"),
]
