"""The API of where one is signed in."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guildhall.core.accounts import sign_ins
from guildhall.core.accounts.api.serializers import SignInListSerializer
from guildhall.core.http.drf import actor_of, proof_of


def current_sign_in(request: Request) -> UUID | None:
    """The id of the sign-in by which the request came."""
    return proof_of(request).sign_in_id or sign_ins.sign_in_id_of_session(request.session.session_key)


class SignInListView(APIView):
    for_persons = True

    @extend_schema(operation_id="sessions_list", responses=SignInListSerializer, tags=["sessions"])
    def get(self, request: Request) -> Response:
        """Where the caller is signed in, by browsers and by the API, the current one first."""
        found = sign_ins.sign_ins_of(actor_of(request), current=current_sign_in(request))
        return Response(SignInListSerializer({"results": found, "next": None}).data)

    @extend_schema(operation_id="sessions_destroy_others", responses={204: None}, tags=["sessions"])
    def delete(self, request: Request) -> Response:
        """Sign out everywhere but here."""
        sign_ins.end_other_sign_ins(actor=actor_of(request), keep=current_sign_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SignInView(APIView):
    for_persons = True

    @extend_schema(responses={204: None}, tags=["sessions"])
    def delete(self, request: Request, pk: UUID) -> Response:
        """Sign out there."""
        sign_ins.end_sign_in(actor=actor_of(request), sign_in_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
