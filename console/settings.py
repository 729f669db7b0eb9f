"""Settings, all from the environment; outside the demo a missing or malformed value stops the start.

Every name read here is described in docs/operating.md.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from console.environment import (
    LOG_LEVELS,
    base_url,
    is_loopback,
    list_allowed_hosts,
    load_environment_file,
    read_api_url,
    read_choice,
    read_contact,
    read_first_request,
    read_log_file,
    read_number,
    read_secret,
    read_secrets,
    read_security_contact,
    read_sender,
    read_switch,
)
from console.operations.logs import build_logging, configure_structlog
from console.private_files import list_sqlite_files, protect_files
from console.service_urls import read_cache_settings, read_database_settings, read_mail_settings

BASE_DIR = Path(__file__).resolve().parent.parent
load_environment_file(BASE_DIR / "data")
env = environ.Env()

# --- What this installation is -----------------------------------------------------------------
DEMO: bool = read_switch(env, "DEMO")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
env.read_env(DATA_DIR / "secrets.env")  # what the environment has already wins
PORT: int = read_number(env, "PORT", default=8000, least=1, most=65535)
BASE_URL: str = base_url(env, f"http://localhost:{PORT}" if DEMO else "")
HTTPS = urlsplit(BASE_URL).scheme == "https"
# What customers call with their keys, and a first request of theirs; see keys/first_request.py.
API_URL: str = read_api_url(env)
FIRST_REQUEST: str = read_first_request(env, api_url=API_URL)
SIGNUP: str = read_choice(env, "SIGNUP", ("open", "invite", "closed"), default="open")
# With no mail server at all a copied invitation link is taken as proof of the address.
NO_MAIL: bool = read_switch(env, "NO_MAIL")
# How many proxies in front add to X-Forwarded-For; 0 means the peer is the client.
TRUSTED_PROXIES: int = read_number(env, "TRUSTED_PROXIES", default=0, most=16)

SECRET_KEY = read_secret(env, "SECRET_KEY")
PEPPER = read_secret(env, "PEPPER")
# Peppers that PEPPER took the place of: secrets stored under them are moved to it as they are used.
PEPPER_PREVIOUS = read_secrets(env, "PEPPER_PREVIOUS")
ENCRYPTION_KEY = read_secret(env, "ENCRYPTION_KEY")
DEBUG = False

# For how many seconds a worker remembers how a key was verified; 0: it asks the database each time.
KEY_CACHE_SECONDS: int = read_number(env, "KEY_CACHE_SECONDS", default=0)
# How many requests a minute are answered, 0: any number. See keys/limits.py.
RATE_LIMIT_READ: int = read_number(env, "RATE_LIMIT_READ", default=600)
RATE_LIMIT_USAGE: int = read_number(env, "RATE_LIMIT_USAGE", default=6000)
RATE_LIMIT_PERSON: int = read_number(env, "RATE_LIMIT_PERSON", default=3000)
RATE_LIMIT_ORGANIZATION: int = read_number(env, "RATE_LIMIT_ORGANIZATION", default=12000)
RATE_LIMIT_TOKENS: int = read_number(env, "RATE_LIMIT_TOKENS", default=1200)
RATE_LIMIT_REFUSED: int = read_number(env, "RATE_LIMIT_REFUSED", default=120)
# How many invitations are mailed within 24 hours, at most.
INVITATIONS_PER_DAY: int = read_number(env, "INVITATIONS_PER_DAY", default=500)
INVITATIONS_PER_DAY_NEW: int = read_number(env, "INVITATIONS_PER_DAY_NEW", default=100)
INVITATIONS_PER_PERSON: int = read_number(env, "INVITATIONS_PER_PERSON", default=200)
INVITATIONS_PER_RECIPIENT: int = read_number(env, "INVITATIONS_PER_RECIPIENT", default=5)
# A file with the public keys that may report leaked secrets. Without one, no reports are accepted.
LEAK_REPORT_KEYS: str = env.str("LEAK_REPORT_KEYS", default="")

# --- Hosts, transport, headers -----------------------------------------------------------------
ALLOWED_HOSTS = list_allowed_hosts(BASE_URL, demo=DEMO)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# `__Host-` needs Secure; on loopback http browsers would drop it.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
MESSAGE_STORAGE = "accounts.web.cookies.MessageStorage"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "console.web.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# Each choice includes the ones before it.
HSTS: str = read_choice(env, "HSTS", ("off", "host", "subdomains", "preload"), default="preload")
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS and HSTS != "off" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and HSTS in ("subdomains", "preload")
SECURE_HSTS_PRELOAD = HTTPS and HSTS == "preload"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# One form of a console page is small; more is a mistake or an attack (answered with 413).
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- Parts -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "console.apps.ConsoleConfig",
    "usage",
    "keys",
    "projects",
    "accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    "console.apps.SupportAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
]
MIDDLEWARE = [
    "console.web.middleware.HotRoutesMiddleware",
    "console.web.request_log.RequestLogMiddleware",
    "console.web.middleware.ErrorPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.web.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "console.web.middleware.DialogMiddleware",
    "console.web.middleware.SizeLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "console.web.middleware.MethodsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "console.web.middleware.FormStatusMiddleware",
    "console.web.middleware.PrivatePagesMiddleware",
    "console.web.middleware.SelectionMiddleware",
    "console.web.middleware.ActivityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.sessions.tracking.SessionRowsMiddleware",
    "console.web.view_as.ViewAsMiddleware",
    "console.web.callers.CallerMiddleware",
]
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.web.frame.frame",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django.templatetags.static", "console.templatetags.ui"],
        },
    },
    {
        # For the rows of long tables alone, by `render_rows`: docs/decisions/0023.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "accounts.web.row_templates.create_environment"},
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data --------------------------------------------------------------------------------------
DATABASES = read_database_settings(env, DATA_DIR)
FILE_UPLOAD_PERMISSIONS = 0o600
DATABASE_ROUTERS = ["console.operations.routers.CacheRouter"]
CACHES = read_cache_settings(env)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES: dict[str, str] = {}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- Sign-in -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.PasswordLengthValidator"},
    {"NAME": "accounts.sign_in.passwords.StrengthValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SESSION_COOKIE_AGE = 1_209_600  # two weeks, in seconds
ACCOUNT_ADAPTER = "accounts.sign_in.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.forms.LoginForm",
    "signup": "accounts.sign_in.forms.SignUpForm",
    "add_email": "accounts.sign_in.forms.AddEmailForm",
    "change_password": "accounts.sign_in.forms.ChangePasswordForm",
    "reset_password": "accounts.sign_in.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.sign_in.forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None  # the person chooses, with a checkbox on the sign-in page
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# What counts as fresh is in accounts/access/freshness.py; django-allauth has no method of its own.
ACCOUNT_REAUTHENTICATION_METHODS: tuple[str, ...] = ()
# A new email address can reset the password, so changing it requires the password.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Failures count per account *and* address (accounts/sign_in/adapter.py): others cannot lock people out.
ACCOUNT_RATE_LIMITS = {
    # Codes of a person whose password is known. Not per address: a million codes are few. With three right
    # ones at a time, a hundred attempts find one in 0.03% of days.
    "second_factor": "5/m/key,30/h/key,100/d/key",
    "passkey_options": "600/m/ip" if DEMO else "60/m/ip",  # each stores a session
    "login": None,
    "login_failed": "5/m/key" if DEMO else "5/m/key,50/m/ip",
    "signup": "100/m/ip" if DEMO else "20/m/ip",
}

# Second factors. Their pages are ours (accounts/factors), the models and stages django-allauth's.
MFA_ADAPTER = "accounts.factors.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a clock may be wrong
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 10
# Browsers accept passkeys on http for localhost alone; our own check of the origin stays exact.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO and is_loopback(BASE_URL) and not HTTPS
# The demo asks its staff for a second factor, but they can put it off.
STAFF_SECOND_FACTOR_OPTIONAL = DEMO and is_loopback(BASE_URL)

# --- Mail --------------------------------------------------------------------------------------
vars().update(read_mail_settings(env, demo=DEMO))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read_sender(
    env, default=f"Console <console@{urlsplit(BASE_URL).hostname}>"
)
SUPPORT_CONTACT: str = read_contact(env, DEFAULT_FROM_EMAIL, demo=DEMO)
SECURITY_CONTACT: str = read_security_contact(env)

# --- Words, times, files -----------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["console.formats"]
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Logs: one line per decision, each with its request id ----------------------------------------
LOG_FILE: str = read_log_file(env)
protect_files(DATA_DIR, [*list_sqlite_files(DATABASES), *filter(None, [LOG_FILE])])
LOG_LEVEL: str = read_choice(env, "LOG_LEVEL", LOG_LEVELS, default="INFO")
LOGGING = build_logging(LOG_FILE, LOG_LEVEL)
configure_structlog()
