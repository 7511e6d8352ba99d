"""The command `guildhall`. Each command imports what it needs when it is called, so that help comes at once."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="guildhall",
    help="Runs a shared place: people, doors, sensors, work, computers and a shop, behind one login.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
simulate = typer.Typer(help="Publish invented data, as devices would.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(simulate, name="simulate")
imports = typer.Typer(
    help="Store the samples of a file; importing it again changes nothing.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(imports, name="import")
events = typer.Typer(help="Look at events, and mend what is held up.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(events, name="events")
container = typer.Typer(
    help="What containers do once before the others start.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(container, name="container")


@app.command()
def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 opens it to the network.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the site.")] = None,
    *,
    seed: Annotated[
        bool, typer.Option("--seed", help="Put in the demo data, once, and let its devices publish.")
    ] = False,
) -> None:
    """Start servers, site and processes on this machine; Ctrl-C stops them."""
    import asyncio

    from guildhall.stack.home import Home
    from guildhall.stack.options import Options
    from guildhall.stack.runner import Runner

    runner = Runner(Home.default(), Options.from_environment(host=host, port=port), seed=seed)
    asyncio.run(runner.run())


@app.command()
def status(*, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show processes, restarts, memory and addresses; exits with 1 where nothing runs."""
    from guildhall.stack import inspection
    from guildhall.stack.home import Home

    raise typer.Exit(inspection.print_status(Home.default(), as_json=as_json))


@app.command()
def stop() -> None:
    """Stop the stack of this home."""
    from guildhall.stack import inspection
    from guildhall.stack.home import Home

    inspection.stop(Home.default())


@app.command()
def reset(*, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Remove all data of this home: database, queues, certificates, secrets, logs."""
    from guildhall.stack.home import Home

    home = Home.default()
    if home.locked():
        raise typer.BadParameter("the stack is running; `guildhall stop` stops it")
    if not home.path.exists():
        typer.echo(f"{home.path} does not exist; there is nothing to remove")
        return
    if not yes:
        typer.confirm(f"Remove {home.path} and all data in it, for good?", abort=True)
    home.erase()
    typer.echo(f"removed {home.path}")


@app.command()
def logs(
    name: Annotated[str | None, typer.Argument(help="One process; all of them where none is named.")] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many earlier lines.")] = 50,
) -> None:
    """Show what the processes said."""
    from guildhall.stack import inspection
    from guildhall.stack.home import Home

    inspection.print_logs(Home.default(), name, lines=lines, follow=follow)


@app.command()
def doctor() -> None:
    """Look for what keeps the stack from running, and say how to mend it; exits with 1 where something does."""
    from guildhall.stack import doctor as examination
    from guildhall.stack.home import Home

    raise typer.Exit(examination.print_report(Home.default()))


@app.command()
def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the models have their migrations.")] = False,
) -> None:
    """Bring the database to the shape that the code expects."""
    from guildhall.stack import migrate as migrations

    if not check:
        migrations.migrate()
    elif unwritten := migrations.unwritten_migrations():
        typer.echo(
            f"these differ from their migrations: {', '.join(unwritten)}; `manage.py makemigrations` writes them"
        )
        raise typer.Exit(1)


@app.command()
def seed(
    tasks: Annotated[int, typer.Option(min=0, max=5_000_000, help="Add so many tasks, to try it with very many.")] = 0,
) -> None:
    """Put in the demo organizations, people and a year of data; the second time changes nothing."""
    from guildhall.stack.seed import seed as plant

    plant(tasks=tasks)


@app.command()
def backup(
    target: Annotated[Path | None, typer.Argument(help="The file to write; named by the time where not given.")] = None,
) -> None:
    """Write database, files, secrets and certificates to one file. The stack may run meanwhile."""
    from datetime import datetime

    from guildhall.stack import backup as keeping
    from guildhall.stack.home import Home
    from guildhall.stack.options import Options

    chosen = target or Path(f"guildhall-{datetime.now():%Y%m%d-%H%M%S}.tar")  # noqa: DTZ005 — the name is for people here.
    keeping.backup(Home.default(), Options.from_environment(), chosen.absolute())
    typer.echo(f"wrote {chosen} ({chosen.stat().st_size / 1024**2:.1f} MB); it holds secrets, keep it safe")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file that `guildhall backup` wrote.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put everything back as a backup has it; what is there now is lost."""
    from guildhall.stack import backup as keeping
    from guildhall.stack.home import Home
    from guildhall.stack.options import Options

    home = Home.default()
    manifest = keeping.read_manifest(source)
    if not yes:
        typer.confirm(f"Replace all data of {home.path} by those of {manifest.made_at}?", abort=True)
    keeping.restore(home, Options.from_environment(), source)
    typer.echo(f"restored what was there at {manifest.made_at}; `guildhall up` starts it")


@app.command()
def run(name: Annotated[str, typer.Argument(help="A process that a module declares.")]) -> None:
    """Run one declared process in the foreground, as a container does."""
    from guildhall.stack.declared import declared_processes
    from guildhall.stack.entry import main as run_entry

    known = {process.name: process for process in declared_processes()}
    if name not in known:
        names = ", ".join(known) or "none at all"
        raise typer.BadParameter(f"no module declares a process named {name}; there is {names}")
    run_entry(known[name].entry)


@simulate.command("telemetry")
def simulate_telemetry(
    rate: Annotated[float, typer.Option(help="Messages a second.")] = 10,
    seconds: Annotated[float | None, typer.Option(help="How long; until Ctrl-C where not given.")] = None,
    tls: Annotated[str | None, typer.Option(help="HOST:PORT of a broker that speaks TLS.")] = None,
    devices: Annotated[int | None, typer.Option(help="How many; one for each object where not given.")] = None,
    gaps: Annotated[
        float, typer.Option(min=0, max=0.3, help="Share of values at which a device falls silent.")
    ] = 0.0005,
    late: Annotated[float, typer.Option(min=0, max=0.3, help="Share of values that come late.")] = 0.01,
    repeated: Annotated[float, typer.Option(min=0, max=0.3, help="Share of values that come twice.")] = 0.01,
) -> None:
    """Publish values of the demo datapoints over MQTT, with gaps, late and repeated ones."""
    from importlib import import_module

    simulation = import_module("guildhall.modules.telemetry.simulate")
    manners = simulation.Manners(gaps=gaps, late=late, repeated=repeated)
    simulation.main(rate=rate, seconds=seconds, tls=tls, number_of_devices=devices, manners=manners)


_ImportFile = Annotated[Path, typer.Argument(help="The file, plain or packed by gzip.")]
_FromLine = Annotated[int, typer.Option(min=1, help="Begin at this line, where an earlier import stopped.")]


@imports.command("csv")
def import_csv(
    file: _ImportFile,
    datasource: Annotated[str, typer.Option(help="User name of the datasource whose datapoints the keys name.")] = "",
    datapoint: Annotated[int | None, typer.Option(help="Id of the one datapoint to which all values belong.")] = None,
    delimiter: Annotated[str, typer.Option(help="What stands between two cells.")] = ",",
    from_line: _FromLine = 1,
) -> None:
    """Rows with the names ts and value, or ts, key and value, or ts and a column for each key."""
    from importlib import import_module

    import_module("guildhall.modules.telemetry.importing").import_csv(
        file, datasource=datasource, datapoint=datapoint, delimiter=delimiter, from_line=from_line
    )


@imports.command("influx")
def import_influx(
    file: _ImportFile,
    datasource: Annotated[str, typer.Option(help="User name of the datasource that stands for the file.")],
    precision: Annotated[str, typer.Option(help="Unit of the times: ns, us, ms, s, m or h.")] = "ns",
    from_line: _FromLine = 1,
) -> None:
    """Lines of InfluxDB's line protocol, as `influx_inspect export` and `influxd inspect export-lp` write them."""
    from importlib import import_module

    import_module("guildhall.modules.telemetry.importing").import_influx(
        file, datasource=datasource, precision=precision, from_line=from_line
    )


@app.command()
def ingest(
    mqtt: Annotated[str, typer.Option(help="The broker, as mqtts://USER@HOST:PORT; mqtt:// is without TLS.")],
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the password, else it is INGEST_MQTT_PASSWORD.")
    ] = None,
    ca_file: Annotated[Path | None, typer.Option(help="The authority by which the broker is known.")] = None,
    client_id: Annotated[str, typer.Option(help="Under which the broker keeps the session.")] = "guildhall-ingest",
) -> None:
    """Store what is published at a broker of your own; Ctrl-C stops it, and the broker keeps what comes meanwhile."""
    from importlib import import_module

    import_module("guildhall.modules.telemetry.ingest.subscriber").main(
        url=mqtt, client_id=client_id, password_file=password_file, ca_file=ca_file
    )


@container.command("init")
def container_init() -> None:
    """Write secrets, certificates and the broker's configuration into the volumes."""
    from guildhall.stack import container as preparation

    preparation.initialize()


@container.command("migrate")
def container_migrate() -> None:
    """Bring the database to the code's shape; make the superuser and the demo that the environment asks for."""
    from guildhall.stack import container as preparation

    preparation.migrate()


@container.command("backup")
def container_backup(
    every: Annotated[float | None, typer.Option(help="Hours between two backups; one now where not given.")] = None,
    keep: Annotated[int, typer.Option(min=1, help="How many to keep.")] = 14,
) -> None:
    """Write a backup into its volume, once or again and again."""
    from guildhall.stack import container_backup as keeping

    if every is None:
        typer.echo(f"wrote {keeping.write(keep=keep).name}")
        return
    for outcome in keeping.write_for_ever(every_s=every * 3600, keep=keep):
        typer.echo(f"wrote {outcome.name}" if isinstance(outcome, Path) else f"no backup: {outcome}")


@container.command("restore")
def container_restore(name: Annotated[str, typer.Argument(help="The name of a backup in the volume.")]) -> None:
    """Put a backup back while only the database runs; what is there now is lost."""
    from guildhall.stack import container_backup as keeping

    typer.echo(f"restored what was there at {keeping.restore(name)}; `docker-compose up --detach` starts it")


@events.command("tail")
def events_tail(
    event_type: Annotated[str | None, typer.Option("--type", help="Only this type, without its version.")] = None,
    *,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many earlier events.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as events come.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One CloudEvent a line, for programs.")] = False,
) -> None:
    """Show what happened."""
    from guildhall.stack import events as mending

    mending.tail(lines=lines, follow=follow, event_type=event_type, as_json=as_json)


@events.command("held")
def events_held() -> None:
    """Show the subjects whose next event failed; exits with 1 where there are any."""
    from guildhall.stack import events as mending

    raise typer.Exit(1 if mending.held() else 0)


@events.command("replay")
def events_replay(
    subjects: Annotated[list[str] | None, typer.Argument(help="All of them where none is named.")] = None,
) -> None:
    """Try failed events again now."""
    from guildhall.stack import events as mending

    typer.echo(f"{mending.replay(subjects or [])} go on")


@events.command("skip")
def events_skip(
    subjects: Annotated[list[str], typer.Argument(help="Subjects whose failed event is given up.")],
) -> None:
    """Give up the failed event of each subject, and go on with the next."""
    from guildhall.stack import events as mending

    typer.echo(f"{mending.skip(subjects)} go on")


def main() -> None:
    """Run the command; what the stack has to complain of becomes a sentence and exit code 1, without a traceback."""
    import os

    from guildhall.stack.errors import StackError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")
    try:
        app()
    except StackError as error:
        typer.echo(f"guildhall: {error}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
