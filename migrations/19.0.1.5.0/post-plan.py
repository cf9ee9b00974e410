"""A plan that belongs to a company is its plan only where it was chosen."""


def migrate(cr, version):
    """Until now, the first one that belonged to a company was: choose that one."""
    cr.execute(
        """UPDATE res_company company
              SET email_followup_plan_id = first.id
             FROM (SELECT DISTINCT ON (company_id) id, company_id
                     FROM account_email_followup_plan
                    WHERE active AND company_id IS NOT NULL
                 ORDER BY company_id, sequence, id) first
            WHERE first.company_id = company.id
              AND company.email_followup_plan_id IS NULL"""
    )
