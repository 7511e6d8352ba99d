"""Saved views: kept, used, shared, renamed, deleted, and begun with."""

import pytest
from django.test import Client

from guildhall.core.errors import NotAllowedError
from guildhall.core.organizations.services import choose_active_organization
from guildhall.modules.tasks import services
from guildhall.modules.tasks.models import DefaultView, SavedView
from tests.support.people import House
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


def save(house: House, *, actor=None, **fields) -> SavedView:
    given = {"name": "Urgent", "layout": "board", "query": "priority=urgent", **fields}
    return services.save_view(actor=actor or house.admin, organization=house.organization, **given)


def test_view_is_kept_and_leads_back_to_what_was_looked_at(page: Client, house: House):
    make_task(house, title="Now", priority="urgent")
    form = page.get("/tasks/views/new/?layout=board&query=priority%3Durgent").context["form"]
    sent = {"name": " Urgent ", "layout": form["layout"].value(), "query": f"{form['query'].value()}&cursor=x&evil=1"}
    response = page.post("/tasks/views/new/", sent)
    view = SavedView.objects.get()
    assert response["Location"] == f"/tasks/board/?priority=urgent&view={view.pk}"
    assert view.name == "Urgent"
    (offered,) = page.get(response["Location"]).context["views"]
    assert offered["is_current"]
    assert not page.get("/tasks/board/?priority=low").context["views"][0]["is_current"]


def test_view_that_makes_no_sense_is_explained(page: Client, house: House):
    save(house)
    for sent in ({"name": ""}, {"name": "urgent"}, {"name": "x" * 81}):
        response = page.post("/tasks/views/new/", {"layout": "list", "query": "", **sent})
        assert response.status_code == 200
        assert "name" in response.context["form"].errors
    assert page.post("/tasks/views/new/", {"name": "A", "layout": "wall", "query": "x"}).context["form"].errors
    assert SavedView.objects.count() == 1


def test_own_view_is_nobody_elses_and_a_shared_one_is_everybodys(page: Client, members_page: Client, house: House):
    own, shared = save(house, name="Own"), save(house, name="Shared", is_shared=True)
    text = members_page.get("/tasks/views/").text
    assert ("Own" in text, "Shared" in text) == (False, True)
    assert f"/tasks/views/{shared.pk}/edit/" not in text
    assert members_page.get(f"/tasks/views/{own.pk}/edit/").status_code == 404
    assert members_page.post(f"/tasks/views/{own.pk}/delete/").status_code == 404
    assert members_page.post(f"/tasks/views/{shared.pk}/delete/").status_code == 403
    assert members_page.post(f"/tasks/views/{shared.pk}/edit/", {"name": "Mine"}).status_code == 403


def test_shared_view_is_looked_after_by_moderators(house: House):
    view = save(house, actor=house.user, is_shared=True)
    services.update_view(actor=house.moderator, view=view, name="Better")
    services.delete_view(actor=house.moderator, view=view)
    assert not SavedView.objects.exists()


def test_view_is_renamed_shared_and_deleted(page: Client, house: House):
    view = save(house)
    assert page.get(f"/tasks/views/{view.pk}/edit/").context["form"]["name"].value() == "Urgent"
    page.post(f"/tasks/views/{view.pk}/edit/", {"name": "Hot", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Hot", True)
    assert "This field is required" in page.post(f"/tasks/views/{view.pk}/edit/", {"name": ""}).text
    page.post(f"/tasks/views/{view.pk}/delete/")
    assert "No saved views yet" in page.get("/tasks/views/").text


def test_tasks_begin_with_the_view_that_was_chosen(page: Client, members_page: Client, house: House):
    view = save(house, is_shared=True)
    page.post("/tasks/views/default/", {"view": view.pk})
    assert page.get("/tasks/")["Location"] == f"/tasks/board/?priority=urgent&view={view.pk}"
    assert page.get("/tasks/?state=open").status_code == 200
    assert members_page.get("/tasks/").status_code == 200
    page.post("/tasks/views/default/", {"view": ""})
    assert page.get("/tasks/").status_code == 200
    assert page.post("/tasks/views/default/", {"view": "x"}).status_code == 404
    assert page.post("/tasks/views/default/", {"view": "99"}).status_code == 404
    page.post("/tasks/views/new/", {"name": "B", "layout": "calendar", "query": "assignee=me", "is_default": "on"})
    other = SavedView.objects.get(name="B")
    assert page.get("/tasks/")["Location"] == f"/tasks/calendar/?assignee=me&view={other.pk}"


def test_view_takes_over_what_is_looked_at_and_gives_it_back(page: Client, members_page: Client, house: House):
    view = save(house, is_shared=True)
    here = f"/tasks/?priority=low&view={view.pk}"
    assert page.get(f"/tasks/board/?priority=urgent&view={view.pk}").context["changed_view"] is None
    assert members_page.get(here).context["changed_view"] is None
    context = page.get(here).context
    assert context["changed_view"] == view
    sent = {"layout": context["layout"], "query": f"{context['kept_query']}&cursor=x"}
    assert members_page.post(f"/tasks/views/{view.pk}/overwrite/", sent).status_code == 403
    response = page.post(f"/tasks/views/{view.pk}/overwrite/", sent, follow=True)
    view.refresh_from_db()
    assert (view.layout, view.query) == ("list", "priority=low")
    assert (response.redirect_chain[0][0], response.context["changed_view"]) == (here, None)
    undo = f"view:{view.pk}:board:priority=urgent"
    assert undo in response.text
    assert members_page.post("/tasks/undo/", {"what": undo}).status_code == 403
    page.post("/tasks/undo/", {"what": undo})
    view.refresh_from_db()
    assert (view.layout, view.query) == ("board", "priority=urgent")
    for nonsense in (f"view:{view.pk}:wall:", "view:99:list:", "view:x"):
        assert page.post("/tasks/undo/", {"what": nonsense}).status_code == 404
    page.post(f"/tasks/views/{view.pk}/overwrite/", {"layout": "wall", "query": ""})
    view.refresh_from_db()
    assert view.layout == "board"


def test_view_that_is_shared_no_more_is_begun_with_by_its_owner_only(house: House):
    view = save(house, is_shared=True)
    for person in (house.admin, house.user):
        services.choose_default_view(actor=person, organization=house.organization, view=view)
    services.update_view(actor=house.admin, view=view, is_shared=False)
    assert [default.user for default in DefaultView.objects.all()] == [house.admin]


def test_stranger_keeps_no_view_of_the_organization(house: House):
    with pytest.raises(NotAllowedError):
        save(house, actor=house.stranger)


def test_view_belongs_to_its_organization(page: Client, house: House):
    view = save(house)
    choose_active_organization(actor=house.admin, organization=house.admin.personal_organization)
    assert page.get(f"/tasks/views/{view.pk}/edit/").status_code == 404
