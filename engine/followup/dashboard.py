"""What the accounting dashboard tells of follow-ups, on the sales journal's card."""

from ..rights import may_read

#: What the card counts; each leads to the filter of the worklist of that name.
COUNTED = ("to_review", "answered", "goes")


def cards(journals):
    """What the cards of *journals* tell: the worklist's figures of their companies, and
    of branches that have no card of their own.

    Of a company with several, on the first one that is on the dashboard: its figures
    are of all its customers. They are as of the last look, an hour ago at most.

    :param journals: ``account.journal``; the user's rights decide what is counted.
    :return: {journal: {"overdue": as text, and how many each of :data:`COUNTED`}};
        nothing for who may not read follow-ups.
    """
    sales = journals.filtered(lambda journal: journal.type == "sale")
    if not sales or not may_read(journals.env.user):
        return {}
    found, shown = {}, _first_of_each(sales)
    groups = journals.env["account.email.followup.case"]._read_group(
        [("company_id", "child_of", sales.company_id.ids)],
        ["company_id", "todo"],
        ["overdue:sum", "__count"],
    )
    for its_company, todo, overdue, count in groups:
        company = _home(its_company, shown)
        told = found.setdefault(company, {"overdue": 0, **dict.fromkeys(COUNTED, 0)})
        told["overdue"] += overdue
        if todo in COUNTED:
            told[todo] += count
    return {
        journal: {**told, "overdue": company.currency_id.format(told["overdue"])}
        for company, journal in shown.items()
        if journal in sales and (told := found.get(company)) and any(told.values())
    }


def companies_of(journal):
    """The companies whose figures are on the card of *journal*: its own, and branches
    that have no card."""
    shown = _first_of_each(journal)
    branches = journal.env["res.company"].search(
        [("id", "child_of", journal.company_id.ids)]
    )
    return branches.filtered(lambda each: _home(each, shown) == journal.company_id)


def _home(company, shown):
    """On whose card the customers of *company* are: its own, or its nearest parent's.

    A branch's invoices usually lie in a journal of its parent's.
    """
    return next((each for each in reversed(company.parent_ids) if each in shown), None)


def _first_of_each(journals):
    """{company: the first sales journal that is on its dashboard}; of branches, too."""
    shown = journals.search(
        [
            ("company_id", "child_of", journals.company_id.ids),
            ("type", "=", "sale"),
            ("show_on_dashboard", "=", True),
        ]
    )
    return {company: its[0] for company, its in shown.grouped("company_id").items()}
