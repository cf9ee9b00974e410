"""Pictures in an email as parts of it, to which its HTML points by ``cid:``.

Gmail and Outlook show no ``data:`` URI, and ask before they load from elsewhere:
https://www.rfc-editor.org/rfc/rfc2392, https://www.caniemail.com/features/image-base64/
"""

import re
from base64 import b64decode
from email.message import EmailMessage
from hashlib import sha256

DATA_IMAGE = re.compile(
    r'(<img\b[^>]*?\bsrc=")data:image/(png|jpeg|gif);base64,([A-Za-z0-9+/=]+)("[^>]*>)',
    re.IGNORECASE,
)


def embed_images(message: EmailMessage, domain: str) -> None:
    """Make parts of *message* of the pictures that are written out in its HTML.

    :param domain: of the names by which the HTML calls them. The same picture has the
        same name each time.
    """
    body = message.get_body(("html",))
    text = body.get_content() if body else ""
    if body is None or not DATA_IMAGE.search(text):
        return
    pictures: dict[str, tuple[str, bytes]] = {}

    def name(found: re.Match[str]) -> str:
        before, kind, content, after = found.groups()
        raw = b64decode(content)
        cid = f"{sha256(raw).hexdigest()[:24]}@{domain}"
        pictures[cid] = (kind.lower(), raw)
        return f"{before}cid:{cid}{after}"

    text = DATA_IMAGE.sub(name, text)
    body.set_content(text, subtype="html", charset="utf-8")
    for number, (cid, (kind, raw)) in enumerate(pictures.items(), 1):
        body.add_related(
            raw,
            "image",
            kind,
            cid=f"<{cid}>",
            disposition="inline",
            filename=f"image{number}.{kind}",
        )


def without_images(html: str) -> str:
    """*html* without the pictures that are written out in it: for plain text, and for
    where each would become a file."""
    return DATA_IMAGE.sub("", html)
