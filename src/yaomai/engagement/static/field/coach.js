// A coaching note on a colleague's visit: what went well, what to try. Kept with every letter until it is sent.

import * as queue from "./queue.js";
import { choices, el, section } from "./dom.js";
import { openDraft } from "./draft.js";
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
  const draft = await openDraft(`coach-${key}`, { uuid: crypto.randomUUID(), visit: key, text: "" });
  const { said, set } = draft;
  const words = el("textarea", { id: "coach-text", rows: 5, maxLength: 1000, value: said.text, oninput: (event) => set("text", event.target.value) });
  const missing = el("p", { className: "banner bad", hidden: true, role: "alert" }, t("lacks", { what: t("coach_text") }));
  const save = async () => {
    missing.hidden = Boolean(said.text.trim());
    if (!missing.hidden) return;
    const { uuid, ...data } = said;
    await queue.add(uuid, "coaching", data, `${t("coaching")} · ${about(visit)}`);
    await draft.forget();
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
      choices(t(`coach_${field}`), marks, said[field], (value) => set(field, value)),
    ]),
    draft.hint, missing,
    el("div", { className: "row" }, el("button", { type: "button", className: "main wide", onclick: save }, t("save"))),
  ];
}
