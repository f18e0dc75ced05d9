"""What a client promises, whichever way it speaks: each test is run over HTTP and straight to the state server."""

from typing import Any

import pytest

from tests.api.site import ApiSite, volume
from tests.client.ground import FORMS, client_of, working
from tests.installation import ARRAY
from vnx_jobs import Client
from vnx_jobs.client import OLDEST, Ask, Asked, ClientError, EventsLostError, Policy, Refused, WaitTimeoutError
from vnx_jobs.documents.answers import AcceptedDocument
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.documents.plans import JobPlanDocument, KnownPlanDocument
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.errors import Code
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.orders import Order
from vnx_jobs.model.specs import Clone, CreateVolume, DeleteVolume, Spec
from vnx_jobs.model.states import State


def create(name: str, **fields: Any) -> CreateVolume:
    """Return the spec of a volume."""
    return CreateVolume(array=ARRAY, name=name, size_gb=1, pool="pool", **fields)


def delete(name: str) -> DeleteVolume:
    """Return the spec of a job that waits until the array is read, and takes nothing meanwhile."""
    return DeleteVolume(array=ARRAY, name=name)


def refusal(call: Any) -> tuple[str, str | None, str]:
    """Return code, job and sentence of a refusal."""
    with pytest.raises(Refused) as caught:
        call()
    assert str(caught.value) == caught.value.message
    return caught.value.code, caught.value.job, caught.value.message


def test_a_job_is_submitted_by_a_typed_spec(site: ApiSite, client: Client) -> None:
    """A spec becomes a job with its fields; its key finds it again, and is refused to another request."""
    job = client.submit(create("web-01", provisioning="thin"), key="order 7")
    assert (job.operation, job.array, job.name, job.state, job.known) == (
        *("create-volume", ARRAY, "web-01"),
        State.QUEUED,
        False,
    )
    assert (job.key, job.spec["provisioning"], job.spec["size_gb"]) == ("order 7", "thin", 1)
    again = client.submit(create("web-01", provisioning="thin"), key="order 7")
    assert (again.job, again.known) == (job.job, True)
    text = f"the key 'order 7' was used for another request, job {job.job}: use a new key"
    assert refusal(lambda: client.submit(create("web-02"), key="order 7")) == ("key-conflict", job.job, text)
    assert [one.id for one in site.house.store.find()] == [job.job]


def test_a_job_is_submitted_by_its_fields(site: ApiSite, client: Client) -> None:
    """Fields are checked where they arrive, with the sentence of every door; keys and predecessors may stand beside."""
    first = client.submit(volume("web-01"))
    assert first.key  # made, since none was given
    second = client.submit({**volume("web-02"), "key": "k", "after": [first.job]})
    assert (second.key, second.after, second.state) == ("k", (first.job,), State.WAITING)
    assert refusal(lambda: client.submit(volume("web-03", size_gb="big"))) == (
        *("invalid", None),
        "create-volume: size_gb must be a whole number of gigabytes (got 'big')",
    )
    assert len(site.house.store.find()) == 2


REFUSED: dict[str, tuple[Any, ...]] = {
    "unknown-array": (volume("v", "nowhere"), volume("v", "nowhere", size_gb=0)),
    "unknown-pool": (volume("v", pool="elsewhere"),),
    "no-such-job": (Ask(volume("v"), after=("01KB0000000000000000000000",)),),
    "unknown-hook": (Ask(volume("v"), hooks=("nobody",)),),
    "invalid": (
        {"operation": "juggle", "array": ARRAY},
        {"array": ARRAY},
        {**volume("v"), "after": "one"},
        {**volume("v"), "key": 7},
        Ask(volume("v"), key="with\na line end"),
        Ask(volume("v"), key="k" * 201),
    ),
}


def test_what_cannot_be_is_refused(site: ApiSite, client: Client) -> None:
    """A refusal has the code that every door has, alone, in a plan and among many; nothing is stored."""
    for code, every in REFUSED.items():
        for asked in every:
            assert refusal(lambda one=asked: client.submit(one))[0] == code
            assert refusal(lambda one=asked: client.plan(one))[0] == code or isinstance(asked, Ask)
    asked = [(one, code) for code, every in REFUSED.items() for one in every]
    answers = client.submit_many([one for one, _ in asked])
    assert [one.code for one in answers if isinstance(one, Refused)] == [code for _, code in asked]
    assert site.house.store.find() == []


def test_what_reads_like_something_else_is_refused(site: ApiSite, client: Client) -> None:
    """A text where a list is asked for is not taken letter by letter; a state that there is not lists nothing."""
    for wrong in ({"after": "abc"}, {"hooks": "crm"}):
        with pytest.raises(Refused, match="after and hooks must be lists of texts"):
            client.submit(volume("v1"), **wrong)
    with pytest.raises(Refused, match="there is no state 'RUNING'"):
        list(client.jobs(states=["RUNING"]))  # type: ignore[list-item]  # what a program without types may say
    assert site.house.store.find() == []


def test_many_are_answered_in_their_order(site: ApiSite, client: Client) -> None:
    """Each of many is accepted or refused for itself, in its place; the same call with the key finds the same jobs."""
    taken = client.submit(create("taken"))
    rows: list[Asked] = [create("a"), volume("b", size_gb=0), create("taken"), volume("c", "nowhere"), create("d")]
    answers = client.submit_many(iter(rows), key="many")
    told = [one.code if isinstance(one, Refused) else (one.state, one.known) for one in answers]
    assert told == [
        (State.QUEUED, False),
        "invalid",
        "name-in-use",
        "unknown-array",
        (State.QUEUED, False),
    ]
    again = client.submit_many(rows, key="many")
    jobs, same = ([one.job for one in some if isinstance(one, AcceptedDocument)] for some in (answers, again))
    assert jobs == same
    assert all(one.known for one in again if isinstance(one, AcceptedDocument))
    assert {one.id for one in site.house.store.find()} == {taken.job, *jobs}
    assert client.job(jobs[0]).key == "many/1"


def test_many_of_a_batch(site: ApiSite, client: Client) -> None:
    """Many may be a batch: it is listed in their order over all parts, counted, and the same call adds nothing."""
    names = [f"v-{number:04}" for number in range(510)]
    first = client.submit_many(map(delete, names), batch="webs")
    assert all(isinstance(one, AcceptedDocument) for one in first)
    assert [one.name for one in client.jobs(batch="webs")] == names
    assert (client.batch("webs").jobs, client.batch("webs").jobs_by_state) == (510, {State.WAITING: 510})
    with pytest.raises(WaitTimeoutError) as caught:
        client.wait([one for one in first if isinstance(one, AcceptedDocument)], timeout=0)
    assert [one.name for one in caught.value.jobs] == names
    again = client.submit_many(map(delete, names), batch="webs")
    assert [one.job for one in again if isinstance(one, AcceptedDocument) and one.known] == [
        one.job for one in first if isinstance(one, AcceptedDocument)
    ]
    assert len(site.house.store.find()) == 510
    assert refusal(lambda: client.submit_many([], batch="no/name"))[0] == "invalid"
    assert refusal(lambda: client.batch("other"))[0] == "no-such-batch"


def test_lists_are_read_in_parts(site: ApiSite, client: Client) -> None:
    """Jobs are listed newest first, all of them, by state and array too."""
    del site
    names = [f"v-{number:04}" for number in range(250)]
    client.submit_many(map(delete, names))
    assert sorted(one.name for one in client.jobs()) == names
    ids = [one.job for one in client.jobs()]
    assert ids == sorted(ids, reverse=True)
    client.cancel(ids[0])
    assert [one.job for one in client.jobs(states=[State.CANCELLED])] == [ids[0]]
    assert sum(1 for _ in client.jobs(states=[State.WAITING], array=ARRAY)) == 249
    assert list(client.jobs(array="vault")) == []
    assert refusal(lambda: list(client.jobs(array="nowhere")))[0] == "unknown-array"


def test_a_plan_stores_nothing(site: ApiSite, client: Client) -> None:
    """A plan says the steps and what they cost; of a known key it says the job that there is."""
    plan = client.plan(create("web-01"))
    assert isinstance(plan, JobPlanDocument)
    (one,) = plan.jobs
    assert (one.name, one.begins_at_once, plan.commands["changing"]) == ("web-01", True, 1)
    assert site.house.store.find() == []
    job = client.submit(create("web-01"), key="k")
    known = client.plan(create("web-01"), key="k")
    assert known == KnownPlanDocument(job=job.job, state=State.QUEUED)


def test_a_job_is_waited_for(site: ApiSite, client: Client) -> None:
    """Whoever waits gets the job as it ended, and hears of its progress on the way, of each change once."""
    job = client.submit(create("web-01", provisioning="compressed"))
    heard: list[JobDocument] = []
    with working(site.world):
        over = client.wait(job, timeout=20, on_progress=heard.append)
    assert (over.job, over.state) == (job.job, State.SUCCEEDED)
    assert heard[-1] == over
    told = [(one.state, one.step, one.percent, one.attempts) for one in heard]
    assert len(set(told)) == len(told)
    assert client.wait(job.job) == over


def test_several_are_waited_for(site: ApiSite, client: Client) -> None:
    """Several are returned in their order when all are over, one named twice too."""
    jobs = [client.submit(create(f"web-{number}")) for number in range(3)]
    with working(site.world):
        over = client.wait([jobs[2], jobs[0].job, jobs[1], jobs[0]], timeout=20)
    assert [one.job for one in over] == [jobs[place].job for place in (2, 0, 1, 0)]
    assert {one.state for one in over} == {State.SUCCEEDED}
    assert client.wait([]) == []


def test_a_batch_is_waited_for(site: ApiSite, client: Client) -> None:
    """A batch is over when all of its jobs are; on the way its counts are told."""
    client.submit_many([create("a"), create("b")], batch="two")
    heard: list[dict[State, int]] = []
    with working(site.world):
        over = client.wait_batch("two", timeout=20, on_progress=lambda one: heard.append(one.jobs_by_state))
    assert (over.over, over.jobs_by_state) == (True, {State.SUCCEEDED: 2})
    assert heard[-1] == over.jobs_by_state


def test_waiting_has_an_end(site: ApiSite, client: Client) -> None:
    """What is not over in time is told with how it stands, and goes on; what there is not is refused."""
    del site
    jobs = [client.submit(create(name)) for name in ("a", "b")]
    for waited, ids in ((jobs[:1], [jobs[0].job]), (jobs, [one.job for one in jobs])):
        heard: list[JobDocument] = []
        with pytest.raises(WaitTimeoutError) as caught:
            client.wait(waited, timeout=0.1, on_progress=heard.append)
        assert [(one.job, one.state) for one in caught.value.jobs] == [(one, State.QUEUED) for one in ids]
        assert [one.job for one in heard] == ids  # once, though it looked twice
    client.submit_many([create("c")], batch="one")
    with pytest.raises(TimeoutError):
        client.wait_batch("one", timeout=0.1)
    for missing in ("01KB0000000000000000000000", "none", "..", "a?b#c"):
        assert refusal(lambda one=missing: client.wait(one))[0] == "no-such-job"
        assert refusal(lambda one=missing: client.wait([jobs[0], one]))[0] == "no-such-job"


def test_what_is_raised_in_a_callback_ends_the_waiting(site: ApiSite, client: Client) -> None:
    """A callback's own error reaches whoever waits."""
    del site
    job = client.submit(create("a"))

    def fail(_: JobDocument) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        client.wait(job, on_progress=fail)


def test_a_job_is_listened_to(site: ApiSite, client: Client) -> None:
    """What happens to a job is told in its order, once, up to its end; from any event on, and from the oldest."""
    job, other = client.submit(create("web-01")), client.submit(create("web-02"))
    site.world.run(job.job, other.job)
    known = [id_ for id_, fields in site.world.server.events("0-0", 0.01) if fields["job"] == job.job]
    every = list(client.events(job=job.job, after=OLDEST))
    assert [one.id for one in every] == known
    assert (every[0].event, every[0].array, every[-1].state) == ("submitted", ARRAY, "SUCCEEDED")
    for at, event in enumerate(known[:-1]):
        assert [one.id for one in client.events(job=job.job, after=event)] == known[at + 1 :]
    assert list(client.events(job=job.job)) == []
    assert refusal(lambda: list(client.events(job="none")))[0] == "no-such-job"
    assert refusal(lambda: list(client.events(batch="none")))[0] == "no-such-batch"
    assert refusal(lambda: list(client.events(job="a", batch="b")))[0] == "invalid"
    assert refusal(lambda: list(client.events(job=job.job, after="yesterday")))[0] == "invalid"


def test_a_batch_is_listened_to_while_it_runs(site: ApiSite, client: Client) -> None:
    """The jobs of a batch are followed to the end of the last one, and no other job is."""
    answers = client.submit_many([create("a"), create("b")], batch="two")
    begin, other = site.house.events.last(), client.submit(create("c"))
    jobs = {one.job for one in answers if isinstance(one, AcceptedDocument)}
    with working(site.world):
        heard = list(client.events(batch="two", after=begin))
        client.wait(other, timeout=20)
    known = [id_ for id_, fields in site.world.server.events(begin, 0.01) if fields["job"] in jobs]
    assert [one.id for one in heard] == known
    assert {one.job for one in heard if one.state == "SUCCEEDED"} == jobs
    assert {one.batch for one in heard} == {"two"}


def test_everything_is_listened_to(site: ApiSite, client: Client) -> None:
    """Listening to all tells of each event since the oldest, and goes on until nobody listens."""
    job = client.submit(create("a"))
    site.world.run(job.job)
    known = [id_ for id_, _ in site.world.server.events("0-0", 0.01)]
    listening = client.events(after=OLDEST)
    assert [next(listening).id for _ in known] == known
    second = client.submit(create("b"))
    heard = next(listening)
    assert (heard.job, heard.event) == (second.job, "submitted")


def test_events_that_are_gone(site: ApiSite, client: Client) -> None:
    """Whoever asks for events that are kept no more is told so, instead of being told the rest."""
    job = client.submit(create("a"))
    first = next(client.events(after=OLDEST)).id
    site.world.run(job.job)
    last = site.house.events.last()
    site.world.server.client.xtrim(f"{site.world.server.prefix}events", minid=last, approximate=False)
    with pytest.raises(EventsLostError):
        list(client.events(job=job.job, after=first))
    assert [one.id for one in client.events(job=job.job, after=OLDEST)] == [last]


def test_orders(site: ApiSite, client: Client) -> None:
    """Orders take hold and are audited; one that the job's state does not allow is refused with the job."""
    job = client.submit(create("web-01")).job
    paused = client.pause(job)
    assert (paused.job, paused.order, paused.state) == (job, Order.PAUSE, State.PAUSED)
    assert client.resume(job).state is State.WAITING  # until a worker looks at it
    assert client.cancel(job).state is State.CANCELLED
    assert refusal(lambda: client.cancel(job))[:2] == ("order-refused", job)
    assert refusal(lambda: client.undo(job))[:2] == ("order-refused", job)
    assert refusal(lambda: client.abandon("none"))[0] == "no-such-job"
    retried = client.retry(job)
    assert (retried.retry_of, retried.state, client.job(retried.job).retry_of) == (job, State.QUEUED, job)
    assert refusal(lambda: client.retry(retried.job))[:2] == ("order-refused", retried.job)
    assert [(one[2], one[4]) for one in site.audit] == [
        *[(ARRAY, "done")] * 4,
        *[(ARRAY, "order-refused")] * 2,
        ("", "no-such-job"),
        (ARRAY, "done"),
        (ARRAY, "order-refused"),
    ]


def test_what_there_is(site: ApiSite, client: Client) -> None:
    """Volumes, sources, arrays, backups and schedules are told as at every door, or refused if there is none."""
    site.world.make("gold", size_gb=2)
    site.world.do("snap-copy", name="copy", source="gold")
    label = Label(ARRAY, "gold", "60:06", "", new_job_id(), 1_700_000_000_000, 1 << 30, digest_of([]))
    site.house.catalogue.enter(Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository="main"))
    assert [(one.name, one.size_gb, one.source) for one in client.volumes()] == [
        ("copy", 2, "gold"),
        ("gold", 2, None),
    ]
    assert client.volume(ARRAY, "copy").metadata == {"snapcopy": "True"}
    assert [(one.name, one.snap_copies, one.copies.used) for one in client.sources(ARRAY)] == [("gold", ("copy",), 1)]
    assert client.source(ARRAY, "gold") == next(client.sources())
    site.world.make("new", size_gb=2)
    places = client.source(ARRAY, "new")
    assert [one.limit for one in (places.copies, places.mounts, places.snapshots)] == [255, 255, 256]
    assert [(one.array, one.standing) for one in client.arrays()] == [(ARRAY, "at work"), ("vault", "not reached")]
    assert client.array(ARRAY) == client.arrays()[0]
    (backup,) = client.backups(ARRAY, "gold")
    assert client.backup(backup.archive) == backup
    assert list(client.backups("vault")) == []
    assert [(one.array, one.volume, one.proved) for one in client.backed_up()] == [(ARRAY, "gold", None)]
    assert list(client.backed_up(unproved=1)) == list(client.backed_up(ARRAY))
    assert list(client.backed_up("vault")) == list(client.backed_up(unproved=20_000)) == []
    assert [(one.archive, one.stays, one.why) for one in client.retention(Policy(daily=1), ARRAY, "gold")] == [
        (backup.archive, True, "daily #1")
    ]
    assert list(client.retention(Policy(daily=1), volume="none")) == []
    assert client.schedules() == []
    for code, call in (
        ("no-such-volume", lambda: client.volume(ARRAY, "none")),
        ("unknown-array", lambda: client.volume("nowhere", "gold")),
        ("no-such-volume", lambda: client.source(ARRAY, "copy")),
        ("unknown-array", lambda: list(client.sources("nowhere"))),
        ("unknown-array", lambda: client.array("nowhere")),
        ("no-such-backup", lambda: client.backup("none")),
        ("unknown-array", lambda: list(client.backed_up("nowhere"))),
        ("invalid", lambda: list(client.backed_up(unproved=1e9))),
        ("unknown-array", lambda: list(client.retention(Policy(last=1), "nowhere"))),
        ("no-such-schedule", lambda: client.schedule("none")),
    ):
        assert refusal(call)[0] == code


def test_both_forms_say_the_same(site: ApiSite) -> None:
    """Whatever one form tells, the other tells in the same values: documents, plans and refusals."""
    site.world.make("gold", size_gb=2)
    specs: list[Spec] = [
        Clone(array=ARRAY, source="gold", name="c-1"),
        Clone(array=ARRAY, source="gold", name="c-2", snapcopy=True),
        DeleteVolume(array=ARRAY, name="gold"),
        create("web-01", provisioning="thin", sp="A"),
    ]
    told = []
    for form in FORMS:
        with client_of(form, site) as client:
            answers = client.submit_many(specs, batch="b")
            known = [one.known for one in answers if isinstance(one, AcceptedDocument)]
            assert known == ([False] if form == FORMS[0] else [True]) * len(known)
            jobs = list(client.jobs(batch="b"))
            told.append(
                (
                    [one.model_copy(update={"by": ""}) for one in jobs],
                    [client.job(one.job).model_copy(update={"by": ""}) for one in jobs],
                    client.batch("b"),
                    [client.plan(one) for one in (Clone(array=ARRAY, source="gold", name="x"), create("y"))],
                    [list(client.volumes()), list(client.sources()), client.arrays()],
                    [refusal(lambda one=one: client.submit(one)) for one in (volume("v", pool="x"), volume("v", "no"))],
                )
            )
    assert told[0] == told[1]


def test_every_error_is_one_tree() -> None:
    """Whoever catches ClientError catches all, and a refusal's code is the model's own."""
    assert issubclass(Refused, ClientError)
    assert [Refused(code, "it is").code for code in (Code.IN_USE, "in-use")] == [Code.IN_USE] * 2
