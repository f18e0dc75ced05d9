"""`vnx-jobs serve`."""

from pathlib import Path

import click

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.observability.logs import log_to
from vnx_jobs.settings import load

from .exits import Exit

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.option("--host", metavar="ADDRESS", help="Listen at this address (default: as the settings say).")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen at this port; 0 for any that is free.")
@click.option("--open", "is_open", is_flag=True, help="Ask for no token; for a loopback address alone.")
@click.option("--tls-cert", type=_FILE, help="Speak TLS with this certificate chain (PEM).")
@click.option("--tls-key", type=_FILE, help="The key of the certificate.")
@click.option("--any-port", is_flag=True, help="Take another port if this one is taken.")
@click.option(
    "--address-file", type=click.Path(path_type=Path, dir_okay=False), help="Write the address there once it listens."
)
def serve(  # noqa: PLR0913 -- an argument an option
    host: str | None,
    port: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    address_file: Path | None,
    *,
    is_open: bool,
    any_port: bool,
) -> int:
    """Serve the HTTP API until it is interrupted.

    For example: vnx-jobs serve --port 8470

    `vnx-jobs up` starts it too. Its log is written to standard error, a JSON object a line.
    """
    from vnx_jobs.api import serving  # noqa: PLC0415 -- slow, and only this command needs it

    if (tls_cert is None) != (tls_key is None):
        raise Refused(Code.INVALID, "give both --tls-cert and --tls-key, or neither")
    settings = load()
    log_to(level="info")
    api = settings.api
    serving.serve(
        settings,
        serving.Place(
            host or api.host,
            api.port if port is None else port,
            is_open=is_open,
            tls_cert=tls_cert or api.tls_cert,
            tls_key=tls_key or api.tls_key,
            any_port=any_port,
            address_file=address_file,
        ),
    )
    return Exit.WELL
