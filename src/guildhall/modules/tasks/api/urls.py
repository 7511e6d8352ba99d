"""The addresses of the tracker's API."""

from django.urls import path

from guildhall.modules.tasks.api import curated, search, talk, tasks

urlpatterns = [
    path("tasks/", tasks.TaskListView.as_view()),
    path("tasks/search/", search.SearchView.as_view()),
    path("tasks/suggest/", search.SuggestView.as_view()),
    path("tasks/facets/", search.FacetsView.as_view()),
    path("tasks/bulk/", tasks.BulkView.as_view()),
    path("tasks/<int:pk>/", tasks.TaskDetailView.as_view()),
    path("tasks/<int:pk>/assign/", tasks.AssignView.as_view()),
    path("tasks/<int:pk>/archive/", tasks.ArchiveView.as_view()),
    path("tasks/<int:pk>/restore/", tasks.RestoreView.as_view()),
    path("tasks/<int:pk>/comments/", talk.CommentListView.as_view()),
    path("tasks/<int:pk>/comments/<int:comment_id>/", talk.CommentView.as_view()),
    path("tasks/<int:pk>/history/", talk.HistoryView.as_view()),
    path("tags/", curated.TagListView.as_view()),
    path("tags/<int:pk>/", curated.TagDetailView.as_view()),
    path("task-templates/", curated.TemplateListView.as_view()),
    path("task-templates/<int:pk>/", curated.TemplateDetailView.as_view()),
    path("task-templates/<int:pk>/instantiate/", curated.InstantiationView.as_view()),
]
