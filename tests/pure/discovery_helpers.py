"""A DNS server and a domain's web server, both on loopback, good or bad."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

#: A question is answered once more over TCP if the datagram was cut.
LARGEST_DATAGRAM = 1232


class Dns:
    """Answers from a zone, or as *mood* says.

    :ivar zone: ``{("example.com", "MX"): ["10 mx.example.com."]}``
    :ivar mood: called with the request and whether it came over TCP; returns bytes to
        say, None for what the zone says, or raises :class:`Silence`.
    """

    def __init__(self):
        self.zone = {}
        self.mood = None
        self.asked = []

    def __enter__(self):
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(self, *_details):
        with contextlib.suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)
        self._tcp.close()
        with contextlib.suppress(OSError):
            self._udp.shutdown(socket.SHUT_RDWR)
        self._udp.close()

    def resolver(self):
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = self.port
        resolver.use_edns(0, 0, LARGEST_DATAGRAM)
        return resolver

    def _serve_udp(self):
        with contextlib.suppress(OSError):
            while True:
                data, address = self._udp.recvfrom(4096)
                if not data:  # it is stopped
                    return
                with contextlib.suppress(Silence):
                    self._udp.sendto(self._answer(data, False), address)

    def _serve_tcp(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _address = self._tcp.accept()
                with contextlib.suppress(OSError, Silence), sock:
                    size = int.from_bytes(sock.recv(2), "big")
                    answer = self._answer(sock.recv(size), True)
                    sock.sendall(len(answer).to_bytes(2, "big") + answer)

    def _answer(self, data, is_tcp):
        request = dns.message.from_wire(data)
        self.asked.append(request.question[0].to_text())
        said = self.mood and self.mood(request, is_tcp)
        return said if said is not None else self.wire(request, is_tcp)

    def wire(self, request, is_tcp=True):
        """What the zone says, cut if that is too much for a datagram."""
        wire = self.response(request).to_wire(max_size=65535)
        if is_tcp or len(wire) <= LARGEST_DATAGRAM:
            return wire
        cut = dns.message.make_response(request)
        cut.flags |= dns.flags.TC
        return cut.to_wire()

    def response(self, request):
        question = request.question[0]
        name = question.name
        response = dns.message.make_response(request)
        response.flags |= dns.flags.RA
        alias = self.zone.get((text(name), "CNAME"))
        if alias:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", alias))
            name = dns.name.from_text(alias)
        kind = dns.rdatatype.to_text(question.rdtype)
        records = self.zone.get((text(name), kind), [])
        if records:
            found = dns.rrset.from_text_list(name, 60, "IN", kind, records)
            response.answer.append(found)
        elif not any(known == text(name) for known, _kind in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response


class Silence(Exception):
    """Nothing is said."""


def text(name):
    return name.to_text().rstrip(".").lower()


class Web:
    """The web server of every domain that ends in .test

    :ivar files: ``{("host", "/path?query"): (status, {header: value}, content)}``
    """

    def __init__(self, context):
        self.files = {}
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                place = (self.headers["Host"], self.path)
                outer.asked.append(place)
                status, headers, content = outer.files.get(place, (404, {}, b"no"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(content)

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._server.handle_error = lambda *_args: None
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.01,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def stand_for(monkeypatch, address):
    """Let the names that end in .test stand for an address; others for none."""
    real = socket.getaddrinfo

    def resolve(host, *args, **kwargs):
        if str(host).endswith(".test"):
            return real(address, *args, **kwargs)
        if str(host).startswith("127."):
            return real(host, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def config(*servers, before="", domain="firm.test"):
    """A file in Thunderbird's format."""
    inside = "".join(servers)
    return (
        f"{before}<clientConfig version='1.1'><emailProvider id='{domain}'>"
        f"<domain>{domain}</domain>{inside}</emailProvider></clientConfig>"
    ).encode()


def server(kind, host, port, socket_type="SSL", *auth, user="%EMAILADDRESS%"):
    tag = "outgoingServer" if kind == "smtp" else "incomingServer"
    ways = "".join(
        f"<authentication>{way}</authentication>"
        for way in auth or ("password-cleartext",)
    )
    return (
        f"<{tag} type='{kind}'><hostname>{host}</hostname><port>{port}</port>"
        f"<socketType>{socket_type}</socketType>{ways}<username>{user}</username></{tag}>"
    )
