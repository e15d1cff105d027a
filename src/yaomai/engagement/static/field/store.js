// What the phone keeps, sealed: every record is encrypted with a key that the page can use but nobody can read out.
// The key is the device's own, told once by the server and never stored in the clear; without it nothing opens.

const NAME = "yaomai-field";
const STORES = ["meta", "queue", "photos", "drafts"];
const LAST = "yaomai-field-person";

export class StorageFull extends Error {}

let database = null;
let key = null;

export const lastPerson = () => Number(localStorage.getItem(LAST)) || null;

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Open what is kept for a person; returns whether a key is there. */
export async function open(person) {
  close();
  const request = indexedDB.open(`${NAME}-${person}`, 1);
  request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
  database = await asked(request);
  localStorage.setItem(LAST, String(person));
  key = await get("meta", "key", true);
  return Boolean(key);
}

export function close() {
  database?.close();
  database = key = null;
}

/** Take the key that the server made for this phone: from now on it can be used here and read by nobody. */
export async function takeKey(base64, device) {
  const raw = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  await put("meta", "key", key, true);
  await put("meta", "device", device, true);
}

/** Forget everything of the person whose data is open: reports, photos, briefs, the key. */
export async function wipe() {
  const person = lastPerson();
  close();
  localStorage.removeItem(LAST);
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(`${NAME}-${person}`);
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });
}

export async function seal(value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = value instanceof ArrayBuffer ? value : new TextEncoder().encode(JSON.stringify(value));
  return { iv, body: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain) };
}

export async function unseal({ iv, body }, isBinary = false) {
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, body);
  return isBinary ? plain : JSON.parse(new TextDecoder().decode(plain));
}

/** Write a record; `isPlain` only for what says nothing: the key's handle, ids. */
export async function put(store, name, value, isPlain = false) {
  const kept = isPlain ? value : await seal(value);
  try {
    const transaction = database.transaction(store, "readwrite", { durability: "strict" });
    transaction.objectStore(store).put(kept, name);
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } catch (error) {
    if (error?.name === "QuotaExceededError") throw new StorageFull();
    throw error;
  }
}

export async function get(store, name, isPlain = false) {
  const kept = await asked(database.transaction(store).objectStore(store).get(name));
  if (kept === undefined || isPlain) return kept;
  return unseal(kept, store === "photos");
}

export async function all(store) {
  const rows = database.transaction(store).objectStore(store);
  const [names, kept] = await Promise.all([asked(rows.getAllKeys()), asked(rows.getAll())]);
  return Promise.all(names.map(async (name, place) => [name, await unseal(kept[place], store === "photos")]));
}

export async function keys(store) {
  return asked(database.transaction(store).objectStore(store).getAllKeys());
}

export async function remove(store, name) {
  await asked(database.transaction(store, "readwrite").objectStore(store).delete(name));
}
