from . import test_access
from . import test_banner
from . import test_by_hand
from . import test_connector
from . import test_mail_mail
from . import test_planner
from . import test_sending
from . import test_vault
