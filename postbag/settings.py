"""One file of settings: everything comes from the environment, with defaults that run on one machine.

`docs/running.md` lists every variable. A bad value stops the start with its name.
"""

import datetime
import ipaddress
import logging
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()


def secret_key_file(path: Path) -> str:
    """The key kept in `path`, made on the first start: for one machine; several share POSTBAG_SECRET_KEY."""
    if not path.exists():
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # another process was faster: its key is the one
            path.hardlink_to(made)
        made.unlink()
    return path.read_text()


def newest_source(base: Path, folders: list[str]) -> str:
    """When the newest template, script or module below these folders was changed."""
    paths = (path for folder in folders for path in (base / folder).rglob("*") if path.is_file())
    return f"{max(path.stat().st_mtime for path in paths if path.suffix != '.pyc'):.0f}"


def rate(name: str, text: str) -> float:
    """Mails a second, 0 for no limit. Raises ImproperlyConfigured."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text):
        raise ImproperlyConfigured(f"{name} must be mails a second, like 20 or 0.5; 0 is no limit")
    return float(text)


def keep_password_secret(host: str, user: str, encrypted: bool) -> None:
    """Raises ImproperlyConfigured when we would sign in at another machine for all to read."""
    if user and not encrypted and host not in {"localhost", "127.0.0.1", "::1"}:
        raise ImproperlyConfigured(
            "EMAIL_HOST_USER needs EMAIL_USE_TLS or EMAIL_USE_SSL: the password would go in clear"
        )


def rates(name: str, pairs: list[str]) -> dict[str, float]:
    """Mails a second by domain, from domain=rate. Raises ImproperlyConfigured."""
    found = {}
    for domain, _, text in (pair.strip().partition("=") for pair in pairs):
        if "." not in domain:
            raise ImproperlyConfigured(f"{name} must be domains and mails a second, like gmail.com=20,example.org=0.5")
        found[domain.strip().lower()] = rate(name, text.strip())
    return {domain: mails for domain, mails in found.items() if mails}


BASE_DIR = Path(__file__).resolve().parent.parent
VAR = env.path("POSTBAG_VAR", BASE_DIR / "var").absolute()
VAR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("POSTBAG_DEBUG", False)
HTTPS = env.bool("POSTBAG_HTTPS", False)
SECRET_KEY = env.str("POSTBAG_SECRET_KEY", "") or secret_key_file(VAR / "secret-key")
SECRET_KEY_FALLBACKS: list[str] = env.list("POSTBAG_SECRET_KEY_FALLBACKS", [])
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("POSTBAG_SECRET_KEY must be 50 characters or more")
# Keys the hashes by which mailboxes are known, suppressed ones too, so it stays when the secret key is changed.
MAILBOX_KEY = env.str("POSTBAG_MAILBOX_KEY", "") or SECRET_KEY

# Which hosts we answer is decided by the blogs (blog/hosts.py), which are rows, not settings.
ALLOWED_HOSTS = ["*"]
PORT = env.int("PORT", 8000)

INSTALLED_APPS = [
    "postbag.apps.PostbagConfig",
    "blog",
    "mail",
    "moderation",
    "sharing",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "anymail",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "postbag.policy.PolicyMiddleware",
    "postbag.health.HealthMiddleware",
    "blog.hosts.BlogHostMiddleware",
    "postbag.origin.SameOriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "postbag.signin.required.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "postbag.urls"
WSGI_APPLICATION = "postbag.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Stores

DATABASES = {
    "default": dj_database_url.parse(
        env.str("DATABASE_URL", f"sqlite:///{VAR / 'postbag.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: with a deferred transaction, a lock upgrade fails at once whatever the timeout.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    # No request may hang on a locked or slow database: milliseconds.
    timeouts = {"options": "-c statement_timeout=15000 -c lock_timeout=5000", "connect_timeout": 5}
    DATABASES["default"].setdefault("OPTIONS", {}).update(timeouts)

REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    }
}
# Pages of another release are another page: templates may differ.
RELEASE = env.str("POSTBAG_RELEASE", "") or newest_source(BASE_DIR, ["postbag", "blog", "moderation", "sharing"])
PAGE_CACHE_SECONDS = env.int("POSTBAG_PAGE_CACHE_SECONDS", 3600)

# Mail. Without EMAIL_HOST it goes to the inbox process of `make run`, and /inbox/ shows it.

EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
ANYMAIL: Any = env.json("POSTBAG_ANYMAIL", {})  # a provider's API and webhooks, in django-anymail's own words
PROVIDER = EMAIL_BACKEND.startswith("anymail.")
INBOX = env.bool("POSTBAG_INBOX", not (EMAIL_HOST or PROVIDER))
INBOX_PORT = env.int("POSTBAG_INBOX_PORT", PORT + 1)
INBOX_BIND = env.str("POSTBAG_INBOX_BIND", "127.0.0.1")  # 0.0.0.0 in a container
INBOX_DIR = VAR / "inbox"
if INBOX and HTTPS:
    raise ImproperlyConfigured(
        "POSTBAG_HTTPS needs EMAIL_HOST or EMAIL_BACKEND: the inbox would show everyone's mail to everyone"
    )
EMAIL_HOST = EMAIL_HOST or "127.0.0.1"
EMAIL_PORT = env.int("EMAIL_PORT", INBOX_PORT if INBOX else 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
# The port says which of the two ways of TLS there is (RFC 8314). The server's certificate must be good.
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", EMAIL_PORT == 465)
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", EMAIL_PORT == 587 and not EMAIL_USE_SSL)
keep_password_secret(EMAIL_HOST, EMAIL_HOST_USER, EMAIL_USE_SSL or EMAIL_USE_TLS)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 60)  # seconds to wait for each answer of the mail server
# And for the one to a whole mail: to give up early makes duplicates.
MAIL_FINAL_TIMEOUT = env.int("POSTBAG_MAIL_FINAL_TIMEOUT", max(60, EMAIL_TIMEOUT))
DEFAULT_FROM_EMAIL = env.str("POSTBAG_FROM_EMAIL", "postbag@localhost")

MAIL_BATCH = env.int("POSTBAG_MAIL_BATCH", 50)  # mails handed over before the first byte of them goes out
MAIL_CONNECTIONS = env.int("POSTBAG_MAIL_CONNECTIONS", 8)  # to the mail server, of one worker slice
# How long what a dead worker held waits to be sent by another. Living ones renew it.
MAIL_LEASE_SECONDS = env.int("POSTBAG_MAIL_LEASE_SECONDS", max(90, MAIL_FINAL_TIMEOUT + 30))
MAIL_RETRY_SECONDS = env.int("POSTBAG_MAIL_RETRY_SECONDS", 60)  # before the second try; the gaps double, to 60 times it
# What a broken line or a dead sender leaves uncertain in bulk mail waits for a person, instead of going out once more.
MAIL_HOLD_UNCERTAIN = env.bool("POSTBAG_MAIL_HOLD_UNCERTAIN", False)
MAIL_RETENTION_DAYS = env.int("POSTBAG_MAIL_RETENTION_DAYS", 7)
MAIL_PER_MAILBOX = (env.int("POSTBAG_MAIL_PER_MAILBOX_HOUR", 6), env.int("POSTBAG_MAIL_PER_MAILBOX_DAY", 12))
MAIL_PER_NETWORK = (env.int("POSTBAG_MAIL_PER_NETWORK_HOUR", 60), env.int("POSTBAG_MAIL_PER_NETWORK_DAY", 300))
MAIL_PER_SECOND = rate("POSTBAG_MAIL_PER_SECOND", env.str("POSTBAG_MAIL_PER_SECOND", "0"))
MAIL_PER_DOMAIN = rates("POSTBAG_MAIL_PER_DOMAIN", env.list("POSTBAG_MAIL_PER_DOMAIN", []))
MAIL_PER_HOUR = env.int("POSTBAG_MAIL_PER_HOUR", 5000)

# What comes back after sending (docs/running.md, "Bounces and complaints").

BOUNCE_DOMAIN = env.str("POSTBAG_BOUNCE_DOMAIN", "").lower()
SOFT_BOUNCES = env.int("POSTBAG_SOFT_BOUNCES", 5)  # this many days with one, and the mailbox gets no more mail
SOFT_BOUNCE_DAYS = env.int("POSTBAG_SOFT_BOUNCE_DAYS", 30)  # within this time
if BOUNCE_DOMAIN and not re.fullmatch(r"([a-z0-9-]+\.)+[a-z0-9-]+", BOUNCE_DOMAIN):
    raise ImproperlyConfigured("POSTBAG_BOUNCE_DOMAIN must be a domain, like bounces.example.org")
if BOUNCE_DOMAIN and PROVIDER:
    raise ImproperlyConfigured("POSTBAG_BOUNCE_DOMAIN is for EMAIL_HOST: with a provider, bounces come by webhook")
if not isinstance(ANYMAIL, dict) or (PROVIDER and not ANYMAIL):
    raise ImproperlyConfigured("POSTBAG_ANYMAIL must be the provider's settings, in JSON: docs/running.md")
if "WEBHOOK_SECRET" in ANYMAIL and not re.fullmatch(r"[^:]+:.{20,}", str(ANYMAIL["WEBHOOK_SECRET"])):
    raise ImproperlyConfigured("WEBHOOK_SECRET in POSTBAG_ANYMAIL must be name:password, the password 20 or longer")

# Worker and clock: Celery carries hints, the ledger is the queue (docs/decisions/002).

CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 600,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "global_keyprefix": "postbag:",
    }
    if REDIS_URL
    else {
        "data_folder_in": str(VAR / "broker"),
        "data_folder_out": str(VAR / "broker"),
        "control_folder": str(VAR / "broker-control"),
        "polling_interval": 0.1,
    }
)
CELERY_VISIBILITY_TIMEOUT = 600
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": 600}  # there is none, but the shortest would count
SWEEP_SECONDS = env.int("POSTBAG_SWEEP_SECONDS", 15)  # how often the clock looks for what is owed

# People

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "desk-sign-in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "desk-sign-in"

# The staff's sign-in (postbag/signin/).

SECOND_FACTOR = env.bool("POSTBAG_SECOND_FACTOR", HTTPS)  # the desk opens to nobody without one
UNUSED_ACCOUNT_DAYS = env.int("POSTBAG_UNUSED_ACCOUNT_DAYS", 90)  # then an account is closed; 0: never
OIDC: dict[str, str] = env.json("POSTBAG_OIDC", {})  # type: ignore[assignment]
if OIDC and set(OIDC) != {"name", "server_url", "client_id", "secret"}:
    raise ImproperlyConfigured("POSTBAG_OIDC must have name, server_url, client_id and secret, in JSON")

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "moderation.roles.RolesBackend",
]
MAIL_OPERATED_BY = "moderation.roles.operated"  # whose mail a person looks after
ACCOUNT_ADAPTER = "postbag.signin.adapter.Accounts"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "postbag.signin.forms.SignInForm",
    "reauthenticate": "postbag.signin.forms.PasswordAgainForm",
    "change_password": "postbag.signin.forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_LOGOUT_REDIRECT_URL = "desk-sign-in"
ACCOUNT_RATE_LIMITS = False  # one by account alone would let anybody lock a colleague out: axes counts
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds
ACCOUNT_SESSION_REMEMBER = True  # as long as SESSION_COOKIE_AGE, without asking
MFA_ADAPTER = "postbag.signin.adapter.SecondFactors"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an account need not have one
MFA_FORMS = {
    "authenticate": "postbag.signin.forms.CodeForm",
    "reauthenticate": "postbag.signin.forms.CodeAgainForm",
    "activate_totp": "postbag.signin.forms.FirstCodeForm",
    "add_webauthn": "postbag.signin.forms.NewPasskeyForm",
    "edit_webauthn": "postbag.signin.forms.PasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Postbag"
MFA_TOTP_TOLERANCE = 1  # 30 seconds of a clock that is wrong
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SOCIALACCOUNT_ADAPTER = "postbag.signin.adapter.SingleSignOn"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # the account with the address that the provider has verified
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: a form that leads elsewhere would need a hole in the CSP
SOCIALACCOUNT_ONLY = False
_provider = {"provider_id": "staff", "settings": {"server_url": OIDC.get("server_url")}, **OIDC}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [_provider] if OIDC else []}}
AXES_CLIENT_IP_CALLABLE = "postbag.signin.adapter.network_number"
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_FAILURE_LIMIT = 10
# By account and network together: by account alone, anybody could lock a colleague out. A browser of the account's own
# is counted apart, or somebody in the same network could.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "postbag.signin.device.name_tried"
AXES_LOCKOUT_CALLABLE = "postbag.signin.locked.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False  # its log lines name accounts
DEVICE_COOKIE_NAME = "__Secure-device" if HTTPS else "device"  # not __Host-: it is for the desk's path only
DEVICE_DAYS = 90

COMMENT_CONFIRM_HOURS = 48
# So many comments of one mailbox, and of one network, are confirmed in an hour: none are stored up for a flood.
CONFIRMATIONS = (env.int("POSTBAG_CONFIRM_PER_MAILBOX", 6), env.int("POSTBAG_CONFIRM_PER_NETWORK", 30))
PROOF_COOKIE_NAME = "__Secure-proved" if HTTPS else "proved"  # not __Host-: it is for the comment form's path only
PROOF_DAYS = 30
CODES_PER_NETWORK = env.int("POSTBAG_CODES_PER_NETWORK", 30)  # tries of codes, an hour
CODES_PER_MAILBOX = env.int("POSTBAG_CODES_PER_MAILBOX", 30)  # and a day, for all its comments
SUBSCRIPTION_CONFIRM_DAYS = 7
MINE_MINUTES = 60  # the link to what we hold about a person
COMMENT_SECONDS = env.int("POSTBAG_COMMENT_SECONDS", 3)  # nobody reads, writes and sends a form in less
BLOG_HEAT = env.int("POSTBAG_BLOG_HEAT", 30)  # comments sent to one blog in five minutes; then browsers have to work
SLOWED_SECONDS = env.int("POSTBAG_SLOWED_SECONDS", 600)  # the mail waits of those who did not
UNDO_SECONDS = env.int("POSTBAG_UNDO_SECONDS", 120)  # a decision's mail waits this long, and an undo cancels it
EDIT_MINUTES = env.int("POSTBAG_EDIT_MINUTES", 15)  # after its confirmation a comment is changed in place
COMMENT_EDITS = env.int("POSTBAG_COMMENT_EDITS", 5)  # of one comment, all ways together
REPLY_DELAY_SECONDS = env.int("POSTBAG_REPLY_DELAY_SECONDS", 600)  # from a reply's approval to the notice of it
REPLY_EVERY_SECONDS = env.int("POSTBAG_REPLY_EVERY_SECONDS", 3600)  # between two notices to one writer of one thread
PENDING_DAYS = env.int("POSTBAG_PENDING_DAYS", 180)  # a comment that nobody decided
REPORTS_PER_NETWORK = env.int("POSTBAG_REPORTS_PER_NETWORK", 20)  # of comments, an hour
REPORT_DAYS = env.int("POSTBAG_REPORT_DAYS", 90)  # after it was decided
NOTE_DAYS = env.int("POSTBAG_NOTE_DAYS", 365)  # a moderator's note on a writer
REFUSED_ADDRESS_DAYS = env.int("POSTBAG_REFUSED_ADDRESS_DAYS", 30)
APPROVED_ADDRESS_DAYS = env.int("POSTBAG_APPROVED_ADDRESS_DAYS", 30)
REPLY_DAYS = env.int("POSTBAG_REPLY_DAYS", 365)  # after its approval, nobody is told of replies to a comment
WITHDRAWN_DAYS = env.int("POSTBAG_WITHDRAWN_DAYS", 30)  # the words of a comment that its writer took back
ENDED_ADDRESS_DAYS = env.int("POSTBAG_ENDED_ADDRESS_DAYS", 28)

_proxies: list[str] = env.list("POSTBAG_TRUSTED_PROXIES", [])
TRUSTED_PROXIES = [ipaddress.ip_network(network) for network in _proxies]

# Headers and cookies. Pages that everybody reads set none; these are the staff's.

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS  # asks for nothing by itself: somebody has to submit the domain
if env.bool("POSTBAG_BEHIND_TLS_PROXY", HTTPS):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "postbag.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes: room for a hopeless paste of 1 MB to come back with an error
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# Files that people download

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "postbag" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Words and times

LANGUAGE_CODE = "en-gb"
USE_I18N = True
TIME_ZONE = env.str("POSTBAG_TIME_ZONE", "Europe/London")
USE_TZ = True
DATE_FORMAT = "j F Y"
USE_THOUSAND_SEPARATOR = False

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["postbag.jsonbody.ObjectParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "postbag.problems.answer",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 20,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Postbag",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Logs: to standard error, without addresses and tokens.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"scrub": {"()": "postbag.logs.Scrub"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["scrub"], "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.log_level("POSTBAG_LOG_LEVEL", logging.INFO)},
    "loggers": {"axes": {"level": "WARNING"}},  # it has a line for everybody who signs in
}
