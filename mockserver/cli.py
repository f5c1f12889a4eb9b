"""`understudy serve`."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.clock import FASTEST
from mockserver.settings import MEGABYTE, Settings
from specs.library import CANONICAL, profiles

if TYPE_CHECKING:
    from mockserver.server import Server

SECRET_PARTS = 2


def pairs(texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """AccessKey:SecretKey texts as pairs."""
    split = [tuple(text.split(":", 1)) for text in texts]
    for pair in split:
        if len(pair) != SECRET_PARTS or not all(pair):
            raise click.BadParameter("must be ACCESSKEY:SECRETKEY", param_hint="--access-key")
    return tuple((a, b) for a, b in split)


@click.command()
@click.option(
    "-p", "--provider", "providers", multiple=True, default=(CANONICAL,), show_default=True,
    metavar="NAME",
    help=f"Which provider to play: {', '.join(profiles())}, or the folder of your own; again for more: "
    "the first at the root, each below /NAME and on the host NAME.localhost.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8585, show_default=True,
    help="Port; 0 takes a free one and prints a line of JSON.",
)  # fmt: skip
@click.option(
    "--pace", default="fast", show_default=True,
    help="How fast tasks run: instant, fast (2 s), realistic, or 'after N polls'.",
)  # fmt: skip
@click.option(
    "--rate", type=click.FloatRange(0, FASTEST), default=1.0, show_default=True,
    help="How fast the clock runs; 0: only by hand.",
)  # fmt: skip
@click.option(
    "--store", default="memory", show_default=True, metavar="FILE",
    help="Where tasks are kept: memory, or a SQLite file that survives restarts and kills.",
)  # fmt: skip
@click.option("--scenario", default="", help="Misbehave: see /__understudy__/scenarios.")
@click.option(
    "--strict", is_flag=True, help='Refuse fields the profile does not document, and "" for absent.'
)
@click.option(
    "--textbook", is_flag=True, help="Refuse with HTTP's own status (404, 405, 409), never under 200."
)
@click.option("--seed", type=int, help="The same ids and run times in every run.")
@click.option("--public-url", default="", help="Where clients reach the server, when a proxy hides it.")
@click.option("--tls-cert", default="", metavar="FILE", help="Speak https: a certificate (PEM).")
@click.option("--tls-key", default="", metavar="FILE", help="Its key, when that is in a file of its own.")
@click.option(
    "--api-key", "keys", multiple=True, envvar="UNDERSTUDY_API_KEYS", show_envvar=True,
    help="Let only this key in; again for more. Default: any key.",
)  # fmt: skip
@click.option(
    "--access-key", "secrets", multiple=True, metavar="ACCESSKEY:SECRETKEY",
    envvar="UNDERSTUDY_ACCESS_KEYS", show_envvar=True,
    help="Check JWTs that are signed with this pair; again for more.",
)  # fmt: skip
@click.option(
    "--webhook-secret", "webhook_secrets", multiple=True, metavar="whsec_…",
    envvar="UNDERSTUDY_WEBHOOK_SECRETS", show_envvar=True,
    help="Sign callbacks (Standard Webhooks); twice while the secret is being changed.",
)  # fmt: skip
@click.option(
    "--allow-callback-net", "nets", multiple=True, metavar="NETWORK",
    help="A private network that callbacks may reach, for example 10.0.0.0/8. Loopback is always allowed.",
)  # fmt: skip
@click.option(
    "--journal", type=click.IntRange(0), default=2000, show_default=True,
    help="Requests to remember for each key; at 64 MB over all keys the oldest go.",
)  # fmt: skip
@click.option(
    "--max-body", type=click.IntRange(1, 1024), default=96, show_default=True,
    help="Largest request body, in MB.",
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
    pace: str,
    rate: float,
    store: str,
    scenario: str,
    strict: bool,
    textbook: bool,
    seed: int | None,
    public_url: str,
    tls_cert: str,
    tls_key: str,
    keys: tuple[str, ...],
    secrets: tuple[str, ...],
    webhook_secrets: tuple[str, ...],
    nets: tuple[str, ...],
    journal: int,
    max_body: int,
    replay: Path | None,
) -> None:
    """Play a provider: same paths, checks, errors, task lifecycle, callbacks and results, offline.

    \b
    understudy serve
    curl -s localhost:8585/v1/images/multi-image2image -H 'Authorization: Bearer any' \\
      -d '{"subject_image_list": [{"subject_image": "https://example.com/cat.png"}]}'
    """
    if replay is not None:
        from mockserver.replay import serve_replay

        serve_replay(replay, host, port)
        return

    from mockserver.app import MockApp
    from mockserver.server import Server

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
        secrets=pairs(secrets),
        webhook_secrets=webhook_secrets,
        callback_nets=nets,
        journal=journal,
        max_body=max_body * MEGABYTE,
    )
    server = Server(MockApp(settings))
    server.on_started = lambda: announce(server, machine=port == 0)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_for_ever()


def announce(server: Server, *, machine: bool) -> None:
    """What a stranger needs next; for machines (--port 0) one line of JSON."""
    if machine:
        click.echo(json.dumps({"url": server.url, "control": f"{server.url}/__understudy__"}))
    else:
        click.echo(welcome(server))
    sys.stdout.flush()


def welcome(server: Server) -> str:
    world = server.app.world
    play = next(iter(world.plays.values()))
    path = play.profile.prefixes[0] + play.family.path
    key = world.settings.keys[0] if world.settings.keys else "JWT" if world.settings.secrets else "any"
    names = ", ".join(p.name for p in world.profiles)
    return (
        f"Understudy plays {names} on {server.url}  (pace {world.defaults.pace}, Ctrl-C ends it)\n"
        f"\n"
        f"  create   curl -s {server.url}{path} -H 'Authorization: Bearer {key}' \\\n"
        f"             -d '{example(play.check.source)}'\n"
        f"  query    curl -s {server.url}{path}/TASK_ID -H 'Authorization: Bearer {key}'\n"
        f"  control  curl -s {server.url}/__understudy__\n"
    )


def example(schema: object) -> str:
    """The smallest request that a schema takes, as JSON on one line."""
    return json.dumps(smallest(schema))


def smallest(schema: object) -> object:
    """The smallest value of the schemas that requests are made of."""
    if not isinstance(schema, dict):
        return None
    for key in ("default", "const"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if "x-image" in schema:
        return "https://example.com/cat.png"
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return smallest(alternatives[0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        return {name: smallest(schema.get("properties", {}).get(name)) for name in schema.get("required", ())}
    if kind == "array":
        return [smallest(schema.get("items"))] * schema.get("minItems", 0)
    return {"string": "two cats", "integer": 1, "number": 1, "boolean": False}.get(str(kind))
