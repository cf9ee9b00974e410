"""Whether this server's clock is right: certificates and tokens are judged by it."""

from datetime import datetime, timedelta, timezone

from .finding import BAD, GOOD, Finding

#: Microsoft and Google let five minutes pass; a clock that is kept is never so far off.
TOLERANCE = timedelta(minutes=2)


def findings(env, asked):
    """Compared with the database's, and with those of the servers that tell theirs.

    :param asked: what :func:`.servers.ask` returned.
    """
    ahead = {each.name: each.answered.ahead for each in asked}
    ahead = {name: by for name, by in ahead.items() if by is not None}
    env.cr.execute("SELECT clock_timestamp()")
    ahead["PostgreSQL"] = datetime.now(timezone.utc) - env.cr.fetchone()[0]
    wrong = {name: by for name, by in ahead.items() if abs(by) > TOLERANCE}
    title = env._("Clock")
    for name, by in wrong.items():
        said = env._(
            "Differs from that of %(server)s: %(seconds)s s",
            server=name,
            seconds=round(by.total_seconds()),
        )
        yield Finding(title, BAD, said, env._("Let this server keep its time by NTP."))
    if not wrong:
        yield Finding(title, GOOD, env._("Agrees with: %s", ", ".join(ahead)))
