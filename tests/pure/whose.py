"""What proves that there is nobody, and whose address it may be said of instead."""

from hypothesis import strategies as st

PROOFS = [
    "user unknown",
    "unknown user",
    "no such user here",
    "mailbox does not exist",
    "mailbox not found",
    "mailbox is disabled",
    "invalid mailbox",
    "unroutable address",
    "address does not exist",
]
FULL = ["mailbox is full", "mailbox full", "user is over quota"]
# Before a proof, and after it.
OURS = [
    "sender",
    "sender's",
    "the sending address",
    "your account",
    "your address",
    "return path",
    "reverse-path",
    "envelope",
    "envelope-from",
    "originating",
    "authenticated",
    "auth",
    "HELO",
    "EHLO name",
    "client",
    "MAIL FROM",
    "From address",
    "your sender account",
]
REFUSED = [
    "{} rejected:",
    "{} verification failed:",
    "callback to {} failed: 550",
    "{}",
]
AFTER = [
    "of the sender",
    "for the return path",
    "in from",
    "in envelope-from",
    "from your ip",
    "(sender)",
    "as sender",
    "for this client",
    "may not send",
    "cannot be used for sending",
]
THEIRS = [
    "{}",
    "Your message was not delivered: {}",
    "Your message was not delivered. {}.",
    "<pay@buyer.example>: Recipient address rejected: {}",
    "<your.sender@client.example>: {}",
    "{}, see https://help.example/sender/rejected",
    "host client.example[203.0.113.9] said: 550 {} (in reply to RCPT TO command)",
]
TROUBLE = [
    "temporary failure",
    "LDAP is down",
    "database unavailable",
    "the directory timed out",
    "greylisted",
    "try again later",
    "please come back in 5 minutes",
    "could not connect to the directory",
    "internal server error",
    "backend offline",
]


def said_of_us() -> st.SearchStrategy[str]:
    """A proof, of an address, a name or a sign-in of ours."""
    before = st.builds(
        lambda refused, ours, proof: f"{refused.format(ours)} {proof}",
        st.sampled_from(REFUSED),
        st.sampled_from(OURS),
        st.sampled_from(PROOFS + FULL),
    )
    after = st.builds("{} {}".format, st.sampled_from(PROOFS), st.sampled_from(AFTER))
    return before | after
