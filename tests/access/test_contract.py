"""Tokens, audit trail and dead letters keep their contracts over each kind of state server."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.access.conftest import LINES, Place
from tests.store.world import DAY
from vnx_jobs.adapters.audit_file import AuditFile
from vnx_jobs.authority import PREFIX, digest
from vnx_jobs.model.authority import Action, AuditEntry, Caller, Role, Token
from vnx_jobs.model.errors import Code, Refused

LINE = AuditEntry("crm", "10.0.0.7", "POST /v1/jobs", "done", "box", ("J1",), 1)


def refusal(place: Place, secret: str) -> tuple[Code, str]:
    """Return why a secret is refused."""
    with pytest.raises(Refused) as told:
        place.authority.identify(secret, "here")
    return told.value.code, told.value.message


def test_a_token_names_its_bearer(place: Place) -> None:
    """Who shows the secret is known by name, role, arrays and address; of the secret only the hash is kept."""
    token, secret = place.authority.issue("crm", Role.OPERATOR, ["box"], None, "root@cli")
    expected = Caller("crm", Role.OPERATOR, frozenset({"box"}), "10.0.0.7")
    assert place.authority.identify(secret, "10.0.0.7") == expected
    assert secret.startswith(PREFIX)
    assert len(secret) == len(PREFIX) + 43
    found = place.tokens.find(digest(secret))
    assert found is not None
    assert found[1] == token
    assert secret[len(PREFIX) :] not in repr(found)


@pytest.mark.parametrize("secret", ["", "vnxj_", "vnxj_guess", "Bearer x", "vnxj_" + "x" * 10_000, "vnxj_\udcff"])
def test_a_guess_is_refused(place: Place, secret: str) -> None:
    """What is no secret of a token is refused with one code, whatever it looks like."""
    place.authority.issue("crm", Role.ADMIN, None, None, "root@cli")
    assert refusal(place, secret) == (Code.UNAUTHORIZED, "the token is not known")


def test_a_token_expires(place: Place) -> None:
    """A token of a day is known until the state server's day is over, and not a moment longer."""
    _, secret = place.authority.issue("crm", Role.VIEWER, None, 1, "root@cli")
    place.world.advance(DAY - 60)
    assert place.authority.identify(secret, "here").name == "crm"
    place.world.advance(60)
    assert refusal(place, secret) == (Code.UNAUTHORIZED, "the token has expired")


def test_revoking_holds_at_once(place: Place) -> None:
    """A revoked token is refused by a process that knew it a moment ago; the first who revoked it stays recorded."""
    other = place.authority
    token, secret = place.authority.issue("crm", Role.VIEWER, None, None, "root@cli")
    assert other.identify(secret, "here").name == "crm"
    assert place.authority.revoke("crm", "root@cli") == (token,)
    assert refusal(place, secret) == (Code.UNAUTHORIZED, "the token was revoked")
    assert place.authority.revoke(token.id, "else@cli") == ()
    (kept,) = place.tokens.all()[1]
    assert (kept.revoked_by, kept.revoked > 0) == ("root@cli", True)


def test_tokens_of_one_name_are_revoked_together_or_one_by_one(place: Place) -> None:
    """By id one of two goes, so that a secret can be changed without a gap; by name both go."""
    first, old = place.authority.issue("crm", Role.VIEWER, None, None, "root@cli")
    _, new = place.authority.issue("crm", Role.VIEWER, None, None, "root@cli")
    place.authority.revoke(first.id, "root@cli")
    assert refusal(place, old)[1] == "the token was revoked"
    assert place.authority.identify(new, "here").name == "crm"
    with pytest.raises(Refused, match="there is no token 'nobody'"):
        place.authority.revoke("nobody", "root@cli")


def test_ids_and_hashes_are_taken_once(place: Place) -> None:
    """The same token again changes nothing; another under its id or its hash is not kept."""
    token = Token("t1", "crm", Role.ADMIN, frozenset({"box", "other"}), 1, "root@cli")
    assert place.tokens.add(token, "hash")
    assert place.tokens.add(token, "hash")
    assert not place.tokens.add(replace(token, name="thief"), "hash")
    assert not place.tokens.add(replace(token, name="thief"), "other hash")
    assert place.tokens.all()[1] == (token,)
    assert not place.tokens.revoke("t2", "root@cli")


@pytest.mark.parametrize(
    ("name", "arrays", "days", "text"),
    [
        ("", None, None, "name ''"),
        ("a b", None, None, "name 'a b'"),
        ("crm\n", None, None, "name"),
        ("b76ad9fa", None, None, "reads like the id of a token"),
        ("crm", [], None, "sees no array"),
        ("crm", ["bx"], None, "there is no array 'bx'"),
        ("crm", None, 0, "more than 0"),
        ("crm", None, float("nan"), "more than 0"),
    ],
)
def test_a_wrong_token_is_not_made(
    place: Place, name: str, arrays: list[str] | None, days: float | None, text: str
) -> None:
    """A name, scope or time that makes no sense is refused in one line, and no token is kept."""
    with pytest.raises(Refused, match=text):
        place.authority.issue(name, Role.VIEWER, arrays, days, "root@cli")
    assert place.tokens.all()[1] == ()


def test_each_role_may_what_the_one_before_it_may(place: Place) -> None:
    """Viewers look, operators also submit and order, admins do all; who sees an array not is told it does not exist."""
    may = {role: {action for action in Action if Caller("x", role, None, "here").may(action)} for role in Role}
    assert may == {
        Role.VIEWER: {Action.LOOK},
        Role.OPERATOR: {Action.LOOK, Action.SUBMIT, Action.ORDER},
        Role.ADMIN: set(Action),
    }
    viewer = Caller("v", Role.VIEWER, frozenset({"box"}), "here")
    place.authority.need(viewer, Action.LOOK, "box")
    with pytest.raises(Refused, match="v is a viewer and may not submit") as small:
        place.authority.need(viewer, Action.SUBMIT, "box")
    with pytest.raises(Refused, match="there is no array 'other'") as unseen:
        place.authority.need(viewer, Action.LOOK, "other")
    assert (small.value.code, unseen.value.code) == (Code.FORBIDDEN, Code.UNKNOWN_ARRAY)


def test_the_trail_is_read_by_time_and_name(place: Place) -> None:
    """Lines come back as they were written, in their order, chosen by time, person and array."""
    first = place.audit.append(LINE)
    place.world.advance(60)
    second = place.audit.append(replace(LINE, who="root", array="other", jobs=(), count=0, outcome="forbidden"))
    assert place.audit.read() == (first, second)
    assert second.when - first.when >= 60_000
    assert place.audit.read(since=second.when) == (second,)
    assert place.audit.read(who="crm") == (first,)
    assert place.audit.read(array="other") == (second,)
    assert place.audit.read(most=1) == (second,)
    assert replace(first, when=0) == LINE
    both = place.audit.append(replace(LINE, array="other,third"))
    assert place.audit.read(array="other") == (second, both)
    assert place.audit.read(array="third") == (both,)
    assert place.audit.read(array="thi") == ()


def test_the_trail_is_bounded(place: Place) -> None:
    """After many more lines than are kept, about as many are left, and they are the newest."""
    for number in range(LINES * 2):
        place.audit.append(replace(LINE, what=str(number)))
    left = [one.what for one in place.audit.read(most=LINES * 3)]
    assert LINES <= len(left) <= LINES + 100
    assert left[-1] == str(LINES * 2 - 1)


def test_a_batch_names_its_first_jobs_alone(place: Place) -> None:
    """A line about thousands of jobs says how many, and names the first hundred."""
    jobs = [f"J{number}" for number in range(3000)]
    place.authority.wrote(Caller("crm", Role.ADMIN, None, "here"), "batch", jobs=jobs, outcome="done")
    (line,) = place.audit.read()
    assert (line.jobs, line.count) == (tuple(jobs[:100]), 3000)


def test_dead_letters(place: Place) -> None:
    """Letters come back newest first, one by its id, and go one by one or all."""
    first, second, _ = (place.dead.put(why, "task", "[1]") for why in ("a", "b", "c"))
    assert [one.why for one in place.dead.find(10)] == ["c", "b", "a"]
    letter = place.dead.get(second)
    assert letter is not None
    assert (letter.why, letter.task, letter.message, letter.at > 0) == ("b", "task", "[1]", True)
    assert place.dead.get("x y") is None
    assert (place.dead.drop(first), place.dead.drop(first), place.dead.drop("x"), place.dead.drop()) == (1, 0, 0, 2)
    assert place.dead.find(10) == ()


def test_the_file_has_each_line(place: Place, tmp_path: Path) -> None:
    """The file holds what the state server holds, for its owner alone."""
    path = tmp_path / "audit.jsonl"
    authority = replace(place.authority, sink=AuditFile(path))
    caller = Caller("crm", Role.ADMIN, None, "here")
    for what in ("one", "two\nlines"):
        authority.wrote(caller, what, array="box", jobs=["J"], outcome="done")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(one["what"], one["who"], one["jobs"], one["outcome"]) for one in lines] == [
        ("one", "crm", ["J"], "done"),
        ("two\nlines", "crm", ["J"], "done"),
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_stops_nothing(place: Place) -> None:
    """If the file takes no line, what was done stays done, and its line stands in the state server."""
    authority = replace(place.authority, sink=AuditFile(Path("/dev/full")))
    authority.wrote(Caller("crm", Role.ADMIN, None, "here"), "one", outcome="done")
    assert [one.what for one in place.audit.read()] == ["one"]
