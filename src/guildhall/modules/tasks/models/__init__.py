"""The rows of the tracker, with what the database itself refuses.

The migrations add what Django's models cannot say: composite foreign keys that keep everything in one organization,
triggers that keep `assignee_ids`, `tag_ids` and the search documents true whoever writes, the refusal of cycles, and
the refusal to change history.
"""

from guildhall.modules.tasks.models.fields import PRIORITY_CHOICES, STATUS_CHOICES
from guildhall.modules.tasks.models.history import TaskHistory
from guildhall.modules.tasks.models.mail import MailKind, TaskMail
from guildhall.modules.tasks.models.people import Comment, CommentEdit, TaskAssignment
from guildhall.modules.tasks.models.search import SearchEntry
from guildhall.modules.tasks.models.tags import TAG_COLOR_CHOICES, Tag, TaskTag
from guildhall.modules.tasks.models.tasks import Task, TaskCounter, TaskQuerySet, TaskTally
from guildhall.modules.tasks.models.templates import TaskTemplate
from guildhall.modules.tasks.models.views import LAYOUT_CHOICES, DefaultView, SavedView

__all__ = [
    "LAYOUT_CHOICES",
    "PRIORITY_CHOICES",
    "STATUS_CHOICES",
    "TAG_COLOR_CHOICES",
    "Comment",
    "CommentEdit",
    "DefaultView",
    "MailKind",
    "SavedView",
    "SearchEntry",
    "Tag",
    "Task",
    "TaskAssignment",
    "TaskCounter",
    "TaskHistory",
    "TaskMail",
    "TaskQuerySet",
    "TaskTag",
    "TaskTally",
    "TaskTemplate",
]
