"""`understudy serve`."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from understudy.mockserver.accounts.clock import FASTEST
from understudy.mockserver.play.smallest import smallest
from understudy.mockserver.settings import MEGABYTE, Settings
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.told_apart import apart, sent_to
from understudy.specs.cli.names import PROVIDER, completing
from understudy.specs.library import CANONICAL, names
from understudy.specs.loading import uncollected
from understudy.specs.say import say, say_json

if TYPE_CHECKING:
    from understudy.mockserver.play.family import PlayedFamily
    from understudy.mockserver.server.running import Server
    from understudy.mockserver.state import ServerState

SECRET_PARTS = 2


def pairs(texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """AccessKey:SecretKey texts as pairs."""
    split = [tuple(text.split(":", 1)) for text in texts]
    for pair in split:
        if len(pair) != SECRET_PARTS or not all(pair):
            raise click.BadParameter("must be ACCESSKEY:SECRETKEY", param_hint="--access-key")
    return tuple((a, b) for a, b in split)


def scenarios_of(context: click.Context) -> set[str]:
    """The scenarios of the providers that a command line names so far."""
    from understudy.mockserver.play.profile import read_profile
    from understudy.mockserver.play.scenario_table import TABLE  # here: shells ask seldom
    from understudy.specs.errors import UnderstudyError

    found = set(TABLE)
    for name in context.params.get("providers") or (CANONICAL,):
        with contextlib.suppress(UnderstudyError):
            found |= read_profile(name).behaviour.refusals.situations.keys()
    return found


@click.command()
@click.option(
    "-p", "--provider", "providers", multiple=True, type=PROVIDER, default=(CANONICAL,), show_default=True,
    metavar="NAME",
    help=f"Which provider to play: {', '.join(names())}, or the folder of your own (repeatable). "
    "The first is at the root, each below /NAME and on the host NAME.localhost.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8585, show_default=True,
    help="Port; 0 takes a free one and prints a line of JSON.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as one line of JSON.")
@click.option(
    "--pace", default="fast", show_default=True,
    shell_complete=completing(lambda _: ("instant", "fast", "realistic")),
    help="How fast tasks run: instant, fast (2 s), realistic, or 'after N polls'.",
)  # fmt: skip
@click.option(
    "--rate", type=click.FloatRange(0, FASTEST), default=1.0, show_default=True,
    help="Clock speed: 1 is real time, N is N times as fast, 0 stops it (advance it over the control plane).",
)  # fmt: skip
@click.option(
    "--store", default="memory", show_default=True, metavar="FILE|URL",
    help="Where tasks are kept: memory; a SQLite file that survives restarts and kills; or "
    "postgresql://…, for replicas on any number of machines (password in PGPASSWORD).",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True,
    help="Processes that share the port and the store; without --store, a file of their own.",
)  # fmt: skip
@click.option(
    "--scenario", default="", shell_complete=completing(scenarios_of),
    help="Misbehave in this way; /__understudy__/scenarios lists the scenarios.",
)  # fmt: skip
@click.option(
    "--strict", is_flag=True, help='Refuse fields the profile does not document, and "" for absent.'
)
@click.option(
    "--textbook", is_flag=True, help="Refuse with HTTP's own status (404, 405, 409), never under 200."
)
@click.option("--seed", type=int, help="Seed for ids and run times: the same in every run.")
@click.option(
    "--public-url",
    default="",
    help="The URL under which clients reach the server, when it is behind a proxy.",
)
@click.option("--tls-cert", default="", metavar="FILE", help="Serve https with this certificate (PEM).")
@click.option(
    "--tls-key",
    default="",
    metavar="FILE",
    help="The certificate's private key, when it is in a separate file.",
)
@click.option(
    "--api-key", "keys", multiple=True, envvar="UNDERSTUDY_API_KEYS", show_envvar=True,
    help="Accept only this API key (repeatable). Default: any key.",
)  # fmt: skip
@click.option(
    "--control-key", default="", envvar="UNDERSTUDY_CONTROL_KEY", show_envvar=True, metavar="KEY",
    help="Opens the control plane where it is closed: when keys are set (each opens its own account), or "
    "--host is not loopback.",
)  # fmt: skip
@click.option(
    "--access-key", "secrets", multiple=True, metavar="ACCESSKEY:SECRETKEY",
    envvar="UNDERSTUDY_ACCESS_KEYS", show_envvar=True,
    help="Accept JWTs signed with this pair (repeatable).",
)  # fmt: skip
@click.option(
    "--webhook-secret", "webhook_secrets", multiple=True, metavar="whsec_…",
    envvar="UNDERSTUDY_WEBHOOK_SECRETS", show_envvar=True,
    help="Sign callbacks with this secret (Standard Webhooks); give two during a rotation.",
)  # fmt: skip
@click.option(
    "--allow-callback-net", "nets", multiple=True, metavar="NETWORK",
    help="A private network that callbacks may reach, for example 10.0.0.0/8. Loopback is always allowed.",
)  # fmt: skip
@click.option(
    "--cors", "cors", multiple=True, is_flag=False, flag_value="*", metavar="[ORIGIN]",
    help="Let web pages of this origin call the provider's paths; again for more, without a value: of every "
    "origin. The control plane stays closed to them.",
)  # fmt: skip
@click.option(
    "--journal", type=click.IntRange(0), default=2000, show_default=True,
    help="Requests to remember for each key; at 64 MB over all keys the oldest go.",
)  # fmt: skip
@click.option(
    "--max-connections", type=click.IntRange(1), default=10_000, show_default=True,
    help="Connections served at the same time; requests on further ones are answered with 503.",
)  # fmt: skip
@click.option(
    "--metrics", is_flag=True,
    help="Serve Prometheus metrics at /__understudy__/metrics (needs understudy[metrics]).",
)  # fmt: skip
@click.option("--log-json", is_flag=True, help="Log every request to standard error, one line of JSON each.")
@click.option(
    "--traces", is_flag=True,
    help="Send OpenTelemetry spans of requests, configured by OTEL_* (needs understudy[traces]).",
)  # fmt: skip
@click.option(
    "--drain", type=click.FloatRange(0, 600), default=0.4, show_default=True, metavar="SECONDS",
    help="How long a server that was asked to stop may take to finish the requests it has begun; "
    "then the callbacks that are due have as long again.",
)  # fmt: skip
@click.option(
    "--max-body", type=click.IntRange(1, 1024), default=96, show_default=True,
    help="Largest request body, in MB.",
)  # fmt: skip
@click.option(
    "--max-store", type=click.IntRange(1, 1_000_000), default=2048, show_default=True,
    help="Memory that tasks may take in one process, about, in MB; then creates are refused with 503 until "
    "an account is reset.",
)  # fmt: skip
@click.option(
    "--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.har",
    help="Give the answers of a recorded conversation instead (understudy record); "
    "only --host and --port count then, and no callbacks are sent.",
)  # fmt: skip
def serve(
    providers: tuple[str, ...],
    host: str,
    port: int,
    as_json: bool,
    pace: str,
    rate: float,
    store: str,
    workers: int,
    scenario: str,
    strict: bool,
    textbook: bool,
    seed: int | None,
    public_url: str,
    tls_cert: str,
    tls_key: str,
    keys: tuple[str, ...],
    control_key: str,
    secrets: tuple[str, ...],
    webhook_secrets: tuple[str, ...],
    nets: tuple[str, ...],
    cors: tuple[str, ...],
    journal: int,
    max_connections: int,
    metrics: bool,
    log_json: bool,
    traces: bool,
    drain: float,
    max_body: int,
    max_store: int,
    replay: Path | None,
) -> None:
    """Play a provider: same paths, checks, errors, task lifecycle, callbacks and results, offline.

    \b
    understudy serve
    curl -s localhost:8585/v1/images/multi-image2image \\
      -H 'Authorization: Bearer any' \\
      -d '{"subject_image_list":[{"subject_image":"https://example.com/a.png"}]}'
    """
    if replay is not None:
        from understudy.mockserver.server.replay import serve_replay  # here: few replay

        serve_replay(replay, host, port)
        return

    settings = Settings(
        profiles=providers,
        host=host,
        port=port,
        pace=pace,
        rate=rate,
        store=store,
        scenario=scenario,
        strict=strict,
        textbook=textbook,
        seed=seed,
        public_url=public_url.rstrip("/"),
        tls_cert=tls_cert,
        tls_key=tls_key,
        keys=keys,
        control_key=control_key,
        secrets=pairs(secrets),
        webhook_secrets=webhook_secrets,
        callback_nets=nets,
        cors=cors,
        journal=journal,
        connections=max_connections,
        metrics=metrics,
        log_json=log_json,
        traces=traces,
        drain=drain,
        max_body=max_body * MEGABYTE,
        max_store=max_store * MEGABYTE,
    )
    if log_json:
        from understudy.mockserver.server.log import log_as_json  # here: few want it

        log_as_json()
    machine = as_json or port == 0
    if workers > 1 or "://" in store:
        # Here, because one process with a store of its own needs nothing of it.
        from understudy.mockserver.replicas.command import serve_shared

        serve_shared(settings, workers, lambda state, url: announce(state, url, machine=machine))
        return
    server = made(settings)
    server.on_started = lambda: announce(server.app.state, server.url, machine=machine)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_for_ever()


def made(settings: Settings) -> Server:
    """A server that is not running yet; raises UnderstudyError."""
    with uncollected():
        # Here: help and complaints about options come 80 ms sooner.
        from understudy.mockserver.server.app import MockApp
        from understudy.mockserver.server.running import Server

        return Server(MockApp(settings))


def announce(state: ServerState, url: str, *, machine: bool) -> None:
    """What a stranger needs next; for machines (--json, --port 0) one line of JSON."""
    if machine:
        say_json({"url": url, "control": f"{url}/__understudy__"}, indent=None)
    else:
        say(welcome(state, url))
    sys.stdout.flush()


def welcome(state: ServerState, url: str) -> str:
    played = next(iter(state.families.values()))
    prefix = url + played.profile.prefixes[0]
    key = state.settings.keys[0] if state.settings.keys else "JWT" if state.settings.secrets else "any"
    names = ", ".join(p.name for p in state.profiles)
    create, query, header = welcome_lines(played, key)
    # curl says that it sends a form.
    media_type = " -H 'Content-Type: application/json'" if played.media_types else ""
    return (
        f"Understudy plays {names} on {url}  (pace {state.defaults.pace}, Ctrl-C ends it)\n"
        f"\n"
        f"  watch    {url} in a browser: tasks as they move, callbacks, the API reference\n"
        f"  create   curl -s {prefix}{create} {header}{media_type} \\\n"
        f"             -d '{example(played.check.source)}'\n"
        f"  query    curl -s {prefix}{query} {header}\n"
        f"  control  curl -s {url}/__understudy__\n"
    )


def welcome_lines(played: PlayedFamily, key: str) -> tuple[str, str, str]:
    """(path of the create, path of the query, options with the headers) of the requests that are shown."""
    path, axes = played.family.path, played.behaviour.axes
    if axes is None:
        return path, f"{path}/TASK_ID", f"-H 'Authorization: Bearer {key}'"
    account = axes.service.account
    headers = {account.name: account.written(key)} if account.place == "header" else {}
    headers |= {
        name: value or "any" for name, value in {**axes.service.headers, **axes.create.headers}.items()
    }
    asked = f"{axes.query.id_name}=TASK_ID" if axes.query.id_place == "query" else ""
    query = sent_to(axes.query.path.replace("{id}", "TASK_ID"), asked)
    options = " ".join(f"-H '{name}: {value}'" for name, value in headers.items())
    return (
        VARIABLE.sub(r"any-\1", sent_to(path)) + _marked(path),
        VARIABLE.sub(r"any-\1", query) + _marked(axes.query.path),
        options,
    )


def _marked(path: str) -> str:
    """The option of `curl` for the header that tells a call apart from others at its path."""
    mark = apart(path)[1]
    return "".join(f" -H '{name}: {value}'" for name, value in mark.headers.items()) if mark else ""


def example(schema: object) -> str:
    """The smallest request that a schema takes, as JSON on one line."""
    return json.dumps(smallest(schema))
