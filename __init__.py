from . import controllers
from . import models
from . import wizard
from .tools import access_log

access_log.install()
