"""What a developer sees: progress of long steps, and one clear line when one fails."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path


class DevError(Exception):
    """A failure that is told in one line, without a traceback.

    :ivar message: says what failed and what to do
    :ivar details: the output of the tool that failed, or empty; shown above the message
    """

    def __init__(self, message, details=""):
        super().__init__(message)
        self.message = message
        self.details = details

    def __str__(self):
        return f"{self.details}\n{self.message}" if self.details else self.message


def say(text):
    """Print one line to standard error, so that standard output stays the tool's."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title):
    """Show that a long step is running, and at its end how many seconds it took."""
    live = sys.stderr.isatty()
    print(f"{title} …", end="" if live else "\n", file=sys.stderr, flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        if live:
            say(" failed")
        raise
    seconds = time.monotonic() - start
    say(f" {seconds:.0f} s" if live else f"{title} … {seconds:.0f} s")


# What tools print when the machine, and not the tool, is at fault.
_CAUSES = (
    (r"no space left on device|disk quota exceeded", "the disk is full"),
    (r"permission denied|read-only file system", "a file may not be read or written"),
    (
        r"temporary failure (in name )?resol|could not resolve|dns error|enotfound"
        r"|eai_again|network is unreachable|name or service not known|could not connect"
        r"|failed to establish a new connection|connection timed out|tcp connect error"
        r"|econnrefused|unable to connect|connection failed",
        "no network, or the package registry does not answer",
    ),
)


def cause_of(output):
    """The likely cause in a few words if the output shows one, else an empty text."""
    for pattern, cause in _CAUSES:
        if re.search(pattern, output, re.IGNORECASE):
            return cause
    return ""


def run(arguments, what, env=None, cwd=None):
    """Run a tool quietly.

    :param what: what is being done, for the message ("Fetching Odoo 19")
    :param env: variables set in addition to this process's own
    :return: the tool's standard output and error together, as text
    :raise DevError: when it cannot be started or exits with another code than 0
    """
    arguments = [str(argument) for argument in arguments]
    try:
        done = subprocess.run(
            arguments,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise DevError(f"{what} failed: {error}") from error
    if done.returncode:
        cause = cause_of(done.stdout)
        if cause:
            raise DevError(f"{what} failed: {cause}.")
        tail = "\n".join(done.stdout.strip().splitlines()[-25:])
        raise DevError(
            f"{what} failed: {Path(arguments[0]).name} ended with {done.returncode}.",
            tail,
        )
    return done.stdout


@contextlib.contextmanager
def serving(arguments, what, log, cwd=None):
    """Start a server of ours; give the line that it prints when it is ready.

    It stops with the `with` block; Ctrl-C is for us, who stop it after its users.

    :param what: its name, for the message ("The mail server")
    :param log: where its errors go
    :raise DevError: when it does not start
    """
    with open(log, "w") as errors:
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=test_variables(),
            text=True,
            start_new_session=True,
        )
    try:
        line = process.stdout.readline()
        if not line:
            raise DevError(f"{what} did not start.", Path(log).read_text())
        yield line
    finally:
        process.terminate()
        process.wait()


def wait(process, seconds):
    """Wait for a process's end and return its exit code; never leave it running.

    After so many seconds it is interrupted as with Ctrl-C, then killed.
    """
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        say(f"Not done after {seconds // 60} minutes: stopping it.")
        process.send_signal(signal.SIGINT)
        return process.wait(30)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_variables():
    """This process's variables, without those that would send a test's traffic away.

    Tests talk to servers on this machine, which have certificates of their own.
    """
    away = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPLIB2_CA_CERTS")
    kept = {name: value for name, value in os.environ.items() if name not in away}
    return {name: v for name, v in kept.items() if not name.lower().endswith("_proxy")}
