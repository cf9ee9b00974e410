"""What an SMTP refusal means: one test for each row of the table."""

import pytest
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.codes import classify

# Outcome and reason, then where the server says what.
TABLE = """
SignInRequired WRONG_PASSWORD
    auth 535 5.7.8 Username and Password not accepted
    auth 535 5.7.3 Authentication unsuccessful
    auth 535 Authentication failed
    auth 550 no such login
    auth 535 5.7.8 Error: authentication failed: (reason unavailable)
    auth 535 Account locked, too many failed logins: contact your administrator
    auth 535 5.7.8 Too many wrong login attempts. Account is locked, reset your password
    auth 535 Account temporarily blocked because of failed logins, unlock it at our page
    auth 535 Too many failed login attempts, check your password
    auth 535 5.7.8 Your temporary password has failed
    auth 535 Login fail, please try again later
    auth 535 5.7.139 Failed, the user credentials were incorrect.
SignInRequired SIGN_IN_AGAIN
    auth 432 4.7.12 A password transition is needed
    auth 432 A password transition is needed
SignInRequired APP_PASSWORD_NEEDED
    auth 534 5.7.9 Application-specific password required
    auth 534 5.7.9 Please log in
    auth 535 5.7.0 use an app-specific password
AdminActionRequired SIGN_IN_DISABLED
    auth 535 SMTP access is not enabled for this account
    auth 535 5.7.3 basic authentication is disabled
    auth 535 5.7.8 Error: authentication failed: SMTP disabled for this account
    auth 550 User is not permitted to use SMTP, switch it on in settings
    auth 535 5.7.139 SmtpClientAuthentication is disabled for the Tenant.
    auth 550 5.7.30 Basic authentication is not supported.
    mail 530 5.7.57 Client not authenticated to send mail.
    mail 503 5.5.4 Error: send AUTH command first
AdminActionRequired WRONG_ENCRYPTION
    mail 530 5.7.0 Must issue a STARTTLS command first
    auth 538 5.7.11 Encryption required
AdminActionRequired AUTH_NOT_OFFERED
    auth 502 5.5.1 Unrecognized command
Unavailable PROVIDER_DOWN
    mail 550 5.7.1 Limite d'envoi atteinte pour ce compte
    mail 554 Versandlimit erreicht
    mail 554 Limite giornaliero di invio raggiunto
    mail 554 5.3.0 Not now
    mail 552 5.2.2 Mailbox full
    auth 454 4.7.0 Temporary authentication failure
    auth 535 5.7.8 Error: authentication failed: Temporary authentication failure
    auth 535 5.7.8 authentication failed: Connection lost to authentication server
    auth 535 5.7.8 Error: authentication failed: generic failure
    auth 535 5.7.0 Authentication temporarily unavailable
    auth 535 5.7.0 (#AUTH005) Too many bad auth attempts.
    auth 535 Authentication failed. Too many invalid logon attempts.
    auth 554 5.7.0 LDAP server is down
    auth 454 4.7.0 Too many login attempts
    auth 421 4.7.0 Too many login attempts, please try again later
    greeting 421 4.3.2 Service not available
    mail 452 4.3.1 Insufficient system storage
    mail 450 4.1.8 Sender address rejected: Domain not found
    rcpt 452 4.3.1 Insufficient system storage
    rcpt 421 4.2.1 Closing
    rcpt 421 4.7.0 Too many recipients, closing
    dot 421 4.7.0 Temporary System Problem. Try again later
    data 421 4.4.2 Timeout
    data 250 OK?
Unavailable DEFERRED
    rcpt 550 sender's mailbox does not exist
    rcpt 550 The sending mailbox does not exist
    rcpt 550 unroutable sender address
    rcpt 552 5.2.2 Sender mailbox full
    rcpt 550 invalid user in from
    rcpt 550 Unknown user <a@b.example> may not send
    rcpt 550 Callback to envelope-from failed: 550 no such user here
    rcpt 550 5.1.2 Your domain was not found
    rcpt 550 Too many unknown users, blocked for an hour
    rcpt 550 5.5.1 Invalid recipient list state
    rcpt 550 user lookup failed: recipient unknown because LDAP is down
    rcpt 550 mailbox not found or greylisted
    rcpt 550 5.1.1 mailbox temporarily disabled
    rcpt 550 5.0.0 invalid recipient due to server error, database unavailable
    dot 554 5.7.1 Virus scanner unavailable
    dot 554 error: content filter timed out
    dot 554 5.3.0 Spam filter temporarily offline, try later
    dot 554 5.6.0 Content filter timed out
    dot 550 could not connect to antivirus
    dot 552 Message size: not enough disk space on server
    dot 554 spammer
    rcpt 550 sender is on the recipient's block list
    rcpt 550 sender not pre-approved
    rcpt 550 your message to the group was rejected: sender not a member
    rcpt 550 sender not in recipient's address book
    rcpt 450 4.1.2 Recipient address rejected: Domain not found
    rcpt 450 4.2.0 Greylisted, try again
    rcpt 451 4.7.1 Greylisting in action, please come back later
    rcpt 452 4.2.2 Mailbox full
    rcpt 450 4.2.1 The user is receiving mail at a rate that prevents more
    rcpt 450 mailbox busy
    rcpt 451 4.3.0 Temporary lookup failure
    rcpt 452 4.5.3 Too many recipients
    rcpt 452 Too many recipients
    rcpt 450 4.7.1 <x>: Recipient address rejected: rate limit exceeded
    rcpt 450 4.7.1 Too many recipients received this hour
    rcpt 451 4.7.1 Message rate exceeded
    data 451 4.3.0 Later
    dot 451 4.3.0 Queue file write error
    dot 450 4.7.1 The filter is away
Throttled TOO_FAST
    mail 421 Too many messages in this connection
    auth 432 4.3.2 Concurrent connections limit exceeded
    mail 432 4.3.2 Concurrent connections limit exceeded
    dot 432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded
    mail 450 4.7.1 Error: too much mail from 192.0.2.1
    data 451 4.7.1 Message rate exceeded
    dot 450 4.7.0 Too many messages, slow down
Throttled DAILY_LIMIT
    dot 550 5.4.5 Daily user sending limit exceeded.
    dot 554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException
    dot 550 5.7.233 Tenant exceeded its external recipient limit
Throttled SENDING_LIMIT
    mail 550 5.7.0 Hourly email cap hit for <a@b.example>
    mail 550 Sorry, your hourly allotment of outgoing messages has been used
    dot 552 5.3.4 Hourly volume of messages exceeded
    dot 550 5.2.3 Number of recipients per hour exceeded
AdminActionRequired MAILBOX_BLOCKED
    rcpt 550 5.2.1 sending mailbox disabled for abuse
    rcpt 550 5.2.1 Your mailbox is disabled for sending
    dot 550 You are sending spam
    dot 550 sender is spammer
    dot 550 5.7.1 Outbound mail flagged as spam, account locked
    dot 550 5.1.8 Access denied, bad outbound sender
AdminActionRequired SEND_AS_DENIED
    dot 550 5.7.60 SMTP; Client lacks permissions to send as this sender
    dot 554 5.2.252 SendAsDenied; not allowed to send as
    rcpt 553 5.7.1 <a@b.example>: Sender address rejected: not owned by user c
AdminActionRequired CLIENT_REFUSED
    greeting 554 5.7.1 Client host blocked using a blocklist
    ehlo 550 HELO refused
Rejected RECIPIENT_REFUSED
    rcpt 550 the user you are trying to reach is over quota
    rcpt 550 the user you are trying to reach does not exist
    rcpt 550 Your message was not delivered: user unknown
    rcpt 550 5.1.1 Your email was not delivered. User unknown
    rcpt 550 The email account that you tried to reach does not exist
    rcpt 550 mailbox unavailable: no such user
    rcpt 552 5.2.2 mailbox full, try again later
    rcpt 550 5.1.1 User unknown
    dot 550 5.1.1 User unknown
    rcpt 552 5.2.2 Mailbox full
    rcpt 553 Mailbox name not allowed
AdminActionRequired SENDER_REFUSED
    mail 550 5.7.1 Sender not allowed
    mail 553 5.1.8 Sender address rejected
    mail 550 5.1.8 Sender address rejected: Domain not found
    rcpt 550 5.1.8 Sender address rejected: Domain not found
Rejected MESSAGE_TOO_LARGE
    mail 552 5.3.4 Message size exceeds fixed limit
    dot 552 5.2.3 Message exceeds limit
    dot 552 message too big
Rejected MESSAGE_REFUSED
    mail 555 5.5.4 Unsupported option: SMTPUTF8
    mail 553 5.6.7 SMTPUTF8 is required
    dot 554 5.7.1 Message looks like spam
    dot 550 Blocked content
OutcomeUnknown MAYBE_SENT
    dot 421 4.4.0 Lost connection to relay server
    dot 451 4.4.2 Timeout
    dot 421 Service not available, closing
    dot -1 ?
    dot 354 go on
AdminActionRequired NOT_A_MAIL_SERVER
    greeting -1 HTTP/1.1 400 Bad Request
"""


def rows():
    for line in TABLE.strip().split("\n"):
        if not line.startswith(" "):
            kind, reason = line.split()
        else:
            stage, code, words = line.split(maxsplit=2)
            yield stage, int(code), words, kind, reason


@pytest.mark.parametrize(("stage", "code", "words", "kind", "reason"), list(rows()))
def test_row(stage, code, words, kind, reason):
    outcome = classify(code, words.encode(), stage)
    assert (type(outcome).__name__, outcome.reason) == (kind, Reason[reason])
    assert outcome.service == "smtp"


def test_code_and_words_are_told_apart():
    outcome = classify(535, b"5.7.8 Wrong.\n5.7.8 See https://x.example", "auth")
    assert outcome.code == "535 5.7.8"
    assert outcome.detail == "Wrong. See https://x.example"


def test_a_daily_limit_waits_a_day():
    assert classify(550, b"5.4.5 Daily limit", "dot").retry_after == 24 * 3600


def test_too_many_sign_ins_wait_an_hour():
    outcome = classify(454, b"4.7.0 Too many login attempts", "auth")
    assert outcome.retry_after == 3600


def test_a_servers_words_cannot_forge_a_log_line():
    outcome = classify(550, b"no\r\nERROR forged\x1b[31m", "rcpt")
    assert outcome.detail == "no ERROR forged [31m"
