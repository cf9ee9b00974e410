"""What the addon asks of other people's packages, and of whom it asks it."""

import ast
from importlib.metadata import requires
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pytest import raises

ROOT = Path(__file__).resolve().parents[2]


def required():
    """The lines of requirements.txt that name a package."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_odoo_and_pip_ask_for_the_same():
    manifest = ast.literal_eval((ROOT / "__manifest__.py").read_text())
    assert manifest["external_dependencies"]["python"] == required()


def test_each_has_an_oldest_version_which_is_the_one_in_the_lock():
    """What a bound allows, ``dev/test oldest`` has tried: of 2.3, 2.3 or 2.3.0."""
    lines = (ROOT / "dev/oldest.lock").read_text().splitlines()
    locked = dict(line.split()[0].split("==") for line in lines if line[:1].isalpha())
    for line in required():
        name, bound = line.split(">=")
        version = locked[name.lower().replace(".", "-")]
        assert f"{version}.".startswith(f"{bound}."), f"{line}, locked {version}"


def test_pip_does_not_part_cryptography_from_the_pyopenssl_of_odoo():
    """pip heeds what an installed package asks for only where it is asked for that
    package, too; and an Odoo whose pyOpenSSL cannot be imported does not start."""
    assert {"cryptography", "pyopenssl"} <= {line.split(">=")[0] for line in required()}
    (goes_with,) = (
        each for each in requires("pyopenssl") if each.startswith("cryptography")
    )
    assert "<" in goes_with


def test_what_was_sealed_is_sealed_anew_with_another_key():
    """As tools/vault.py does, which comes with Odoo."""
    old, new = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())
    sealed = old.encrypt(b"secret")
    turned = MultiFernet([new, old]).rotate(sealed)
    assert new.decrypt(turned) == b"secret"
    with raises(InvalidToken):
        new.decrypt(sealed)
