"""The words of selection fields: of a mailbox, what it was given, and a plan."""

STATES = [
    ("disconnected", "Not connected"),
    ("pending_approval", "Waiting for approval"),
    ("connected", "Connected"),
    ("error", "Connection lost"),
]
#: How a mailbox is, on its page: the state, in the words of whoever looks.
HEALTH = [
    ("connected", "Connected"),
    ("waiting", "Waits, then goes on"),
    ("sign_in", "Needs a new sign-in"),
    ("error", "Cannot send"),
    ("approval", "Waiting for approval"),
    ("approved", "Approved: reconnect"),
    ("archived", "Company archived"),
    ("disconnected", "Not connected"),
]
#: Whether follow-ups go by themselves.
CHASING = [("new", "Not started"), ("on", "Started"), ("off", "Stopped")]
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
    ("held", "Waits for a sign-in"),
]
TODOS = [
    ("to_review", "To review"),
    ("held", "Held: mailbox or bank"),
    ("not_started", "Not started, or stopped"),
    ("uncertain", "Perhaps sent"),
    ("answered", "Answered: read it"),
    ("promise_broken", "Promise broken"),
    ("money", "Money to match"),
    ("no_address", "No address"),
    ("never_sent", "Invoice never sent"),
    ("ended", "Nothing more goes by itself"),
    ("disputed", "In dispute"),
    ("yours", "Yours to do by tomorrow"),
    ("goes", "Goes out today or tomorrow"),
    ("waiting", "Waiting"),
]
CHANNELS = [("email", "Email"), ("todo", "To-do")]
PLAN_MODES = [
    ("by_customer", "Escalation by customer"),
    ("by_invoice", "Escalation by invoice"),
    ("recap", "Recap"),
]
RECAP_PERIODS = [
    ("days", "Every … days"),
    ("weekly", "Weekly"),
    ("monthly", "Monthly"),
]
WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
