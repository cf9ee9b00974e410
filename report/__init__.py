from . import account_email_statement
from . import account_email_statement_followup
from . import account_email_letter
from . import ir_actions_report
