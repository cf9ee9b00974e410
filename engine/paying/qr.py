"""A QR code that fills in the bank transfer: made by Odoo's own modules."""

import logging
from base64 import b64encode
from io import BytesIO
from typing import NamedTuple

import qrcode
from PIL import Image

from odoo.tools import file_open

_logger = logging.getLogger(__name__)

#: Swiss, EPC (SEPA), EMV. Others ask a server for each code, which an email cannot wait
#: for.
METHODS = ("ch_qr", "sct_qr", "emv_qr")
#: Of the code: shown at half of them, it is sharp on every screen.
PIXELS = 300
#: The cross is 7 mm wide, on a code of 46: Swiss Implementation Guidelines, 6.4.2
CROSS = 7 / 46
#: Swiss Implementation Guidelines, 4.2.2: no other IBAN is valid.
SWISS = ("CH", "LI")
#: EPC069-12, 3.2: at most nine digits before the point.
EPC_AT_MOST = 999_999_999.99
#: EMV QRCPS 4.7: the reference label has 25 characters at most.
EMV_LONGEST = 25
ODD_DATA = (AttributeError, KeyError, TypeError, ValueError)


class Picture(NamedTuple):
    """A PNG as a ``data:`` URI, and how wide it is shown, in pixels."""

    source: str
    width: int


def qr_code(bank, amount, currency, communication, debtor, preferred=None):
    """The code as a :class:`Picture`; None if no method of Odoo's has one.

    It says what Odoo's own would say. It is an extra: data that Odoo cannot make a code
    of do not stop the email.

    :param amount: in *currency*, rounded.
    :param communication: a :class:`.communication.Communication`. The Swiss method with
        a QR-IBAN needs that of one invoice, and makes none of several.
    :param preferred: the method that the invoice was given.
    """
    known = [method for method, _name in bank.get_available_qr_methods_in_sequence()]
    for method in sorted(known, key=lambda method: method != preferred):
        if method in METHODS and _holds(method, bank, amount):
            try:
                found = _made(bank, method, amount, currency, communication, debtor)
            except ODD_DATA as error:
                _logger.info("No %s of account %s: %s", method, bank.id, error)
                continue
            if found:
                return found
    return None


def _holds(method, bank, amount):
    """Whether the method is for such an account and amount, which Odoo does not ask."""
    if method == "ch_qr":
        return (bank.sanitized_acc_number or "").startswith(SWISS)
    return method != "sct_qr" or amount <= EPC_AT_MOST


def _made(bank, method, amount, currency, communication, debtor):
    text, structured = communication
    if method == "emv_qr" and len(text) > EMV_LONGEST:
        text = structured = ""
    values = bank._build_qr_code_vals(
        amount, text, structured, currency, debtor, method, silent_errors=True
    )
    if not values:
        return None
    params = bank._get_qr_code_generation_params(**values)
    return _drawn(params["value"], params.get("mask") == "ch_cross")


def _drawn(value, swiss):
    """*value* as a picture with a white frame of its own: a dark mail program has no
    other. Odoo's own drawing has none, and a pixel and a half for a module.

    :return: a :class:`Picture`.
    """
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)  # EPC069-12, 3.1
    code.add_data(value)
    code.make()
    code.box_size = max(2, PIXELS // code.modules_count)
    picture = code.make_image().get_image().convert("L")
    if swiss:
        _add_cross(picture, CROSS * code.modules_count * code.box_size)
    drawn = BytesIO()
    picture.save(drawn, "PNG", optimize=True)
    source = "data:image/png;base64," + b64encode(drawn.getvalue()).decode()
    return Picture(source, picture.width // 2)


def _add_cross(picture, width):
    """Odoo's Swiss cross in the middle of *picture*, so many pixels wide."""
    with file_open("l10n_ch/static/src/img/CH-Cross_7mm.png", "rb") as file:
        cross = Image.open(file).convert("L").resize([round(width)] * 2)
    picture.paste(cross, [(picture.width - cross.width) // 2] * 2)
