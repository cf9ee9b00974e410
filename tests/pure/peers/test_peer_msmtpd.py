"""Debian's msmtpd, the local relay of many small servers: it knows no RSET."""

import pytest
from account_email_connector.providers.smtp import SmtpMailbox, SmtpSettings
from daemon import directory, running, until
from lib import debs
from mail_helpers import compose


@pytest.fixture
def peer():
    """Its port, and the directory in which each email becomes a file."""
    program = debs.unpacked("msmtp-mta") / "usr/bin/msmtpd"
    with directory("msmtpd") as root:
        script = root / "take"
        script.write_text(
            f"#!/bin/sh\ncat > {root}/$$.tmp\nmv {root}/$$.tmp {root}/$$.eml\n"
        )
        script.chmod(0o700)

        def launch(port):
            where = ["--interface=127.0.0.1", f"--port={port}"]
            return [program, *where, f"--command={script} -f %F --"], {}

        with running(launch) as (port,):
            yield port, root


def test_several_emails_in_one_run(peer):
    port, root = peer
    emails = [compose(f"Reminder {number}") for number in range(4)]
    with SmtpMailbox(SmtpSettings("127.0.0.1", port, "none")) as mailbox:
        for email in emails:
            mailbox.send(email)
    until(lambda: len(list(root.glob("*.eml"))) >= 4)
    taken = "".join(path.read_text() for path in root.glob("*.eml"))
    assert [taken.count(email.message_id) for email in emails] == [1] * 4
