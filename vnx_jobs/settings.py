"""Settings: one YAML file and a few environment variables, checked whole when read. Nothing is read at import."""

import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

from .model.errors import Code, Refused
from .model.keys import PermitKind
from .model.names import array_problem, installation_problem
from .settings_access import AccessSettings
from .settings_api import ApiSettings
from .settings_callbacks import CallbackSettings
from .settings_hosts import BackupHostSettings
from .settings_repositories import RepositorySettings

HOME_VARIABLE: Final = "VNX_JOBS_HOME"
"""The home folder, instead of `.vnx-jobs` in the current one."""
CONFIG_VARIABLE: Final = "VNX_JOBS_CONFIG"
"""The settings file, instead of `config.yaml` in the home folder."""
REDIS_VARIABLE: Final = "VNX_JOBS_REDIS_URL"
"""The state server, instead of `redis_url`."""
UNSAFE_VARIABLE: Final = "VNX_JOBS_UNSAFE_STATE_SERVER"
"""`true`: instead of `unsafe_state_server`."""


def _number_range(value: object) -> object:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+)-(\d+)", value)):
        return int(match[1]), int(match[2])
    return value


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Times(_Model):
    """Seconds. A simulated array's `speed` divides them all."""

    read_limit: float = Field(60, gt=0)
    """A reading command is killed after this."""
    write_limit: float = Field(120, gt=0)
    """A changing command is killed after this."""
    margin: float = Field(30, ge=0)
    """How long the array may still carry out a request whose client is dead."""
    watch_tick: float = Field(10, gt=0)
    """How often the array is read for all that is parked on it."""
    idle_refresh: float = Field(60, gt=0)
    """How often it is read when nothing is parked."""
    session_grace: float = Field(30, ge=0)
    """How long a session just started may stay unlisted on a busy array (EMC's Cinder driver waits as long)."""
    down_time: float = Field(30, ge=0)
    """How long an SP that did not answer is passed over."""

    def divided(self, speed: float) -> "Times":
        """Return the same times for an array that runs `speed` times as fast."""
        return Times(**{name: value / speed for name, value in self.model_dump().items()})


class ArraySettings(_Model):
    """One array: how to reach it and what it may be asked for at one time."""

    spa: str
    """Management address of SP A."""
    spb: str | None = None
    """That of SP B; without it the loss of SP A stops all work."""
    naviseccli: Path = Path("/opt/Navisphere/bin/naviseccli")
    """Navisphere Secure CLI."""
    security_file: Path | None = None
    """Folder of the CLI's own encrypted credentials (`naviseccli -AddUserSecurity`): the recommended way."""
    user: str | None = None
    """Whom to log in as, without a security_file."""
    password_file: Path | None = None
    """A file whose first line is the password. It stands on the command line of every call: prefer security_file."""
    scope: Literal["global", "local", "ldap"] = "global"
    """Where the array knows the user from."""
    numbers: Annotated[tuple[int, int], BeforeValidator(_number_range)]
    """`FIRST-LAST`: the LUN numbers kept for vnx-jobs. Nobody else may create LUNs with them."""
    command_slots: int = Field(4, ge=1)
    """Commands in flight over all workers; the watch has one more of its own."""
    storage_groups: Mapping[str, str] = {}
    """Host: storage group, for hosts whose group is neither the one they are connected to nor one of their own name."""
    migrations: int = Field(8, ge=1)
    """Migration sessions at one time: so many full copies are written at once."""
    asap_migrations: int = Field(2, ge=1)
    """How many of them may run at rate `asap`, which a request must allow by `allow_asap=true`."""
    migration_rate: Literal["low", "medium", "high", "asap"] = "high"
    """The rate of copies that name none."""
    copies: int = Field(4, ge=1)
    """Volumes that backup hosts read or write at one time, over all hosts."""
    speed: float = Field(1, gt=0)
    """For simulated arrays: divides every one of `times`."""
    times: Times = Times()
    """Seconds that are waited for it."""

    @model_validator(mode="after")
    def _consistent(self) -> "ArraySettings":
        first, last = self.numbers
        if not 0 <= first < last:
            raise ValueError("numbers must be FIRST-LAST, with FIRST smaller than LAST")
        if self.security_file is None and (self.user is None or self.password_file is None):
            raise ValueError("give either security_file, or user and password_file")
        if self.times.read_limit > self.times.write_limit + self.times.margin:
            raise ValueError("times.read_limit must not exceed write_limit + margin: changing steps read too")
        return self

    @property
    def number_range(self) -> range:
        """The private LUN numbers."""
        return range(self.numbers[0], self.numbers[1] + 1)

    def places(self, kind: PermitKind) -> int:
        """How many permits of a kind there are."""
        return {"migrations": self.migrations, "asap": self.asap_migrations}[kind]

    @property
    def landing(self) -> float:
        """Seconds in which a command of a turn that begins now could land: its lease, and the array's margin."""
        return self.pace.write_limit + 2 * self.pace.margin

    @cached_property
    def pace(self) -> Times:
        """The times as they hold for this array."""
        return self.times.divided(self.speed)

    def password(self) -> SecretStr:
        """Read the password. Raises Refused if its file cannot be read."""
        if self.password_file is None:
            return SecretStr("")
        try:
            return SecretStr(self.password_file.read_text().splitlines()[0])
        except (OSError, UnicodeDecodeError, IndexError) as error:
            raise Refused(Code.INVALID, f"password_file {self.password_file} has no readable first line") from error


class Settings(_Model):
    """Everything that an installation is told."""

    installation: str = "a"
    """Short name that all temporary objects of this installation bear; two installations on one array need two."""
    home: Path = Path(".vnx-jobs")
    """Folder of the embedded stack: state server's data, logs, process ids."""
    redis_url: SecretStr | None = None
    """A state server of one's own: it must not evict, and must have an append-only file. Else the embedded one."""
    durability: Literal["local", "replicated"] = "local"
    """When accepted jobs, begun steps and ends count as kept: `local`, on the state server's disk; `replicated`, on a
    replica's too."""
    prefix: str = "vj:"
    """Of every key in the state server."""
    arrays: Mapping[str, ArraySettings] = {}
    """The arrays, by name."""
    repositories: Mapping[str, RepositorySettings] = {}
    """Where backups are kept, by name."""
    backup_hosts: Mapping[str, BackupHostSettings] = {}
    """The machines that read and write volumes for backups, by name."""
    callbacks: CallbackSettings = CallbackSettings()
    """What holds for call backs."""
    workers: int = Field(6, ge=1)
    """Worker processes that `vnx-jobs up` starts: two more than command slots keep an array's slots busy."""
    finished_days: float = Field(7, gt=0)
    """How long the records of ended jobs are kept."""
    key_days: float = Field(14, gt=0)
    """How long an idempotency key protects after its job has ended; never shorter than the record is kept."""
    api: ApiSettings = ApiSettings()
    """The HTTP service."""
    access: AccessSettings = AccessSettings()
    """The audit trail, and what comes by message."""
    unsafe_state_server: bool = False
    """Use a state server of one's own that evicts or has no append-only file: jobs may be lost."""

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        if problem := installation_problem(self.installation):
            raise ValueError(f"installation {problem}")
        for name in self.arrays:
            if problem := array_problem(name):
                raise ValueError(f"array name {name!r} {problem}")
        for name, host in self.backup_hosts.items():
            if problem := array_problem(name):
                raise ValueError(f"backup host name {name!r} {problem}")
            if strange := sorted(set(host.arrays) - set(self.arrays)):
                raise ValueError(f"backup host {name}: there is no array {strange[0]!r}")
        if self.key_days < self.finished_days:
            raise ValueError("key_days must not be smaller than finished_days")
        return self

    @property
    def state_server_file(self) -> Path:
        """Where the embedded stack writes the address of its state server, readable by its owner alone."""
        return self.home / "run" / "state-server.url"

    @property
    def hooks_secret_file(self) -> Path:
        """The file with the secret that call backs are signed with."""
        return self.callbacks.secret_file or self.home / "hooks.secret"

    def array(self, name: str) -> ArraySettings:
        """Return an array's settings. Raises Refused(unknown-array) with the names there are."""
        if name in self.arrays:
            return self.arrays[name]
        known = ", ".join(sorted(self.arrays)) or "none is configured"
        raise Refused(Code.UNKNOWN_ARRAY, f"there is no array {name!r} (arrays: {known})")

    def backup_host(self, name: str) -> BackupHostSettings:
        """Return a backup host's settings. Raises Refused(unknown-backup-host) with the names there are."""
        if name in self.backup_hosts:
            return self.backup_hosts[name]
        known = ", ".join(sorted(self.backup_hosts)) or "none is configured"
        raise Refused(Code.UNKNOWN_HOST, f"there is no backup host {name!r} (backup hosts: {known})")


def config_path(environment: Mapping[str, str] | None = None) -> Path:
    """Return the file that `load` reads, whether it exists or not."""
    environment = os.environ if environment is None else environment
    return Path(environment.get(CONFIG_VARIABLE, _home(environment) / "config.yaml"))


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get(HOME_VARIABLE, ".vnx-jobs")).absolute()


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings: $VNX_JOBS_CONFIG, else config.yaml in $VNX_JOBS_HOME (default .vnx-jobs).

    Raises Refused(invalid) with one line that names the file and every mistake in it.
    """
    environment = os.environ if environment is None else environment
    path = config_path(environment)
    fields: dict[str, Any] = {"home": _home(environment)}
    if path.exists():
        try:
            stored = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise Refused(Code.INVALID, f"settings {path} cannot be read: {_first_line(error)}") from error
        if not isinstance(stored, dict):
            raise Refused(Code.INVALID, f"settings {path} cannot be read: NAME: VALUE lines are expected")
        fields |= stored
    elif CONFIG_VARIABLE in environment:
        raise Refused(Code.INVALID, f"settings {path} do not exist (set by {CONFIG_VARIABLE})")
    if url := environment.get(REDIS_VARIABLE):
        fields["redis_url"] = url
    if unsafe := environment.get(UNSAFE_VARIABLE):
        fields["unsafe_state_server"] = unsafe
    try:
        return Settings.model_validate(fields)
    except ValidationError as error:
        raise Refused(Code.INVALID, f"settings {path}: {_mistakes(error)}") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _mistakes(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg'].removeprefix('Value error, ')}".removeprefix(": ")
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    )
