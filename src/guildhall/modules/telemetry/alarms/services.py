"""Writes: alarm rules, what somebody acknowledges, and the evaluation of what is due."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.audit.services import record
from guildhall.core.errors import InvalidInputError, NotFoundError
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.core.validation import clean_or_raise
from guildhall.modules.telemetry.alarms.evaluation import evaluate
from guildhall.modules.telemetry.alarms.events import Told, tell
from guildhall.modules.telemetry.alarms.models import DEFINING, AlarmEpisode, AlarmRule, AlarmState
from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.errors import NameTakenError
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.store import alarm_marks
from guildhall.modules.telemetry.store.alarm_marks import Mark
from guildhall.modules.telemetry.store.layout import microseconds

#: So many datapoints are evaluated in one transaction.
AT_ONCE: Final = 32
MAX_RULES: Final = 50
_SHORTEST: Final = timedelta(microseconds=1)


def database_now() -> datetime:
    """The database's clock, which is the same for every process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    moment: datetime = now
    return moment


@transaction.atomic
def create_rule(*, actor: User, datapoint: Datapoint, since: datetime | None = None, **given: Any) -> AlarmRule:
    """Create an alarm rule of a datapoint. It looks at samples from `since` on, which is now unless it is earlier.

    `given` are name, kind, low, high, hysteresis, per, duration_s, severity and enabled.

    Raises:
        InvalidInputError: a threshold is missing, too many or makes no sense; its field is named.
        NameTakenError: the datapoint has a rule of this name.
    """
    require(actor, "alarm_rule", Action.CREATE, datapoint)
    now = database_now()
    if since is not None and since > now:
        raise InvalidInputError(fields={"since": [_("This is in the future.")]})
    if datapoint.alarm_rules.count() >= MAX_RULES:
        raise InvalidInputError(fields={"datapoint": [_("This datapoint has as many rules as it may have.")]})
    rule = AlarmRule(datapoint=datapoint, since=since or now, **given)
    _save(rule)
    AlarmState.objects.create(rule=rule, evaluated_until=rule.since, clock=rule.since)
    rule.refresh_from_db(fields=["created_at"])
    _record("created", actor, rule)
    _count_from_now_on(rule)
    return rule


@transaction.atomic
def update_rule(*, actor: User, rule: AlarmRule, expected: AbstractSet[int] | None = None, **changes: Any) -> AlarmRule:
    """Change name, severity, thresholds, hysteresis, duration or `enabled`.

    With other thresholds it is another rule from now on: past alarms stay, and one that is on stays on as long as the
    new thresholds let it. Disabling ends it.

    Raises:
        InvalidInputError: a threshold is missing, too many or makes no sense; its field is named.
        StaleVersionError: the rule is in none of the expected versions.
    """
    require(actor, "alarm_rule", Action.EDIT, rule)
    rule.lock_version(expected)
    was = {name: getattr(rule, name) for name in DEFINING}
    for name, value in changes.items():
        setattr(rule, name, value)
    is_other = any(getattr(rule, name) != value for name, value in was.items())
    if is_other:
        rule.since = max(rule.since, database_now())
    rule.raise_version()
    _save(rule)
    _record("changed", actor, rule, changed=sorted(changes))
    if is_other:
        if not rule.enabled:
            _end_alarm(actor, rule)
        AlarmState.objects.filter(rule=rule).update(evaluated_until=rule.since, clock=rule.since)
        # How bad the worst value was may be another question now.
        rule.episodes.filter(ended_at=None).update(peak_value=None, peak_at=None)
        _count_from_now_on(rule)
    return rule


@transaction.atomic
def delete_rule(*, actor: User, rule: AlarmRule, expected: AbstractSet[int] | None = None) -> None:
    """Delete the rule with its episodes; an alarm that is on is cleared."""
    require(actor, "alarm_rule", Action.DELETE, rule)
    rule.lock_version(expected)
    _end_alarm(actor, rule)
    _record("deleted", actor, rule)
    rule.delete()


@transaction.atomic
def acknowledge(*, actor: User, episode: AlarmEpisode) -> AlarmEpisode:
    """Say that somebody knows of the alarm and looks after it. The first to say so is remembered."""
    require(actor, "alarm", Action.EDIT, episode)
    rows = AlarmEpisode.objects.filter(pk=episode.pk)
    rows.filter(acknowledged_at=None).update(acknowledged_at=Now(), acknowledged_by=actor)
    try:
        episode.refresh_from_db()
    except AlarmEpisode.DoesNotExist as error:
        # It was withdrawn in the meantime.
        raise NotFoundError from error
    return episode


def _save(rule: AlarmRule) -> None:
    clean_or_raise(rule, validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        if "name_unique" in str(error):
            raise NameTakenError(fields={"name": [_("This name is taken.")]}) from error
        raise


def _record(what: str, actor: User, rule: AlarmRule, **details: Any) -> None:
    record(
        f"alarm_rule.{what}",
        actor=actor,
        organization_id=rule.datapoint.organization_id,
        subject=rule,
        details={"datapoint": rule.datapoint.name, **details},
    )


def _count_from_now_on(rule: AlarmRule) -> None:
    """Let the evaluation look at the rule at once, and from then on at each write."""
    AlarmState.objects.filter(rule=rule).update(check_at=rule.since if rule.enabled else None)
    if rule.enabled:
        # To the end of the transaction, which is near: a write either was committed or will see the rule.
        carry_out(alarm_marks.hold_writers())


def _end_alarm(actor: User, rule: AlarmRule) -> None:
    episode = rule.episodes.filter(ended_at=None).first()
    if episode is None:
        return
    episode.ended_at = max(database_now(), episode.started_at + _SHORTEST)
    episode.save(update_fields=["ended_at"])
    tell([Told.cleared(rule, episode)], actor_id=actor.pk)


def due_datapoints(now: datetime) -> list[int]:
    """Some datapoints of which rules have to be evaluated: something was written, or the time has come."""
    written: list[int] = carry_out(alarm_marks.marked(AT_ONCE))
    timely = AlarmState.objects.filter(check_at__lte=now, rule__enabled=True).order_by("check_at")
    return sorted({*written, *timely.values_list("rule__datapoint_id", flat=True)[:AT_ONCE]})


def evaluate_due(*, now: datetime | None = None) -> int:
    """Evaluate what is due, as far as one transaction goes; returns how many datapoints were looked at.

    Call it again as long as it returns something; 0 means that there is nothing to do, or others are doing it.
    """
    at = now or database_now()
    datapoints = due_datapoints(at)
    if not datapoints:
        return 0
    return len(evaluate_datapoints(datapoints, now=at))


def evaluate_datapoints(datapoints: Sequence[int], *, now: datetime) -> set[int]:
    """Evaluate the rules of these datapoints, but not where somebody else does or a rule is being changed.

    Whoever dies here has done nothing, or has left marks, by which it is done once more without effect.
    """
    with transaction.atomic():
        rules = _claimed(datapoints)
        marks: list[Mark] = carry_out(alarm_marks.marks_of(datapoints))
        # Read behind the claim, so that what another process did in between is seen.
        taken = set(datapoints) - _enabled_datapoints(datapoints).difference(rules)
        states = {state.pk: state for state in AlarmState.objects.filter(rule__datapoint_id__in=list(rules))}
        told: list[Told] = []
        for datapoint_id, of_datapoint in rules.items():
            mine = [mark for mark in marks if mark.datapoint_id == datapoint_id]
            for rule in of_datapoint:
                told += evaluate(rule, states[rule.pk], mine, microseconds(now))
        tell(told)
    with transaction.atomic():
        carry_out(alarm_marks.withdraw(mark for mark in marks if mark.datapoint_id in taken))
    return taken


def _claimed(datapoints: Iterable[int]) -> dict[int, list[AlarmRule]]:
    """The enabled rules by datapoint, locked; only those datapoints all of whose rules could be locked at once."""
    enabled = AlarmRule.objects.filter(datapoint_id__in=list(datapoints), enabled=True)
    locked: dict[int, list[AlarmRule]] = defaultdict(list)
    rows = enabled.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("datapoint")
    for rule in rows.order_by("datapoint_id", "pk"):
        locked[rule.datapoint_id].append(rule)
    counts = Counter(enabled.values_list("datapoint_id", flat=True))
    return {id_: of_it for id_, of_it in locked.items() if len(of_it) == counts[id_]}


def _enabled_datapoints(datapoints: Iterable[int]) -> set[int]:
    rows = AlarmRule.objects.filter(datapoint_id__in=list(datapoints), enabled=True)
    return set(rows.values_list("datapoint_id", flat=True))
