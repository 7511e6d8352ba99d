"""Writes. Each call is one transaction that holds the change, its rows of history and its events."""

from guildhall.modules.tasks.services.comments import add_comment, delete_comment, edit_comment
from guildhall.modules.tasks.services.tags import create_tag, delete_tag, merge_tags, tags_named, update_tag
from guildhall.modules.tasks.services.tasks import (
    archive_task,
    assign_task,
    change_tasks,
    create_task,
    delete_task,
    restore_task,
    update_task,
)
from guildhall.modules.tasks.services.templates import (
    create_template,
    delete_template,
    instantiate_template,
    update_template,
)
from guildhall.modules.tasks.services.undoing import undelete_task
from guildhall.modules.tasks.services.views import choose_default_view, delete_view, save_view, update_view

__all__ = [
    "add_comment",
    "archive_task",
    "assign_task",
    "change_tasks",
    "choose_default_view",
    "create_tag",
    "create_task",
    "create_template",
    "delete_comment",
    "delete_tag",
    "delete_task",
    "delete_template",
    "delete_view",
    "edit_comment",
    "instantiate_template",
    "merge_tags",
    "restore_task",
    "save_view",
    "tags_named",
    "undelete_task",
    "update_tag",
    "update_task",
    "update_template",
    "update_view",
]
