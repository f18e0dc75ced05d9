"""What an archive says of itself, and what it is called."""

from dataclasses import replace
from typing import Any

import pytest

from vnx_jobs.model.backup import MAX_ARCHIVE_NAME, Backup, Label, LabelError
from vnx_jobs.model.digest import digest_of

JOB = "01M82SH4TB1GYWQRPXS8P6G4EH"
LABEL = Label("box", "my gold:1", "60:06:01", "cg", JOB, 1_700_000_000_999, (1 << 44) + 512, digest_of([b"gold"]))


def test_an_archive_is_called_by_what_it_holds() -> None:
    """Array, volume, the second of the snapshot in UTC, and the job; the longest names fit."""
    assert LABEL.archive == f"box-my gold:1-20231114T221320Z-{JOB}"
    assert len(replace(LABEL, array="a" * 64, volume="v" * 64).archive) == 173 < MAX_ARCHIVE_NAME


def test_a_label_is_read_as_it_was_written() -> None:
    """With and without a digest, in one line."""
    for label in (LABEL, LABEL.with_digest("")):
        assert Label.from_json(label.to_json()) == label
        assert len(label.to_json().splitlines()) == 1


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("", "no label of vnx-jobs"),
        ("by hand", "no label of vnx-jobs"),
        ("[]", "no label of vnx-jobs"),
        ("{}", "no label of vnx-jobs"),
        (LABEL.to_json().replace('"vnx-jobs": 1', '"vnx-jobs": 2'), "format 2, which is not known here"),
        (LABEL.to_json().replace('"vnx-jobs": 1', '"other": 1'), "format None, which is not known here"),
        (LABEL.to_json().replace("60:06:01", ""), "has the UID of its volume"),
        (LABEL.to_json().replace("1700000000999", '"soon"'), "no label of vnx-jobs"),
        (LABEL.to_json().replace("1700000000999", "1e999"), "no label of vnx-jobs"),
    ],
)
def test_other_comments_are_no_labels(comment: str, said: str) -> None:
    """Whatever somebody wrote into a comment, it is told in one line."""
    with pytest.raises(LabelError, match=said):
        Label.from_json(comment)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"array": "a/b"}, "the array's name"),
        ({"volume": "-gold"}, "the volume's name begins with a dash"),
        ({"job": "1"}, "the id of its job"),
        ({"instant": 0}, "an instant"),
        ({"size": 0}, "a size"),
        ({"digest": "sha256:12"}, "a digest is"),
    ],
)
def test_what_no_backup_can_have_is_refused(wrong: dict[str, Any], said: str) -> None:
    """A label cannot be made of what no volume, job or copy has."""
    with pytest.raises(ValueError, match=said):
        replace(LABEL, **wrong)


def test_an_entry_is_of_a_complete_archive() -> None:
    """Without a digest there is no entry, nor with a name that is a path; what it says of itself comes back."""
    entry = Backup.of(LABEL, added=1, seconds=0.5, tool="borg 1.2.4", repository="main")
    assert (entry.label, entry.archive) == (LABEL, LABEL.archive)
    assert Backup.from_json(entry.to_json(), proved=7, pinned=True) == replace(entry, proved=7, pinned=True)
    for wrong in ({"digest": ""}, {"archive": "../gold"}, {"archive": "a" * 201}, {"added": -1}):
        with pytest.raises(ValueError):
            replace(entry, **wrong)
