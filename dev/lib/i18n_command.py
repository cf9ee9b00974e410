"""`dev/i18n [--check] [LANG…]`: renew i18n/*.pot and *.po after terms have changed.

The terms are exported from a throwaway database and merged into every .po: translations
are kept, obsolete terms dropped. The same terms give the same files. It tells how many
terms each language lacks, and lists those of the LANGs (`dev/i18n fr`). With --check
nothing is written: it fails if something would be.
"""

import sys

import env

from . import cache, python_env
from .console import DevError, say, step

DIRECTORY = cache.CHECKOUT / "i18n"
# Dates would change in every run, and say nothing that git does not know.
DATES = ("POT-Creation-Date", "PO-Revision-Date")


def main(arguments):
    """Export, merge and report; return 0, or 1 if --check finds old files."""
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    renewed = _renewed([name for name in arguments if name != "--check"])
    if "--check" in arguments:
        return _check(renewed)
    for path, catalogue in renewed.items():
        catalogue.save(str(path))
    return 0


def _renewed(listed):
    """{path: catalogue}, as the files should be."""
    files = {path.stem: path for path in sorted(DIRECTORY.glob("*.po"))}
    if unknown := [name for name in listed if name not in files]:
        raise DevError(f"No i18n/{unknown[0]}.po: make it, empty, to begin one.")
    template = export()
    renewed = {DIRECTORY / f"{env.ADDON}.pot": template}
    for name, path in files.items():
        renewed[path] = merge(_polib().pofile(str(path)), template, name)
        _report(name, renewed[path], name in listed)
    return renewed


def _report(name, catalogue, listed):
    missing = catalogue.untranslated_entries()
    say(f"{name}: {len(missing)} of {len(catalogue)} terms are not translated")
    for entry in missing if listed else []:
        print(f"{name}: {entry.msgid}")


def _check(renewed):
    old = [
        path.name
        for path, catalogue in renewed.items()
        if not path.exists() or path.read_text() != str(catalogue)
    ]
    if old:
        say(f"dev/i18n: {', '.join(old)} are not up to date; dev/i18n renews them.")
    return 1 if old else 0


def export():
    """The addon's terms as a `polib.POFile`, sorted, of a freshly installed addon."""
    with env.sandbox() as box:
        database = box.database()
        exported = box.directory / f"{env.ADDON}.pot"
        exported.touch()
        exported.chmod(0o666)
        with step("Exporting the terms"):
            box.odoo("i18n", "export", "-d", database, "-o", exported, env.ADDON)
        template = _polib().pofile(str(exported))
    for date in DATES:
        template.metadata.pop(date, None)
    for entry in template:
        entry.occurrences.sort()
    template.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    return template


def merge(translated, template, language):
    """A new `polib.POFile` with the template's terms and what is translated of them.

    A term whose white space alone has changed keeps its translation: emails are
    translated as whole texts, whose lines somebody may have broken anew.

    :param translated: the `polib.POFile` of the language
    :param language: its code, for the header
    """
    known = {_flat(entry.msgid): entry.msgstr for entry in translated}
    merged = _polib().POFile(wrapwidth=template.wrapwidth)
    merged.header = template.header
    merged.metadata = {**template.metadata, **translated.metadata}
    merged.metadata["Language"] = language
    for date in DATES:
        merged.metadata.pop(date, None)
    for entry in template:
        copy = _polib().POEntry(**vars(entry))
        copy.msgstr = known.get(_flat(entry.msgid), "")
        merged.append(copy)
    return merged


def _flat(text):
    return " ".join(text.split())


def _polib():
    packages = str(python_env.site_packages(python_env.python()))
    if packages not in sys.path:
        sys.path.append(packages)
    import polib

    return polib
