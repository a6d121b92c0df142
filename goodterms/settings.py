"""Decides how an installation is set up, from the environment only (docs/settings.md lists the names)."""

import os
from logging.config import dictConfig
from pathlib import Path
from typing import Any

from goodterms.database.address import data_folder, embedded_home, from_url, install_key

HOME = data_folder()
DEBUG = os.environ.get("GOODTERMS_DEBUG") == "1"
BASE_URL = os.environ.get("GOODTERMS_BASE_URL", "http://localhost:8000").rstrip("/")
SMTP_URL = os.environ.get("GOODTERMS_SMTP_URL", "")
MAIL_DOMAIN = os.environ.get("GOODTERMS_MAIL_DOMAIN", "goodterms.localhost")
SECRET_KEY = install_key(HOME)
ALLOWED_HOSTS = os.environ.get("GOODTERMS_HOSTS", "localhost 127.0.0.1 [::1] testserver").split()

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "procrastinate.contrib.django",
    "goodterms.interactions",
    "goodterms.parties",
    "goodterms.rates",
    "goodterms.ledger",
    "goodterms.delivery",
    "goodterms.terms",
    "goodterms.invoicing",
    "goodterms.billing",
    "goodterms.conversations",
    "goodterms.payments",
    "goodterms.imports",
    "goodterms.reminders",
    "goodterms.access",
    "goodterms.relationship",
    "goodterms.stationery",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "goodterms.api.problems.only_problems",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "csp.middleware.CSPMiddleware",
]
ROOT_URLCONF = "goodterms.urls"
WSGI_APPLICATION = "goodterms.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "builtins": [
                "goodterms.stationery.templatetags.stationery",
                "goodterms.stationery.templatetags.ways",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "goodterms.stationery.looks.theme",
            ],
        },
    }
]
AUTH_USER_MODEL = "parties.Person"
# Staff sign in with a passkey, which is two factors, or with a password and a second one; there is no way to sign up.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "/"
ACCOUNT_ADAPTER = "goodterms.desk.signin.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address comes from an owner, by invitation
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
MFA_ADAPTER = "goodterms.desk.signin.adapters.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Goodterms"
MFA_TOTP_TOLERANCE = 1
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("GOODTERMS_PROXIES", "0"))  # tries are counted for each address
SESSION_COOKIE_AGE = 7 * 24 * 60 * 60
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}
# No page has a script, a style or a form of another place; what a page needs beyond that it says itself.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASE_URL = os.environ.get("DATABASE_URL", "")
OWNER_URL = os.environ.get("GOODTERMS_OWNER_URL", "")
EMBEDDED_HOME = None if DATABASE_URL else embedded_home(HOME)
EMBEDDED_QUICK = False  # tests give up durability; nothing else does
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **from_url(DATABASE_URL),
        "ENGINE": "goodterms.database.backend",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Django binds on the client and never prepares unless told; plain SQL on its cursor is half as fast that way.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 2},
        "TEST": {"NAME": f"test_goodterms_{os.environ.get('GOODTERMS_TEST_NAME', 'main')}"},
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # the pages' few files come from the package, without a step that collects them
STATICFILES_DIRS = [path for path in [Path(__file__).parent / "static"] if path.exists()]

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # a program sends a file of 7 MB in base64
SESSION_COOKIE_HTTPONLY = True
# Never a path, which may hold a token. Not "no-referrer": browsers then send `Origin: null`, and every form is refused.
SECURE_REFERRER_POLICY = "strict-origin"
X_FRAME_OPTIONS = "DENY"
if BASE_URL.startswith("https:"):
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "nudges"
PROCRASTINATE_IMPORT_PATHS = ["goodterms.clock.nudges"]
LOGGING_CONFIG = None  # Django's own mails faults to admins, and loads its pages of faults for that; a line is what we write
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without_tokens": {"()": "goodterms.access.hush.WithoutTokens"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_tokens"]}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("GOODTERMS_LOG", "WARNING")},
}
dictConfig(LOGGING)
