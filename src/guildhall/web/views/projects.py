"""Projects of the organization and the objects in them."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Project, ProjectObject
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import assignments_in_project, may, require
from guildhall.core.organizations.services import (
    create_object,
    create_project,
    delete_object,
    delete_project,
    update_object,
    update_project,
)
from guildhall.core.pages import Page
from guildhall.web.forms.places import NamedForm


class ProjectsPage(Page):
    """What the pages of projects share."""

    def project(self, project_id: UUID) -> Project:
        """The project of this organization, if the actor sees it.

        Raises:
            Http404: he does not, or there is none.
        """
        visible = Project.objects.visible_to(self.actor).select_related("organization")
        return get_object_or_404(visible, pk=project_id, organization=self.organization)

    def thing(self, object_id: UUID) -> ProjectObject:
        """The object of this organization, if the actor sees it.

        Raises:
            Http404: he does not, or there is none.
        """
        visible = ProjectObject.objects.visible_to(self.actor).select_related("project")
        return get_object_or_404(visible, pk=object_id, project__organization=self.organization)

    def form_page(self, form: NamedForm, *, title: str, submit: str, project: Project | None) -> HttpResponse:
        """A page with the form alone; its way back is the project, or the list of projects."""
        back = {"url": reverse("web:projects"), "label": _("Projects")}
        if project is not None:
            back = {"url": reverse("web:project", args=[project.pk]), "label": project.name}
        context = {"form": form, "title": title, "submit": submit, "back": back}
        return render(self.request, "web/form_page.html", context)


class Projects(ProjectsPage):
    """`/organization/projects/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        projects = (
            Project.objects.visible_to(self.actor)
            .filter(organization=self.organization)
            .annotate(object_count=Count("objects_in_project"))
            .order_by("name", "pk")
        )
        context = {
            "title": _("Projects"),
            "organization": self.organization,
            "projects": projects,
            "may_create": may(self.actor, "project", Action.CREATE, self.organization),
        }
        return render(request, "web/projects.html", context)


class CreateProject(ProjectsPage):
    """`/organization/projects/new/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(self.actor, "project", Action.CREATE, self.organization)
        return self._page(NamedForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NamedForm(request.POST)
        project = form.run(
            lambda: create_project(actor=self.actor, organization=self.organization, **form.cleaned_data)
        )
        return redirect("web:project", project.pk) if project else self._page(form)

    def _page(self, form: NamedForm) -> HttpResponse:
        return self.form_page(form, title=gettext("New project"), submit=gettext("Create the project"), project=None)


class ShowProject(ProjectsPage):
    """`/organization/projects/ID/`"""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        project = self.project(project_id)
        sees_members = may(self.actor, "project_member", Action.VIEW, project)
        context = {
            "title": project.name,
            "project": project,
            "objects": ProjectObject.objects.visible_to(self.actor).filter(project=project).order_by("name", "pk"),
            "assignments": assignments_in_project(project) if sees_members else (),
            "may_edit": may(self.actor, "project", Action.EDIT, project),
            "may_delete": not project.is_personal and may(self.actor, "project", Action.DELETE, project),
            "may_edit_objects": may(self.actor, "object", Action.EDIT, project),
        }
        return render(request, "web/project.html", context)


class EditProject(ProjectsPage):
    """`/organization/projects/ID/edit/`"""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        project = self.project(project_id)
        require(self.actor, "project", Action.EDIT, project)
        return self._page(project, NamedForm(initial={"name": project.name, "description": project.description}))

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        project, form = self.project(project_id), NamedForm(request.POST)
        if form.run(lambda: update_project(actor=self.actor, project=project, **form.cleaned_data)) is not None:
            messages.success(request, gettext("The project is saved."))
            return redirect("web:project", project.pk)
        return self._page(self.project(project_id), form)

    def _page(self, project: Project, form: NamedForm) -> HttpResponse:
        return self.form_page(form, title=gettext("Edit the project"), submit=gettext("Save"), project=project)


class DeleteProject(ProjectsPage):
    """`/organization/projects/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        project = self.project(project_id)
        return self.carry_out(
            lambda: delete_project(actor=self.actor, project=project),
            done=gettext("%(name)s is deleted.") % {"name": project.name},
            then="web:projects",
        )


class CreateObject(ProjectsPage):
    """`/organization/projects/ID/objects/new/`"""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        project = self.project(project_id)
        require(self.actor, "object", Action.CREATE, project)
        return self._page(project, NamedForm())

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        project, form = self.project(project_id), NamedForm(request.POST)
        if form.run(lambda: create_object(actor=self.actor, project=project, **form.cleaned_data)) is not None:
            return redirect("web:project", project.pk)
        return self._page(project, form)

    def _page(self, project: Project, form: NamedForm) -> HttpResponse:
        return self.form_page(form, title=gettext("New object"), submit=gettext("Add the object"), project=project)


class EditObject(ProjectsPage):
    """`/organization/objects/ID/edit/`"""

    def get(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        thing = self.thing(object_id)
        require(self.actor, "object", Action.EDIT, thing)
        return self._page(thing, NamedForm(initial={"name": thing.name, "description": thing.description}))

    def post(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        thing, form = self.thing(object_id), NamedForm(request.POST)
        if form.run(lambda: update_object(actor=self.actor, thing=thing, **form.cleaned_data)) is not None:
            messages.success(request, gettext("The object is saved."))
            return redirect("web:project", thing.project_id)
        return self._page(thing, form)

    def _page(self, thing: ProjectObject, form: NamedForm) -> HttpResponse:
        return self.form_page(form, title=gettext("Edit the object"), submit=gettext("Save"), project=thing.project)


class DeleteObject(ProjectsPage):
    """`/organization/objects/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        thing = self.thing(object_id)
        return self.carry_out(
            lambda: delete_object(actor=self.actor, thing=thing),
            done=gettext("%(name)s is deleted.") % {"name": thing.name},
            then="web:project",
            project_id=thing.project_id,
        )
