"""What alarm rules are to find, said again as a plain loop over all samples."""

from guildhall.modules.telemetry.alarms.policy import Kind

MAX = 1.7976931348623157e308


def naive_episodes(condition, series, now):
    """All episodes as (began, started, ended, time and value of the worst), and when the next begins without samples.

    `series` are all samples (time, value) in the order of time.
    """
    now = max([now, *(at for at, _ in series)])
    if condition.kind is Kind.SILENT_FOR:
        return naive_silences(condition, series, now)
    found = []
    began = peak = None
    for at, value in cut(condition, series):
        told, badness, begins, ends = weighed(condition, at, value)
        if began is not None and ends:
            if at > began + condition.duration:
                found.append((began, began + condition.duration, at, *peak[1:]))
            began = peak = None
        if began is None and begins:
            began = at
        if began is not None and (peak is None or badness > peak[0]):
            peak = (badness, at, told)
    if began is None:
        return found, None
    if began + condition.duration > now:
        return found, began + condition.duration
    return [*found, (began, began + condition.duration, None, *peak[1:])], None


def cut(condition, series):
    """The samples from when the rule counts, each with the one before; the value that held then comes at that time."""
    pairs = list(zip([None, *series], series, strict=False))
    newer = [(at, (before, value)) for before, (at, value) in pairs if at >= condition.since]
    older = [one for one in series if one[0] < condition.since]
    if older and condition.kind is not Kind.RATE_OF_CHANGE:
        newer.insert(0, (condition.since, (None, older[-1][1])))
    return newer


def weighed(condition, at, of_sample):
    before, value = of_sample
    low, high, slack = condition.low, condition.high, condition.hysteresis
    if condition.kind is Kind.ABOVE:
        return value, value, value > high, value <= high - slack
    if condition.kind is Kind.BELOW:
        return value, -value, value < low, value >= low + slack
    if condition.kind is Kind.OUTSIDE:
        badness = max(low - value, value - high)
        return value, badness, value < low or value > high, low + slack <= value <= high - slack
    rate = 0.0
    if before is not None:
        rate = min(abs(value - before[1]) / (at - before[0]) * condition.per.microseconds, MAX)
    return rate, rate, rate > high, rate <= high - slack


def naive_silences(condition, series, now):
    found = []
    for (at, _), following in zip(series, [*series[1:], None], strict=False):
        starts = max(at + condition.duration, condition.since)
        if following is None:
            if starts > now:
                return found, starts
            found.append((at, starts, None, None, None))
        elif starts < following[0]:
            found.append((at, starts, following[0], None, None))
    return found, None
