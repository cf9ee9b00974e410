"""Numbers of a plan of which 0 would mean the opposite: a switch opens each."""

from odoo import api

#: {switch: its number, and what that begins with when it is switched on}.
SWITCHES = {
    "limits_lateness": ("catch_up_days", 10),
    "limits_waiting": ("waiting_days", 14),
    "holds_for_bank": ("bank_days", 3),
    "awaits_matching": ("bank_line_days", 7),
    "repeats_last": ("last_times", 1),
}


def behaviour(switch):
    """How the field of a *switch* is computed, and what follows from writing it.

    Each has functions of its own: while one is written, Odoo does not read those that
    are computed together with it.
    """
    number, _usual = SWITCHES[switch]

    @api.depends(number)
    def compute(plans):
        for plan in plans:
            plan[switch] = bool(plan[number])

    def inverse(plans):
        heed(plans, switch)

    return {"compute": compute, "inverse": inverse, "readonly": False}


def heed(plans, switch):
    """Off: the number is 0. On: it is what it was, or else the usual one."""
    number, usual = SWITCHES[switch]
    for plan in plans:
        wanted = plan[switch]
        if wanted != bool(plan[number]):
            plan[number] = usual if wanted else 0
