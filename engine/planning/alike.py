"""What an unsaved plan leaves as it is: what the rules ask, what its steps say."""

from ...rules import TODO
from .plans import PLAN_FIELDS, STEP_FIELDS, step_key

#: What decides besides :data:`.plans.PLAN_FIELDS`: from when on an email may leave.
HOURS = ("from_hour", "until_hour")
#: What a step sends, and with what. Of its template: which one.
TEXT_FIELDS = (
    "template_id",
    "cc",
    "copy_salesperson",
    "copy_responsible",
    "signed_by",
    "attach_invoices",
    "attach_statement",
    "letter",
    "show_interest",
    "show_payment",
    "activity_type_id",
    "user_id",
)
#: What a step that mentions interest says of it.
INTEREST_FIELDS = ("interest_rate", "fixed_fee", "fee_currency_id")


def decides_alike(stored, draft):
    """Whether the draft changes nothing that the rules ask about: only texts."""
    before, after = (
        {
            (step_key(step), *(step[name] for name in STEP_FIELDS if name != "plan_id"))
            for step in plan.step_ids
        }
        for plan in (stored, draft)
    )
    return before == after and all(
        stored[name] == draft[name] for name in (*PLAN_FIELDS, *HOURS)
    )


def other_texts(draft):
    """The ids of the steps that say something else than those stored."""
    stored = draft._origin
    interest = any(stored[name] != draft[name] for name in INTEREST_FIELDS)
    responsible = stored.responsible_id != draft.responsible_id
    return {
        step._origin.id
        for step in draft.step_ids
        if step._origin
        and (
            any(step[name] != step._origin[name] for name in TEXT_FIELDS)
            or (interest and step.show_interest)
            or (responsible and _is_responsibles(step))
        )
    }


def _is_responsibles(step):
    """Whether the plan's responsible signs the step, gets a copy, or is to do it."""
    if step.channel == TODO:
        return not step.user_id
    return step.copy_responsible or step.signed_by == "responsible"
