"""Every address of Django's part of the site."""

from importlib.util import find_spec

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView

from guildhall.core.http import schema  # noqa: F401 — registers the ways to sign in with the OpenAPI schema.
from guildhall.web.views.people import AdminSignIn

MODULES_PACKAGE = "guildhall.modules."


def _of_modules(part: str) -> list[str]:
    """The `urls` of this part (`api`, `web` or `protocols`) of every module that has one."""
    names = [config.name for config in apps.get_app_configs() if config.name.startswith(MODULES_PACKAGE)]
    return [f"{name}.{part}.urls" for name in names if find_spec(f"{name}.{part}") is not None]


admin.autodiscover()

urlpatterns: list[URLPattern | URLResolver] = [
    # The admin site has no way in of its own, so whatever guards ours guards it.
    path("admin/login/", AdminSignIn.as_view()),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("api/", include("guildhall.core.accounts.api.urls")),
    path("api/", include("guildhall.core.organizations.api.urls")),
    path("api/", include("guildhall.core.audit.api.urls")),
    *(path("api/", include(urls)) for urls in _of_modules("api")),
    *(path(f"{urls.split('.')[-3]}/", include(urls)) for urls in _of_modules("web")),
    *(path("", include(urls)) for urls in _of_modules("protocols")),
    path("", include("guildhall.web.urls")),
]

handler400 = "guildhall.web.views.errors.bad_request"
handler403 = "guildhall.web.views.errors.permission_denied"
handler404 = "guildhall.web.views.errors.not_found"
handler500 = "guildhall.web.views.errors.server_error"
