"""Who gets which answer from the core's routes of Django."""

import pyotp

from guildhall.core.accounts import api_keys, mail, second_factor, tokens
from guildhall.core.accounts.models import MailPurpose, User
from guildhall.core.organizations import invites, services
from guildhall.core.organizations.models import RoleAssignment
from guildhall.core.organizations.policy import Role
from tests.contracts.permissions import ADMINS, MEMBERS, MODERATORS, SIGNED_IN, Case, Table, creating, deleting
from tests.support.people import PASSWORD, make_person

EVERYBODY = "200 200 200 200 200 200"
NEW_PASSWORD = "another good password"


def organization(house, person):
    return house.organization.pk


def project(house, person):
    return house.project.pk


def invite(house, person):
    return invites.create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN)


def team(house, person):
    return services.create_team(actor=house.admin, organization=house.organization, name="Night shift").pk


def refresh_token_of(house, person):
    return tokens.issue_tokens(user=house.person(person) or house.admin).refresh


def api_key_of_the_user(house, person):
    return api_keys.create_api_key(actor=house.user, name="Script", scopes=["read"]).api_key.pk


def sign_in_of_the_user(house, person):
    tokens.issue_tokens(user=house.user)
    return house.user.refresh_families.latest("created_at").pk


def first_code(user):
    """The first code of an app that was just set up."""
    if user is None:
        return "000000"
    return pyotp.TOTP(second_factor.enrol(actor=user, password=PASSWORD).secret).now()


def second_step(house, person):
    """What somebody sends whose password was right."""
    user = User.objects.filter(email="second@example.org").first() or make_person("second")
    if not second_factor.is_enabled(user):
        second_factor.confirm(actor=user, code=first_code(user))
    codes = second_factor.renew_recovery_codes(actor=user, password=PASSWORD)
    return {"challenge": second_factor.challenge_for(user), "code": codes[0]}


def with_second_factor(house, person):
    user = house.person(person)
    if user is not None:
        second_factor.confirm(actor=user, code=first_code(user))
    return {"password": PASSWORD}


def mailed_token(user, purpose):
    mail.queue_mail(purpose, email=user.email, user=user)
    return mail.token_of(user.mails.latest("created_at"))


ORGANIZATION = {"id": organization}
OWN_KEY = {"id": api_key_of_the_user}
PROJECT = {"id": project}
TEAM = {"id": organization, "team_id": team}
TEAM_ALONE = {"id": team}
INVITE = {"id": organization, "invite_id": lambda house, person: invite(house, person).invite.pk}
USERS_THING = {"id": lambda house, person: house.thing.pk}
OTHER_THING = {"id": lambda house, person: house.other_thing.pk}
PROFILE = {"name": "New name", "language": "ru", "time_zone": "Asia/Kolkata"}
PERSON = {"id": lambda house, person: house.user.pk}
FOREIGNER = {"id": lambda house, person: house.stranger.pk}

TABLE: Table = {
    ("GET", "/api/api-keys/"): [Case(SIGNED_IN, for_persons=True)],
    ("POST", "/api/api-keys/"): [
        Case(creating(SIGNED_IN), body={"name": "Script", "scopes": ["telemetry:read"]}, for_persons=True)
    ],
    ("GET", "/api/api-keys/{id}/"): [Case("401 404 200 404 404 404", params=OWN_KEY, for_persons=True)],
    ("DELETE", "/api/api-keys/{id}/"): [Case("401 404 204 404 404 404", params=OWN_KEY, for_persons=True)],
    ("GET", "/api/audit/"): [Case(SIGNED_IN)],
    ("GET", "/api/sessions/"): [Case(SIGNED_IN, for_persons=True)],
    ("DELETE", "/api/sessions/"): [Case(deleting(SIGNED_IN), for_persons=True)],
    ("DELETE", "/api/sessions/{id}/"): [
        Case("401 404 204 404 404 404", params={"id": sign_in_of_the_user}, for_persons=True)
    ],
    ("POST", "/api/auth/register/"): [
        Case(
            creating(EVERYBODY),
            body={"email": lambda house, person: f"new-{person}@example.org", "password": PASSWORD},
        )
    ],
    ("POST", "/api/auth/login/"): [Case(EVERYBODY, body={"email": "ADMIN@example.org", "password": PASSWORD})],
    ("POST", "/api/auth/login/second-factor/"): [
        Case(EVERYBODY, body=second_step),
        Case(
            "401 401 401 401 401 401",
            body=lambda house, person: {**second_step(house, person), "code": "000000"},
            name="with a wrong code",
        ),
    ],
    ("POST", "/api/auth/password/change/"): [
        Case(deleting(SIGNED_IN), body={"current_password": PASSWORD, "password": NEW_PASSWORD}, for_persons=True)
    ],
    ("POST", "/api/auth/password/reset/"): [
        Case("202 202 202 202 202 202", body={"email": "user@example.org"}),
        Case("202 202 202 202 202 202", body={"email": "nobody@example.org"}, name="of nobody"),
    ],
    ("POST", "/api/auth/password/reset/confirm/"): [
        Case(
            deleting(EVERYBODY),
            body=lambda house, person: {
                "token": mailed_token(house.user, MailPurpose.RESET),
                "password": NEW_PASSWORD,
            },
        )
    ],
    ("POST", "/api/auth/verify-email/"): [
        Case(deleting(EVERYBODY), body=lambda house, person: {"token": mailed_token(house.user, MailPurpose.VERIFY)})
    ],
    ("POST", "/api/auth/verify-email/resend/"): [Case("401 202 202 202 202 202", for_persons=True)],
    ("GET", "/api/auth/second-factor/"): [Case(SIGNED_IN, for_persons=True)],
    ("POST", "/api/auth/second-factor/"): [Case(creating(SIGNED_IN), body={"password": PASSWORD}, for_persons=True)],
    ("POST", "/api/auth/second-factor/confirm/"): [
        Case(SIGNED_IN, body=lambda house, person: {"code": first_code(house.person(person))}, for_persons=True)
    ],
    ("POST", "/api/auth/second-factor/disable/"): [
        Case(deleting(SIGNED_IN), body=with_second_factor, for_persons=True)
    ],
    ("POST", "/api/auth/second-factor/recovery-codes/"): [Case(SIGNED_IN, body=with_second_factor, for_persons=True)],
    ("POST", "/api/auth/refresh/"): [Case(EVERYBODY, body={"refresh": refresh_token_of})],
    ("POST", "/api/auth/logout/"): [Case(deleting(SIGNED_IN), body={"refresh": refresh_token_of})],
    ("GET", "/api/users/"): [Case(SIGNED_IN)],
    ("GET", "/api/users/me/"): [Case(SIGNED_IN)],
    ("POST", "/api/users/me/export/"): [Case(SIGNED_IN, body={"password": PASSWORD}, for_persons=True)],
    # The only admin or superuser can't go.
    ("POST", "/api/users/me/deactivate/"): [
        Case("401 409 204 204 409 409", body={"password": PASSWORD}, for_persons=True)
    ],
    ("POST", "/api/users/me/erase/"): [Case("401 409 204 204 409 409", body={"password": PASSWORD}, for_persons=True)],
    ("POST", "/api/users/{id}/deactivate/"): [
        Case("401 404 403 403 403 204", params=PERSON, for_persons=True),
        Case("401 403 404 404 404 204", params=FOREIGNER, name="of a stranger", for_persons=True),
    ],
    ("POST", "/api/users/{id}/reactivate/"): [
        Case("401 404 403 403 403 204", params=PERSON, for_persons=True),
    ],
    ("GET", "/api/users/{id}/"): [
        Case(MEMBERS, params=PERSON),
        Case("401 200 404 404 404 200", params=FOREIGNER, name="of a stranger"),
    ],
    ("PUT", "/api/users/{id}/"): [
        Case("401 404 200 403 200 200", params=PERSON, body=PROFILE),
        Case("401 200 404 404 404 200", params=FOREIGNER, body=PROFILE, name="of a stranger"),
    ],
    ("GET", "/api/organizations/"): [Case(SIGNED_IN)],
    ("POST", "/api/organizations/"): [Case(creating(SIGNED_IN), body={"name": "Another"})],
    ("POST", "/api/organizations/join/"): [
        Case(SIGNED_IN, body={"code": lambda house, person: invite(house, person).code})
    ],
    ("GET", "/api/organizations/{id}/"): [Case(MEMBERS, params=ORGANIZATION)],
    ("PATCH", "/api/organizations/{id}/"): [Case(ADMINS, params=ORGANIZATION, body={"name": "Renamed"})],
    ("DELETE", "/api/organizations/{id}/"): [Case(deleting(ADMINS), params=ORGANIZATION)],
    ("GET", "/api/organizations/{id}/members/"): [Case(MEMBERS, params=ORGANIZATION)],
    ("DELETE", "/api/organizations/{id}/members/{user_id}/"): [
        Case(
            "401 404 403 204 204 204",
            params={**ORGANIZATION, "user_id": lambda house, person: house.moderator.pk},
            name="the moderator, who may leave by himself",
        )
    ],
    ("GET", "/api/organizations/{id}/invites/"): [Case(ADMINS, params=ORGANIZATION)],
    ("POST", "/api/organizations/{id}/invites/"): [
        Case(creating(ADMINS), params=ORGANIZATION, body={"role": "moderator", "project": project})
    ],
    ("DELETE", "/api/organizations/{id}/invites/{invite_id}/"): [Case(deleting(ADMINS), params=INVITE)],
    ("POST", "/api/organizations/{id}/invites/{invite_id}/rotate/"): [Case(ADMINS, params=INVITE)],
    ("GET", "/api/organizations/{id}/teams/"): [Case(MEMBERS, params=ORGANIZATION)],
    ("POST", "/api/organizations/{id}/teams/"): [Case(creating(ADMINS), params=ORGANIZATION, body={"name": "Tools"})],
    ("GET", "/api/organizations/{id}/teams/{team_id}/"): [Case(MEMBERS, params=TEAM)],
    ("PATCH", "/api/organizations/{id}/teams/{team_id}/"): [Case(ADMINS, params=TEAM, body={"name": "Day shift"})],
    ("DELETE", "/api/organizations/{id}/teams/{team_id}/"): [Case(deleting(ADMINS), params=TEAM)],
    ("GET", "/api/teams/"): [Case(SIGNED_IN)],
    ("POST", "/api/teams/"): [Case(creating(SIGNED_IN), body={"name": "Day shift"})],
    ("GET", "/api/teams/{id}/"): [Case(MEMBERS, params=TEAM_ALONE)],
    ("PATCH", "/api/teams/{id}/"): [Case(ADMINS, params=TEAM_ALONE, body={"name": "Day shift"})],
    ("DELETE", "/api/teams/{id}/"): [Case(deleting(ADMINS), params=TEAM_ALONE)],
    ("GET", "/api/projects/"): [Case(SIGNED_IN)],
    ("POST", "/api/projects/"): [
        # What a stranger can't see is an error of the field that names it, as there is no address to miss.
        Case("401 400 403 403 201 201", body={"organization": organization, "name": "New"})
    ],
    ("GET", "/api/projects/{id}/"): [Case(MEMBERS, params=PROJECT)],
    ("PATCH", "/api/projects/{id}/"): [Case(MODERATORS, params=PROJECT, body={"name": "Renamed"})],
    ("DELETE", "/api/projects/{id}/"): [Case(deleting(ADMINS), params=PROJECT)],
    ("GET", "/api/projects/{id}/members/"): [Case(MODERATORS, params=PROJECT)],
    ("POST", "/api/projects/{id}/members/"): [
        Case(
            creating(MODERATORS),
            params=PROJECT,
            body={
                "user": lambda house, person: house.moderator.pk,
                "role": "user",
                "object": lambda house, person: house.other_thing.pk,
            },
        ),
        Case(
            "401 404 403 403 201 201",
            params=PROJECT,
            body={"user": lambda house, person: house.user.pk, "role": "admin"},
            name="as admin",
        ),
    ],
    ("DELETE", "/api/projects/{id}/members/{assignment_id}/"): [
        Case(
            "401 404 204 204 204 204",
            params={
                **PROJECT,
                "assignment_id": lambda house, person: (
                    RoleAssignment.objects.get(user=house.user, organization=house.organization).pk
                ),
            },
            name="the user's role, which he may give up",
        )
    ],
    ("GET", "/api/projects/{id}/objects/"): [Case(MEMBERS, params=PROJECT)],
    ("POST", "/api/projects/{id}/objects/"): [Case(creating(MODERATORS), params=PROJECT, body={"name": "Lathe"})],
    ("GET", "/api/objects/{id}/"): [
        Case(MEMBERS, params=USERS_THING),
        Case("401 404 404 200 200 200", params=OTHER_THING, name="another's"),
    ],
    ("PATCH", "/api/objects/{id}/"): [
        Case(MODERATORS, params=USERS_THING, body={"name": "Renamed"}),
        Case("401 404 404 200 200 200", params=OTHER_THING, body={"name": "Renamed"}, name="another's"),
    ],
    ("DELETE", "/api/objects/{id}/"): [Case(deleting(MODERATORS), params=USERS_THING)],
}
