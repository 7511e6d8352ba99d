"""The API of an account's end, and of the export of one's own data."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts import export, lifecycle
from guildhall.core.accounts.api.security import PersonalView
from guildhall.core.accounts.api.serializers import PasswordSerializer
from guildhall.core.accounts.models import User
from guildhall.core.http.drf import actor_of, validated

FILE_NAME = "guildhall-export.json"


class ExportView(PersonalView):
    @extend_schema(request=PasswordSerializer, responses=OpenApiTypes.OBJECT, tags=["users"])
    def post(self, request: Request) -> Response:
        """Everything that is kept about the caller."""
        found = export.export_own_data(actor=actor_of(request), **validated(PasswordSerializer, request))
        return Response(found, headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}"'})


class DeactivateSelfView(PersonalView):
    @extend_schema(request=PasswordSerializer, responses={204: None}, tags=["users"])
    def post(self, request: Request) -> Response:
        """Close the caller's account; everything by which he is signed in ends."""
        lifecycle.deactivate_self(actor=actor_of(request), **validated(PasswordSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EraseSelfView(PersonalView):
    @extend_schema(request=PasswordSerializer, responses={204: None}, tags=["users"])
    def post(self, request: Request) -> Response:
        """Forget the caller, for ever; what he did in organizations stays under a pseudonym."""
        lifecycle.erase_self(actor=actor_of(request), **validated(PasswordSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class UserEndView(PersonalView):
    def user(self, pk: UUID) -> User:
        return get_object_or_404(User.objects.visible_to(self.request.user), pk=pk)


class DeactivateView(UserEndView):
    @extend_schema(request=None, responses={204: None}, tags=["users"])
    def post(self, request: Request, pk: UUID) -> Response:
        """Let nobody act as this user any more, as a superuser."""
        lifecycle.deactivate_user(actor=actor_of(request), user=self.user(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReactivateView(UserEndView):
    @extend_schema(request=None, responses={204: None}, tags=["users"])
    def post(self, request: Request, pk: UUID) -> Response:
        """Let this user sign in again, as a superuser."""
        lifecycle.reactivate_user(actor=actor_of(request), user=self.user(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)
