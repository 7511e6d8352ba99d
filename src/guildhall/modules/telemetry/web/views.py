"""What all pages of telemetry share, and the pages of datasources."""

import shlex
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import active_organization, allowed, may, require
from guildhall.modules.telemetry import selectors, services
from guildhall.modules.telemetry.alarms import selectors as alarm_selectors
from guildhall.modules.telemetry.alarms.models import AlarmEpisode
from guildhall.modules.telemetry.models import Datasource
from guildhall.modules.telemetry.services import Credentials
from guildhall.modules.telemetry.watched import watch
from guildhall.modules.telemetry.web.forms import DatasourceChangeForm, DatasourceForm, RightsForm
from guildhall.modules.telemetry.web.snippets import UNKNOWN_SECRET, Target, snippets
from guildhall.settings import settings

MAX_SHOWN: Final = 500
MAX_IN_CHART: Final = 6
ACTIVITY_ROWS: Final = 20
#: Of a datapoint in an address; more than that no id has.
MOST_DIGITS: Final = 18
CHART_WINDOW_S: Final = 3600


class TelemetryPage(LoginRequiredMixin, View):
    """A page of the organization that the user looks at."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # What one member saw must not come back from a cache after he signed out.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    @property
    def actor(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def organization(self) -> Organization:
        return active_organization(self.actor)

    def datasource(self, pk: UUID) -> Datasource:
        """The datasource, if the actor sees it."""
        return get_object_or_404(selectors.datasources_for(self.actor), pk=pk)

    @property
    def may_create(self) -> bool:
        """Whether there is any place in which the actor may create a datasource."""
        return DatasourceForm(actor=self.actor, organization=self.organization).has_places

    def with_rights(self, **lists: Iterable[AlarmEpisode]) -> dict[str, Any]:
        """For a template: the lists of alarms by name, and ids of those that the actor may acknowledge."""
        found = {name: list(rows) for name, rows in lists.items()}
        alarms = [alarm for rows in found.values() for alarm in rows]
        rights = allowed(self.actor, "alarm", Action.EDIT, [alarm.rule.place for alarm in alarms]) if alarms else []
        return {**found, "may_acknowledge": {alarm.pk for alarm, may in zip(alarms, rights, strict=True) if may}}


def alarms_on(
    actor: User, *, organization: Organization | None = None, datapoints: Sequence[int] | None = None
) -> QuerySet[AlarmEpisode]:
    """The newest alarms that are on, in the organization or of these datapoints."""
    rows = alarm_selectors.alarms_for(actor, organization_id=organization.pk if organization else None, is_open=True)
    if datapoints is not None:
        rows = rows.filter(rule__datapoint__in=datapoints)
    return rows.order_by("-started_at", "-pk")[:ACTIVITY_ROWS]


class AlarmsOn(TelemetryPage):
    """`/telemetry/alarms/on/`: a part of the page, for the script that keeps it fresh; `?datapoint=` of one only."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if asked := request.GET.get("datapoint", ""):
            is_number = asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS
            rows = alarms_on(self.actor, datapoints=[int(asked)] if is_number else [])
        else:
            rows = alarms_on(self.actor, organization=self.organization)
        return render(request, "telemetry/alarms_on.html", self.with_rights(alarms_on=rows))


class Datasources(TelemetryPage):
    """`/telemetry/datasources/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = selectors.datasources_for(self.actor, organization_id=self.organization.pk)
        context = {
            "title": _("Datasources"),
            "datasources": rows.order_by("project__name", "object__name", "name", "pk")[:MAX_SHOWN],
            "may_create": self.may_create,
            "now": timezone.now(),
        }
        return render(request, "telemetry/datasources.html", context)


class CreateDatasource(TelemetryPage):
    """`/telemetry/datasources/new/`; the answer to the POST shows the secret, this once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(DatasourceForm(actor=self.actor, organization=self.organization))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DatasourceForm(request.POST, actor=self.actor, organization=self.organization)
        made = form.run(lambda: self.create(form))
        return secret_page(request, made, title=_("The datasource is ready")) if made else self.page(form)

    def create(self, form: DatasourceForm) -> Credentials:
        project, thing = form.scope
        given = {name: form.cleaned_data[name] for name in ("name", "may_create_datapoints", "expires_at")}
        return services.create_datasource(actor=self.actor, project=project, thing=thing, **given)

    def page(self, form: DatasourceForm) -> HttpResponse:
        context = {"title": _("New datasource"), "form": form}
        return render(self.request, "telemetry/datasource_form.html", context)


def secret_page(request: HttpRequest, made: Credentials, *, title: Any) -> HttpResponse:
    """The page that shows a secret. It is the answer to a POST, so that no address leads to it again."""
    context = {"title": title, **connecting(made.datasource, made.secret), "secret": made.secret}
    response = render(request, "telemetry/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


def connecting(datasource: Datasource, secret: str = "") -> dict[str, Any]:
    """What a page says about how to connect. Without the secret, the command asks the shell for it."""
    password = shlex.quote(secret) if secret else '"$SECRET"'
    authority = "--cafile ca.pem " if settings.ca_file is not None else "--tls-use-os-certs "
    target = Target(
        host=settings.mqtt_host,
        tls_port=settings.mqtts_port,
        plain_port=settings.mqtt_port,
        username=datasource.username,
        secret=secret or UNKNOWN_SECRET,
        prefix=datasource.topic_prefix,
        site=settings.public_url,
        authority=authority_text(),
    )
    return {
        "datasource": datasource,
        "command": (
            f"mosquitto_pub -h {settings.mqtt_host} -p {settings.mqtts_port} {authority}-u {datasource.username} "
            f"-P {password} -q 1 -t {datasource.topic_prefix}/temperature -m 21.5"
        ),
        "snippets": snippets(target),
        "mqtt_host": settings.mqtt_host,
        "mqtts_port": settings.mqtts_port,
        "mqtt_port": settings.mqtt_port,
        "has_authority": settings.ca_file is not None,
    }


def authority_text() -> str:
    """The certificate by which clients know the MQTT server; empty where it has one that the whole world knows."""
    file = settings.ca_file
    return file.read_text() if file is not None and file.is_file() else ""


class ShowDatasource(TelemetryPage):
    """`/telemetry/datasources/ID/`; POST changes name and the like."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        datasource = self.datasource(pk)
        initial = {name: getattr(datasource, name) for name in ("name", "may_create_datapoints", "expires_at")}
        return self.page(datasource, form=DatasourceChangeForm(initial=initial))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        datasource = self.datasource(pk)
        require(self.actor, "datasource", Action.EDIT, datasource)
        form = DatasourceChangeForm(request.POST)
        if form.run(lambda: services.update_datasource(actor=self.actor, datasource=datasource, **form.cleaned_data)):
            messages.success(request, gettext("Saved."))
            return redirect("telemetry:datasource", pk=pk)
        return self.page(self.datasource(pk), form=form)

    def page(
        self, datasource: Datasource, *, form: DatasourceChangeForm | None = None, rights: RightsForm | None = None
    ) -> HttpResponse:
        manages = may(self.actor, "datasource", Action.MANAGE, datasource)
        context = {
            "title": datasource.name,
            **connecting(datasource),
            **(activity(datasource) if manages else {}),
            "form": form,
            "rights_form": rights or RightsForm.of(datasource),
            "may_edit": may(self.actor, "datasource", Action.EDIT, datasource),
            "may_manage": manages,
            "may_delete": may(self.actor, "datasource", Action.DELETE, datasource),
        }
        return render(self.request, "telemetry/datasource.html", context)


def activity(datasource: Datasource) -> dict[str, Any]:
    """What the part of a datasource's page shows that is read again and again."""
    return {
        "datasource": datasource,
        "now": timezone.now(),
        "incoming": watch(datasource),
        "refused": selectors.refused_publishes(datasource).order_by("-last_at", "-pk")[:ACTIVITY_ROWS],
        "letters": selectors.dead_letters(datasource).order_by("-pk")[:ACTIVITY_ROWS],
    }


class ShowActivity(TelemetryPage):
    """`/telemetry/datasources/ID/activity/`: a part of the datasource's page, for the script that keeps it fresh."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        datasource = self.datasource(pk)
        require(self.actor, "datasource", Action.MANAGE, datasource)
        return render(request, "telemetry/activity.html", activity(datasource))


class EditRights(ShowDatasource):
    """`/telemetry/datasources/ID/rights/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        datasource = self.datasource(pk)
        require(self.actor, "datasource", Action.MANAGE, datasource)
        form = RightsForm(request.POST)

        def change() -> bool:
            services.set_topic_rights(actor=self.actor, datasource=datasource, rights=form.rights)
            return True

        if form.run(change):
            messages.success(request, gettext("The rights hold from now on; open connections were cut."))
            return redirect("telemetry:datasource", pk=pk)
        initial = {name: getattr(datasource, name) for name in ("name", "may_create_datapoints", "expires_at")}
        return self.page(datasource, form=DatasourceChangeForm(initial=initial), rights=form)


class RotateSecret(TelemetryPage):
    """`/telemetry/datasources/ID/rotate/`; the answer shows the new secret, this once."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        made = services.rotate_secret(actor=self.actor, datasource=self.datasource(pk))
        return secret_page(request, made, title=_("The datasource has a new secret"))


class SwitchDatasource(TelemetryPage):
    """`/telemetry/datasources/ID/switch/`: enable what is disabled, disable what is enabled."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        datasource = self.datasource(pk)
        enabled = request.POST.get("enabled") == "yes"
        services.update_datasource(actor=self.actor, datasource=datasource, enabled=enabled)
        done = gettext("It may connect again.") if enabled else gettext("It can't connect any more, and was cut off.")
        messages.success(request, done)
        return redirect("telemetry:datasource", pk=pk)


class DeleteDatasource(TelemetryPage):
    """`/telemetry/datasources/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        services.delete_datasource(actor=self.actor, datasource=self.datasource(pk))
        messages.success(request, gettext("The datasource is deleted. Its measurements are still here."))
        return redirect("telemetry:datasources")


class Authority(View):
    """`/telemetry/ca.pem`: the certificate by which clients know the MQTT server, for everybody to fetch."""

    def get(self, request: HttpRequest) -> HttpResponse:
        text = authority_text()
        if not text:
            raise Http404
        return HttpResponse(text, content_type="application/x-pem-file")
