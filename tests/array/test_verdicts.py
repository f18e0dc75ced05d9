"""The catalogue: what each sentence of the array means to the command it was said to."""

import pytest

from tests.array import samples
from vnx_jobs.adapters.array.process import Ending, Run
from vnx_jobs.adapters.array.verdicts import CATALOGUE, Listing, judge_change, judge_read
from vnx_jobs.model.errors import Verdict

CREATE_LUN = ("lun", "-create", "-capacity", "1", "-l", "1", "-name", "one")
DESTROY_LUN = ("lun", "-destroy", "-l", "1", "-o")
ATTACH = ("lun", "-attach", "-l", "1", "-snapName", "moment")
CREATE_SNAPSHOT = ("snap", "-create", "-res", "1", "-name", "moment")
COPY_SNAPSHOT = ("snap", "-copy", "-id", "moment", "-name", "copy")
DESTROY_SNAPSHOT = ("snap", "-destroy", "-id", "moment", "-o")
MIGRATE = ("migrate", "-start", "-source", "1", "-dest", "2", "-rate", "high", "-o")
CANCEL = ("migrate", "-cancel", "-source", "1", "-o")
LIST_LUN = ("lun", "-list", "-all", "-l", "1")
LUN = Listing("LOGICAL UNIT NUMBER", samples.NO_LUN)

NAME_IN_USE = "Unable to create the LUN because the specified name is already in use. (0x712d8d04)"
NO_POOL = "Could not retrieve the specified (Storagepool). The (Storagepool) may not exist"
SNAPSHOT_GONE = "Cannot {} the snapshot. The specified snapshot does not exist. "
SNAPSHOT_IN_USE = "The specified snapshot name is already in use. (0x716d8005)"
NO_RESOURCE = "Cannot create the snapshot. The specified resource does not exist. "
NO_SOURCE = "Error: migrate -start command failed.\nThe specified source LUN does not exist"
NOT_MIGRATING = "Error: migrate -cancel command failed.\nThe specified source LUN is not currently migrating."
NO_THIN = "Unable to create a ThinLU in the Storage Pool as the Virtual Provisioning Enabler is missing."
USED = "Cannot unbind LUN because it's being used by a feature of the Storage System."


def answered(text: str, status: int) -> Run:
    """Make the run of a program that answered."""
    return Run(Ending.ANSWERED, 0.1, status, text + "\n")


@pytest.mark.parametrize(
    ("words", "text", "status", "verdict", "code"),
    [
        (CREATE_LUN, NAME_IN_USE, 4, Verdict.ALREADY, "0x712d8d04"),
        (CREATE_LUN, "Physical unit already exists", 20, Verdict.ALREADY, ""),
        (CREATE_LUN, NO_POOL, 9, Verdict.REFUSED, ""),
        (
            CREATE_LUN,
            NO_THIN,
            208,
            Verdict.REFUSED,
            "",
        ),
        (DESTROY_LUN, samples.NO_LUN, 9, Verdict.ALREADY, ""),
        (ATTACH, samples.NO_LUN, 9, Verdict.REFUSED, ""),
        (DESTROY_LUN, USED, 156, Verdict.BUSY, ""),
        (DESTROY_LUN, "Cannot unbind LUN because it's contained in a Storage Group.", 156, Verdict.REFUSED, ""),
        (DESTROY_LUN, "SP A: It has snapshot mount points. (0x716d801a)", 26, Verdict.REFUSED, "0x716d801a"),
        (
            CREATE_SNAPSHOT,
            "The specified snapshot name is already in use. (0x716d8005)",
            5,
            Verdict.ALREADY,
            "0x716d8005",
        ),
        (
            CREATE_SNAPSHOT,
            NO_RESOURCE,
            18,
            Verdict.REFUSED,
            "",
        ),
        (CREATE_SNAPSHOT, "SP A: The LUN is 'Preparing'. (0x712D8E0E)", 14, Verdict.BUSY, "0x712d8e0e"),
        (DESTROY_SNAPSHOT, SNAPSHOT_GONE.format("destroy"), 5, Verdict.ALREADY, ""),
        (COPY_SNAPSHOT, SNAPSHOT_GONE.format("copy"), 5, Verdict.REFUSED, ""),
        (DESTROY_SNAPSHOT, "SP B: It is attached. (0x716d8003)", 3, Verdict.REFUSED, "0x716d8003"),
        (DESTROY_SNAPSHOT, samples.NO_SNAPSHOT, 9, Verdict.REFUSED, ""),
        (ATTACH, "SP A: The snapshot is attached. (0x716d8055)", 85, Verdict.ALREADY, "0x716d8055"),
        (ATTACH, "Cannot attach the snapshot. Invalid LUN type.", 1, Verdict.REFUSED, ""),
        (MIGRATE, "The destination LUN is not available for migration.", 7, Verdict.BUSY, ""),
        (
            MIGRATE,
            NO_SOURCE,
            7,
            Verdict.REFUSED,
            "",
        ),
        (
            CANCEL,
            NOT_MIGRATING,
            23,
            Verdict.ALREADY,
            "",
        ),
        (CANCEL, "The copy is complete. (0x714a8021)", 33, Verdict.BUSY, "0x714a8021"),
        (DESTROY_LUN, samples.TIME_OUT, 1, Verdict.NO_ANSWER, ""),
        (DESTROY_LUN, samples.DROPPED, 255, Verdict.NO_ANSWER, ""),
        (DESTROY_LUN, "Error: Operation failed.\nMessage : Service Unavailable", 255, Verdict.NO_ANSWER, ""),
        (DESTROY_LUN, samples.REFUSED_CONNECTION, 1, Verdict.UNREACHABLE, ""),
        (DESTROY_LUN, "A network error occurred while trying to connect: '10.0.0.1'.", 255, Verdict.UNREACHABLE, ""),
        (DESTROY_LUN, samples.WRONG_LOGIN, 255, Verdict.CREDENTIALS, ""),
        (DESTROY_LUN, "Are you sure you want to perform this operation?(y/n):", 65, Verdict.REFUSED, ""),
    ],
)
def test_a_known_sentence_has_its_meaning(
    words: tuple[str, ...], text: str, status: int, verdict: Verdict, code: str
) -> None:
    """A sentence like a recorded one gets the verdict of the catalogue, with the array's code, told in a line."""
    judgement = judge_change(words, answered(text, status))
    said = " ".join(text.strip().splitlines()).removeprefix("SP A: ").removeprefix("SP B: ")
    assert (judgement.verdict, judgement.code, judgement.text) == (verdict, code, said)


def test_a_connection_that_broke_after_a_time_out_is_not_called_unreachable() -> None:
    """When a text says both that no connection was made and that time ran out, the cautious meaning counts."""
    text = f"A network error occurred while trying to connect: '10.0.0.1'.\nMessage : {samples.TIME_OUT}"
    assert judge_change(DESTROY_LUN, answered(text, 255)).verdict is Verdict.NO_ANSWER


@pytest.mark.parametrize(
    ("text", "status", "verdict"),
    [
        ("Something new about pools. (0x712d9999)", 0x99, Verdict.REFUSED),
        ("Something new about pools. (0x712d9999)", 1, Verdict.NO_ANSWER),
        ("Something new about pools. (0x712d9999)", 0, Verdict.NO_ANSWER),
        ("Something from elsewhere. (0x7fffffff)", 255, Verdict.NO_ANSWER),
        ("SP B: The primary LUN has too many of something.", 1, Verdict.REFUSED),
        ("SP B: The primary LUN has too many of something.", 0, Verdict.NO_ANSWER),
        ("The primary LUN has too many of something.", 1, Verdict.NO_ANSWER),
    ],
)
def test_an_unknown_sentence_is_a_refusal_only_with_proof(text: str, status: int, verdict: Verdict) -> None:
    """Unknown text is a refusal only with a storage code and its status, or the block driver's mark and a failure."""
    assert judge_change(CREATE_LUN, answered(text, status)).verdict is verdict


def test_a_killed_run_is_no_answer_whatever_it_said() -> None:
    """A child that printed a clear refusal before it was killed has still not answered."""
    run = Run(Ending.KILLED, 120.0, None, samples.REFUSED_CONNECTION)
    assert judge_change(CREATE_LUN, run).verdict is Verdict.NO_ANSWER
    assert judge_read(LIST_LUN, run, LUN).verdict is Verdict.NO_ANSWER


def test_a_listing_that_ended_badly_is_no_answer() -> None:
    """A listing with a failure's status, or one that was too long to be kept, is not a shorter listing."""
    assert judge_read(LIST_LUN, answered(samples.LUN, 1), LUN).verdict is Verdict.NO_ANSWER
    long = Run(Ending.ANSWERED, 0.1, 0, samples.LUN, cut=True)
    assert judge_read(LIST_LUN, long, LUN).verdict is Verdict.NO_ANSWER
    assert judge_change(CREATE_LUN, Run(Ending.ANSWERED, 0.1, 0, "", cut=True)).verdict is Verdict.NO_ANSWER


def test_a_lost_status_is_no_answer() -> None:
    """A run whose status could not be had proves nothing, and the text says what to mend."""
    judgement = judge_change(CREATE_LUN, Run(Ending.LOST, 0.1))
    assert judgement.verdict is Verdict.NO_ANSWER
    assert "SIGCHLD" in judgement.text


def test_what_the_loader_says_is_shown() -> None:
    """When the program fails before it can speak, what stands on stderr is the text, and it is no answer."""
    run = Run(Ending.ANSWERED, 0.1, 127, "", "error while loading shared libraries: libnavi.so")
    judgement = judge_change(CREATE_LUN, run)
    assert (judgement.verdict, judgement.text) == (Verdict.NO_ANSWER, run.complaint)


def test_warnings_on_stderr_do_not_spoil_success() -> None:
    """A change that ends with status 0 and prints only on stderr is done."""
    assert judge_change(CREATE_LUN, Run(Ending.ANSWERED, 0.1, 0, "", "a warning")).verdict is None


def test_absence_is_the_whole_sentence() -> None:
    """Absence is the array's own sentence and nothing else: with more around it, it is not believed."""
    assert judge_read(LIST_LUN, answered(samples.NO_LUN, 9), LUN).absent
    assert judge_read(LIST_LUN, answered(f"\n{samples.NO_LUN}\n\n", 0), LUN).absent
    more = judge_read(LIST_LUN, answered(f"{samples.NO_LUN}\n{samples.TIME_OUT}", 1), LUN)
    assert (more.absent, more.verdict) == (False, Verdict.NO_ANSWER)


def test_names_in_a_listing_are_not_taken_for_messages() -> None:
    """A LUN may be called like an error; its listing is still a listing."""
    listing = samples.LUN.replace("volume one", "connection refused 0x712d8d04 End of data stream")
    judgement = judge_read(LIST_LUN, answered(listing, 0), LUN)
    assert (judgement.verdict, judgement.text) == (None, listing.strip())


def test_every_sentence_of_the_catalogue_can_be_reached() -> None:
    """No row of the catalogue is hidden by an earlier one, for the command that it belongs to."""
    for row in CATALOGUE:
        words = tuple(row.on.split()) or ("compression", "-on")
        judgement = judge_change(words, answered(f"before {row.fragment.upper()} after", 1))
        assert judgement.verdict is row.verdict, row
