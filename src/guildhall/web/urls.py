"""The addresses of the shell's pages."""

from django.urls import path, re_path
from django.views.i18n import set_language

from guildhall.web.views import docs, home, invites, members, organizations, people, projects, teams

app_name = "web"
urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("sign-in/", people.SignIn.as_view(), name="sign-in"),
    path("sign-in/second-factor/", people.SecondFactor.as_view(), name="second-factor"),
    path("reset-password/", people.ForgottenPassword.as_view(), name="forgotten-password"),
    path("reset-password/new/", people.NewPassword.as_view(), name="new-password"),
    path("verify-email/", people.VerifyEmail.as_view(), name="verify-email"),
    path("sign-out/", people.SignOut.as_view(), name="sign-out"),
    path("register/", people.Register.as_view(), name="register"),
    path("profile/", people.Profile.as_view(), name="profile"),
    path("language/", set_language, name="language"),
    path("join/", organizations.Join.as_view(), name="join"),
    path("organization/switch/", organizations.SwitchOrganization.as_view(), name="switch-organization"),
    path("organization/new/", organizations.CreateOrganization.as_view(), name="create-organization"),
    path("organization/settings/", organizations.OrganizationSettings.as_view(), name="organization"),
    path("organization/delete/", organizations.DeleteOrganization.as_view(), name="delete-organization"),
    path("organization/leave/", organizations.LeaveOrganization.as_view(), name="leave-organization"),
    path("organization/members/", members.Members.as_view(), name="members"),
    path("organization/members/roles/<uuid:assignment_id>/revoke/", members.RevokeRole.as_view(), name="revoke-role"),
    path("organization/members/<uuid:user_id>/remove/", members.RemoveMember.as_view(), name="remove-member"),
    path("organization/invites/", invites.Invites.as_view(), name="invites"),
    path("organization/invites/<uuid:invite_id>/rotate/", invites.RotateInvite.as_view(), name="rotate-invite"),
    path("organization/invites/<uuid:invite_id>/revoke/", invites.RevokeInvite.as_view(), name="revoke-invite"),
    path("organization/projects/", projects.Projects.as_view(), name="projects"),
    path("organization/projects/new/", projects.CreateProject.as_view(), name="create-project"),
    path("organization/projects/<uuid:project_id>/", projects.ShowProject.as_view(), name="project"),
    path("organization/projects/<uuid:project_id>/edit/", projects.EditProject.as_view(), name="edit-project"),
    path("organization/projects/<uuid:project_id>/delete/", projects.DeleteProject.as_view(), name="delete-project"),
    path("organization/projects/<uuid:project_id>/objects/new/", projects.CreateObject.as_view(), name="create-object"),
    path("organization/objects/<uuid:object_id>/edit/", projects.EditObject.as_view(), name="edit-object"),
    path("organization/objects/<uuid:object_id>/delete/", projects.DeleteObject.as_view(), name="delete-object"),
    path("organization/teams/", teams.Teams.as_view(), name="teams"),
    path("organization/teams/new/", teams.CreateTeam.as_view(), name="create-team"),
    path("organization/teams/<uuid:team_id>/edit/", teams.EditTeam.as_view(), name="edit-team"),
    path("organization/teams/<uuid:team_id>/delete/", teams.DeleteTeam.as_view(), name="delete-team"),
    re_path(r"^docs/?$", docs.swagger, name="docs"),
    re_path(r"^redoc/?$", docs.redoc, name="redoc"),
]
