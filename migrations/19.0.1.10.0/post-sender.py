"""A sender's name that is the company's is none of its own."""


def migrate(cr, version):
    """The form for a password has written it down; renaming the company then did not
    reach customers. Whose company was renamed since keeps the name that customers see:
    nobody can tell whether that is meant."""
    cr.execute(
        """UPDATE account_email_connector connector SET sender_name = NULL
             FROM res_company company
            WHERE company.id = connector.company_id
              AND btrim(connector.sender_name) = btrim(company.name)"""
    )
