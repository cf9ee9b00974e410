"""The mailboxes as simple web pages, read only, so that nobody needs a mail program.

Each page reads by IMAP what is there at that moment. Emails are shown in a frame that
may run no scripts and load nothing.
"""

import html
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# An email's page: its own styles, pictures within it, and nothing else.
# https://www.w3.org/TR/CSP3/#directive-sandbox
BODY_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #777; --link: #2563c9 }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --link: #8ab4f8 } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 64rem;
  padding: 1.5rem }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
h1 { font-size: 1.4rem; margin: 0 0 1rem }
h2 { font-size: 1.05rem; margin: 2rem 0 .3rem }
nav { color: var(--quiet); margin-bottom: 1rem }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid var(--line); padding: .5rem .75rem .5rem 0;
  text-align: left; vertical-align: top }
th { color: var(--quiet); font-weight: 500; white-space: nowrap }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
dl { display: grid; gap: .2rem 1rem; grid-template-columns: max-content 1fr; margin: 0 }
dt { color: var(--quiet) } dd { margin: 0; overflow-wrap: anywhere }
iframe { background: #fff; border: 1px solid var(--line); border-radius: 6px;
  height: 65vh; margin-top: 1rem; width: 100% }
.none { color: var(--quiet) }
"""


def serve(mailboxes):
    """Serve the pages on a free port of this machine until the process ends.

    :param mailboxes: `demo_mailboxes.Mailboxes`.
    :return: the server; `url` says where.
    """
    handler = type("Handler", (Handler,), {"mailboxes": mailboxes})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.url = f"http://localhost:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Handler(BaseHTTPRequestHandler):
    """/ lists the mailboxes; the other pages show what is in them."""

    mailboxes = None

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        given = dict(urllib.parse.parse_qsl(url.query))
        pages = {
            "/": self.home,
            "/folder": self.folder,
            "/message": self.message,
            "/body": self.body,
            "/part": self.part,
        }
        page = pages.get(url.path)
        try:
            if page is None:
                raise LookupError
            page(**given)
        except (LookupError, TypeError, ValueError):
            self.answer(_page("Not found", "<p>There is no such page.</p>"), code=404)

    def home(self):
        parts = []
        accounts = self.mailboxes.accounts
        others = [a for a in self.mailboxes.addresses() if a not in accounts]
        for title, addresses in (("Companies", accounts), ("Customers", others)):
            rows = "".join(self._row_of(address) for address in addresses)
            parts.append(f"<h2>{title}</h2><table>{rows}</table>")
        self.answer(_page("Mailboxes", "".join(parts)))

    def _row_of(self, address):
        cells = ""
        for folder in self.mailboxes.folders(address):
            count = len(self.mailboxes.read(address, folder))
            link = _link("/folder", _name(folder), address=address, folder=folder)
            cells += f'<td class="number">{link} {count}</td>'
        return f"<tr><td>{html.escape(address)}</td>{cells}</tr>"

    def folder(self, address, folder):
        rows = ""
        messages = self.mailboxes.read(address, folder)
        for number, message in reversed(list(enumerate(messages))):
            other = message["From"] if folder == "INBOX" else message["To"]
            title = message["Subject"] or "(no subject)"
            where = {"address": address, "folder": folder, "number": number}
            rows += (
                f"<tr><td>{html.escape(str(other))}</td>"
                f"<td>{_link('/message', title, **where)}</td>"
                f"<td>{html.escape(_date(message))}</td></tr>"
            )
        who = "From" if folder == "INBOX" else "To"
        head = f"<tr><th>{who}</th><th>Subject</th><th>Date</th></tr>"
        body = f"<table>{head}{rows}</table>" if rows else '<p class="none">Empty.</p>'
        self.answer(_page(f"{_name(folder)} of {address}", _back() + body))

    def message(self, address, folder, number):
        where = {"address": address, "folder": folder, "number": number}
        message = self._find(**where)
        lines = ""
        for name in ("From", "To", "Cc", "Date", "Message-ID", "In-Reply-To"):
            if message[name]:
                lines += f"<dt>{name}</dt><dd>{html.escape(str(message[name]))}</dd>"
        files = ", ".join(
            _link("/part", part.get_filename() or "attachment", **where, index=index)
            for index, part in enumerate(message.iter_attachments())
        )
        if files:
            lines += f"<dt>Attached</dt><dd>{files}</dd>"
        source = html.escape(_url("/body", **where))
        back = f"{_link('/', 'Mailboxes')} › " + _link(
            "/folder", f"{_name(folder)} of {address}", address=address, folder=folder
        )
        self.answer(
            _page(
                message["Subject"] or "(no subject)",
                f"<nav>{back}</nav><dl>{lines}</dl>"
                f'<iframe sandbox title="The email" src="{source}"></iframe>',
            )
        )

    def body(self, address, folder, number):
        part = self._find(address, folder, number).get_body(("html", "plain"))
        text = part.get_content() if part else ""
        if part and part.get_content_type() == "text/plain":
            text = f"<pre>{html.escape(text)}</pre>"
        self.answer(text, policy=BODY_POLICY)

    def part(self, address, folder, number, index):
        parts = list(self._find(address, folder, number).iter_attachments())
        part = parts[int(index)]
        content = part.get_content()
        name = urllib.parse.quote(part.get_filename() or "attachment")
        self.answer(
            content.encode() if isinstance(content, str) else bytes(content),
            kind="application/octet-stream",
            disposition=f"attachment; filename*=UTF-8''{name}",
        )

    def _find(self, address, folder, number):
        if address not in self.mailboxes.addresses():
            raise LookupError
        return self.mailboxes.read(address, folder)[int(number)]

    def answer(
        self, content, code=200, kind="text/html", policy=PAGE_POLICY, disposition=""
    ):
        data = content.encode() if isinstance(content, str) else content
        charset = "; charset=utf-8" if isinstance(content, str) else ""
        self.send_response(code)
        self.send_header("Content-Type", kind + charset)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        if disposition:
            self.send_header("Content-Disposition", disposition)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args):
        """The terminal belongs to the demo."""


def _page(title, body):
    title = html.escape(str(title))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><h1>{title}</h1>{body}</body></html>"
    )


def _back():
    return f"<nav>{_link('/', 'Mailboxes')}</nav>"


def _link(path, text, **query):
    return f'<a href="{html.escape(_url(path, **query))}">{html.escape(str(text))}</a>'


def _url(path, **query):
    return f"{path}?{urllib.parse.urlencode(query)}" if query else path


def _name(folder):
    return "Inbox" if folder == "INBOX" else folder


def _date(message):
    date = message["Date"]
    return f"{date.datetime:%Y-%m-%d %H:%M}" if date and date.datetime else ""
