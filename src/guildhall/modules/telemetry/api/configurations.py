"""The API of configuration documents: whole, by section, and their versions."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts.api.serializers import StrictSerializer
from guildhall.core.errors import InvalidInputError
from guildhall.core.http.drf import actor_of, validated, visible_or_field_error
from guildhall.core.http.records import IF_MATCH, IF_NONE_MATCH, expected_of, record
from guildhall.core.http.versions import etag
from guildhall.core.organizations.models import Project, ProjectObject
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.modules.telemetry import configurations, selectors
from guildhall.modules.telemetry.api.datasources import query_of
from guildhall.modules.telemetry.models import Configuration, ConfigurationVersion

MAX_INTEGER = 2**31 - 1
MAX_PATH_LENGTH = 2000


class AnyJson(serializers.JSONField):
    """A value of any kind, null too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, **kwargs)


class ConfigurationRowSerializer(serializers.ModelSerializer[Configuration]):
    class Meta:
        model = Configuration
        fields = ["id", "organization", "project", "object", "name", "version", "created_at"]


class ConfigurationSerializer(ConfigurationRowSerializer):
    document = serializers.SerializerMethodField()

    class Meta(ConfigurationRowSerializer.Meta):
        fields = [*ConfigurationRowSerializer.Meta.fields, "document"]

    @extend_schema_field(OpenApiTypes.ANY)
    def get_document(self, row: Configuration) -> Any:
        return configurations.document_of(row)


class ConfigurationChangeSerializer(StrictSerializer):
    document = AnyJson()
    name = serializers.CharField(max_length=120, required=False)


class ConfigurationInputSerializer(StrictSerializer):
    project = serializers.UUIDField()
    object = serializers.UUIDField(required=False, allow_null=True)
    name = serializers.CharField(max_length=120)
    document = AnyJson()


class ConfigurationQuerySerializer(serializers.Serializer[Any]):
    organization = serializers.UUIDField(required=False)
    project = serializers.UUIDField(required=False)
    object = serializers.UUIDField(required=False)


class VersionRowSerializer(serializers.ModelSerializer[ConfigurationVersion]):
    changed_by_name = serializers.CharField(source="changed_by", read_only=True, allow_null=True)

    class Meta:
        model = ConfigurationVersion
        fields = ["number", "action", "path", "restored_from", "changed_at", "changed_by", "changed_by_name"]


class VersionSerializer(VersionRowSerializer):
    document = serializers.SerializerMethodField()

    class Meta(VersionRowSerializer.Meta):
        fields = [*VersionRowSerializer.Meta.fields, "document"]

    @extend_schema_field(OpenApiTypes.ANY)
    def get_document(self, row: ConfigurationVersion) -> Any:
        return configurations.document_of(row)


class ConfigurationView(GenericAPIView[Any]):
    """Finds the configuration of the address among those the caller sees."""

    queryset = Configuration.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def configuration(self) -> Configuration:
        rows = selectors.configurations_for(actor_of(self.request))
        found: Configuration = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def changeable(self) -> Configuration:
        """The configuration, if the caller may change it, so that nobody else learns what is wrong with his body."""
        configuration = self.configuration()
        require(actor_of(self.request), "configuration", Action.EDIT, configuration)
        return configuration

    def page(self, rows: QuerySet[Any], serializer: type[Any]) -> Response:
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)


class ConfigurationListView(ConfigurationView):
    @extend_schema(
        parameters=[ConfigurationQuerySerializer],
        responses=ConfigurationRowSerializer(many=True),
        tags=["configurations"],
    )
    def get(self, request: Request) -> Response:
        """The configuration documents that the caller sees, without their text."""
        rows = selectors.configurations_for(actor_of(request)).filter(**query_of(ConfigurationQuerySerializer, request))
        return self.page(rows.defer("content"), ConfigurationRowSerializer)

    @extend_schema(
        request=ConfigurationInputSerializer, responses={201: ConfigurationSerializer}, tags=["configurations"]
    )
    def post(self, request: Request) -> Response:
        """Store a JSON document of at most 256 KiB and 32 levels for a project or an object."""
        actor, given = actor_of(request), validated(ConfigurationInputSerializer, request)
        project = visible_or_field_error(Project.objects.visible_to(actor), given.pop("project"), "project")
        thing = visible_or_field_error(ProjectObject.objects.visible_to(actor), given.pop("object", None), "object")
        made = configurations.create_configuration(actor=actor, project=project, thing=thing, **given)
        answer = record(request, made, ConfigurationSerializer)
        answer.status_code = status.HTTP_201_CREATED
        return answer


class ConfigurationDetailView(ConfigurationView):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=ConfigurationSerializer, tags=["configurations"])
    def get(self, request: Request, pk: UUID) -> Response:
        """One configuration with its document."""
        return record(request, self.configuration(), ConfigurationSerializer)

    @extend_schema(
        parameters=[IF_MATCH],
        request=ConfigurationChangeSerializer,
        responses=ConfigurationSerializer,
        tags=["configurations"],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Replace the whole document, and its name where one is given."""
        configuration = self.changeable()
        given = validated(ConfigurationChangeSerializer, request)
        changed = configurations.replace_document(
            actor=actor_of(request), configuration=configuration, expected=expected_of(request), **given
        )
        return record(request, changed, ConfigurationSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["configurations"])
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the configuration with all its versions."""
        configurations.delete_configuration(
            actor=actor_of(request), configuration=self.configuration(), expected=expected_of(request)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class SectionView(ConfigurationView):
    """A section is named by the keys that lead to it, as RFC 6901 writes them.

    One slash at the end does not count, as all other addresses end with one; two of them are a key without a name.
    """

    def path(self) -> str:
        path: str = self.kwargs["path"].removesuffix("/")
        if len(path) > MAX_PATH_LENGTH:
            raise InvalidInputError(fields={"path": [f"It is longer than {MAX_PATH_LENGTH} characters."]})
        return path

    def answer(self, configuration: Configuration) -> Response:
        headers = {"ETag": etag(configuration.version)}
        return Response(configurations.section_of(configuration, self.path()), headers=headers)

    @extend_schema(responses=OpenApiTypes.ANY, tags=["configurations"])
    def get(self, request: Request, pk: UUID, path: str) -> Response:
        """What stands in one section, with the document's `ETag`. One slash at the end does not count."""
        return self.answer(self.configuration())

    @extend_schema(
        parameters=[IF_MATCH],
        request={"application/json": OpenApiTypes.ANY},
        responses=OpenApiTypes.ANY,
        tags=["configurations"],
    )
    def put(self, request: Request, pk: UUID, path: str) -> Response:
        """Put a value there and touch nothing else. The last key may be new; `-` appends to a list."""
        configuration = self.changeable()
        changed = configurations.replace_section(
            actor=actor_of(request),
            configuration=configuration,
            path=self.path(),
            value=request.data,
            expected=expected_of(request),
        )
        return Response(request.data, headers={"ETag": etag(changed.version)})

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["configurations"])
    def delete(self, request: Request, pk: UUID, path: str) -> Response:
        """Take the section out of the document."""
        changed = configurations.remove_section(
            actor=actor_of(request),
            configuration=self.changeable(),
            path=self.path(),
            expected=expected_of(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT, headers={"ETag": etag(changed.version)})


class VersionListView(ConfigurationView):
    page_order = ("-number",)

    @extend_schema(responses=VersionRowSerializer(many=True), tags=["configurations"])
    def get(self, request: Request, pk: UUID) -> Response:
        """The latest versions, who made them and when, the newest first."""
        return self.page(selectors.versions_of(self.configuration()), VersionRowSerializer)


class VersionView(ConfigurationView):
    @extend_schema(responses=VersionSerializer, tags=["configurations"])
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """One version with its document."""
        rows = selectors.versions_of(self.configuration()).defer(None)
        return Response(VersionSerializer(get_object_or_404(rows, number=_storable(number))).data)


class RestoreView(ConfigurationView):
    @extend_schema(parameters=[IF_MATCH], request=None, responses=ConfigurationSerializer, tags=["configurations"])
    def post(self, request: Request, pk: UUID, number: int) -> Response:
        """Make this version's document the current one again, as a new version."""
        restored = configurations.restore_version(
            actor=actor_of(request),
            configuration=self.changeable(),
            number=_storable(number),
            expected=expected_of(request),
        )
        return record(request, restored, ConfigurationSerializer)


def _storable(number: int) -> int:
    if number > MAX_INTEGER:
        raise Http404
    return number
