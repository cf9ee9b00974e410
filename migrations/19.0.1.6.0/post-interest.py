"""What an email says of interest is kept now, so that an invoice can be made of it."""


def migrate(cr, version):
    """What was sent before has said what its step and its plan say at this moment."""
    cr.execute(
        """UPDATE account_email_followup followup
              SET interest_terms = jsonb_build_object(
                      'until', followup.done_on, 'rate', plan.interest_rate,
                      'fee', plan.fixed_fee, 'fee_currency', plan.fee_currency_id)
             FROM account_email_followup_step step, account_email_followup_plan plan
            WHERE step.id = followup.step_id AND plan.id = followup.plan_id
              AND step.show_interest
              AND followup.state IN ('sent', 'unknown')
              AND followup.done_on IS NOT NULL
              AND followup.interest_terms IS NULL"""
    )
