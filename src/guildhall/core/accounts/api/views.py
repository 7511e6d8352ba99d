"""The API of sign-in and of people."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guildhall.core.accounts import services, sign_in, tokens
from guildhall.core.accounts.api.serializers import (
    ChallengeSerializer,
    CredentialsSerializer,
    MeSerializer,
    ProfileSerializer,
    RefreshSerializer,
    RegistrationSerializer,
    SignedInSerializer,
    TokenPairSerializer,
    UserSerializer,
)
from guildhall.core.accounts.models import User
from guildhall.core.http.drf import actor_of, validated
from guildhall.core.http.records import IF_MATCH, IF_NONE_MATCH, expected_of, record


class PublicView(APIView):
    """A view for people who are not signed in; credentials that come along are not looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]


def _signed_in(user: User) -> dict[str, Any]:
    pair = tokens.issue_tokens(user=user)
    return {"access": pair.access, "refresh": pair.refresh, "user": UserSerializer(user).data}


class RegisterView(PublicView):
    @extend_schema(request=RegistrationSerializer, responses={201: SignedInSerializer}, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Create an account, joining an organization if an invite code is given."""
        user = services.register_user(**validated(RegistrationSerializer, request))
        return Response(_signed_in(user), status=status.HTTP_201_CREATED)


class LoginView(PublicView):
    @extend_schema(request=CredentialsSerializer, responses=SignedInSerializer, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Exchange address and password for a pair of tokens.

        Where a second factor is on, the answer is 401 `second_factor_required` with the `challenge` for the next step.
        """
        return Response(_signed_in(sign_in.sign_in(**validated(CredentialsSerializer, request))))


class SecondFactorLoginView(PublicView):
    @extend_schema(request=ChallengeSerializer, responses=SignedInSerializer, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Exchange the challenge of `login` and a code of the app, or a recovery code, for a pair of tokens."""
        return Response(_signed_in(sign_in.finish_sign_in(**validated(ChallengeSerializer, request))))


class RefreshView(PublicView):
    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair. A token that was used before revokes all of its sign-in."""
        pair = tokens.rotate_refresh_token(token=validated(RefreshSerializer, request)["refresh"])
        return Response({"access": pair.access, "refresh": pair.refresh})


class LogoutView(APIView):
    @extend_schema(request=RefreshSerializer, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """End the sign-in to which the refresh token belongs; its access tokens end too."""
        tokens.revoke_refresh_token(user=actor_of(request), token=validated(RefreshSerializer, request)["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class VisibleUsers(generics.GenericAPIView[User]):
    queryset = User.objects.none()
    serializer_class = UserSerializer
    page_order = ("email", "pk")

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.visible_to(self.request.user)


class UserListView(VisibleUsers):
    @extend_schema(
        parameters=[OpenApiParameter("search", str, description="Part of a name or an address.")],
        responses=UserSerializer(many=True),
        tags=["users"],
    )
    def get(self, request: Request) -> Response:
        """The people with whom the caller shares an organization, and himself."""
        users = self.get_queryset()
        search = request.query_params.get("search", "").strip().replace("\0", "")
        if search:
            users = users.filter(Q(name__icontains=search) | Q(email__icontains=search))
        page = self.paginate_queryset(users)
        return self.get_paginated_response(UserSerializer(page, many=True).data)


class UserView(VisibleUsers):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=UserSerializer, tags=["users"])
    def get(self, request: Request, pk: str) -> Response:
        """One person."""
        return record(request, self.get_object(), UserSerializer)

    @extend_schema(parameters=[IF_MATCH], request=ProfileSerializer, responses=UserSerializer, tags=["users"])
    def put(self, request: Request, pk: str) -> Response:
        """Change the profile: one's own, or as admin of an organization to which the person belongs."""
        user = self.get_object()
        if not services.may_edit_profile(actor_of(request), user):
            self.permission_denied(request)
        changes = validated(ProfileSerializer, request)
        changed = services.update_profile(actor=actor_of(request), user=user, expected=expected_of(request), **changes)
        return record(request, changed, UserSerializer)


class MeView(APIView):
    @extend_schema(responses=MeSerializer, tags=["users"])
    def get(self, request: Request) -> Response:
        """The caller himself."""
        return Response(MeSerializer(actor_of(request)).data)
