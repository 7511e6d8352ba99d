"""Saved views: kept from the page that one looks at, used from its menu, renamed and deleted on a page of their own."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.pages import ServiceForm
from guildhall.modules.tasks import policy, selectors, services
from guildhall.modules.tasks.models import LAYOUT_CHOICES, SavedView
from guildhall.modules.tasks.models.views import LONGEST_QUERY
from guildhall.modules.tasks.web.asked import VIEW, Asked
from guildhall.modules.tasks.web.base import TasksPage

NAME_LENGTH: Final = 80


class ViewForm(ServiceForm):
    """What a saved view is called, and for whom it is."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    is_shared = forms.BooleanField(label=_("Everybody in the organization may use it"), required=False)


class NewViewForm(ViewForm):
    is_default = forms.BooleanField(label=_("Begin with it when I open the tasks"), required=False)
    layout = forms.ChoiceField(choices=LAYOUT_CHOICES, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=LONGEST_QUERY, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        """The query with nothing in it but what makes up a view."""
        return Asked.of(QueryDict(self.cleaned_data["query"])).kept


class ViewsPage(TasksPage):
    """What concerns saved views."""

    def view(self, pk: int) -> SavedView:
        """The view, if the actor may use it.

        Raises:
            Http404: he may not.
        """
        found = selectors.views_for(self.actor, self.organization).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def may_change(self, view: SavedView) -> bool:
        return policy.may_change_view(self.standing, owner_id=view.owner_id, is_shared=view.is_shared)


class ShowViews(ViewsPage):
    """`/tasks/views/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = [(view, self.may_change(view)) for view in selectors.views_for(self.actor, self.organization)]
        context = {"title": _("Saved views"), "rows": rows}
        return render(request, "tasks/views.html", context)


class SaveView(ViewsPage):
    """`/tasks/views/new/?layout=board&query=…`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = NewViewForm(initial={name: request.GET.get(name, "") for name in ("layout", "query")})
        return self.page(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewViewForm(request.POST)
        view = form.run(
            lambda: services.save_view(actor=self.actor, organization=self.organization, **form.cleaned_data)
        )
        if view is None:
            return self.page(form)
        messages.success(request, gettext("The view “%(name)s” is saved.") % {"name": view})
        return redirect(address_of(view))

    def page(self, form: NewViewForm) -> HttpResponse:
        context = {"title": _("Save this view"), "form": form, "submit": _("Save"), "back": reverse("tasks:views")}
        return render(self.request, "tasks/plain_form.html", context)


class EditView(ViewsPage):
    """`/tasks/views/ID/edit/`"""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.view(pk)
        return self.page(ViewForm(initial={"name": view.name, "is_shared": view.is_shared}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view, form = self.view(pk), ViewForm(request.POST)
        changed = form.run(lambda: services.update_view(actor=self.actor, view=view, **form.cleaned_data))
        if changed is None:
            return self.page(form)
        messages.success(request, gettext("Saved."))
        return redirect("tasks:views")

    def page(self, form: ViewForm) -> HttpResponse:
        context = {"title": _("Edit the view"), "form": form, "submit": _("Save"), "back": reverse("tasks:views")}
        return render(self.request, "tasks/plain_form.html", context)


class OverwriteView(ViewsPage):
    """`/tasks/views/ID/overwrite/`: let the view show from now on what its user looks at."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.view(pk)
        before = f"view:{pk}:{view.layout}:{view.query}"
        query = Asked.of(QueryDict(request.POST.get("query", "")[:LONGEST_QUERY])).kept
        layout = request.POST.get("layout", "")
        return self.done(
            lambda: services.update_view(actor=self.actor, view=view, layout=layout, query=query),
            said=gettext("The view “%(name)s” is changed.") % {"name": view},
            then=f"{reverse(f'tasks:{layout}')}?{query}&view={pk}"
            if layout in dict(LAYOUT_CHOICES)
            else address_of(view),
            undo=before,
        )


class DeleteView(ViewsPage):
    """`/tasks/views/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.view(pk)
        return self.done(
            lambda: services.delete_view(actor=self.actor, view=view),
            said=gettext("The view “%(name)s” is deleted.") % {"name": view},
            then=reverse("tasks:views"),
        )


class ChooseDefault(ViewsPage):
    """`/tasks/views/default/`: with which view its user begins; none with an empty `view`."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        key = request.POST.get("view", "")
        if key and not key.isdecimal():
            raise Http404
        view = self.view(int(key[:18])) if key else None
        return self.done(
            lambda: services.choose_default_view(actor=self.actor, organization=self.organization, view=view),
            said=gettext("You begin with “%(name)s” from now on.") % {"name": view}
            if view
            else gettext("You begin with all open tasks from now on."),
            then=reverse("tasks:views"),
        )


def address_of(view: SavedView) -> str:
    """The page that shows it."""
    return f"{reverse(f'tasks:{view.layout}')}?{view.query}&{VIEW}={view.pk}"


def offered(views: list[SavedView], layout: str, asked: Asked) -> list[dict[str, Any]]:
    """The views as a menu shows them: each with its address, and whether it is what one looks at."""
    return [
        {"view": view, "url": address_of(view), "is_current": (view.layout, view.query) == (layout, asked.kept)}
        for view in views
    ]
