// The Node peer of the all-pairs test; README.md says what it reads and writes.

import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../node/package.json", import.meta.url));
const { HooksealError, VerificationError, Webhook } = require("hookseal");

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(tryAnswer(JSON.parse(line))));
}

function tryAnswer(request) {
  try {
    return answer(request);
  } catch (error) {
    if (!(error instanceof HooksealError)) throw error;
    return { error: error.code };
  }
}

function answer(request) {
  const body = Buffer.from(request.body, "base64");
  const webhook = new Webhook(request.secret, { provider: request.provider });
  if (request.do === "sign") {
    const { id, timestamp, type, url } = withoutNull(request);
    return { headers: Object.entries(webhook.sign(body, { id, timestamp, type, url })) };
  }
  const { now, url } = withoutNull(request);
  return { event: describe(webhook.verify(body, request.headers, { now, url })) };
}

function describe(event) {
  return {
    id: event.id ?? null,
    type: event.type ?? null,
    tenant: event.tenant ?? null,
    timestamp: event.timestamp?.getTime() ?? null,
    data: data(event),
  };
}

function data(event) {
  try {
    return event.data ?? null;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return null;
  }
}

function withoutNull(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
