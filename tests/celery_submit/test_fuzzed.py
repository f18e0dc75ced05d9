"""Any message at all: answered with a job or a refusal in the words of every door, never with a traceback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api.site import ApiSite
from vnx_jobs.model.errors import Code
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.specs import OPERATIONS, SEVERAL
from workers.submitting import Desk, answer

_FEW: Final = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_MANY: Final = settings(_FEW, max_examples=2_000, derandomize=False)
_SHARP: Final = st.sampled_from(
    ["../../etc/passwd", "$(reboot)", "; rm -rf /", "-o", "\n", "\x00", "ü" * 300, "{n}", "null", "%s", "a" * 70_000]
)
_TEXT: Final = st.text(max_size=20) | _SHARP
_PLAIN: Final = st.none() | st.booleans() | st.integers() | st.floats() | _TEXT
_VALUE: Final = st.recursive(
    _PLAIN, lambda more: st.lists(more, max_size=4) | st.dictionaries(_TEXT, more, max_size=4), max_leaves=20
)
_WORDS: Final = st.sampled_from([*OPERATIONS, *SEVERAL, "vnx.step", "os.system"]) | _TEXT
_FIELDS: Final = {name for spec in OPERATIONS.values() for name in spec.model_fields}
_FIELD: Final = st.sampled_from(
    [*sorted(_FIELDS), "after", "hooks", "command", "password_file", "naviseccli", "broker_url", "snapcopy"]
)
_ARRAY: Final = st.sampled_from(["box", "vault", "nowhere"]) | _VALUE
_SPEC: Final = st.builds(
    lambda word, array, fields: {"operation": word, "array": array, **fields},
    _WORDS,
    _ARRAY,
    st.dictionaries(_FIELD, _VALUE, max_size=6),
)
_CREATE: Final = st.builds(
    lambda number, more: {
        "operation": "create-volume",
        "array": "box",
        "name": f"v{number}",
        "size_gb": 1,
        "pool": "pool",
        **more,
    },
    st.integers(0, 10**9),
    st.dictionaries(_FIELD, _VALUE, max_size=1),
)
_ROW: Final = _SPEC | _CREATE | _VALUE


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[ApiSite]:
    """Give an installation, whose service bears any number of requests."""
    made = ApiSite(valkey_url, prefix, tmp_path, rate=1e6, burst=1_000_000)
    try:
        yield made
    finally:
        made.close()


def asked(site: ApiSite, args: list[Any], kwargs: object, take: Any) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return the answer to a message, the jobs that it made, and why its dead letters are."""
    store, letters = site.house.store, site.house.dead_letters
    before = {one.id for one in store.find()}
    told = answer(site.house, new_job_id(), tuple(args), kwargs, take)
    whys = [one.why for one in letters.find(5000)]
    letters.drop()
    return told, sorted({one.id for one in store.find()} - before), whys


def is_refusal(told: dict[str, Any]) -> bool:
    """Say whether an answer is a refusal, which has a known code and one line, and is no fault of the program."""
    if "refused" not in told:
        return False
    code, message = told["refused"]["code"], told["refused"]["message"]
    assert code in set(Code) - {Code.INTERNAL}, told
    assert message, told
    assert "Traceback" not in message
    return True


def fuzz_one(site: ApiSite, how: settings) -> None:
    """Ask for one job by any message, and by HTTP for what was refused."""
    with site.client() as client:

        @how
        @given(args=st.lists(_ROW, max_size=2) | st.tuples(_SPEC | _CREATE).map(list), kwargs=st.just({}) | _VALUE)
        def play(args: list[Any], kwargs: object) -> None:
            told, made, letters = asked(site, args, kwargs, Desk.one)
            if not is_refusal(told):
                assert (set(told), made) == ({"job", "created"}, [told["job"]])
                return
            refused = told["refused"]
            assert (made, letters) == ([], [f"{refused['code']}: {refused['message']}"[:1000]])
            if len(args) == 1 and isinstance(args[0], dict) and not kwargs and not {"key", "by"} & set(args[0]):
                by_http = client.post("/v1/jobs", json=_finite(args[0]))
                if _finite(args[0]) == args[0]:
                    assert (by_http.json()["code"], by_http.json()["detail"]) == (refused["code"], refused["message"])

        play()


def _finite(value: Any) -> Any:
    """Return a value without the numbers that JSON has none of."""
    match value:
        case float() if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 -- it is no number
            return 0
        case dict():
            return {name: _finite(one) for name, one in value.items()}
        case list():
            return [_finite(one) for one in value]
        case _:
            return value


def fuzz_many(site: ApiSite, how: settings) -> None:
    """Ask for many jobs by any message."""

    @how
    @given(
        fields=st.fixed_dictionaries(
            {"jobs": st.lists(_ROW, max_size=4) | _VALUE}, optional={"batch": _TEXT, "first": _VALUE, "by": _TEXT}
        )
        | _VALUE
    )
    def play(fields: Any) -> None:
        told, made, letters = asked(site, [fields], {}, Desk.many)
        if is_refusal(told):
            assert (made, len(letters)) == ([], 1)
            return
        answers = told["answers"]
        assert len(answers) == len(fields["jobs"])
        refused = [one for one in answers if is_refusal(one)]
        assert sorted(one["job"] for one in answers if "job" in one) == made
        assert len(letters) == min(1, len(refused))

    play()


def test_any_message_for_one_job(site: ApiSite) -> None:
    """It makes the job that it answers, or none; the refusal is that of HTTP, and stands among the dead letters."""
    fuzz_one(site, _FEW)


def test_any_message_for_many_jobs(site: ApiSite) -> None:
    """Each row is answered in its place: with its job, or with a refusal; the message is one dead letter then."""
    fuzz_many(site, _FEW)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("fuzz", [fuzz_one, fuzz_many])
def test_any_message_two_thousand_times(site: ApiSite, fuzz: Any) -> None:
    """The same, two thousand times each."""
    fuzz(site, _MANY)


def test_a_message_that_is_too_large(site: ApiSite) -> None:
    """A message larger than a request may be is refused, makes no job, and is kept as far as letters are."""
    large = {"operation": "create-volume", "array": "box", "name": "v", "hooks": ["x" * site.settings.api.body]}
    told, made, letters = asked(site, [large], {}, Desk.one)
    assert (told["refused"]["code"], made, len(letters)) == ("too-large", [], 1)
