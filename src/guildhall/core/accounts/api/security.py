"""The API of one's own password, e-mail address and second factor."""

from django.contrib.auth import update_session_auth_hash
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guildhall.core.accounts import passwords, second_factor
from guildhall.core.accounts.api.serializers import (
    CodeSerializer,
    EnrolmentSerializer,
    PasswordChangeSerializer,
    PasswordResetRequestSerializer,
    PasswordResetSerializer,
    PasswordSerializer,
    RecoveryCodesSerializer,
    SecondFactorSerializer,
    TokenSerializer,
)
from guildhall.core.accounts.api.sign_ins import current_sign_in
from guildhall.core.accounts.api.views import PublicView
from guildhall.core.http.drf import actor_of, proof_of, validated
from guildhall.core.identity.facade import Via


class PersonalView(APIView):
    """Credentials are managed by their person, not by what a program holds."""

    for_persons = True


class PasswordChangeView(PersonalView):
    @extend_schema(request=PasswordChangeSerializer, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Change the caller's password; he stays signed in only here."""
        actor = actor_of(request)
        given = validated(PasswordChangeSerializer, request)
        passwords.change_password(actor=actor, keep=current_sign_in(request), **given)
        if proof_of(request).via is Via.SESSION:
            # A session is bound to the password; this one goes on under a new key.
            update_session_auth_hash(request._request, actor)  # noqa: SLF001 — REST framework documents no other way.
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetRequestView(PublicView):
    @extend_schema(request=PasswordResetRequestSerializer, responses={202: None}, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Have a link for a new password mailed, if there is such an account; the answer is the same if not."""
        passwords.request_password_reset(**validated(PasswordResetRequestSerializer, request))
        return Response(status=status.HTTP_202_ACCEPTED)


class PasswordResetView(PublicView):
    @extend_schema(request=PasswordResetSerializer, responses={204: None}, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Set the password by the token of a mail; everybody who is signed in to the account is signed out."""
        passwords.reset_password(**validated(PasswordResetSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class VerifyEmailView(PublicView):
    @extend_schema(request=TokenSerializer, responses={204: None}, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Verify an e-mail address by the token that was mailed to it."""
        passwords.verify_email(**validated(TokenSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResendVerificationView(PersonalView):
    @extend_schema(request=None, responses={202: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Have the link for the caller's address mailed again, unless it is verified."""
        passwords.request_verification(actor=actor_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class SecondFactorView(PersonalView):
    @extend_schema(responses=SecondFactorSerializer, tags=["second-factor"])
    def get(self, request: Request) -> Response:
        """Whether the caller's second factor is on."""
        actor = actor_of(request)
        found = {
            "is_enabled": second_factor.is_enabled(actor),
            "recovery_codes_left": second_factor.recovery_codes_left(actor),
        }
        return Response(SecondFactorSerializer(found).data)

    @extend_schema(request=PasswordSerializer, responses={201: EnrolmentSerializer}, tags=["second-factor"])
    def post(self, request: Request) -> Response:
        """Begin: the answer is what an app has to know. Nothing changes until a code is confirmed."""
        made = second_factor.enrol(actor=actor_of(request), **validated(PasswordSerializer, request))
        return Response(EnrolmentSerializer(made).data, status=status.HTTP_201_CREATED)


class SecondFactorConfirmView(PersonalView):
    @extend_schema(request=CodeSerializer, responses=RecoveryCodesSerializer, tags=["second-factor"])
    def post(self, request: Request) -> Response:
        """Switch the second factor on by a first code; the answer is the recovery codes."""
        codes = second_factor.confirm(actor=actor_of(request), **validated(CodeSerializer, request))
        return Response(RecoveryCodesSerializer({"recovery_codes": codes}).data)


class SecondFactorDisableView(PersonalView):
    @extend_schema(request=PasswordSerializer, responses={204: None}, tags=["second-factor"])
    def post(self, request: Request) -> Response:
        """Switch the second factor off."""
        second_factor.disable(actor=actor_of(request), **validated(PasswordSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecoveryCodesView(PersonalView):
    @extend_schema(request=PasswordSerializer, responses=RecoveryCodesSerializer, tags=["second-factor"])
    def post(self, request: Request) -> Response:
        """Make new recovery codes; the old ones end."""
        codes = second_factor.renew_recovery_codes(actor=actor_of(request), **validated(PasswordSerializer, request))
        return Response(RecoveryCodesSerializer({"recovery_codes": codes}).data)
