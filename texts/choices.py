"""What one can choose of a mailbox, as people read it: of selection fields."""

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
