"""The API of one's own API keys."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts import api_keys
from guildhall.core.accounts.api.serializers import ApiKeyInputSerializer, ApiKeySerializer, NewApiKeySerializer
from guildhall.core.accounts.models import ApiKey
from guildhall.core.http.drf import actor_of, validated


class OwnApiKeys(GenericAPIView[ApiKey]):
    """Keys are managed by their person; a key that could make keys would outgrow its scopes."""

    for_persons = True
    queryset = ApiKey.objects.none()
    serializer_class = ApiKeySerializer
    page_order: ClassVar[tuple[str, ...]] = ("-created_at", "pk")

    def get_queryset(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.filter(user=actor_of(self.request))


class ApiKeyListView(OwnApiKeys):
    @extend_schema(responses=ApiKeySerializer(many=True), tags=["api-keys"])
    def get(self, request: Request) -> Response:
        """The caller's own keys, newest first, without their secrets."""
        return self.get_paginated_response(
            ApiKeySerializer(self.paginate_queryset(self.get_queryset()), many=True).data
        )

    @extend_schema(request=ApiKeyInputSerializer, responses={201: NewApiKeySerializer}, tags=["api-keys"])
    def post(self, request: Request) -> Response:
        """Make a key; it is shown in this answer and never again."""
        made = api_keys.create_api_key(actor=actor_of(request), **validated(ApiKeyInputSerializer, request))
        return Response(NewApiKeySerializer(made).data, status=status.HTTP_201_CREATED)


class ApiKeyView(OwnApiKeys):
    @extend_schema(responses=ApiKeySerializer, tags=["api-keys"])
    def get(self, request: Request, pk: UUID) -> Response:
        """One key, without its secret."""
        return Response(ApiKeySerializer(get_object_or_404(self.get_queryset(), pk=pk)).data)

    @extend_schema(responses={204: None}, tags=["api-keys"])
    def delete(self, request: Request, pk: UUID) -> Response:
        """Make the key useless."""
        key = get_object_or_404(self.get_queryset(), pk=pk)
        api_keys.revoke_api_key(actor=actor_of(request), api_key=key)
        return Response(status=status.HTTP_204_NO_CONTENT)
