"""``python -m dev.standin``: serve until interrupted."""

import argparse
import signal
import threading

from . import StandIn


def main():
    """Parse the command line, serve, and say when it is ready."""
    parser = argparse.ArgumentParser(prog="dev.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=8070)
    parser.add_argument("--tls-port", type=int, help="also serve TLS on this port")
    parser.add_argument("--cert", help="certificate and key (PEM); made if missing")
    parser.add_argument("--state", help="directory that keeps mail over restarts")
    parser.add_argument("--seed", help="JSON file with tenants, accounts and apps")
    parser.add_argument("--redirect-base", action="append", default=[])
    parser.add_argument("--redirect-uri", action="append", default=[])
    options = parser.parse_args()
    standin = StandIn(
        options.port,
        options.tls_port,
        seed=options.seed,
        redirect_bases=options.redirect_base or ["http://127.0.0.1:8069"],
        redirect_uris=options.redirect_uri,
        state=options.state,
        cert=options.cert,
    )
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    with standin:
        print("ready", standin.url, standin.tls_url, standin.ca_file, flush=True)
        stopping.wait()


if __name__ == "__main__":
    main()
