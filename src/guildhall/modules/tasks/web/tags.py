"""The page of tags: how often each is used, and its name, colour, merging and deletion."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.pages import ServiceForm
from guildhall.modules.tasks import policy, selectors, services
from guildhall.modules.tasks.facets import counts_by_tag
from guildhall.modules.tasks.models import TAG_COLOR_CHOICES, Tag
from guildhall.modules.tasks.web.base import TasksPage
from guildhall.modules.tasks.web.forms import LONGEST_TAG, OneField


class TagForm(ServiceForm):
    """A tag's name and colour."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_TAG)
    color = forms.ChoiceField(label=_("Colour"), choices=TAG_COLOR_CHOICES)


class MergeForm(ServiceForm):
    """Into which other tag."""

    into = OneField(label=_("Into"), queryset=Tag.objects.none(), empty_label=_("Choose a tag"))

    def __init__(self, data: Any = None, *, others: QuerySet[Tag]) -> None:
        super().__init__(data)
        choice = self.fields["into"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = others


class TagsPage(TasksPage):
    """What concerns tags."""

    def tag(self, pk: int) -> Tag:
        """The tag of the organization.

        Raises:
            Http404: there is none.
        """
        found = selectors.tags_for(self.actor, self.organization).filter(pk=pk).select_related("organization").first()
        if found is None:
            raise Http404
        return found


class ShowTags(TagsPage):
    """`/tasks/tags/`; a POST creates one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(TagForm(initial={"color": "blue"}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TagForm(request.POST)
        made = form.run(
            lambda: services.create_tag(actor=self.actor, organization=self.organization, **form.cleaned_data)
        )
        if made is None:
            return self.page(form)
        messages.success(request, gettext("The tag “%(name)s” is there.") % {"name": made})
        return redirect("tasks:tags")

    def page(self, form: TagForm) -> HttpResponse:
        seen = selectors.tasks_in(self.organization.pk, self.standing).filter(is_archived=False)
        counts = counts_by_tag(seen)
        tags = selectors.tags_for(self.actor, self.organization)
        context = {
            "title": _("Tags"),
            "form": form,
            "rows": [(tag, counts.get(tag.pk, 0)) for tag in tags],
            "may_curate": policy.may_curate(self.standing),
        }
        return render(self.request, "tasks/tags.html", context)


class EditTag(TagsPage):
    """`/tasks/tags/ID/`: name and colour, and the tag into which it can be merged."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tag = self.tag(pk)
        return self.page(tag, TagForm(initial={"name": tag.name, "color": tag.color}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tag = self.tag(pk)
        if "into" in request.POST:
            merging = MergeForm(request.POST, others=self.others(tag))
            return self.finish(
                tag,
                merging,
                lambda: services.merge_tags(actor=self.actor, tag=tag, into=merging.cleaned_data["into"]) or tag,
                gettext("“%(name)s” is merged.") % {"name": tag},
            )
        form = TagForm(request.POST)
        return self.finish(
            tag,
            form,
            lambda: services.update_tag(actor=self.actor, tag=tag, **form.cleaned_data),
            gettext("Saved."),
        )

    def finish(self, tag: Tag, form: ServiceForm, call: Callable[[], Tag], said: str) -> HttpResponse:
        if form.run(call) is None:
            return self.page(tag, form)
        messages.success(self.request, said)
        return redirect("tasks:tags")

    def others(self, tag: Tag) -> QuerySet[Tag]:
        return selectors.tags_for(self.actor, self.organization).exclude(pk=tag.pk)

    def page(self, tag: Tag, form: ServiceForm) -> HttpResponse:
        is_merging = isinstance(form, MergeForm)
        context = {
            "title": _("Edit the tag"),
            "tag": tag,
            "form": TagForm(initial={"name": tag.name, "color": tag.color}) if is_merging else form,
            "merging": form if is_merging else MergeForm(others=self.others(tag)),
            "may_curate": policy.may_curate(self.standing),
        }
        return render(self.request, "tasks/tag.html", context)


class DeleteTag(TagsPage):
    """`/tasks/tags/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tag = self.tag(pk)
        return self.done(
            lambda: services.delete_tag(actor=self.actor, tag=tag),
            said=gettext("The tag “%(name)s” is deleted.") % {"name": tag},
            then=reverse("tasks:tags"),
        )
