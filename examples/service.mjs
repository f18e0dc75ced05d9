// A service that wants a volume: it asks twice by one key, follows the job to its end, and waits to be called back.
//
//     API=http://127.0.0.1:8470 TOKEN=... HOOK=crm KEY=whsec_... PORT=9000 node examples/service.mjs ORDER '{"operation": ...}'
//
// It needs Node 18 or newer and nothing beside it (apt-get install nodejs). An admin has registered the hook, so that it
// leads to PORT of this machine, and told its key. What happens is written as lines of JSON.
import crypto from "node:crypto";
import http from "node:http";

const { API, TOKEN, HOOK, KEY, PORT } = process.env;
const [order, spec] = process.argv.slice(2);
const PAUSE = 500; // ms until a service that is away is asked again

const tell = (what) => console.log(JSON.stringify(what));
const pause = () => new Promise((done) => setTimeout(done, PAUSE));

// Asks, and asks again while nobody answers: with a key that is safe for a change too.
async function ask(method, path, headers = {}, body = undefined) {
  for (;;) {
    try {
      const answer = await fetch(API + path, { method, body, headers: { Authorization: `Bearer ${TOKEN}`, ...headers } });
      if (answer.ok) return answer;
      const problem = await answer.json(); // RFC 9457
      if (![429, 503].includes(answer.status)) throw new Error(`${problem.code}: ${problem.detail}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch raises a TypeError if nobody answers
    }
    await pause();
  }
}

async function submit() {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": order };
  const answer = await ask("POST", "/v1/jobs", headers, JSON.stringify({ ...JSON.parse(spec), hooks: [HOOK] }));
  const { job } = await answer.json();
  tell({ submitted: job, status: answer.status });
  return job;
}

// Gives a stream's messages: of each its id, its kind (none: something that happened) and what it says.
async function* messages(answer) {
  let rest = "";
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const whole = (rest + part).split("\n\n");
    rest = whole.pop();
    for (const text of whole) {
      const fields = Object.fromEntries(text.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
      if ("data" in fields) yield { id: fields.id, kind: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

// Follows a job to its end. A stream that is cut off is gone on with after the last message that was read.
async function follow(job) {
  let last = "0-0";
  for (;;) {
    const answer = await ask("GET", `/v1/jobs/${job}/events`, { "Last-Event-ID": last });
    if (answer.status === 204) return; // it was read to its end
    try {
      for await (const message of messages(answer)) {
        last = message.id;
        if (message.kind === "end") return tell({ ended: message.data.state });
        tell({ event: message.data.event, id: message.id });
      }
    } catch {
      tell({ cut_off: last });
    }
    await pause();
  }
}

// As docs/callbacks.md has it.
function verified(headers, body) {
  const told = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`), body]);
  const expected = crypto.createHmac("sha256", Buffer.from(KEY.replace(/^whsec_/, ""), "base64")).update(told).digest();
  const fresh = Math.abs(Date.now() / 1000 - Number(headers["webhook-timestamp"])) < 300;
  return fresh && (headers["webhook-signature"] || "").split(" ").some((one) => {
    const [version, signature] = one.split(",");
    const given = Buffer.from(signature || "", "base64");
    return version === "v1" && given.length === expected.length && crypto.timingSafeEqual(given, expected);
  });
}

// Waits for the message of a job's end: what is not signed is refused, what comes twice is dealt with once.
function calledBack() {
  const known = new Set();
  const receiver = http.createServer(async (request, reply) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    if (!verified(request.headers, body)) {
      tell({ refused: request.headers["webhook-id"] ?? null });
      return reply.writeHead(401).end();
    }
    reply.writeHead(204).end();
    const event = JSON.parse(body);
    if (!known.has(event.id)) receiver.emit("told", event);
    known.add(event.id);
  });
  receiver.listen(Number(PORT), "127.0.0.1");
  return receiver;
}

const receiver = calledBack();
const told = new Promise((done) => receiver.on("told", (event) => event.type === "vnx-jobs.job.ended" && done(event)));
const job = await submit();
if ((await submit()) !== job) throw new Error("one key, two jobs");
await follow(job);
const event = await told;
tell({ called_back: event.type, id: event.id, subject: event.subject, state: event.data.state });
receiver.close();
process.exitCode = event.subject === job && event.data.state === "SUCCEEDED" ? 0 : 1;
