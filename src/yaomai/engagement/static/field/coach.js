// A coaching note on a colleague's visit: what went well, what to try. Kept with every letter until it is sent.

import * as store from "./store.js";
import * as queue from "./queue.js";
import { choices, el, section } from "./dom.js";
import { day, t } from "./texts.js";

const RATED = ["listening", "concerns", "closing"];
const { state } = queue;

/** The visits that wait for one's note; what stands in the queue waits no more. */
export function toCoach() {
  const written = new Set(state.items.filter((item) => item.kind === "coaching").map((item) => item.data?.visit));
  return (state.bundle?.coachable ?? []).filter((each) => !written.has(each.uuid));
}

const about = (each) => `${each.person_name} · ${each.institution_name}`;

export const coachCard = (each) =>
  el("a", { className: "card", href: `#/coach/${each.uuid}` }, el("span", { className: "what" }, [
    el("strong", {}, about(each)),
    el("span", { className: "quiet" }, `${day(each.on)} · ${each.content_type_label}`),
  ]));

export async function coachPage(key) {
  const visit = toCoach().find((each) => each.uuid === key);
  if (!visit) return [el("p", {}, t("not_here"))];
  const name = `coach-${key}`;
  const draft = (await store.get("drafts", name)) ?? { visit: key, text: "" };
  const set = (field, value) => {
    draft[field] = value;
    store.put("drafts", name, draft).catch((error) => error instanceof store.StorageFull && alert(t("storage_full")));
  };
  const words = el("textarea", { id: "coach-text", rows: 5, maxLength: 1000, value: draft.text, oninput: (event) => set("text", event.target.value) });
  const missing = el("p", { className: "banner bad", hidden: true, role: "alert" }, t("lacks", { what: t("coach_text") }));
  const save = async () => {
    missing.hidden = Boolean(draft.text.trim());
    if (!missing.hidden) return;
    await queue.add(crypto.randomUUID(), "coaching", draft, `${t("coaching")} · ${about(visit)}`);
    await store.remove("drafts", name);
    location.hash = "#/sent";
  };
  const marks = [1, 2, 3, 4, 5].map((value) => ({ value, label: String(value) }));
  return [
    el("h1", {}, t("coaching")),
    el("p", { className: "quiet" }, [about(visit), day(visit.on)].join(" · ")),
    section(visit.content_type_label, el("p", {}, visit.content)),
    el("label", { className: "label", htmlFor: "coach-text" }, t("coach_text")), words,
    ...RATED.flatMap((field) => [
      el("p", { className: "label" }, t(`coach_${field}`)),
      choices(t(`coach_${field}`), marks, draft[field], (value) => set(field, value)),
    ]),
    missing,
    el("div", { className: "row" }, el("button", { type: "button", className: "main wide", onclick: save }, t("save"))),
  ];
}
