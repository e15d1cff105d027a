// An answer to a question of the archive: one field of a person's profile, kept with every letter until it is sent.

import * as queue from "./queue.js";
import { choices, el } from "./dom.js";
import { openDraft } from "./draft.js";
import { t } from "./texts.js";

const { state } = queue;

/** What is still to be asked of somebody; what stands in the queue is answered. */
export function toAsk(professional, questions) {
  const answered = new Set(state.items.filter((item) => item.kind === "fact" && item.data?.professional === professional).map((item) => item.data.field));
  return questions.filter((each) => !answered.has(each.code));
}

export const questionLine = (professional, each) => el("a", { href: `#/learn/${professional}-${each.code}` }, each.label);

export async function learnPage(key) {
  const [, number, code] = key.match(/^(\d+)-(\w+)$/) ?? [];
  const professional = Number(number);
  const person = state.bundle?.customers.find((each) => each.id === professional);
  const known = state.bundle?.briefs.find((each) => each.professional === professional);
  const question = known?.questions.find((each) => each.code === code);
  if (!person || !question) return [el("p", {}, t("not_here"))];
  const draft = await openDraft(`learn-${key}`, { uuid: crypto.randomUUID(), professional, field: code, value: question.several ? [] : "" });
  const { said, set } = draft;
  const missing = el("p", { className: "banner bad", hidden: true, role: "alert" }, t("lacks", { what: question.label }));
  const save = async () => {
    missing.hidden = said.value.length > 0 && Boolean([said.value].flat().join("").trim());
    if (!missing.hidden) return;
    const { uuid, ...data } = said;
    await queue.add(uuid, "fact", data, `${question.label} · ${person.name}`);
    await draft.forget();
    location.hash = `#/brief/${professional}`;
  };
  const answer = question.choices.length
    ? choices(question.label, question.choices, said.value, (value) => set("value", value), { several: question.several })
    : el("textarea", { id: "learn-value", rows: 4, maxLength: 2000, value: said.value, oninput: (event) => set("value", event.target.value) });
  return [
    el("h1", {}, question.label),
    el("p", { className: "quiet" }, [person.name, question.reason].join(" · ")),
    question.choices.length ? null : el("label", { className: "label", htmlFor: "learn-value" }, t("answer")),
    answer,
    question.hint ? el("p", { className: "quiet" }, question.hint) : null,
    draft.hint, missing,
    el("div", { className: "row" }, el("button", { type: "button", className: "main wide", onclick: save }, t("save"))),
  ];
}
