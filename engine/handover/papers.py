"""What a lawyer or an agency gets: what is owed, and all that was written about it."""

from datetime import timezone
from email.utils import format_datetime

from odoo.exceptions import UserError

from ..planning.decisions import decisions
from . import readme, tables
from .bundle import Bundle

#: PDFs that were never made, and are made now: each takes a second or two.
MADE_AT_MOST = 30
STATEMENT = "account_email_connector.report_statement"


class Papers:
    """What there is about one customer, as far as the user may see it.

    :param user_env: the user's own: what it may not read is not in it.
    :param env: the same, with the right to see everything.
    :param customer: a commercial partner.
    :param company: the one whose customers they are, with those that share its emails.
    """

    def __init__(self, user_env, env, customer, company):
        self._env, self.customer, self.company = user_env, customer, company
        self._found = decisions(env, company, customer)
        self.lines = self._open_lines()
        self.moves = self.lines.filtered(lambda line: line.balance > 0).move_id
        self.moves = self.moves.filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        )
        self.followups = self._followups().with_env(env)
        self.today = company._email_followup_today()

    def _open_lines(self):
        lines = self._env["account.move.line"].browse(
            item.line_id
            for decided in self._found
            for item in decided.customer.items
            if item.line_id > 0  # else a payment without an entry: in the statement
        )
        allowed = lines._filtered_access("read")
        return allowed.filtered("amount_residual").sorted(
            lambda line: (line.date_maturity or line.date, line.id)
        )

    def _followups(self):
        """Those that were sent as emails, the first one first."""
        return self._env["account.email.followup"].search(
            [
                ("partner_id.commercial_partner_id", "=", self.customer.id),
                ("company_id", "in", self.company._email_followup_peers().ids),
                ("state", "=", "sent"),
                ("channel", "=", "email"),
            ],
            order="done_on, id",
        )

    def pack(self, to):
        """Put all of it into one zip.

        :param to: whom it is for.
        :return: its bytes, and the names of what is not in it.
        """
        bundle = Bundle()
        env = self._env
        table = tables.items(env, self.lines, self._asides(), self.today)
        bundle.add_table("items.csv", table)
        bundle.add_table("receipts.csv", tables.receipts(env, self.followups))
        self._add_statement(bundle)
        self._add_invoices(bundle)
        for followup in self.followups:
            name = _email_name(followup)
            if followup.mail_id:
                bundle.add("emails", name, as_sent(followup))
            else:  # see engine/followup/retention.py
                bundle.left_out.append(name)
        left_out = tuple(bundle.left_out)
        bundle.add_table("README.txt", readme.words(self, to, left_out).encode())
        return bundle.close(), left_out

    def _asides(self):
        """{line id: why it is not simply owed, and the day that this is about}."""
        return {
            line_id: (said.reason.value, decided.day_of(said.reason, line_id))
            for decided in self._found
            for line_id, said in decided.case.sorted.aside.items()
        }

    def _add_statement(self, bundle):
        """The customer's account, for those who read it on paper."""
        report = self._env["ir.actions.report"].with_company(self.company)
        name = "statement.pdf"
        try:
            pdf, kind = report._render_qweb_pdf(STATEMENT, self.customer.ids)
        except UserError:  # the server has nothing that makes PDFs
            bundle.left_out.append(name)
            return
        bundle.add("statement", f"statement.{kind}", pdf)

    def _add_invoices(self, bundle):
        to_make = MADE_AT_MOST
        for move in self.moves:
            stored = move.invoice_pdf_report_id
            if stored and not bundle.has_room(stored.file_size):
                bundle.left_out.append(stored.name)
            elif raw := _read(stored):
                bundle.add("invoices", stored.name, raw)
            elif to_make and (made := _made(move)):
                to_make -= 1
                bundle.add("invoices", *made)
            else:
                bundle.left_out.append(move.name)


def _read(file):
    """The bytes of one file: those of the others stay where they are."""
    alone = file.with_prefetch(file.ids)
    raw = alone.raw
    alone.invalidate_recordset(["raw"], flush=False)
    return raw


def _made(move):
    """Name and content of a PDF that is made now, and not kept; or None."""
    try:
        report = move.env["account.move.send"]._get_default_pdf_report_id(move)
        content, kind = report._render_qweb_pdf(report.report_name, move.ids)
    except UserError:  # the server has nothing that makes PDFs
        return None
    return move._get_invoice_report_filename(extension=kind), content


def _email_name(followup):
    return f"{followup.done_on} {followup.step_id.name or ''}.eml"


def as_sent(followup):
    """The email of *followup* as a file, made once more as it was: with its headers,
    its attachments and the date on which it left.

    :param followup: with the right to read its ``mail.mail``.
    """
    (email, *_others) = followup.mail_id._prepare_outgoing_list()
    message = followup.env["ir.mail_server"]._build_email__(
        email_from=followup.mail_id.email_from,
        email_to=email["email_to"],
        subject=email["subject"],
        body=email["body"],
        body_alternative=email["body_alternative"],
        email_cc=email["email_cc"],
        reply_to=email["reply_to"],
        attachments=email["attachments"],
        message_id=email["message_id"],
        references=email["references"],
        object_id=email["object_id"],
        subtype="html",
        subtype_alternative="plain",
        headers=email["headers"],
    )
    sent_at = followup.sent_at or followup.delivery_id.started_at
    if sent_at:
        del message["Date"]
        message["Date"] = format_datetime(sent_at.replace(tzinfo=timezone.utc))
    return message.as_bytes()
