"""One company's mailbox: its life, whom it concerns, and what its page shows."""
