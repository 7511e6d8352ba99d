"""How accounts and tokens look over the wire."""

from typing import Any

from rest_framework import serializers

from guildhall.core.accounts.models import LANGUAGE_CHOICES, ApiKey, User
from guildhall.core.accounts.sign_ins import Kind
from guildhall.core.http.fields import ChoiceField


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know, so that a misspelt name is told and not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError({name: ["There is no such field."] for name in unknown})
        return super().to_internal_value(data)


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "email", "name", "language", "time_zone"]
        read_only_fields = ["id", "email"]


class ProfileSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120, allow_blank=True)
    language = ChoiceField(choices=LANGUAGE_CHOICES)
    time_zone = serializers.CharField(max_length=64)


class MeSerializer(UserSerializer):
    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "is_superuser", "active_organization", "email_verified_at"]
        read_only_fields = fields


class RegistrationSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    invite_code = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class CredentialsSerializer(StrictSerializer):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class RefreshSerializer(StrictSerializer):
    refresh = serializers.CharField(max_length=4096)


class TokenPairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class SignedInSerializer(TokenPairSerializer):
    user = UserSerializer()


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    class Meta:
        model = ApiKey
        fields = ["id", "name", "prefix", "scopes", "expires_at", "last_used_at", "created_at", "revoked_at"]


class ApiKeyInputSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=50,
        help_text="`read` or `write` for everything, or one area's: `core:read`, `telemetry:write`, `compute:read`.",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class NewApiKeySerializer(serializers.Serializer[Any]):
    api_key = ApiKeySerializer()
    key = serializers.CharField(help_text="Shown this once.")


class SignInSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = ChoiceField(choices=[kind.value for kind in Kind])
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(help_text="To the minute.")
    address = serializers.CharField(allow_null=True, help_text="From where it was used the last time.")
    user_agent = serializers.CharField()
    is_current = serializers.BooleanField()


class SignInListSerializer(serializers.Serializer[Any]):
    results = SignInSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class ChallengeSerializer(StrictSerializer):
    challenge = serializers.CharField(max_length=1000)
    code = serializers.CharField(max_length=64)


class PasswordSerializer(StrictSerializer):
    password = serializers.CharField(max_length=1024, trim_whitespace=False, help_text="The caller's own.")


class PasswordChangeSerializer(StrictSerializer):
    current_password = serializers.CharField(max_length=1024, trim_whitespace=False)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class PasswordResetRequestSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)


class PasswordResetSerializer(StrictSerializer):
    token = serializers.CharField(max_length=200)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class TokenSerializer(StrictSerializer):
    token = serializers.CharField(max_length=200)


class CodeSerializer(StrictSerializer):
    code = serializers.CharField(max_length=64)


class SecondFactorSerializer(serializers.Serializer[Any]):
    is_enabled = serializers.BooleanField()
    recovery_codes_left = serializers.IntegerField()


class EnrolmentSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="To type into an app that has no camera.")
    uri = serializers.CharField(help_text="`otpauth://…`")
    qr_svg = serializers.CharField(help_text="The same as a picture.")


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(child=serializers.CharField(), help_text="Shown this once.")
