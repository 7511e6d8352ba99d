"""Writes of comments."""

from django.db import transaction
from django.utils import timezone

from guildhall.core.accounts.models import User
from guildhall.core.errors import NotAllowedError, NotFoundError
from guildhall.core.validation import clean_or_raise
from guildhall.modules.tasks import events, history, policy, selectors
from guildhall.modules.tasks.models import Comment, CommentEdit, Task
from guildhall.modules.tasks.models.history import COMMENT
from guildhall.modules.tasks.policy import Standing


def _locked(task_id: int, actor: User) -> tuple[Task, Standing]:
    """Lock the task, whose search document changes with its comments.

    Raises:
        NotFoundError: the actor does not see it, or it was deleted.
    """
    task = Task.objects.alive().select_for_update(no_key=True).filter(pk=task_id).first()
    if task is None:
        raise NotFoundError
    standing = selectors.standing_of(actor, task.organization_id)
    if not policy.may_see(standing, task.audience):
        raise NotFoundError
    return task, standing


@transaction.atomic
def add_comment(*, actor: User, task: Task, body: str) -> Comment:
    """Say something about the task.

    Raises:
        NotFoundError: the actor does not see it.
        InvalidInputError: there is no text, or too much.
    """
    task, _standing = _locked(task.pk, actor)
    now = timezone.now()
    comment = Comment(task=task, author=actor, body=body.strip(), created_at=now)
    clean_or_raise(comment, validate_unique=False, validate_constraints=False)
    comment.save()
    history.write_word(task, field=COMMENT, old=None, new={"comment": comment.pk}, actor=actor, at=now)
    events.tell(events.CommentAdded(task_id=task.pk, comment_id=comment.pk), actor=actor, about=task)
    return comment


@transaction.atomic
def edit_comment(*, actor: User, comment: Comment, body: str) -> Comment:
    """Change the words of one's own comment; what it said before is kept. The same words change nothing.

    Raises:
        NotFoundError: the actor does not see the task, or the comment was deleted.
        NotAllowedError: it is somebody else's.
        InvalidInputError: there is no text, or too much.
    """
    task, standing = _locked(comment.task_id, actor)
    _renew(comment)
    if not policy.may_edit_comment(standing, author_id=comment.author_id):
        raise NotAllowedError
    before, comment.body = comment.body, body.strip()
    clean_or_raise(comment, validate_unique=False, validate_constraints=False)
    if comment.body == before:
        return comment
    now = timezone.now()
    CommentEdit.objects.create(comment=comment, body=before, replaced_at=now)
    comment.edited_at = now
    comment.save(update_fields=["body", "edited_at"])
    known = {"comment": comment.pk}
    history.write_word(task, field=COMMENT, old=known, new=known, actor=actor, at=now)
    events.tell(events.CommentEdited(task_id=task.pk, comment_id=comment.pk), actor=actor, about=task)
    return comment


@transaction.atomic
def delete_comment(*, actor: User, comment: Comment) -> None:
    """Take a comment away from everybody; its row stays.

    Raises:
        NotFoundError: the actor does not see the task, or the comment was deleted.
        NotAllowedError: he is neither its author, nor admin, nor moderator of the task's project.
    """
    task, standing = _locked(comment.task_id, actor)
    _renew(comment)
    if not policy.may_delete_comment(standing, author_id=comment.author_id, project_id=task.project_id):
        raise NotAllowedError
    comment.deleted_at = timezone.now()
    comment.save(update_fields=["deleted_at"])
    known = {"comment": comment.pk}
    history.write_word(task, field=COMMENT, old=known, new=None, actor=actor, at=comment.deleted_at)
    events.tell(events.CommentDeleted(task_id=task.pk, comment_id=comment.pk), actor=actor, about=task)


def _renew(comment: Comment) -> None:
    """Read the comment anew, under the lock of its task.

    Raises:
        NotFoundError: it was deleted.
    """
    try:
        comment.refresh_from_db(from_queryset=Comment.objects.alive())
    except Comment.DoesNotExist as error:
        raise NotFoundError from error
