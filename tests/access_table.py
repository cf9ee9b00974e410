"""The table of ``access_matrix.txt``: read, compared and written."""

from pathlib import Path

FILE = Path(__file__).with_name("access_matrix.txt")


class AccessTable:
    """Lines of cells by section and key; a comment at a line's end is a person's."""

    def __init__(self, columns, file=FILE):
        self._columns = list(columns)
        self._file = file
        self._read()

    def _read(self):
        """Take the file apart: what is above the first section is kept as it is."""
        self._head, self._sections, self._comments = [], {}, {}
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        section = None
        for line in lines:
            if line.startswith("["):
                section = self._sections.setdefault(line.strip("[]"), {})
            elif section is None:
                self._head.append(line)
            elif line and not line.startswith("#"):
                self._read_line(section, line)

    def _read_line(self, section, line):
        row, _hash, comment = line.partition("  # ")
        words = row.split()
        count = len(self._columns)
        key = " ".join(words[:-count])
        section[key] = words[-count:]
        if comment:
            self._comments[key] = comment

    def cells(self):
        """Yield (section, key, column, cell) of all of them."""
        for section, lines in self._sections.items():
            for key, cells in lines.items():
                for column, cell in zip(self._columns, cells, strict=True):
                    yield section, key, column, cell

    def differences(self, section, found):
        """The lines to take out (-) and to put in (+), as one text.

        :param found: ``{key: cells}``, what is true of the section.
        """
        kept = self._sections.get(section, {})
        said = []
        for key in sorted(kept.keys() | found.keys()):
            if kept.get(key) != found.get(key):
                for sign, lines in (("-", kept), ("+", found)):
                    if key in lines:
                        said.append(f"{sign} {_line(key, lines[key])}")
        return "\n".join(said)

    def replace(self, section, found):
        """Put what was *found* in place of a section."""
        self._read()  # another test may have written meanwhile
        self._sections[section] = found
        lines = list(self._head)
        for name in sorted(self._sections):
            lines += [f"[{name}]", _line("#", self._columns)]
            for key, cells in sorted(self._sections[name].items()):
                comment = self._comments.get(key)
                lines.append(_line(key, cells) + (f"  # {comment}" if comment else ""))
            lines.append("")
        self._file.write_text("\n".join(lines))


def _line(key, cells):
    return f"{key:<62} {' '.join(f'{cell:<11}' for cell in cells)}".rstrip()
