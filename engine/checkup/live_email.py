"""The email of a live check: its PDF, and what has arrived of both."""

from email import message_from_bytes, policy

from ...providers.incoming import TRACE_HEADER
from ...providers.mail.fields import read_headers, value
from ...providers.mail.route import sent_from, verdicts

#: An empty page: the least that programs show as a PDF.
PDF = (
    "live-check.pdf",
    b"%PDF-1.4\n"
    b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n"
    b"0000000052 00000 n \n0000000101 00000 n \n"
    b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n",
)


def own(heads, ids):
    """Those of *heads* that are the email, by one of its *ids*: of others nothing more
    is read."""
    names = ("Message-ID", TRACE_HEADER)
    return [
        head
        for head in heads
        if any(value(head.headers, name).strip() in ids for name in names)
    ]


def read(raw):
    """What is told by the email as it has arrived, a dict."""
    headers = read_headers(raw)
    files = message_from_bytes(raw, policy=policy.default).iter_attachments()
    pdfs = [part.get_content() for part in files]
    return {
        "kept_id": value(headers, "Message-ID").strip(),
        "sent_from": sent_from(headers),
        "verdicts": verdicts(headers),
        "whole": pdfs == [PDF[1]],
    }
