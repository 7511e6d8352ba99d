"""Django's settings, made from the typed settings object. No environment variable is read here."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, SELF
from django.utils.translation import gettext_lazy as _

from guildhall.settings.environment import PROJECT_ROOT, home_folder, settings


def database_from_url(url: str, pool_size: int) -> dict[str, Any]:
    """Django's connection settings from `postgresql://user:password@host:port/name?option=value`.

    As for PostgreSQL itself, host and port may stand among the options; a host that is a folder is that of a socket.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host, port = options.pop("host", ""), options.pop("port", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or host,
        "PORT": str(parts.port or port),
        "OPTIONS": {
            **options,
            # A pool, because a new connection costs 5 ms a request and CONN_MAX_AGE leaks under ASGI.
            "pool": {"min_size": 1, "max_size": pool_size, "timeout": 10, "max_idle": 60},
        },
        "TEST": {"NAME": None},
    }


SECRET_KEY = settings.secret_key.get_secret_value()
DEBUG = settings.debug
ALLOWED_HOSTS = list(settings.allowed_hosts)

INSTALLED_APPS = [
    "guildhall.web",
    # Its pages are looked for where addresses are, as most processes have none.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_vite",
    "csp",
    "guildhall.core.http",
    "guildhall.core.events",
    "guildhall.core.accounts",
    "guildhall.core.organizations",
    "guildhall.core.audit",
    "guildhall.modules.telemetry",
    "guildhall.modules.tasks",
]

#: Services with a framework of their own, as people are shown them; API keys can be limited to one.
SERVICES = {"compute": _("Compute")}

MIDDLEWARE = [
    "guildhall.core.http.django.RequestIdMiddleware",
    "guildhall.core.http.django.ApiProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "guildhall.core.http.django.LimitMiddleware",
    "guildhall.core.accounts.middleware.PersonalPreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "guildhall.web.middleware.PageErrorsMiddleware",
    "guildhall.core.http.repetition.IdempotencyMiddleware",
]

# As much as telemetry takes in one request.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2

ROOT_URLCONF = "guildhall.config.urls"
WSGI_APPLICATION = "guildhall.config.wsgi.application"
ASGI_APPLICATION = "guildhall.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "guildhall.web.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database_from_url(settings.database_url.get_secret_value(), settings.database_pool_size)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "guildhall.core.http.cache.TolerantRedisCache",
        "LOCATION": settings.redis_url.get_secret_value(),
        "KEY_PREFIX": "guildhall",
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["guildhall.core.accounts.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "web:sign-in"
LOGIN_REDIRECT_URL = "tasks:list"
LOGOUT_REDIRECT_URL = "web:sign-in"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [PROJECT_ROOT / "src" / "guildhall" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = settings.static_root
MEDIA_URL = "/media/"
MEDIA_ROOT = settings.media_root
VITE_OUTPUT = PROJECT_ROOT / "src" / "guildhall" / "web" / "static" / "dist"
DJANGO_VITE = {"default": {"manifest_path": VITE_OUTPUT / ".vite" / "manifest.json", "static_url_prefix": "dist"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Vite and the packages name their files by content already, so plain storage with compression is enough.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not settings.production
WHITENOISE_AUTOREFRESH = settings.debug

# --- cookies, transport and headers --------------------------------------------------------------------------------
SESSION_ENGINE = "guildhall.core.accounts.session_store"
SESSION_COOKIE_NAME = "guildhall_session"
SESSION_COOKIE_SECURE = settings.https
CSRF_COOKIE_SECURE = settings.https
CSRF_FAILURE_VIEW = "guildhall.web.views.errors.csrf_failure"
# Ours, after the manner of the one above: draws the page for somebody who asks too often.
RATE_LIMITED_VIEW = "guildhall.web.views.errors.too_many_requests"
CSRF_TRUSTED_ORIGINS = [settings.public_url] if settings.public_url.startswith("https") else []
SECURE_SSL_REDIRECT = settings.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if settings.https else None
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if settings.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.https
SECURE_HSTS_PRELOAD = settings.https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

# --- mail ------------------------------------------------------------------------------------------------------------
# Without a server, mails become files in a folder, so that nothing has to be set up to see them.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if settings.email_host else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = settings.email_folder or home_folder() / "mail"
EMAIL_HOST = settings.email_host
EMAIL_PORT = settings.email_port
EMAIL_HOST_USER = settings.email_user
EMAIL_HOST_PASSWORD = settings.email_password.get_secret_value()
EMAIL_USE_TLS = settings.email_security == "starttls"
EMAIL_USE_SSL = settings.email_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = settings.email_from

# --- the API ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["guildhall.core.http.drf.IdentityAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["guildhall.core.http.drf.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["guildhall.core.http.drf.OrjsonParser"],
    "DEFAULT_PAGINATION_CLASS": "guildhall.core.http.paging.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "guildhall.core.http.drf.problem_handler",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Guildhall",
    "DESCRIPTION": "People, organizations, telemetry and the other modules of a shared place.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "guildhall.core.organizations.models.ROLE_CHOICES",
        "LanguageEnum": "guildhall.core.accounts.models.LANGUAGE_CHOICES",
        "TopicRightEnum": "guildhall.modules.telemetry.models.RIGHT_CHOICES",
        "RefusedEnum": "guildhall.modules.telemetry.models.REFUSED_CHOICES",
        "ChangeEnum": "guildhall.modules.telemetry.models.CHANGE_CHOICES",
        "AlarmKindEnum": "guildhall.modules.telemetry.alarms.models.KIND_CHOICES",
        "AlarmSeverityEnum": "guildhall.modules.telemetry.alarms.models.SEVERITY_CHOICES",
        "AlarmPerEnum": "guildhall.modules.telemetry.alarms.models.PER_CHOICES",
        "TaskStatusEnum": "guildhall.modules.tasks.models.STATUS_CHOICES",
        "TaskPriorityEnum": "guildhall.modules.tasks.models.PRIORITY_CHOICES",
        "TagColorEnum": "guildhall.modules.tasks.models.TAG_COLOR_CHOICES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "guildhall.core.http.schema.add_problem_responses",
        "guildhall.core.http.schema.add_idempotency_keys",
    ],
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=settings.access_token_minutes),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=settings.refresh_token_days),
    "SIGNING_KEY": SECRET_KEY,
    "UPDATE_LAST_LOGIN": False,
}

LOGGING_CONFIG = "guildhall.core.logs.configure"
LOGGING = {"format": settings.log_format, "level": settings.log_level}
SILENCED_SYSTEM_CHECKS: list[str] = []
