"""The addresses of organizations, projects and objects."""

from django.urls import path

from guildhall.core.organizations.api import places, teams, views

urlpatterns = [
    path("organizations/", views.OrganizationListView.as_view()),
    path("organizations/join/", views.JoinView.as_view()),
    path("organizations/<uuid:pk>/", views.OrganizationDetailView.as_view()),
    path("organizations/<uuid:pk>/members/", views.MemberListView.as_view()),
    path("organizations/<uuid:pk>/members/<uuid:user_id>/", views.MemberView.as_view()),
    path("organizations/<uuid:pk>/invites/", views.InviteListView.as_view()),
    path("organizations/<uuid:pk>/invites/<uuid:invite_id>/", views.InviteView.as_view()),
    path("organizations/<uuid:pk>/invites/<uuid:invite_id>/rotate/", views.InviteRotationView.as_view()),
    path("organizations/<uuid:pk>/teams/", views.TeamListView.as_view()),
    path("organizations/<uuid:pk>/teams/<uuid:team_id>/", views.TeamView.as_view()),
    path("teams/", teams.ActiveTeamListView.as_view()),
    path("teams/<uuid:pk>/", teams.ActiveTeamView.as_view()),
    path("projects/", places.ProjectListView.as_view()),
    path("projects/<uuid:pk>/", places.ProjectDetailView.as_view()),
    path("projects/<uuid:pk>/members/", places.ProjectMemberListView.as_view()),
    path("projects/<uuid:pk>/members/<uuid:assignment_id>/", places.ProjectMemberView.as_view()),
    path("projects/<uuid:pk>/objects/", places.ObjectListView.as_view()),
    path("objects/<uuid:pk>/", places.ObjectDetailView.as_view()),
]
