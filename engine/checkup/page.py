"""All findings about a mailbox and this server: as a page, and to be copied."""

from . import address, clock, database, key, servers, software

#: Whoever helps reads English.
SUPPORT_LANG = "en_US"


def look(connector):
    """Look at everything once. Nobody is signed in, nothing is sent or changed.

    :param connector: as a superuser's, in the language of whoever reads the page.
    :return: the findings (list of :class:`.finding.Finding`), and the same as English
        text for whoever helps.
    """
    asked = servers.ask(connector)
    found = list(_findings(connector, asked))
    same = _findings(connector.with_context(lang=SUPPORT_LANG), asked)
    return found, "\n".join(each.as_line() for each in same)


def _findings(connector, asked):
    env = connector.env
    yield from servers.findings(env, asked)
    yield from address.findings(env)
    yield from key.findings(connector)
    yield from database.findings(env)
    yield from clock.findings(env, asked)
    yield from software.findings(env)
