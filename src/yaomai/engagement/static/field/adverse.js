// An adverse event that somebody heard of: a product, what happened, how grave. The clock runs from when it was heard.

import * as queue from "./queue.js";
import { choices, el } from "./dom.js";
import { openDraft } from "./draft.js";
import { t } from "./texts.js";

export async function adversePage(query) {
  const { bundle, items } = queue.state;
  if (!bundle) return [el("p", {}, t("first_network"))];
  const from = items.find((item) => item.uuid === query.get("visit"))?.data;
  const draft = await openDraft(`adverse-${query.get("visit") ?? ""}`, {
    uuid: crypto.randomUUID(),
    severity: "unknown",
    age_group: "",
    learned_at: new Date().toISOString(),
    institution: from?.institution ?? null,
    professional: from?.contacts?.[0] ?? null,
    clock: queue.reading(),
  });
  const { said } = draft;
  const set = (field) => (value) => draft.set(field, value);
  const words = el("textarea", { id: "what", rows: 5, maxLength: 2000, placeholder: t("adverse_hint"), value: said.what ?? "", oninput: (event) => set("what")(event.target.value) });
  const missing = el("p", { className: "banner bad", hidden: true, role: "alert" });
  const save = async () => {
    missing.hidden = Boolean(said.product && said.what?.trim());
    missing.textContent = t("lacks", { what: [!said.product && t("product"), !said.what?.trim() && t("what")].filter(Boolean).join("、") });
    if (!missing.hidden) return;
    const { uuid, clock, ...data } = said;
    await queue.add(uuid, "adverse", data, t("adverse"), clock);
    await draft.forget();
    location.hash = "#/sent";
  };
  const label = (name) => el("p", { className: "label" }, t(name));
  return [
    el("h1", {}, t("adverse")),
    el("p", { className: "quiet" }, t("adverse_clock")),
    label("product"), choices(t("product"), bundle.products.map((each) => ({ value: each.id, label: each.name })), said.product ?? "", set("product")),
    el("label", { className: "label", htmlFor: "what" }, t("what")), words,
    label("severity"), choices(t("severity"), ["death", "serious", "other", "unknown"].map((value) => ({ value, label: t(`severity_${value}`) })), said.severity, set("severity")),
    label("age"), choices(t("age"), ["child", "adult", "old"].map((value) => ({ value, label: t(`age_${value}`) })), said.age_group, set("age_group")),
    draft.hint, missing,
    el("div", { className: "row" }, el("button", { type: "button", className: "main wide", onclick: save }, t("report_now"))),
  ];
}
