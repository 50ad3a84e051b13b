"""The command line: ``rig-or-rent compare | offers | refresh | app``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import pandas as pd
import typer

# Installed, this file lies beside the packages `models` and `pricing`; its own folder comes before the
# reader's, where another `models` may live.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from models import (
    Comparison,
    Figures,
    Scenario,
    Simulation,
    __version__,
    compare,
    explain,
    flip_points,
    in_country,
    tornado,
)
from models.export import csv_text, json_text, plain, records, write_whole
from models.scenario import TERMS
from models.uncertainty import BAD_CASE, GOOD_CASE, simulate_case
from pricing import find_offers, load_offers, refresh
from pricing.own_tables import copy_table
from views import terminal
from views.downloads import cash_flows_csv
from views.in_force import figures_in_force

MOST_DRAWS = 1_000_000
ONE_OF_TERMS = f"One of {', '.join(TERMS)}."

cli = typer.Typer(
    name="rig-or-rent",
    help="Should you build an RTX 4090 workstation or rent cloud GPUs, for the work you really do?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rig-or-rent {__version__}")
        raise typer.Exit


@cli.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@cli.command("compare")
def compare_command(
    scenario: Annotated[
        Path | None,
        typer.Option("--scenario", metavar="FILE", help="A scenario as TOML, or JSON by its ending."),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Ask in this country, such as DE or US-CA: its tariff, currency, value-added tax and cloud "
            "regions. --set changes each of them back.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Change one field, such as workload.busy_hours_per_week=40. May be repeated.",
        ),
    ] = None,
    provider: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Consider only this provider. May be repeated.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Consider only this region or continent: us-east-1, europe. May be repeated."
        ),
    ] = None,
    term: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TERM", help=f"Consider only this way of buying. {ONE_OF_TERMS} May be repeated."
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Compare with this provider's cheapest offer, or with 'cheapest'."),
    ] = None,
    offer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE,...",
            help='A rate of your own, such as gpu="RTX 4090",usd_per_hour=0.45,access=container. Repeatable.',
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Rows to show: 12 on the screen, all in CSV and JSON."),
    ] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE|-", help="Write the table as CSV; - for the screen.")
    ] = None,
    cash_flows: Annotated[
        str | None,
        typer.Option(
            "--cash-flows",
            metavar="FILE|-",
            help="Write what is due in each month, by component, as CSV; - for the screen.",
        ),
    ] = None,
    flips: Annotated[
        bool,
        typer.Option("--flip-points", help="Say at which value of each input the answer flips, by itself."),
    ] = False,
    swings: Annotated[
        bool,
        typer.Option("--tornado", help="Say how far each input swings what building saves, largest first."),
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(
            "--simulate",
            metavar="N",
            help=f"Say in how many of N possible futures building is cheaper; N is 1 to {MOST_DRAWS:,}.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="S", help="Of --simulate: the same S, 0 by default, draws the same."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Compare building with renting: the verdict, and the options by their cost in today's money.

    Without options it answers the default question: 20 busy hours a week on an RTX 4090 for 36 months.
    """
    with _one_sentence():
        _refuse_both(csv, as_json)
        if cash_flows is not None and (as_json or "-" == csv == cash_flows):
            other = "--json" if as_json else "--csv -"
            raise ValueError(f"--cash-flows and {other}: ask for one of them, not for both")
        _refuse_wrong_draws(draws, seed)
        if "-" in (csv, cash_flows) and (flips or swings or draws is not None):
            raise ValueError(
                "--flip-points, --tornado and --simulate stand beneath the answer or in --json: write the "
                "CSV to a file, not to the screen"
            )
        figures = figures_in_force()
        begun = _read_scenario(scenario) if scenario else Scenario()
        begun = _in_country(begun, country, figures) if country else begun
        question = _question(begun, settings or [], provider, region, term, against, offer or [])
        offers = load_offers()
        answer = compare(question, offers, figures)
        flip_table = flip_points(question, offers, figures) if flips else None
        swing_table = tornado(question, offers, figures=figures) if swings else None
        futures = None if draws is None else simulate_case(answer.case, draws=draws, seed=seed or 0)
        rows = None if top is None else range(min(top, len(answer.table)))
        if as_json:
            typer.echo(_document(answer, rows, flip_table, swing_table, futures, seed or 0))
            return
        if csv not in (None, "-"):
            answer.to_csv(csv, rows)
        if cash_flows not in (None, "-"):
            write_whole(Path(cash_flows), cash_flows_csv(answer))
        if csv == "-":
            typer.echo(answer.to_csv(rows=rows), nl=False)
        elif cash_flows == "-":
            typer.echo(cash_flows_csv(answer), nl=False)
        else:
            terminal.show_comparison(answer, top or 12)
            if flip_table is not None:
                terminal.show_flip_points(flip_table, answer)
            if swing_table is not None:
                terminal.show_tornado(swing_table, answer)
            if futures is not None:
                terminal.show_simulation(futures, answer, seed or 0)


@cli.command("offers")
def offers_command(
    table: Annotated[
        str | None,
        typer.Argument(metavar="[TABLE]", help="With --override: the table to copy, such as colab_rates."),
    ] = None,
    gpu: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this GPU, such as 'RTX 4090' or L4.")
    ] = None,
    vram_gb: Annotated[
        float, typer.Option(metavar="GB", help="Only GPUs with at least this much memory.")
    ] = 0.0,
    provider: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this provider. May be repeated.")
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this region. May be repeated.")
    ] = None,
    term: Annotated[
        list[str] | None, typer.Option(metavar="TERM", help=f"Only this way of buying. {ONE_OF_TERMS}")
    ] = None,
    max_usd_per_hour: Annotated[
        float | None, typer.Option(metavar="USD", help="Only instances that cost at most this an hour.")
    ] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE|-", help="Write the offers as CSV; - for the screen.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list and nothing else.")] = False,
    override: Annotated[
        bool,
        typer.Option(
            "--override",
            help="List the dated tables that a file of your own can replace, their age and place; with "
            "TABLE, copy that one there for editing.",
        ),
    ] = False,
) -> None:
    """List what can be rented, the cheapest instance first, with the date and source of each price."""
    with _one_sentence():
        _refuse_both(csv, as_json)
        if override:
            if csv is not None or as_json:
                raise ValueError("--override lists and copies tables; ask for --csv or --json without it")
            _override(table)
            return
        if table is not None:
            raise ValueError(f"{table!r} is a word too many; a table is named after --override only")
        found = find_offers(
            load_offers(),
            gpu=gpu or None,
            min_vram_gb=vram_gb,
            provider=provider or None,
            region=region or None,
            term=term or None,
            max_usd_per_hour=max_usd_per_hour,
        )
        if as_json:
            typer.echo(json_text(records(found)))
            return
        text = csv_text(found, [f"Rig or Rent {__version__}: offers, prices in USD, unknown = empty"])
        if csv == "-":
            typer.echo(text, nl=False)
            return
        if csv is not None:
            write_whole(Path(csv), text)
        terminal.show_offers(found)


@cli.command("refresh")
def refresh_command(
    provider: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Ask only this provider. May be repeated.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Ask only for this region, instead of the usual ones. May be repeated."
        ),
    ] = None,
    aws_source: Annotated[
        str,
        typer.Option(
            metavar="feed|bulk",
            help="AWS: the small documents behind its price pages, or its whole price list, which is large "
            "and holds reservations and savings plans too.",
        ),
    ] = "feed",
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Take over also what is held back: where half of the offers would vanish, or a price would "
            "move by more than a factor of 5.",
        ),
    ] = False,
) -> None:
    """Replace the bundled prices by today's official ones, provider by provider.

    AWS and Azure need no key. Google Cloud needs one in RIG_OR_RENT_GCP_API_KEY, and is skipped without. The
    exit code is 1 if a provider failed or was held back; its last good prices stay.
    """
    with _one_sentence():
        try:
            with terminal.bars() as show:
                report = refresh(provider, region, force=force, aws_source=aws_source, progress=show)
        except KeyboardInterrupt:
            typer.echo(
                "rig-or-rent: stopped; what was not refreshed yet keeps its last good prices", err=True
            )
            raise typer.Exit(130) from None
        terminal.show_report(report)
    raise typer.Exit(0 if report.ok else 1)


@cli.command("app")
def app_command(
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65535, help="Port of the page on this machine.")
    ] = 8501,
) -> None:
    """Open the page in the browser; Ctrl+C ends it."""
    from streamlit.web import cli as streamlit

    page = Path(__file__).resolve().parent / "app.py"
    flags = {
        "server.port": str(port),
        # Only this machine sees the page, and Streamlit looks up no address on the internet to show.
        "server.address": "localhost",
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": "false",
        "browser.gatherUsageStats": "false",
        # As in .streamlit/config.toml, which is not there outside a checkout.
        "client.toolbarMode": "minimal",
        "theme.light.primaryColor": "#1F83C4",
        "theme.dark.primaryColor": "#1F83C4",
    }
    sys.argv = ["streamlit", "run", str(page), *(f"--{name}={value}" for name, value in flags.items())]
    streamlit.main()


def main() -> None:
    """Run the command line."""
    cli()


def _override(table: str | None) -> None:
    if table is None:
        terminal.show_tables()
    else:
        terminal.show_copied(table, copy_table(table))


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Turn what the reader got wrong into one sentence and exit code 2."""
    try:
        yield
    except ValueError as error:
        _refuse(explain(error))
    except OSError as error:
        _refuse(f"{error.filename}: {error.strerror}")


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"rig-or-rent: {sentence}", err=True)
    raise typer.Exit(2)


def _refuse_both(csv: str | None, as_json: bool) -> None:
    if csv is not None and as_json:
        raise ValueError("--csv and --json: ask for one of them, not for both")


def _refuse_wrong_draws(draws: int | None, seed: int | None) -> None:
    if draws is not None and not 1 <= draws <= MOST_DRAWS:
        raise ValueError(f"--simulate: the number of draws must be from 1 to {MOST_DRAWS:,}, not {draws}")
    if seed is not None and draws is None:
        raise ValueError(f"--seed {seed}: there is nothing to draw without --simulate N")
    if seed is not None and seed < 0:
        raise ValueError(f"--seed: must be a whole number from 0, not {seed}")


def _document(
    answer: Comparison,
    rows: Sequence[int] | None,
    flips: pd.DataFrame | None,
    swings: pd.DataFrame | None,
    futures: Simulation | None,
    seed: int,
) -> str:
    """The comparison as JSON, with a key for each further question that was asked."""
    more: dict[str, object] = {}
    if flips is not None:
        more["flip_points"] = records(flips)
    if swings is not None:
        more["tornado"] = records(swings)
    if futures is not None:
        at = (BAD_CASE, 0.5, GOOD_CASE)
        more["simulation"] = {
            "draws": len(futures.saving_usd),
            "seed": seed,
            "chance_build_wins": futures.chance_build_wins,
            "never_fraction": futures.never_fraction,
            "saving_usd": {
                str(share): usd
                for share, usd in zip(at, futures.saving_quantiles_usd(at).tolist(), strict=True)
            },
            "break_even_months": {
                str(share): plain(months)
                for share, months in zip(at, futures.break_even_quantiles_months(at).tolist(), strict=True)
            },
        }
    document = answer.to_json(rows)
    return json_text(json.loads(document) | more) if more else document


def _in_country(scenario: Scenario, country: str, figures: Figures) -> Scenario:
    if country not in figures.tariffs:
        known = ", ".join(sorted(figures.tariffs))
        raise ValueError(f"--country: there is no tariff for {country!r}; known are {known}")
    return in_country(scenario, country, figures)


def _question(
    scenario: Scenario,
    settings: list[str],
    provider: list[str] | None,
    region: list[str] | None,
    term: list[str] | None,
    against: str | None,
    offers: list[str],
) -> Scenario:
    """A scenario changed by ``--set`` and then by the options that have names of their own."""
    scenario = scenario.with_settings(dict(_pair("--set", text) for text in settings))
    rental = scenario.rental.model_dump()
    if provider:
        rental["providers"] = provider
    if region:
        rental["regions"] = region
    if term:
        rental["terms"] = term
    if against:
        rental["against"] = against
    for number, text in enumerate(offers, start=1):
        # A comma inside quotes is part of a name.
        own = dict(_pair("--offer", field) for field in re.findall(r'(?:[^,"]|"[^"]*")+', text))
        rental["own_offers"] = (*rental["own_offers"], {"name": f"own rate {number}", **own})
    return Scenario.model_validate({**scenario.model_dump(), "rental": rental})


def _read_scenario(file: Path) -> Scenario:
    text = file.read_text(encoding="utf-8")
    return Scenario.model_validate_json(text) if file.suffix == ".json" else Scenario.from_toml(text)


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"{option}: {text!r} is not of the form FIELD=VALUE")
    return name.strip(), value.strip().strip('"')


if __name__ == "__main__":
    main()
