from . import controllers
from . import models
from . import report
from . import wizard
from .hooks import uninstall_hook
from .tools import access_log, call_log

access_log.install()
call_log.install()
