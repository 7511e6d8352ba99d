"""Sign-in, registration, sign-out and profile."""

import pytest
from django.test import Client
from django.urls import reverse

from guildhall.core.accounts.models import User
from guildhall.core.organizations.invites import create_invite
from guildhall.core.organizations.policy import Role
from guildhall.core.organizations.selectors import active_organization
from tests.support.people import PASSWORD, House

SIGN_IN, REGISTER, PROFILE, TASKS = "/sign-in/", "/register/", "/profile/", "/tasks/"
NEW = {"name": "Mary", "email": "Mary@Example.org", "password": "a quiet corridor", "invite_code": "", "time_zone": ""}


def test_url_names_lead_to_the_agreed_addresses():
    agreed = {
        "home": "/",
        "sign-in": SIGN_IN,
        "register": REGISTER,
        "members": "/organization/members/",
        "invites": "/organization/invites/",
        "join": "/join/",
    }
    assert {name: reverse(f"web:{name}") for name in agreed} == agreed


@pytest.mark.django_db
def test_home_for_guest_leads_to_sign_in_and_back(client: Client, user: User):
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, SIGN_IN)
    response = client.post("/sign-in/?next=/profile/", {"username": "ADA@example.org", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, PROFILE)


@pytest.mark.django_db
def test_sign_in_with_foreign_next_stays_on_the_site(client: Client, user: User):
    data = {"username": user.email, "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(SIGN_IN, data)["Location"] == TASKS


@pytest.mark.django_db
def test_sign_in_with_wrong_password_says_so_once(client: Client, user: User):
    response = client.post(SIGN_IN, {"username": user.email, "password": "wrong"})
    assert response.status_code == 200
    assert response.content.decode().count("E-mail address or password is not right.") == 1
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_sign_out_needs_post_and_ends_the_session(client: Client, user: User):
    client.force_login(user)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == SIGN_IN
    assert client.get("/").status_code == 302


@pytest.mark.django_db
def test_registration_signs_in_with_a_personal_organization(client: Client):
    response = client.post(REGISTER, NEW | {"time_zone": "Asia/Kolkata"}, headers={"accept-language": "ru"})
    assert (response.status_code, response["Location"]) == (302, "/")
    person = User.objects.get(email="mary@example.org")
    assert (person.time_zone, person.language, person.name) == ("Asia/Kolkata", "ru", "Mary")
    home = client.get("/").content.decode()
    assert 'lang="ru"' in home
    assert str(person.personal_organization) in home


@pytest.mark.django_db
def test_registration_with_unknown_time_zone_takes_utc(client: Client):
    assert client.post(REGISTER, NEW | {"time_zone": "Mars/Olympus"}).status_code == 302
    assert User.objects.get(email="mary@example.org").time_zone == "UTC"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "12345678"}, "This password is too common."),
        ({"email": "ada@example.org"}, "There is an account with this e-mail address."),
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"invite_code": "unknown"}, "This invite code is not valid; ask for a new one."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_registration_with_a_fault_shows_it_beside_the_field(client: Client, user: User, change, sentence):
    response = client.post(REGISTER, NEW | change)
    assert response.status_code == 200
    (field,) = change
    assert sentence in response.context["form"].errors[field]
    page = response.content.decode()
    assert sentence in page
    assert f'aria-describedby="id_{field}_' in page
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_registration_with_a_code_opens_that_organization(client: Client, house: House):
    code = create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN).code
    assert client.post(REGISTER, NEW | {"invite_code": code}).status_code == 302
    assert active_organization(User.objects.get(email="mary@example.org")) == house.organization


@pytest.mark.django_db
def test_signed_in_people_need_no_registration(client: Client, user: User):
    client.force_login(user)
    assert client.get(REGISTER)["Location"] == "/join/"
    assert client.get(SIGN_IN)["Location"] == TASKS


@pytest.mark.django_db
def test_profile_saved_speaks_the_new_language(client: Client, user: User):
    client.force_login(user)
    assert b'value="Ada"' in client.get(PROFILE).content
    data = {"name": "Ada L.", "language": "ru", "time_zone": "Europe/Berlin"}
    response = client.post(PROFILE, data, follow=True)
    user.refresh_from_db()
    assert (user.name, user.language, user.time_zone) == ("Ada L.", "ru", "Europe/Berlin")
    assert "Профиль" in response.content.decode()


@pytest.mark.django_db
def test_profile_with_unknown_language_is_not_saved(client: Client, user: User):
    client.force_login(user)
    response = client.post(PROFILE, {"name": "Ada", "language": "xx", "time_zone": "UTC"})
    assert "language" in response.context["form"].errors


@pytest.mark.django_db
def test_guest_chooses_the_language_of_sign_in(client: Client):
    client.post("/language/", {"language": "ru", "next": SIGN_IN})
    assert "Вход" in client.get(SIGN_IN).content.decode()
