"""Run by Odoo's Python: has Odoo and a database's addons imported, and forks itself.

Started and asked by ``warm.py``. A fork becomes the process that was asked for: it has
its own group, directory, variables, files and command line, and ends as any other does.
"""

import contextlib
import gc
import json
import os
import signal
import socket
import sys

LAUNCHER = "odoo_bin.py"


def main():
    """Serve until whoever started it has closed its end, or is gone."""
    sys.path.pop(0)  # this directory: its modules are not Odoo's
    descriptor, database = int(sys.argv[1]), sys.argv[2]
    asked = socket.socket(fileno=descriptor)
    set_by_imports = import_all(database)
    gc.freeze()  # what is never thrown away need not be looked through in each fork
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who waits for a fork is no zombie
    asked.send(b"ready")
    while True:
        request, files, _flags, _address = socket.recv_fds(asked, 1 << 18, 4)
        if not request:
            return
        if os.fork() == 0:
            asked.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            become(json.loads(request), set_by_imports, files)
            return
        for file in files:
            os.close(file)


def import_all(database):
    """Import Odoo and what the database has installed; return the variables that this
    has set, as Odoo's own time zone."""
    before = dict(os.environ)
    import odoo.cli  # noqa: F401
    from odoo import sql_db
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config([], setup_logging=False)
    Registry(database)
    Registry.delete(database)
    sql_db.close_all()
    return {k: v for k, v in os.environ.items() if before.get(k) != v}


def become(request, variables, files):
    """Fork once more, into the process that was asked for; tell of its beginning and
    its end on the last of the *files*, the first three of which are its own."""
    told = files[3]
    pid = os.fork()
    if pid:
        _pid, status = os.waitpid(pid, 0)
        with contextlib.suppress(BrokenPipeError):
            os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    os.setsid()  # before anybody knows whom to kill
    os.write(told, f"{os.getpid()}\n".encode())
    os.close(told)
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"] | variables)
    sys.argv = [sys.argv[0].replace("warm_odoo.py", LAUNCHER), *request["arguments"]]
    import odoo.cli

    odoo.cli.main()


main()
