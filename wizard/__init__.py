from . import account_email_connector_approval
from . import account_email_connector_send_as
from . import account_email_connector_smtp
from . import account_email_dispute
from . import account_email_followup_composer
from . import account_email_followup_pause
from . import account_email_followup_preview
from . import account_email_followup_upcoming
