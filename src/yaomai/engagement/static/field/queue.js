// What waits to be sent, and its sending. Nothing leaves the queue before the server says that it has it.
// No background sync: sent when the app opens, comes to the front, or finds a network, by a timer, and by a button.

import * as store from "./store.js";

const API = "/api/v1/engagement/field/";
const PROTOCOL = 1;
const BATCH = 10;
const SLACK_MS = 60_000;
const listeners = new Set();

export const state = {
  person: null,
  name: "",
  isOnline: navigator.onLine,
  isBusy: false,
  isSignedOut: false,
  isOldServer: false,
  problem: "",
  heard: null,
  bundle: null,
  items: [],
  sentAt: null,
};

export const onChange = (listener) => listeners.add(listener);
export const changed = () => listeners.forEach((listener) => listener());

/** What the clock says, and the server's less it as last heard; a clock that stands before that was set, and is not known. */
export function reading() {
  const at = Date.now();
  const isKnown = state.heard !== null && at > state.heard.at - SLACK_MS;
  return { clock_at: new Date(at).toISOString(), offset_ms: isKnown ? state.heard.offset : null };
}

/** Now, as the clock would tell it that was read before, where both are known: times of one report are of one clock. */
export function nowBy(earlier) {
  const here = reading();
  const isKnown = here.offset_ms !== null && earlier.offset_ms !== null;
  return new Date(Date.parse(here.clock_at) + (isKnown ? here.offset_ms - earlier.offset_ms : 0));
}

export async function load() {
  state.items = (await store.all("queue")).map(([uuid, item]) => ({ ...item, uuid })).sort((a, b) => a.written - b.written);
  state.bundle = (await store.get("meta", "bundle")) ?? null;
  state.heard = (await store.get("meta", "heard", true)) ?? null;
  state.sentAt = (await store.get("meta", "sent", true)) ?? null;
}

/** Put a yes or no into the queue; it takes the place of what was said before and may still be on its way. */
export async function answer(kind, data, about) {
  const earlier = state.items.filter((item) => item.kind === kind && !item.isSent);
  const instead = earlier.flatMap((item) => [item.uuid, ...(item.data?.instead ?? [])]);
  await add(crypto.randomUUID(), kind, { ...data, instead }, about);
  for (const item of earlier) await drop(item.uuid);
}

/** Put something into the queue, under its own number; the same number again replaces it. `clock`: as its moments were read. */
export async function add(uuid, kind, data, about = "", clock = null) {
  const before = state.items.find((item) => item.uuid === uuid);
  const { clock_at, offset_ms } = clock ?? before ?? reading();
  const item = { kind, data, about, written: before?.written ?? Date.now(), clock_at, offset_ms, answer: null };
  await store.put("queue", uuid, item);
  state.items = [...state.items.filter((each) => each.uuid !== uuid), { ...item, uuid }];
  changed();
  send();
}

export async function drop(uuid) {
  await store.remove("queue", uuid);
  for (const name of await photosOf(uuid)) await store.remove("photos", name);
  state.items = state.items.filter((item) => item.uuid !== uuid);
  changed();
}

export const photosOf = async (visit) => (await store.keys("photos")).filter((name) => name.startsWith(`${visit}/`));

/** Keep what is handy but can be had again: a phone that is full must still be able to send, which makes it room. */
async function note(...what) {
  try {
    await store.put(...what);
    return true;
  } catch (error) {
    if (!(error instanceof store.StorageFull)) throw error;
    state.problem = "full";
    return false;
  }
}

class SignedOut extends Error {}

async function call(path, options = {}) {
  const response = await fetch(API + path, { credentials: "same-origin", redirect: "error", ...options });
  if (response.status === 401) throw new SignedOut();
  return response;
}

let csrf = "";

async function hello() {
  const device = await (state.person ? store.get("meta", "device", true) : null);
  const before = Date.now();
  const response = await call(`hello${device ? `?device=${device}` : ""}`);
  if (!response.ok) throw new Error(`hello ${response.status}`);
  const said = await response.json();
  const middle = (before + Date.now()) / 2;
  csrf = said.csrf;
  return { ...said, heard: { offset: Math.round(Date.parse(said.server_time) - middle), at: Date.now() } };
}

const post = (path, body) =>
  call(path, {
    method: "POST",
    headers: { "X-CSRFToken": csrf, ...(body instanceof FormData ? {} : { "Content-Type": "application/json" }) },
    body: body instanceof FormData ? body : JSON.stringify(body ?? {}),
  });

/** Open what belongs to whoever is signed in; sets the phone up the first time. Returns false when it must forget. */
async function meet(said) {
  if (state.person !== said.person) {
    const hasKey = await store.open(said.person);
    state.person = said.person;
    if (hasKey) await load();
  }
  if (said.wipe) {
    await forget();
    return false;
  }
  if (!(await store.get("meta", "key", true))) {
    const response = await post("devices");
    if (!response.ok) throw new Error(`devices ${response.status}`);
    const made = await response.json();
    await store.takeKey(made.key, made.uuid);
    await load();
  }
  state.name = said.name;
  state.heard = said.heard;
  // What was heard of another clock must not be there when the app opens again.
  if (!(await note("meta", "heard", said.heard, true))) await store.remove("meta", "heard");
  state.isOldServer = said.protocol < PROTOCOL;
  return true;
}

/** Forget everything here: after a sign-out, or because the phone was reported lost. */
export async function forget() {
  await store.wipe();
  Object.assign(state, { person: null, bundle: null, items: [], name: "" });
  for (const name of await caches.keys()) if (name.startsWith("yaomai-field")) await caches.delete(name);
  changed();
}

export async function signOut() {
  try {
    await meet(await hello());
    const device = await store.get("meta", "device", true);
    if (device) await post(`devices/${device}/wipe`);
  } catch {
    // Without a network the phone forgets all the same; the server hears of it the next time.
  }
  await forget();
}

async function take(results) {
  for (const result of results) {
    const item = state.items.find((each) => each.uuid === result.uuid);
    if (!item) continue;
    if (result.status === "done" || result.status === "known") {
      // Photos are sent after their visit: until then the item stays, without its words.
      const hasPhotos = (await photosOf(item.uuid)).length > 0;
      Object.assign(item, { answer: result, isSent: true, photosTo: item.data?.join ?? item.uuid });
      if (hasPhotos) await note("queue", item.uuid, { ...item, data: null });
      else await store.remove("queue", item.uuid);
      state.items = state.items.filter((each) => each !== item);
      if (hasPhotos) state.items.push(item);
    } else if (result.status !== "later") {
      item.answer = result;
      await note("queue", item.uuid, item);
    }
  }
}

async function sendItems() {
  const tried = new Set();
  for (;;) {
    const some = state.items.filter((item) => !item.isSent && !item.answer && !tried.has(item.uuid)).slice(0, BATCH);
    if (!some.length) return;
    some.forEach((item) => tried.add(item.uuid));
    await sendSome(some);
    changed();
  }
}

/** Whether the server will answer the same again and again: then it is the person's turn, and nothing else waits for it. */
const isFinal = ({ status }) => status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);

/** What is sent: the items with what was known of the clock as each was written, and what is known of it now. */
function envelope(some) {
  const { clock_at, offset_ms } = reading();
  const items = some.map(({ uuid, kind, data, clock_at, offset_ms }) => ({ uuid, kind, data, clock_at, offset_ms }));
  return { protocol: PROTOCOL, sent_at: clock_at, offset_ms, items };
}

async function sendSome(some) {
  const response = await post("sync", envelope(some));
  if (response.ok) return take((await response.json()).results);
  const title = (await response.json().catch(() => ({}))).title || `sync ${response.status}`;
  // An app that is too old is brought up to date and sends again; what it holds has no fault.
  if (!isFinal(response) || response.status === 409) throw new Error(title);
  if (some.length === 1) return take([{ uuid: some[0].uuid, status: "invalid", title }]);
  // One of them cannot be read: each is sent by itself, so that the others arrive.
  for (const item of some) await sendSome([item]);
}

async function sendPhotos() {
  for (const item of state.items.filter((each) => each.isSent && each.answer?.status !== "photo")) {
    for (const name of await photosOf(item.uuid)) {
      const body = new FormData();
      body.append("visit", item.photosTo ?? item.uuid);
      body.append("uuid", name.split("/")[1]);
      body.append("file", new Blob([await store.get("photos", name)], { type: "image/jpeg" }), "photo.jpg");
      const response = await post("photos", body);
      if (response.ok) await store.remove("photos", name);
      else if (!isFinal(response)) throw new Error(`photo ${response.status}`);
      // The server will never take this one: it says why, and the person decides; the others go on.
      else item.answer = { ...item.answer, status: "photo", title: (await response.json().catch(() => ({}))).title ?? "" };
    }
    if (!(await photosOf(item.uuid)).length) {
      await store.remove("queue", item.uuid);
      state.items = state.items.filter((each) => each !== item);
    } else await note("queue", item.uuid, item);
  }
}

/** Try the photos of a report once more that the server did not take. */
export function sendPhotosAgain(item) {
  item.answer = null;
  send();
}

async function fetchBundle() {
  const response = await call("bundle");
  if (!response.ok) return;
  state.bundle = await response.json();
  await note("meta", "bundle", state.bundle);
}

let isAskedAgain = false;

/** Send everything that waits and take along what is new. One at a time, in one window. */
export async function send() {
  if (!navigator.onLine) return;
  if (state.isBusy) {
    // What came meanwhile does not wait for another occasion: it is sent right after.
    isAskedAgain = true;
    return;
  }
  isAskedAgain = false;
  state.isBusy = true;
  state.problem = "";
  changed();
  const work = async () => {
    if (!(await meet(await hello()))) return;
    state.isSignedOut = false;
    await sendItems();
    await sendPhotos();
    await fetchBundle();
    state.sentAt = Date.now();
    await note("meta", "sent", state.sentAt, true);
  };
  try {
    await (navigator.locks ? navigator.locks.request("yaomai-field-send", work) : work());
    state.isOnline = true;
  } catch (error) {
    if (error instanceof SignedOut) state.isSignedOut = true;
    else if (error instanceof store.StorageFull) state.problem = "full";
    else if (error instanceof TypeError) state.isOnline = false;
    else state.problem = error.message;
  } finally {
    state.isBusy = false;
    changed();
  }
  if (isAskedAgain) await send();
}

/** Everything that has not arrived, as one sealed file: the server can open it when this phone can no longer send. */
export async function rescue() {
  const { iv, body } = await store.seal(envelope(waiting()));
  const device = await store.get("meta", "device", true);
  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return JSON.stringify({ device, iv: base64(iv), body: base64(body) });
}

export const waiting = () => state.items.filter((item) => !item.isSent);
export const isAsking = (item) => Boolean(item.answer) && (!item.isSent || item.answer.status === "photo");
export const asking = () => state.items.filter(isAsking);
export const oldest = () => Math.min(...waiting().map((item) => item.written));

addEventListener("online", send);
addEventListener("offline", () => {
  state.isOnline = false;
  changed();
});
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
setInterval(() => document.visibilityState === "visible" && state.items.some((item) => !isAsking(item)) && send(), 30_000);
