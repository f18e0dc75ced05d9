"""Each trap of naviseccli and storops, shown closed: what is said, not said or half said is never taken for success."""

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from tests.array import samples
from tests.array.sites import NoSlots, is_alive, verdict_of
from tests.array.stand_in import PASSWORD, StandIn
from vnx_jobs.adapters.array import runner
from vnx_jobs.adapters.array.vnx import VnxArray, vnx_array
from vnx_jobs.model.array import THICK
from vnx_jobs.model.errors import ArrayError, Verdict

Make = Callable[..., StandIn]


def reads(array: VnxArray) -> Iterator[Callable[[], object]]:
    """Yield every reading method."""
    yield array.luns
    yield array.snapshots
    yield array.sessions
    yield array.pools
    yield lambda: array.lun(1)
    yield lambda: array.snapshot("moment")


def changes(array: VnxArray) -> Iterator[Callable[[], object]]:
    """Yield every changing method."""
    yield lambda: array.create_lun(1, "one", 1, "gold", THICK)
    yield lambda: array.create_mount_point(2, "window", 1)
    yield lambda: array.create_snapshot(1, "moment", writable=True)
    yield lambda: array.copy_snapshot("moment", "copy")
    yield lambda: array.allow_writes("copy")
    yield lambda: array.attach_snapshot(2, "copy")
    yield lambda: array.migrate(2, 3, "high")
    yield lambda: array.cancel_migration(2)
    yield lambda: array.destroy_mount_point(2)
    yield lambda: array.destroy_snapshot("copy")
    yield lambda: array.destroy_lun(1)


def verdicts(array: VnxArray) -> set[Verdict]:
    """Call every method; return with what they failed."""
    return {verdict_of(call) for call in (*reads(array), *changes(array))}


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reads be repeated at once, for tests of which many fail."""
    monkeypatch.setattr(runner, "_READ_PAUSE", 0.0)


def says(text: str, status: int) -> str:
    """Return a script that answers with a text and a status."""
    return f"cat <<'END'\n{text}\nEND\nexit {status}"


def test_a_missing_binary_is_named(stand_in: Make) -> None:
    """Without the program every command fails at once, naming the path and the setting, and is no empty answer."""
    site = stand_in("")
    site.program.unlink()
    for call in (*reads(site.array), *changes(site.array)):
        with pytest.raises(ArrayError, match=r"(?s)naviseccli.*No such file.*setting `naviseccli`") as caught:
            call()
        assert caught.value.verdict is Verdict.CREDENTIALS
        assert str(site.program) in caught.value.text


def test_a_binary_that_cannot_be_executed_is_named(stand_in: Make) -> None:
    """A program without the right to be executed fails at once, naming the path and the setting."""
    site = stand_in("")
    site.program.chmod(0o644)
    with pytest.raises(ArrayError, match=r"Permission denied.*setting `naviseccli`") as caught:
        site.array.luns()
    assert str(site.program) in caught.value.text


def test_a_hung_binary_is_no_answer(stand_in: Make) -> None:
    """A program that never ends gives NO_ANSWER at the limit, for a read and for a change, and is gone."""
    site = stand_in('echo $$ > "${0%/*}/pid"; exec sleep 600', read_limit=0.4, write_limit=0.4)
    began = time.monotonic()
    assert verdict_of(site.array.sessions) is Verdict.NO_ANSWER
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.NO_ANSWER
    assert time.monotonic() - began < 4
    assert not is_alive(site.pid())


@pytest.mark.usefixtures("no_pauses")
def test_time_out_text_is_never_absence(stand_in: Make) -> None:
    """The time-out text, which storops reads as "no such LUN" and "no sessions", is NO_ANSWER to every command."""
    site = stand_in(says(samples.TIME_OUT, 1))
    assert verdicts(site.array) == {Verdict.NO_ANSWER}


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    ("text", "status"), [("The array is thinking about something else (0x7fffffff)", 255), ("Nam", 0), ("??\x01", 1)]
)
def test_unknown_text_is_no_answer(stand_in: Make, text: str, status: int) -> None:
    """Text that nobody knows is neither a listing, nor absence, nor success, nor a refusal, whatever the status."""
    site = stand_in(says(text, status))
    assert verdicts(site.array) == {Verdict.NO_ANSWER}


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("status", [1, 255])
def test_a_status_without_a_word_is_no_answer(stand_in: Make, status: int) -> None:
    """A failure that prints nothing, which storops takes for success, is NO_ANSWER."""
    site = stand_in(f"exit {status}")
    assert verdicts(site.array) == {Verdict.NO_ANSWER}


@pytest.mark.usefixtures("no_pauses")
def test_an_empty_answer_is_believed_only_of_lists(stand_in: Make) -> None:
    """With status 0 and no text a change is done and a list empty; one object asked for is not thereby absent."""
    site = stand_in("exit 0")
    assert site.array.luns() == ()
    assert site.array.snapshots() == ()
    assert site.array.pools() == ()
    assert verdict_of(site.array.sessions) is Verdict.NO_ANSWER
    assert verdict_of(lambda: site.array.lun(1)) is Verdict.NO_ANSWER
    assert verdict_of(lambda: site.array.snapshot("moment")) is Verdict.NO_ANSWER
    for call in changes(site.array):
        assert call() is None


def test_a_refusal_with_status_0_is_a_refusal(stand_in: Make) -> None:
    """A real array was seen to refuse with status 0; its sentence counts, not the status."""
    site = stand_in(says("SP B: Request failed.  Host LUN/LUN mapping still exists.", 0))
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.REFUSED


def test_a_read_that_gets_no_answer_is_started_three_times_at_most(stand_in: Make) -> None:
    """A dropped connection, which storops retries without end, costs a read three starts, well within its limit."""
    site = stand_in(says(samples.DROPPED, 255))
    began = time.monotonic()
    assert verdict_of(site.array.luns) is Verdict.NO_ANSWER
    assert len(site.starts) == 3
    assert time.monotonic() - began < 2.5


def test_a_read_is_repeated_until_it_is_answered(stand_in: Make) -> None:
    """A read whose first answers were lost is answered in the end."""
    third = f'[ $(wc -l < "$0.starts") -eq 3 ] && echo "{samples.NO_SESSIONS}" && exit 0'
    site = stand_in(f"{third}\n{says(samples.DROPPED, 255)}")
    assert site.array.sessions() == ()
    assert len(site.starts) == 3


@pytest.mark.parametrize("text", [samples.DROPPED, samples.TIME_OUT, "", "no idea"])
def test_a_change_without_an_answer_is_sent_once(stand_in: Make, text: str) -> None:
    """A change that may have been carried out is not sent again, not to the other SP either."""
    site = stand_in(says(text, 1) if text else "exit 1")
    assert verdict_of(lambda: site.array.create_snapshot(1, "moment", writable=True)) is Verdict.NO_ANSWER
    assert len(site.starts) == 1


def test_a_credential_error_does_not_latch(stand_in: Make) -> None:
    """After a refused login the next command logs in anew, with the password that stands in the file by then."""
    mended = f'case "$*" in *mended*) echo "{samples.NO_SESSIONS}"; exit 0;; esac'
    site = stand_in(f"{mended}\n{says(samples.WRONG_LOGIN, 255)}")
    assert verdict_of(site.array.sessions) is Verdict.CREDENTIALS
    assert len(site.starts) == 1
    (site.folder / "password").write_text("mended\n")
    assert site.array.sessions() == ()


def test_an_unreadable_password_sends_nothing(stand_in: Make) -> None:
    """Without the password file a command fails, names the file, and nothing is started."""
    site = stand_in("exit 0")
    (site.folder / "password").unlink()
    with pytest.raises(ArrayError, match=r"password_file .* has no readable first line") as caught:
        site.array.destroy_lun(1)
    assert caught.value.verdict is Verdict.CREDENTIALS
    assert site.starts == []


@pytest.mark.usefixtures("no_pauses")
def test_the_password_is_in_no_log_exception_or_repr(
    stand_in: Make, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The password reaches the program and nothing else, even if the array repeats it in what it says."""
    caplog.set_level(logging.DEBUG)
    site = stand_in('echo "Unknown option in: $*"; echo "bad $*" >&2; exit 34')
    seen: list[str] = []
    with capture_logs() as events:
        for call in (*reads(site.array), *changes(site.array)):
            with pytest.raises(ArrayError) as caught:
                call()
            error = caught.value
            seen += [str(error), repr(error), error.text, str(error.__cause__), str(error.__context__)]
            frames = [entry.frame.f_locals for entry in caught.traceback if "vnx_jobs" in str(entry.path)]
            seen += [repr(frame) for frame in frames]
    assert PASSWORD in site.starts[0]
    assert all("***" in error for error in seen[:3])
    seen += [repr(events), repr(site.array), str(site.settings), caplog.text, *capfd.readouterr()]
    assert not [text for text in seen if PASSWORD in text]


def test_the_password_is_in_no_frame_of_a_traceback(stand_in: Make) -> None:
    """An exception raised while a command is being sent shows no password, not even in the values of its frames."""
    site = stand_in("")
    crowded = vnx_array("stand-in", site.settings, NoSlots())
    with pytest.raises(ArrayError) as caught:
        crowded.destroy_lun(1)
    frames = [entry.frame.f_locals for entry in caught.traceback]
    assert any("argv" in frame for frame in frames)
    assert PASSWORD not in repr(frames)


def test_a_security_file_keeps_the_password_off_the_command_line(stand_in: Make) -> None:
    """With a security file neither user nor password stands among the words."""
    site = stand_in(says(samples.NO_SESSIONS, 0))
    settings = site.settings.model_copy(update={"security_file": site.folder / "keys"})
    vnx_array("stand-in", settings, site.slots).sessions()
    assert site.starts == [f"-h 10.0.0.1 -secfilepath {site.folder}/keys -t 5 migrate -list"]


def test_the_cli_time_out_is_not_below_our_limit(stand_in: Make) -> None:
    """`-t` is at least the limit, and within what naviseccli takes: it must not give up before we do."""
    site = stand_in(says(samples.NO_SESSIONS, 0), read_limit=61.5, write_limit=62)
    site.array.sessions()
    assert " -t 62 " in site.starts[0]
    short = stand_in(says(samples.NO_SESSIONS, 0), read_limit=1)
    short.array.sessions()
    assert " -t 3 " in short.starts[-1]


def test_crlf_answers_are_read_like_others(stand_in: Make) -> None:
    """Line ends of the other kind, which parts of real answers carry, leave no trace in values or sentences."""
    site = stand_in(f"cat <<'END' | sed 's/$/\\r/'\n{samples.MOUNT_POINT}\nEND")
    (lun,) = site.array.luns()
    assert (lun.name, lun.primary, lun.attached, lun.ready) == ("window", "volume one", "moment", True)
    site.answers(f"cat <<'END' | sed 's/$/\\r/'\n{samples.NO_LUN}\n\nEND\nexit 9")
    assert site.array.lun(1) is None


def test_a_huge_stderr_is_drained(stand_in: Make) -> None:
    """Megabytes on stderr, which storops never reads, neither block a command nor spoil its answer."""
    site = stand_in(f"head -c 3000000 /dev/zero | tr '\\0' e >&2\n{says(samples.SESSION, 0)}")
    assert [session.source for session in site.array.sessions()] == [63950]


def test_a_message_inside_a_listing_spoils_it(stand_in: Make) -> None:
    """A listing that breaks off with a message of the CLI is not a shorter listing."""
    site = stand_in(says(f"{samples.LUN}\n{samples.TIME_OUT}", 0))
    assert verdict_of(site.array.luns) is Verdict.NO_ANSWER


def test_a_listing_cut_in_the_middle_is_no_answer(stand_in: Make) -> None:
    """A listing whose last block lacks a line is not believed at all."""
    site = stand_in(says(samples.LUN + "\n" + samples.MOUNT_POINT.partition("Pool Name")[0], 0))
    assert verdict_of(site.array.luns) is Verdict.NO_ANSWER


def test_an_answer_about_another_object_is_no_answer(stand_in: Make) -> None:
    """If the array answers about another LUN or snapshot than was asked for, it is neither found nor absent."""
    site = stand_in(says(samples.LUN, 0))
    assert verdict_of(lambda: site.array.lun(7)) is Verdict.NO_ANSWER
    site.answers(says(samples.SNAPSHOT, 0))
    assert verdict_of(lambda: site.array.snapshot("momentum")) is Verdict.NO_ANSWER


def test_no_thread_is_started(stand_in: Make) -> None:
    """Commands start no thread: storops' heartbeat is off."""
    before = threading.active_count()
    site = stand_in(says(samples.NO_SESSIONS, 0))
    site.array.sessions()
    assert threading.active_count() == before
