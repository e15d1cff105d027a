"""Django settings. Everything that differs between installations comes from the environment.

`YAOMAI_DATA`      data folder (embedded database, uploads, warehouse, logs, secrets); default `./data`
`DATABASE_URL`     use this PostgreSQL (15 or newer) instead of the embedded one
`YAOMAI_HOSTS`     host names served, comma separated; default loopback only
`YAOMAI_HTTPS`     "1" when browsers reach Yaomai over https (secure cookies, HSTS)
`YAOMAI_DEBUG`     "1" for development only
"""

import os
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit import keys
from yaomai.server import environment, later

later.put_off()
DATA = environment.data_folder()
DEBUG = environment.flag("YAOMAI_DEBUG")
# Without one nothing that is signed or sealed works; what may begin an installation makes it (server/prepare.py).
SECRET_KEY = keys.secret(DATA)
ALLOWED_HOSTS = environment.listed("YAOMAI_HOSTS", "localhost,127.0.0.1,[::1],testserver")
HTTPS = environment.flag("YAOMAI_HTTPS")

KIT = [
    "yaomai.kit.ui",
    "yaomai.kit.audit",
    "yaomai.kit.policies",
    "yaomai.kit.approvals",
    "yaomai.kit.attachments",
    "yaomai.kit.dashboards",
    "yaomai.kit.documents",
    "yaomai.kit.inbox",
    "yaomai.kit.jobs",
    "yaomai.kit.once",
    "yaomai.kit.runs",
    "yaomai.kit.search",
    "yaomai.kit.surfaces",
    "yaomai.kit.transfer",
    "yaomai.kit.warehouse",
]
ROOMS = [
    "yaomai.organization",
    "yaomai.catalog",
    "yaomai.customers",
    "yaomai.compliance",
    "yaomai.integrity",
    "yaomai.privacy",
    "yaomai.commerce",
    "yaomai.influence",
    "yaomai.materials",
    "yaomai.listing",
    "yaomai.segmentation",
    "yaomai.planning",
    "yaomai.engagement",
    "yaomai.support",
    "yaomai.insights",
]
INSTALLED_APPS = [
    # Ours first: their templates and translations go before those of the libraries.
    *KIT,
    *ROOMS,
    "yaomai.organization.identity.wecom",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.dingtalk",
    "allauth.socialaccount.providers.feishu",
    "axes",
    "ninja",
]

MIDDLEWARE = [
    "yaomai.server.middleware.SecurityHeaders",
    "yaomai.server.middleware.Compress",
    "yaomai.server.health.Health",
    "yaomai.server.admission.Admission",
    "yaomai.integrity.nameless.Nameless",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yaomai.server.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "yaomai.kit.memo.OnePage",
    "yaomai.organization.middleware.Bearer",
    "yaomai.organization.middleware.RequireSignIn",
    "yaomai.organization.middleware.SetActor",
    "yaomai.organization.middleware.ForcePasswordChange",
    "yaomai.kit.errors.middleware.RenderErrors",
    "yaomai.kit.once.middleware.Once",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "yaomai.server.urls"
WSGI_APPLICATION = "yaomai.server.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "yaomai.kit.ui.context.shell",
            ],
        },
    }
]

FORM_RENDERER = "yaomai.kit.ui.rendering.FormRenderer"

DATABASES = {"default": environment.database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organization.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "yaomai.organization.sign_in.Backend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "yaomai.organization.sign_in.LongEnough",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "yaomai.organization.sign_in.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "yaomai.organization.sign_in.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_PREVENT_ENUMERATION = True
# Failed attempts are counted by django-axes, in the database, for all processes together.
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": "600/m/ip"}
MFA_ADAPTER = "yaomai.organization.sign_in.MFAAdapter"
MFA_FORMS = {
    "authenticate": "yaomai.organization.sign_in.CodeForm",
    "reauthenticate": "yaomai.organization.sign_in.CodeAgainForm",
    "activate_totp": "yaomai.organization.sign_in.FirstCodeForm",
    "add_webauthn": "yaomai.organization.sign_in.NewKeyForm",
    "edit_webauthn": "yaomai.organization.sign_in.KeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = "药脉"
SOCIALACCOUNT_PROVIDERS = environment.identity_providers()
# A link, not a form: `form-action 'self'` would stop the redirect to the company's identity provider.
SOCIALACCOUNT_LOGIN_ON_GET = True
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "yaomai.organization.sign_in.attempted_name"
AXES_LOCKOUT_CALLABLE = "yaomai.organization.sign_in.locked_out"
AXES_RESET_ON_SUCCESS = True
# A lock ends by itself: further attempts neither prolong it nor fill the trail.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = environment.listed("YAOMAI_TRUSTED_ORIGINS", "")
CSRF_FAILURE_VIEW = "yaomai.kit.errors.views.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Language and time -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LOCALE_PATHS = [
    str(path)
    for path in (*sorted((Path(__file__).parent.parent / "kit").glob("*/locale")), Path(__file__).parent / "locale")
]

# Files -----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or os.environ.get("YAOMAI_TESTING")
        else "yaomai.server.static.CompressedManifestStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or bool(os.environ.get("YAOMAI_TESTING"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = environment.folder(DATA / "tmp")

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("EMAIL_HOST")
    else ("django.core.mail.backends.dummy.EmailBackend")
)
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")

LOGGING = environment.logging(DATA)
TEST_RUNNER = "django.test.runner.DiscoverRunner"
# Lock by account, whatever the address: attackers rotate addresses, a hospital shares one.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

# The user guide, as the help of every page shows it; a link to docs/guide in the source, a copy when installed.
GUIDE = Path(__file__).parent / "guide"
