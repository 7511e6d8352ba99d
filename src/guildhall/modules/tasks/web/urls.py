"""The addresses of the tracker's pages."""

from django.urls import path

from guildhall.modules.tasks.web import board, calendar, detail, editing, lists, tags, templates, views

app_name = "tasks"
urlpatterns = [
    path("", lists.ShowList.as_view(), name="list"),
    path("board/", board.ShowBoard.as_view(), name="board"),
    path("board/cards/", board.MoreCards.as_view(), name="cards"),
    path("calendar/", calendar.ShowCalendar.as_view(), name="calendar"),
    path("views/", views.ShowViews.as_view(), name="views"),
    path("views/new/", views.SaveView.as_view(), name="save-view"),
    path("views/default/", views.ChooseDefault.as_view(), name="default-view"),
    path("views/<int:pk>/edit/", views.EditView.as_view(), name="edit-view"),
    path("views/<int:pk>/overwrite/", views.OverwriteView.as_view(), name="overwrite-view"),
    path("views/<int:pk>/delete/", views.DeleteView.as_view(), name="delete-view"),
    path("tags/", tags.ShowTags.as_view(), name="tags"),
    path("tags/<int:pk>/", tags.EditTag.as_view(), name="edit-tag"),
    path("tags/<int:pk>/delete/", tags.DeleteTag.as_view(), name="delete-tag"),
    path("templates/", templates.ShowTemplates.as_view(), name="templates"),
    path("templates/new/", templates.CreateTemplate.as_view(), name="create-template"),
    path("templates/<int:pk>/edit/", templates.EditTemplate.as_view(), name="edit-template"),
    path("templates/<int:pk>/delete/", templates.DeleteTemplate.as_view(), name="delete-template"),
    path("templates/<int:pk>/use/", templates.UseTemplate.as_view(), name="use-template"),
    path("bulk/", lists.ChangeMany.as_view(), name="bulk"),
    path("undo/", lists.Undo.as_view(), name="undo"),
    path("new/", editing.Create.as_view(), name="create"),
    path("<int:pk>/", detail.ShowTask.as_view(), name="task"),
    path("<int:pk>/edit/", editing.Edit.as_view(), name="edit"),
    path("<int:pk>/change/", detail.ChangeField.as_view(), name="change"),
    path("<int:pk>/move/", board.Move.as_view(), name="move"),
    path("<int:pk>/archive/", detail.Archive.as_view(), name="archive"),
    path("<int:pk>/restore/", detail.Restore.as_view(), name="restore"),
    path("<int:pk>/delete/", detail.Delete.as_view(), name="delete"),
    path("<int:pk>/comments/", detail.AddComment.as_view(), name="comment"),
    path("<int:pk>/comments/<int:comment_id>/edit/", detail.EditComment.as_view(), name="edit-comment"),
    path("<int:pk>/comments/<int:comment_id>/delete/", detail.DeleteComment.as_view(), name="delete-comment"),
]
