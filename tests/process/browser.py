"""A person at a real Chromium: reads what is on the page, clicks, types.

Only what can be seen can be clicked, and a click is a click of the mouse.
"""

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 60  # seconds: the first page takes long where others are at work
SETTLES = 5  # seconds, in which a page has read what it shows
CLICKABLE = (
    "button, a, [role=button], [role=menuitem], label, input[type=submit], "
    "input[type=checkbox], input[type=radio], .o_kanban_record"
)
# Where to click on the element that says so: exactly, else within its words.
FIND = """((selector, words, number) => {
  const seen = (e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.height && getComputedStyle(e).visibility !== "hidden";
  };
  const free = (e) => !e.closest("[disabled]");  // Odoo greys buttons while it works
  const says = (e) => (e.innerText || e.value || e.title ||
                       e.getAttribute("aria-label") || "").trim();
  const all = [...document.querySelectorAll(selector)].filter(seen).filter(free);
  const exact = all.filter((e) => says(e) === words);
  const found = (exact.length ? exact : all.filter((e) => says(e).includes(words)));
  const e = found.at(number);
  if (!e) return null;
  e.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
  const box = e.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const top = document.elementFromPoint(x, y);
  return top && (e.contains(top) || top.contains(e)) ? [x, y] : null;
})"""
# A dialog and what pops up lie in front of the page: where a test fails, they say why.
READ = """[...document.querySelectorAll(".o-overlay-container"), document.body]
.map((e) => e.innerText).join("\\n")"""

#: What went wrong in a page's scripts, how much it asks the server for now, and when
#: it had the last answer. A reload forgets all.
NOTE_ERRORS = """window.wentWrong = [];
window.underWay = window.answered = 0;
(({prototype}) => {
  const {send} = prototype;
  prototype.send = function (...args) {
    underWay++;
    this.addEventListener("loadend", () => { underWay--; answered = Date.now(); });
    return send.apply(this, args);
  };
})(XMLHttpRequest);
addEventListener("error", (e) => e.message && wentWrong.push(e.message));
addEventListener("unhandledrejection", (e) => wentWrong.push(String(e.reason)));"""

#: Also what it asks for next, and what it draws of the answer.
IS_READING = "underWay > 0 || Date.now() - answered < 200"


class NotSeen(AssertionError):
    """What a person looked for is not on the page."""


class Browser:
    """One Chromium with its own cookies. Use it as a context manager.

    :param size: of the window, in pixels.
    :param known: the names that lead to this machine, beside its number; *pins* the
        keys of certificates that it trusts, as Chromium writes them.
    """

    def __init__(self, size=(1366, 900), known=(), pins=()):
        names = "".join(f"MAP {name} 127.0.0.1, " for name in known)
        self.profile = Path(tempfile.mkdtemp(prefix="aec-chromium-"))
        options = [
            *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-dev-shm-usage", "--disable-background-networking"),
            *("--disable-component-update", "--disable-sync", "--mute-audio"),
            f"--host-resolver-rules={names}MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--ignore-certificate-errors-spki-list={','.join(pins)}",
            f"--window-size={size[0]},{size[1]}",
            f"--user-data-dir={self.profile}",
            "--remote-debugging-port=0",
            "about:blank",
        ]
        self.process = subprocess.Popen(
            [CHROMIUM, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that its children end with it
        )
        self._numbers = itertools.count(1)
        self._socket = None

    def __enter__(self):
        try:
            self._connect()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """End the browser and forget everything."""
        if self._socket:
            self._socket.close()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _connect(self):
        ports = self.profile / "DevToolsActivePort"
        wait_for(lambda: ports.exists() and ports.read_text().count("\n"))
        port = ports.read_text().split()[0]
        pages = f"http://127.0.0.1:{port}/json/list"

        def page():
            with urllib.request.urlopen(pages, timeout=5) as answer:  # nosec B310
                found = [p for p in json.load(answer) if p["type"] == "page"]
            return found and found[0]["webSocketDebuggerUrl"]

        self._socket = websocket.create_connection(
            wait_for(page), suppress_origin=True, timeout=60
        )
        self._do("Page.enable")
        self._do("Page.addScriptToEvaluateOnNewDocument", source=NOTE_ERRORS)

    def _do(self, method, **params):
        number = next(self._numbers)
        self._socket.send(
            json.dumps({"id": number, "method": method, "params": params})
        )
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("method") == "Page.javascriptDialogOpening":
                accept = {"accept": True}
                self._socket.send(
                    json.dumps(
                        {
                            "id": next(self._numbers),
                            "method": "Page.handleJavaScriptDialog",
                            "params": accept,
                        }
                    )
                )
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    def run(self, script):
        """Evaluate JavaScript in the page; None while a page is on its way."""
        try:
            answer = self._do("Runtime.evaluate", expression=script, returnByValue=True)
        except RuntimeError:
            return None
        return answer["result"].get("value")

    # -- what a person does ----------------------------------------------------------

    def open(self, url):
        """Open *url*, as by typing it into the address bar."""
        self._do("Page.navigate", url=url)

    def reload(self):
        """Load the page again."""
        self._do("Page.reload")

    @property
    def url(self):
        """The address of the page."""
        return self.run("location.href") or ""

    @property
    def text(self):
        """What can be read on the page: in front first."""
        return self.run(READ) or ""

    def read(self, selector, patience=PATIENCE):
        """What an element says, once it is there."""
        script = f"document.querySelector({json.dumps(selector)}).innerText"
        return wait_for(lambda: self.run(script), patience)

    def tick(self, selector, patience=PATIENCE):
        """Click an element without words, once it is there."""
        script = f"document.querySelector({json.dumps(selector)}).click() || true"
        may = self._once_read()
        wait_for(lambda: may() and self.run(script), patience)

    def sees(self, words):
        """Whether *words* can be read on the page now."""
        return " ".join(words.split()) in " ".join(self.text.split())

    @property
    def errors(self):
        """What went wrong in the scripts of this page, and what Odoo says of it."""
        dialogs = "[...document.querySelectorAll('.o_error_dialog')]"
        script = f"[...wentWrong, ...{dialogs}.map((e) => e.innerText)]"
        return self.run(script) or []

    def see(self, words, patience=PATIENCE):
        """Wait until *words* can be read on the page.

        :raises NotSeen: with what can be read instead.
        """
        if not wait_for(lambda: self.sees(words), patience, fails=False):
            raise NotSeen(f"{words!r} is not on {self.url}:\n{self.text[:3000]}")
        return self

    def see_no_more(self, words, patience=PATIENCE):
        """Wait until *words* have gone from the page."""
        if not wait_for(lambda: not self.sees(words), patience, fails=False):
            raise NotSeen(f"{words!r} is still on {self.url}:\n{self.text[:3000]}")

    def has_no_more(self, selector, patience=PATIENCE):
        """Wait until the page, once it is drawn, has nothing that *selector* finds."""
        script = f"!document.querySelector({json.dumps(selector)})"
        if not wait_for(lambda: self.run(script), patience, fails=False):
            raise NotSeen(f"{selector} is still on {self.url}:\n{self.text[:3000]}")

    def wait_url(self, part, patience=PATIENCE):
        """Wait until the page's address contains *part*."""
        if not wait_for(lambda: part in self.url, patience, fails=False):
            raise NotSeen(f"{part!r} is not in {self.url}:\n{self.text[:2000]}")

    def click(self, words, selector=CLICKABLE, number=0, patience=PATIENCE):
        """Click on what says *words* and can be clicked.

        :param number: which of several, from 0; -1 is the last.
        """
        script = f"{FIND}({json.dumps(selector)}, {json.dumps(words)}, {number})"
        may = self._once_read()
        place = wait_for(lambda: may() and self._at_rest(script), patience, fails=False)
        if not place:
            raise NotSeen(
                f"Nothing to click says {words!r} on {self.url}:\n{self.text}"
            )
        x, y = place
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            count = 0 if kind == "mouseMoved" else 1
            self._do(
                "Input.dispatchMouseEvent",
                **{"type": kind, "x": x, "y": y, "button": "left", "clickCount": count},
            )

    def _once_read(self):
        """Whether the page, asked time and again, has read what it shows: it would
        draw that anew, and lose a click or a word. Else after some seconds."""
        until = time.monotonic() + SETTLES
        return lambda: not self.run(IS_READING) or time.monotonic() > until

    def _at_rest(self, script):
        """Where the element is, once it does not move any more."""
        first = self.run(script)
        if not first:
            return None
        time.sleep(0.15)
        return first if self.run(script) == first else None

    def type(self, selector, text, clear=True):
        """Type *text* into the field that *selector* finds."""
        quoted = json.dumps(selector)
        focus = (
            f"(() => {{ const e = [...document.querySelectorAll({quoted})]"
            ".find((e) => e.offsetParent); if (!e) return false;"
            "e.scrollIntoView({block: 'center'}); e.focus();"
            f"{'e.select && e.select();' if clear else ''}"
            "return document.activeElement === e; })()"
        )
        may = self._once_read()
        if not wait_for(lambda: may() and self.run(focus), fails=False):
            raise NotSeen(f"No field {selector} on {self.url}:\n{self.text}")
        self._do("Input.insertText", text=text)

    def press(self, key, code):
        """Press a key, for example ``("Enter", 13)``."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self._do(
                "Input.dispatchKeyEvent",
                **{"type": kind, "key": key, "windowsVirtualKeyCode": code, **text},
            )

    def press_alt(self, letter):
        """Press Alt and a *letter*: the key of a button."""
        key = {"key": letter, "windowsVirtualKeyCode": ord(letter.upper())}
        for kind in ("keyDown", "keyUp"):
            self._do("Input.dispatchKeyEvent", **{"type": kind, "modifiers": 1, **key})

    def screenshot(self, path, whole=True):
        """Take a picture of the page as a PNG file."""
        answer = self._do("Page.captureScreenshot", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(answer["data"]))


def wait_for(look, patience=PATIENCE, fails=True):
    """Look until there is something true, and return it.

    :raises TimeoutError: with *fails*, after *patience* seconds.
    """
    end = time.monotonic() + patience
    while True:
        try:
            found = look()
        except OSError:
            found = None
        if found:
            return found
        if time.monotonic() > end:
            if fails:
                raise TimeoutError(f"waited {patience} s for {look}")
            return found
        time.sleep(0.1)
