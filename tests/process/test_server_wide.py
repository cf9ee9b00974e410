"""Before Odoo knows the database of a callback: what its access log says."""

import contextlib
import os
import signal
import subprocess
import time

import env
import pytest
import requests
from oauth_world import CALLBACK

QUERY = "?code=planted-code&state=planted-state"


@contextlib.contextmanager
def many_databases(box, **options):
    """A server that serves whichever database is asked for; gives its url and log."""
    port, gevent_port = env.free_ports(2)
    url = f"http://127.0.0.1:{port}"
    log = box.directory / f"many-{port}.log"
    ports = {"http_port": port, "gevent_port": gevent_port}
    with box.prepared.config(box.cluster, **ports, **options) as config:
        with open(log, "wb") as file:
            process = subprocess.Popen(
                box.prepared.command("--max-cron-threads=0"),
                env=box.variables(config),
                cwd=box.directory,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        try:
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(requests.ConnectionError):
                    requests.get(f"{url}/web/health", timeout=5)
                    break
                assert time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(0.05)
            yield url, log
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_loaded_with_the_server_no_code_is_logged(box, provider):
    """As readme/OPERATE.rst advises for several databases without a dbfilter."""
    box.database()
    box.database()
    modules = "base,rpc,web,account_email_connector"
    with many_databases(box, server_wide_modules=modules) as (url, log):
        answer = requests.get(url + CALLBACK.format(provider) + QUERY, timeout=60)
        assert answer.status_code == 404, "there is no database to look into"
        text = log.read_text()
    assert f"{CALLBACK.format(provider)}?…" in text
    assert "planted" not in text
    assert " ERROR " not in text and "Traceback" not in text
