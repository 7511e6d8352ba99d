"""The addresses of the tracker's pages."""

from django.urls import path

from guildhall.modules.tasks.web import detail, editing, lists

app_name = "tasks"
urlpatterns = [
    path("", lists.ShowList.as_view(), name="list"),
    path("bulk/", lists.ChangeMany.as_view(), name="bulk"),
    path("undo/", lists.Undo.as_view(), name="undo"),
    path("new/", editing.Create.as_view(), name="create"),
    path("<int:pk>/", detail.ShowTask.as_view(), name="task"),
    path("<int:pk>/edit/", editing.Edit.as_view(), name="edit"),
    path("<int:pk>/change/", detail.ChangeField.as_view(), name="change"),
    path("<int:pk>/archive/", detail.Archive.as_view(), name="archive"),
    path("<int:pk>/restore/", detail.Restore.as_view(), name="restore"),
    path("<int:pk>/delete/", detail.Delete.as_view(), name="delete"),
    path("<int:pk>/comments/", detail.AddComment.as_view(), name="comment"),
    path("<int:pk>/comments/<int:comment_id>/edit/", detail.EditComment.as_view(), name="edit-comment"),
    path("<int:pk>/comments/<int:comment_id>/delete/", detail.DeleteComment.as_view(), name="delete-comment"),
]
