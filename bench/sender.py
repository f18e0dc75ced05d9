"""Sends a batch by one of the doors, and says what that took, as JSON: `python -m bench.sender DOOR BATCH COUNT`.

A process of its own, so that its memory is a client's alone. $API is the address of the service.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

SOURCES: Final = 40
ARRAY: Final = "box"
Row = Mapping[str, str]


def rows(count: int) -> Iterator[Row]:
    """Give so many snap copies of 40 volumes, one after the other."""
    for number in range(count):
        source = f"source-{number % SOURCES}"
        yield {"operation": "snap-copy", "array": ARRAY, "name": f"copy-{number:05}", "source": source}


def _by_client(batch: str, given: Iterable[Row]) -> int:
    from vnx_jobs.client import Client  # noqa: PLC0415 -- each door's process has what it needs, and no more

    with Client(os.environ["API"], patience=120) as client:
        return _accepted(client.submit_many(given, batch=batch))


def _straight(batch: str, given: Iterable[Row]) -> int:
    from vnx_jobs.client import Client  # noqa: PLC0415 -- as above

    with Client.direct(patience=120) as client:
        return _accepted(client.submit_many(given, batch=batch))


def _accepted(answers: Iterable[Any]) -> int:
    return sum(hasattr(one, "job") and not hasattr(one, "code") for one in answers)


def _by_json(batch: str, given: Iterable[Row]) -> int:
    return _posted(batch, json.dumps({"jobs": list(given)}), "application/json")


def _by_csv(batch: str, given: Iterable[Row]) -> int:
    every = list(given)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(every[0]))
    writer.writeheader()
    writer.writerows(every)
    return _posted(batch, text.getvalue(), "text/csv")


def _by_yaml(batch: str, given: Iterable[Row]) -> int:
    lines = [f"  - {{{', '.join(f'{name}: {value}' for name, value in one.items())}}}\n" for one in given]
    return _posted(batch, "jobs:\n" + "".join(lines), "application/yaml")


def _posted(batch: str, body: str, kind: str) -> int:
    """Post a batch, and count the rows that have a job by the service's answer."""
    url = f"{os.environ['API']}/v1/batches?batch={batch}"
    with urlopen(Request(url, body.encode(), {"Content-Type": kind}), timeout=120) as answer:  # noqa: S310 -- ours
        return sum(bool(one["job_id"]) for one in json.load(answer)["rows"])


DOORS: Final[Mapping[str, Callable[[str, Iterable[Row]], int]]] = {
    "the client over HTTP": _by_client,
    "the client straight to the state server": _straight,
    "one POST of JSON": _by_json,
    "one POST of CSV": _by_csv,
    "one POST of YAML": _by_yaml,
}


def peak(pid: int | str = "self") -> float:
    """Return the most memory that a process ever had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main(door: str, batch: str, count: str) -> int:
    """Send, and say how many were accepted, seconds, CPU seconds and MB."""
    began, started = time.perf_counter(), time.process_time()
    accepted = DOORS[door](batch, rows(int(count)))
    seconds, used = time.perf_counter() - began, time.process_time() - started
    json.dump({"accepted": accepted, "seconds": seconds, "cpu": used, "peak": peak()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
