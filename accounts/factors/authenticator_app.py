"""Authenticator apps (TOTP, RFC 6238): the secret while it is set up, its QR code, and codes."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from allauth.mfa.utils import decrypt, encrypt
from django.http import HttpRequest
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from accounts.crypto.encryption import UndecryptableError
from accounts.enums import FactorType
from accounts.models import User

# In the session, encrypted: the secret of an app that is being set up, until its first code is entered.
SECRET = "authenticator_app_secret"  # noqa: S105  (a key of the session)
GROUP = 4  # characters of the secret between spaces, so that people can type it


def get_new_secret(request: HttpRequest) -> str:
    """Returns the secret of the app that is being set up in this session; a new one if there is none."""
    try:
        return str(decrypt(request.session[SECRET]))
    except (KeyError, UndecryptableError):
        secret: str = generate_totp_secret()
        request.session[SECRET] = encrypt(secret)
        return secret


def forget_new_secret(request: HttpRequest) -> None:
    request.session.pop(SECRET, None)


def matches_code(secret: str, code: str) -> bool:
    """Returns whether `code` is valid now. Clocks may be 30 seconds off."""
    return bool(validate_totp_code(secret, code))


def save_app(user: User, *, secret: str, code: str, name: str) -> Authenticator:
    """Saves and returns the app; the code that confirmed it can't be used again."""
    app = TOTP.activate(user, secret)
    app.validate_code(code)
    app.instance.data["name"] = name
    app.instance.save(update_fields=["data"])
    instance: Authenticator = app.instance
    return instance


def find_app(user: User) -> Authenticator | None:
    app: Authenticator | None = user.authenticator_set.filter(
        type=FactorType.AUTHENTICATOR_APP
    ).first()
    return app


def group_secret(secret: str) -> str:
    return " ".join(secret[i : i + GROUP] for i in range(0, len(secret), GROUP))


def build_setup_url(user: User, secret: str) -> str:
    return str(get_adapter().build_totp_url(user, secret))


def draw_qr_code(text: str) -> tuple[int, str]:
    """Returns the width of the QR code in modules, and an SVG path that fills the dark ones."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark
    )
    return len(matrix), path
