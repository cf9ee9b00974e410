from . import oauth
from . import pay
