"""What is told of the way to a server: names, ports, encryption, certificates."""

from odoo.tools.translate import LazyTranslate

from ...providers.reasons import Reason

_lt = LazyTranslate(__name__)

#: {reason: (title, text)}
TEXTS = {
    Reason.HOST_NOT_FOUND: (
        _lt("The server's name is not known"),
        _lt("No server answers to this name. Check it for typing errors."),
    ),
    Reason.DNS_SILENT: (
        _lt("The DNS does not answer"),
        _lt(
            "The server's name could not be looked up. It may be right: if this goes "
            "on, ask your IT whether this Odoo server reaches its DNS."
        ),
    ),
    Reason.ADDRESS_FORBIDDEN: (
        _lt("This Odoo may not ask a server at this address"),
        _lt(
            "The server's name stands for an address at which nobody has a mail "
            "server, so nothing was sent there. Use the server name that your mail "
            "provider or your IT gives you."
        ),
    ),
    Reason.THIS_MACHINE_FORBIDDEN: (
        _lt("The mail server is on Odoo's own machine"),
        _lt(
            "The server's name stands for the machine that Odoo runs on, which is not "
            "asked by itself, so nothing was sent there. If your mail server is on "
            "that machine, ask your Odoo administrator to set "
            "account_email_connector_allow_loopback = True in odoo.conf, and to "
            "restart Odoo. Otherwise use your mail server's own name."
        ),
    ),
    Reason.PRIVATE_NETWORK_FORBIDDEN: (
        _lt("The mail server is in a private network"),
        _lt(
            "Your Odoo administrator has closed private networks "
            "(account_email_connector_forbid_private_networks = True in odoo.conf), "
            "so nothing was sent there. Use your mail server's public name, or ask "
            "your Odoo administrator to take that option out."
        ),
    ),
    Reason.PORT_FILTERED: (
        _lt("The port is blocked"),
        _lt(
            "Nothing came back from this port: a firewall on the way drops the "
            "connection. Ask your IT to open it for this server, or try another port."
        ),
    ),
    Reason.PORT_CLOSED: (
        _lt("The server refuses this port"),
        _lt(
            "The server with this name refused the connection to this port. Check the "
            "server's name and the port."
        ),
    ),
    Reason.WRONG_ENCRYPTION: (
        _lt("The encryption does not fit the port"),
        _lt(
            "The server speaks another encryption on this port. SSL/TLS goes with "
            "port 465 (IMAP: 993), STARTTLS with port 587 (IMAP: 143)."
        ),
    ),
    Reason.ENCRYPTION_TOO_OLD: (
        _lt("The server's encryption is too old"),
        _lt(
            "The server offers no encryption that is still considered safe, so no "
            "password was sent. Ask your IT to update the mail server."
        ),
    ),
    Reason.CERTIFICATE_NOT_TRUSTED: (
        _lt("The server's certificate is not trusted"),
        _lt(
            "We cannot be sure that this is the right server, so no password was "
            "sent. Ask your IT: it needs a certificate from a known authority. With "
            "Microsoft or Google, it is a proxy on the way that shows its own."
        ),
    ),
    Reason.CERTIFICATE_WRONG_HOST: (
        _lt("The certificate belongs to another server"),
        _lt(
            "The server's certificate is for another name, so no password was sent. "
            "Use the server name that your mail provider gives you. With Microsoft or "
            "Google, a proxy on the way shows its own: ask your IT."
        ),
    ),
    Reason.CERTIFICATE_EXPIRED: (
        _lt("The server's certificate has expired"),
        _lt(
            "We cannot be sure that this is the right server, so no password was "
            "sent. Ask your IT to renew the certificate, or that of a proxy on the "
            "way, and to check this server's clock."
        ),
    ),
    Reason.CONNECTION_LOST: (
        _lt("The connection was lost"),
        _lt("The mail server closed the connection before it accepted anything."),
    ),
    Reason.SERVER_SILENT: (
        _lt("The server does not answer"),
        _lt("It took the connection, but said nothing in time."),
    ),
    Reason.ANSWER_TOO_LONG: (
        _lt("The server sends too much data"),
        _lt(
            "It sent more data than a mail server or provider needs to send, so Odoo "
            "closed the connection. If this goes on, ask your IT; for a mail server of "
            "your own, also check its name and port."
        ),
    ),
    Reason.NOT_A_MAIL_SERVER: (
        _lt("This is no mail server"),
        _lt(
            "Something else answers on this port. Check the server's name and the port."
        ),
    ),
    Reason.CLIENT_REFUSED: (
        _lt("The mail server refuses the connection"),
        _lt(
            "It takes no email from this Odoo server. Ask your IT to allow the "
            "public address of this Odoo server."
        ),
    ),
    Reason.PROVIDER_DOWN: (
        _lt("The mail server is not available"),
        _lt("The mail server says that it cannot work now."),
    ),
}
#: What passes, it is hoped. Whoever pressed a button has to do that once more.
PASSES = {
    Reason.DNS_SILENT,
    Reason.CONNECTION_LOST,
    Reason.SERVER_SILENT,
    Reason.ANSWER_TOO_LONG,
    Reason.PROVIDER_DOWN,
}
BY_ITSELF = _lt("We try again later.")
BY_HAND = _lt("Try again in some minutes.")
