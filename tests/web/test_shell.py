"""The frame of the pages: navigation, home, themes, error pages, documentation, headers."""

import json
import re
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from guildhall.config.urls import urlpatterns as site_urls
from guildhall.core import shell
from guildhall.core.errors import ConflictError
from guildhall.core.shell import AttentionItem, NavItem, Urgency
from guildhall.web.messages import CLIENT_MESSAGES
from guildhall.web.templatetags.shell import hue, icon, initials
from tests.support.people import House

FRONTEND = Path(__file__).parents[2] / "frontend"


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the roof leaks")


def conflicting(request: HttpRequest) -> HttpResponse:
    raise ConflictError("Two people sawed at once.")


urlpatterns = [path("broken/", broken), path("conflict/", conflicting), path("api/conflict/", conflicting), *site_urls]
handler500 = "guildhall.web.views.errors.server_error"
handler404 = "guildhall.web.views.errors.not_found"


def test_navigation_shows_registered_entries_in_order(admin: Client, house: House):
    shell.register_navigation(NavItem(label="Zebra", url_name="web:teams", icon="box", order=2))
    shell.register_navigation(NavItem(label="Ant", url_name="web:projects", icon="box", order=1, description="Small"))
    shell.register_navigation(
        NavItem(label="Hidden", url_name="web:members", icon="box", visible_to=lambda user, organization: False)
    )
    response = admin.get("/")
    assert [item.label for item in response.context["shell"].navigation] == ["Ant", "Zebra"]
    assert "Small" in response.content.decode()


def test_entry_registered_again_takes_the_place_of_the_first(house: House):
    for label in ("Old", "New"):
        shell.register_navigation(NavItem(label=label, url_name="web:teams", icon="box"))
    assert [item.label for item in shell.navigation_for(house.admin, house.organization)] == ["New"]


def test_home_shows_what_needs_attention_the_loudest_first(admin: Client, house: House):
    def provider(user, organization):
        assert (user, organization) == (house.admin, house.organization)
        yield AttentionItem(title="Filter is old", url="/a/")
        yield AttentionItem(title="Sensor is silent", url="/b/", urgency=Urgency.ERROR, detail="Since noon")

    shell.register_attention(provider)
    shell.register_attention(provider)
    response = admin.get("/")
    assert [item.title for item in response.context["attention"]] == ["Sensor is silent", "Filter is old"]
    assert "Since noon" in response.content.decode()
    assert 'data-refresh="/attention/"' in response.text
    assert "Since noon" in admin.get("/attention/").text


def test_home_without_anything_says_so_and_offers_next_steps(admin: Client):
    page = admin.get("/").content.decode()
    assert "Nothing waits for you." in page
    assert "Invite people" in page


def test_home_of_a_personal_organization_offers_to_create_and_join(visit, house: House):
    page = visit(house.stranger, house.stranger.personal_organization).get("/").content.decode()
    assert "Create an organization" in page
    assert "Join with a code" in page


def test_superuser_switches_between_own_organizations_only(visit, house: House):
    organizations = visit(house.superuser).get("/").context["shell"].organizations
    assert organizations == [house.superuser.personal_organization]


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("system", ""), ('"><script>', ""), ("", "")],
)
def test_theme_of_the_cookie_is_in_the_first_byte_of_the_page(client: Client, db, cookie: str, attribute: str):
    client.cookies["theme"] = cookie
    assert f'<html lang="en"{attribute}>' in client.get("/sign-in/").content.decode()


def test_page_allows_only_its_own_scripts_and_styles(client: Client, db):
    response = client.get("/sign-in/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", policy)
    assert nonce
    page = response.content.decode()
    assert f'nonce="{nonce[1]}"' in page
    assert not re.search(r"<[^>]+\s(style|onclick|onload)=", page)
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_pages_of_members_are_not_kept_by_caches(admin: Client):
    assert admin.get("/")["Cache-Control"] == "private, no-cache"


@override_settings(ROOT_URLCONF="tests.web.test_shell")
def test_unexpected_error_shows_a_page_that_needs_nothing(client: Client, db, caplog: pytest.LogCaptureFixture):
    client.raise_request_exception = False
    response = client.get("/broken/", headers={"x-request-id": "abc12345"})
    page = response.content.decode()
    assert response.status_code == 500
    assert "Something broke" in page
    assert "roof" not in page
    assert response["X-Request-ID"] in page


@override_settings(ROOT_URLCONF="tests.web.test_shell")
def test_error_of_a_service_shows_its_sentence_and_status(client: Client, db):
    response = client.get("/conflict/")
    assert response.status_code == 409
    assert "Two people sawed at once." in response.content.decode()
    with pytest.raises(ConflictError):
        client.get("/api/conflict/")


@pytest.mark.parametrize("signed_in", [True, False])
def test_unknown_address_is_404_in_the_frame_of_the_visitor(visit, house: House, signed_in):
    browser = visit(house.admin) if signed_in else Client()
    response = browser.get("/nothing/here/")
    assert response.status_code == 404
    page = response.content.decode()
    assert "There is nothing here" in page
    assert ('id="side-bar"' in page) is signed_in


def test_form_without_csrf_proof_is_refused_in_words(db):
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "cookies are blocked" in response.content.decode()


def test_handlers_of_django_answer_with_pages(rf: RequestFactory):
    from guildhall.web.views import errors

    request = rf.get("/")
    assert errors.bad_request(request, Exception()).status_code == 400
    assert errors.permission_denied(request, Exception()).status_code == 403


@pytest.mark.parametrize("viewer", ["docs", "redoc"])
def test_documentation_draws_the_chosen_schema_with_own_assets(client: Client, db, viewer: str):
    page = client.get(f"/{viewer}").content.decode()
    assert "/api/schema/" in page
    assert "cdn" not in page
    page = client.get(f"/{viewer}?schema=compute").content.decode()
    assert "/api/v1/openapi.json" in page.replace("\\u002D", "-")
    assert ("blob:" in client.get(f"/{viewer}")["Content-Security-Policy"]) is (viewer == "redoc")


def test_icons_of_templates_are_drawn_and_unknown_ones_refused():
    assert "<path" in icon("activity", "size-4")
    with pytest.raises(KeyError):
        icon("no-such-icon")


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("ada@example.org", "A"), ("", ""), ("Анна Мария Петрова", "АМ")]
)
def test_initials_are_two_capitals_at_most(name: str, letters: str):
    assert initials(name) == letters


def test_hue_is_stable_and_in_the_palette():
    assert {hue(number) for number in range(50)} == set(range(1, 7))
    assert hue("x") == hue("x")


def test_island_escapes_what_it_is_given():
    markup = Template('{% load shell %}{% island "chart" props %}').render(Context({"props": {"name": "\"'><b>"}}))
    assert "<b>" not in markup
    data = re.search(r'data-props="([^"]*)"', markup)
    assert data
    import html

    assert json.loads(html.unescape(data[1])) == {"name": "\"'><b>"}


def test_every_sentence_of_the_scripts_is_in_the_page_catalogue():
    sources = [file for file in (FRONTEND / "src").rglob("*.ts*") if ".test." not in file.name]
    used = {match for file in sources for match in re.findall(r'(?<![\w.])t\(\s*"((?:[^"\\]|\\.)*)"', file.read_text())}
    assert used == set(CLIENT_MESSAGES)
