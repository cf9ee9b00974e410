"""A person at the stand-in's pages, without a browser: real pages, real forms."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

ANSWERS = {  # page → (decision → button)
    "microsoft_consent": {"accept": "accept", "cancel": "cancel"},
    "microsoft_adminconsent": {"accept": "accept", "cancel": "cancel"},
    "microsoft_approval": {"request": "request", "return": "return"},
    "microsoft_need_admin": {"return": "return"},
    "microsoft_requested": {"request": "return", "return": "return"},
    "google_consent": {"accept": "accept", "cancel": "cancel"},
}
TIMEOUT = 10  # seconds
MAX_PAGES = 12


class Stopped(Exception):
    """A page from which no way leads back to the application.

    :ivar page: its name; *text* what a person reads on it.
    """

    def __init__(self, page, text):
        self.page, self.text = page, text
        super().__init__(f"{page}: {text}")


class _Page(HTMLParser):
    """Reads a page's name, text and the fields of its forms."""

    def __init__(self, html):
        super().__init__()
        self.name, self.fields, self.words = "", [], []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "body":
            self.name = attrs.get("data-page", "")
        elif tag in ("style", "script", "title"):
            self._hidden += 1
        elif tag == "input":
            self.fields.append(attrs)

    def handle_endtag(self, tag):
        if tag in ("style", "script", "title"):
            self._hidden -= 1

    def handle_data(self, data):
        if not self._hidden and data.strip():
            self.words.append(" ".join(data.split()))

    @property
    def text(self):
        return " ".join(self.words)

    def values(self, name):
        return [f.get("value", "") for f in self.fields if f.get("name") == name]


class Person:
    """One browser with its cookies.

    :param url: the stand-in's base URL.
    """

    def __init__(self, url):
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False

    def sign_in(
        self,
        url,
        account,
        decide="accept",
        ticks="all",
        justification="For reminders",
        organisation=False,
    ):
        """Open *url* and click through as *account*.

        :param decide: ``accept``, ``cancel``, ``request`` (an approval, then return) or
            ``return`` (without granting consent).
        :param ticks: Google's boxes: ``all``, ``none`` or a list of scopes.
        :param organisation: tick "on behalf of your organisation".
        :return: the URL of the callback, not yet opened.
        :raises Stopped: if a page offers no such decision.
        """
        answer = self.http.get(url, allow_redirects=False, timeout=TIMEOUT)
        chosen = False
        for _page_number in range(MAX_PAGES):
            while answer.is_redirect:
                target = urljoin(answer.url, answer.headers["Location"])
                if not target.startswith(self.url + "/"):
                    return target
                answer = self.http.get(target, allow_redirects=False, timeout=TIMEOUT)
            page = _Page(answer.text)
            if page.name in ("chooser", "enter") and not chosen:
                form, chosen = {"action": "choose", "account": account}, True
            else:
                form = _filled(page, decide, ticks, justification, organisation)
            answer = self.http.post(
                answer.url, data=form, allow_redirects=False, timeout=TIMEOUT
            )
        raise Stopped(page.name, page.text)


def _filled(page, decide, ticks, justification, organisation):
    """What a person enters on *page*; see :meth:`Person.sign_in`."""
    button = ANSWERS.get(page.name, {}).get(decide)
    if button is None:
        raise Stopped(page.name, page.text)
    scopes = {"all": page.values("scope"), "none": []}
    form = {"action": button, "justification": justification}
    form["scope"] = ticks if isinstance(ticks, list) else scopes[ticks]
    return {**form, "organisation": "1"} if organisation else form
