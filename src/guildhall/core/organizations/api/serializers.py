"""How organizations and what is in them look over the wire."""

from typing import Any

from rest_framework import serializers

from guildhall.core.accounts.api.serializers import StrictSerializer, UserSerializer
from guildhall.core.accounts.models import LANGUAGE_CHOICES
from guildhall.core.http.fields import ChoiceField
from guildhall.core.organizations.models import (
    ROLE_CHOICES,
    Invite,
    Organization,
    Project,
    ProjectObject,
    RoleAssignment,
    Team,
)


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    is_personal = serializers.BooleanField(read_only=True)

    class Meta:
        model = Organization
        fields = ["id", "name", "language", "is_personal", "created_at"]


class OrganizationInputSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    language = ChoiceField(choices=LANGUAGE_CHOICES, required=False)


class ProjectSerializer(serializers.ModelSerializer[Project]):
    class Meta:
        model = Project
        fields = ["id", "organization", "name", "description", "is_personal", "created_at"]


class ProjectChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ProjectInputSerializer(ProjectChangeSerializer):
    organization = serializers.UUIDField()


class ObjectSerializer(serializers.ModelSerializer[ProjectObject]):
    class Meta:
        model = ProjectObject
        fields = ["id", "project", "name", "description", "created_at"]


class RoleSerializer(serializers.ModelSerializer[RoleAssignment]):
    class Meta:
        model = RoleAssignment
        fields = ["id", "role", "organization", "project", "object", "created_at"]


class MemberSerializer(serializers.Serializer[Any]):
    user = UserSerializer(source="*")
    roles = RoleSerializer(source="roles_here", many=True)


class ProjectMemberSerializer(RoleSerializer):
    user = UserSerializer()

    class Meta(RoleSerializer.Meta):
        fields = [*RoleSerializer.Meta.fields, "user"]


class ProjectMemberInputSerializer(StrictSerializer):
    user = serializers.UUIDField()
    role = ChoiceField(choices=ROLE_CHOICES)
    object = serializers.UUIDField(required=False, allow_null=True)


class InviteSerializer(serializers.ModelSerializer[Invite]):
    class Meta:
        model = Invite
        fields = [
            "id", "role", "organization", "project", "object", "code_hint", "expires_at", "max_uses", "uses",
            "revoked_at", "created_at",
        ]  # fmt: skip


class NewInviteSerializer(serializers.Serializer[Any]):
    invite = InviteSerializer()
    code = serializers.CharField(help_text="Shown this once.")


class InviteInputSerializer(StrictSerializer):
    role = ChoiceField(choices=ROLE_CHOICES)
    project = serializers.UUIDField(required=False, allow_null=True)
    object = serializers.UUIDField(required=False, allow_null=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    max_uses = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)


class JoinSerializer(StrictSerializer):
    code = serializers.CharField(max_length=200)


class TeamSerializer(serializers.ModelSerializer[Team]):
    class Meta:
        model = Team
        fields = ["id", "organization", "name", "members", "created_at"]


class TeamInputSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    members = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)
