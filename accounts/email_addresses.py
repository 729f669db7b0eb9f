"""Email addresses: one spelling for each mailbox, stored in ASCII and displayed as people write it.

The domain is stored in ASCII (IDNA 2008 with the mapping of UTS 46, nontransitional), so that
`bücher.example` and `xn--bcher-kva.example` are one domain and the mail goes to the domain that was
checked. The part before the @ is in NFKC and lower case.
"""

import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

MAX_LENGTH = 254  # RFC 5321, 4.5.3.1.3
# Nothing of these can be seen: format characters, and letters and signs that are drawn blank.
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
BLANK_CHARACTERS = frozenset("\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0")


def normalize_email(value: str) -> str:
    """Returns the spelling of `value` under which it is stored and looked up.

    A text that is not an address is normalized as far as possible.
    """
    text = unicodedata.normalize("NFKC", value).strip().lower()
    local, at, domain = text.rpartition("@")
    if not at:
        return text
    # Lower-casing can leave a form that NFKC would change again.
    return f"{unicodedata.normalize('NFKC', local)}@{encode_domain(domain)}"


def encode_domain(domain: str) -> str:
    """Returns the domain in ASCII; unchanged if it is invalid.

    UTS 46 would drop invisible characters; they are kept, so that validation reports them.
    """
    if any(map(is_invisible, domain)):
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain


def format_email(address: str) -> str:
    """Returns the address as people write it: its domain in Unicode."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def is_invisible(character: str) -> bool:
    """Returns whether the character is drawn as nothing: texts with and without it look alike."""
    return unicodedata.category(character) in INVISIBLE_CATEGORIES or character in BLANK_CHARACTERS


def validate_email_address(value: str) -> None:
    """Raises ValidationError unless the normalized `value` is an address that can be mailed to."""
    if hidden := [character for character in value if is_invisible(character)]:
        raise ValidationError(
            "Remove the invisible character U+%(code)s.", params={"code": f"{ord(hidden[0]):04X}"}
        )
    domain = value.rpartition("@")[2]
    if not domain.isascii() or ("xn--" in domain and format_email(f"@{domain}") == f"@{domain}"):
        raise ValidationError("Enter a valid email address. Its domain does not exist.")
    EmailValidator()(value)
    if len(value) > MAX_LENGTH:
        raise ValidationError("Enter an email address of at most 254 characters.")
