"""How tasks and what belongs to them look over the wire."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from guildhall.core.accounts.api.serializers import StrictSerializer
from guildhall.core.http.fields import ChoiceField
from guildhall.modules.tasks.api.rows import row_of
from guildhall.modules.tasks.models import (
    PRIORITY_CHOICES,
    STATUS_CHOICES,
    TAG_COLOR_CHOICES,
    Comment,
    Tag,
    Task,
    TaskHistory,
    TaskTemplate,
)
from guildhall.modules.tasks.models.fields import DESCRIPTION_LENGTH, TITLE_LENGTH
from guildhall.modules.tasks.models.people import COMMENT_LENGTH
from guildhall.modules.tasks.models.templates import LONGEST_DUE_AFTER_HOURS
from guildhall.modules.tasks.services.tasks import MOST_AT_ONCE
from guildhall.modules.tasks.services.templates import MOST_OF_A_VALUE

MOST_PEOPLE = 100
MOST_TAGS = 50
MAX_ID = 2**63 - 1


class IdField(serializers.IntegerField):
    """The number by which a task, tag or template is known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class HoursField(serializers.DecimalField):
    """Hours, as a decimal of two digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=8, decimal_places=2, min_value=0, **kwargs)


class PeopleField(serializers.ListField):
    """Users by their ids."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.UUIDField(), max_length=MOST_PEOPLE, **kwargs)


class TagsField(serializers.ListField):
    """Tags by their ids."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=IdField(), max_length=MOST_TAGS, **kwargs)


class TaskSerializer(serializers.Serializer[Task]):
    """A task. `assigned_to` and `tags` are ids."""

    id = IdField()
    organization = serializers.UUIDField()
    number = serializers.IntegerField(help_text="Of this task in its organization, as in #42.")
    title = serializers.CharField()
    description = serializers.CharField()
    status = ChoiceField(choices=STATUS_CHOICES)
    priority = ChoiceField(choices=PRIORITY_CHOICES)
    due_date = serializers.DateTimeField()
    estimated_hours = HoursField()
    actual_hours = HoursField(allow_null=True)
    created_by = serializers.UUIDField(allow_null=True)
    assigned_to = PeopleField()
    tags = TagsField()
    parent_task = IdField(allow_null=True)
    project = serializers.UUIDField(allow_null=True)
    team = serializers.UUIDField(allow_null=True)
    metadata = serializers.DictField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    is_archived = serializers.BooleanField()
    archived_at = serializers.DateTimeField(allow_null=True)
    is_overdue = serializers.BooleanField()
    version = serializers.IntegerField()

    def to_representation(self, instance: Task) -> dict[str, Any]:
        return row_of(instance)


class TaskChangeSerializer(StrictSerializer):
    """What can be changed of a task; PUT needs title, description, status, priority, due date and estimate."""

    title = serializers.CharField(max_length=TITLE_LENGTH)
    description = serializers.CharField(max_length=DESCRIPTION_LENGTH, allow_blank=True, trim_whitespace=False)
    status = ChoiceField(choices=STATUS_CHOICES)
    priority = ChoiceField(choices=PRIORITY_CHOICES)
    due_date = serializers.DateTimeField()
    estimated_hours = HoursField()
    actual_hours = HoursField(required=False, allow_null=True)
    assigned_to = PeopleField(required=False)
    tags = TagsField(required=False)
    parent_task = IdField(required=False, allow_null=True)
    project = serializers.UUIDField(required=False, allow_null=True)
    team = serializers.UUIDField(required=False, allow_null=True)
    metadata = serializers.DictField(required=False)


class TaskInputSerializer(TaskChangeSerializer):
    """A new task, by default of the caller's active organization."""

    organization = serializers.UUIDField(required=False, help_text="The caller's active one by default.")
    description = serializers.CharField(
        max_length=DESCRIPTION_LENGTH, allow_blank=True, trim_whitespace=False, required=False
    )
    status = ChoiceField(choices=STATUS_CHOICES, required=False)
    priority = ChoiceField(choices=PRIORITY_CHOICES, required=False)


class AssignSerializer(StrictSerializer):
    add = PeopleField(required=False)
    remove = PeopleField(required=False)


class BulkChangeSerializer(StrictSerializer):
    """The one change; what is not named stays."""

    status = ChoiceField(choices=STATUS_CHOICES, required=False)
    priority = ChoiceField(choices=PRIORITY_CHOICES, required=False)
    due_date = serializers.DateTimeField(required=False)
    parent_task = IdField(required=False, allow_null=True)
    project = serializers.UUIDField(required=False, allow_null=True)
    team = serializers.UUIDField(required=False, allow_null=True)
    is_archived = serializers.BooleanField(required=False)
    add_assigned_to = PeopleField(required=False)
    remove_assigned_to = PeopleField(required=False)
    add_tags = TagsField(required=False)
    remove_tags = TagsField(required=False)


class BulkSerializer(StrictSerializer):
    organization = serializers.UUIDField(required=False, help_text="The caller's active one by default.")
    ids = serializers.ListField(child=IdField(), min_length=1, max_length=MOST_AT_ONCE)
    change = BulkChangeSerializer()


class BulkResultSerializer(serializers.Serializer[Any]):
    results = TaskSerializer(many=True)


class CommentSerializer(serializers.ModelSerializer[Comment]):
    author_name = serializers.CharField(source="author", read_only=True, allow_null=True)

    class Meta:
        model = Comment
        fields = ["id", "task", "author", "author_name", "body", "created_at", "edited_at"]


class CommentInputSerializer(StrictSerializer):
    body = serializers.CharField(max_length=COMMENT_LENGTH)


class HistorySerializer(serializers.ModelSerializer[TaskHistory]):
    actor_name = serializers.CharField(source="actor", read_only=True, allow_null=True)
    old = serializers.SerializerMethodField()
    new = serializers.SerializerMethodField()

    class Meta:
        model = TaskHistory
        fields = ["id", "change", "number", "title", "actor", "actor_name", "at", "field", "old", "new"]

    @extend_schema_field(OpenApiTypes.ANY)
    def get_old(self, row: TaskHistory) -> Any:
        return row.old

    @extend_schema_field(OpenApiTypes.ANY)
    def get_new(self, row: TaskHistory) -> Any:
        return row.new


class TagSerializer(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ["id", "organization", "name", "color", "created_at"]


class TagChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=60)
    color = ChoiceField(choices=TAG_COLOR_CHOICES, required=False)


class TagInputSerializer(TagChangeSerializer):
    organization = serializers.UUIDField(required=False, help_text="The caller's active one by default.")


class SubtaskSerializer(StrictSerializer):
    title = serializers.CharField(max_length=TITLE_LENGTH)
    description = serializers.CharField(max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True)
    priority = ChoiceField(choices=PRIORITY_CHOICES, required=False)
    estimated_hours = serializers.FloatField(required=False, min_value=0, max_value=999_999)
    due_after_hours = serializers.FloatField(required=False, min_value=0, max_value=LONGEST_DUE_AFTER_HOURS)


class TemplateSerializer(serializers.ModelSerializer[TaskTemplate]):
    assigned_to: serializers.ManyRelatedField = serializers.PrimaryKeyRelatedField(  # type: ignore[assignment]
        source="assignees", many=True, read_only=True
    )
    subtasks = SubtaskSerializer(many=True)
    variables = serializers.ListField(child=serializers.CharField(), read_only=True)
    metadata = serializers.DictField()

    class Meta:
        model = TaskTemplate
        fields = [
            "id", "organization", "name", "title", "description", "status", "priority", "due_after_hours",
            "estimated_hours", "project", "team", "assigned_to", "tags", "metadata", "subtasks", "variables",
            "created_at",
        ]  # fmt: skip


class TemplateChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    title = serializers.CharField(max_length=TITLE_LENGTH, help_text="May hold {{variables}}.")
    description = serializers.CharField(max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True)
    status = ChoiceField(choices=STATUS_CHOICES, required=False)
    priority = ChoiceField(choices=PRIORITY_CHOICES, required=False)
    due_after_hours = serializers.IntegerField(required=False, min_value=0, max_value=LONGEST_DUE_AFTER_HOURS)
    estimated_hours = HoursField(required=False)
    project = serializers.UUIDField(required=False, allow_null=True)
    team = serializers.UUIDField(required=False, allow_null=True)
    assigned_to = PeopleField(required=False)
    tags = TagsField(required=False)
    metadata = serializers.DictField(required=False)
    subtasks = SubtaskSerializer(many=True, required=False)


class TemplateInputSerializer(TemplateChangeSerializer):
    organization = serializers.UUIDField(required=False, help_text="The caller's active one by default.")


class InstantiationSerializer(StrictSerializer):
    values = serializers.DictField(child=serializers.CharField(max_length=MOST_OF_A_VALUE), required=False)
