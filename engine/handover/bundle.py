"""A zip file of bounded size, with names that are safe wherever it is opened."""

import io
import re
import zipfile

#: All that is in it, before it is packed: what a mail server or a portal takes.
LARGEST = 50_000_000
#: What stays in a name; no slash, and nothing that is hidden or leads upwards.
UNSAFE = re.compile(r"[^\w.-]+")
LONGEST = 80


class Bundle:
    """Collects files.

    :param largest: bytes, of all files together.
    :ivar left_out: the names of those for which there was no room.
    """

    def __init__(self, largest=None):
        self._bytes = io.BytesIO()
        self._zip = zipfile.ZipFile(self._bytes, "w", zipfile.ZIP_DEFLATED)
        self._room = LARGEST if largest is None else largest
        self._count = 0
        self.left_out = []

    def add(self, folder, name, content):
        """Put a file into *folder*, numbered: two may have one name.

        :param name: as a person, or a stranger, has written it.
        :param content: bytes.
        """
        if not self.has_room(len(content)):
            self.left_out.append(name)
            return
        self._room -= len(content)
        self._count += 1
        self._zip.writestr(f"{folder}/{self._count:03}_{safe_name(name)}", content)

    def has_room(self, size):
        """Whether so many bytes fit in."""
        return size <= self._room

    def add_table(self, name, content):
        """Put one of our own files at the top: there is always room for it."""
        self._zip.writestr(name, content)

    def close(self):
        """Return the bytes of the zip file."""
        self._zip.close()
        return self._bytes.getvalue()


def safe_name(name):
    """*name* without what leads elsewhere, or what a system does not take; its end,
    which says what kind of file it is, stays."""
    words = UNSAFE.sub("_", name).strip("._") or "file"
    return words if len(words) <= LONGEST else words[-LONGEST:].lstrip("._")
