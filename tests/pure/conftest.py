"""Make the addon's ORM-free packages importable without the addon's own `__init__`.

That one imports Odoo. A bare parent package is put in its place, so that
`account_email_connector.providers` and `.rules` load alone, as they must.
"""

import sys
import types
from pathlib import Path

import pytest
from hypothesis import settings
from standin import StandIn

# How long an example takes says how busy the machine is.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

package = types.ModuleType("account_email_connector")
package.__path__ = [str(Path(__file__).resolve().parents[2])]
sys.modules.setdefault(package.__name__, package)


@pytest.fixture(scope="module")
def running():
    """Microsoft and Google, for a module; `standin` for each of its tests."""
    with StandIn() as found:
        yield found


@pytest.fixture
def standin(running):
    """The stand-in, as if nobody had been there."""
    running.control.reset()
    return running
