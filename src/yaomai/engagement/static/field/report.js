// A report: five fields, by thumb. What is written is kept with every letter; it survives a reload and a flat battery.

import * as store from "./store.js";
import * as queue from "./queue.js";
import { choices, el, section } from "./dom.js";
import { openDraft } from "./draft.js";
import { t, time } from "./texts.js";
import { edit } from "./photo.js";

const { state } = queue;
const local = (at) => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
const SHORTEST_MINUTES = 2;

export async function reportPage(key, query) {
  const { bundle } = state;
  if (!bundle) return [el("p", {}, t("first_network"))];
  const waiting = state.items.find((item) => item.uuid === key && item.data);
  const stop = bundle.route.find((each) => each.id === Number(query.get("stop")));
  const contact = bundle.customers.find((each) => each.id === Number(query.get("contact") ?? stop?.professional));
  const name = waiting ? key : `new-${contact?.id ?? ""}-${stop?.id ?? ""}`;
  const kept = await openDraft(name, {
    uuid: waiting ? key : crypto.randomUUID(),
    started_at: new Date().toISOString(),
    contacts: contact ? [contact.id] : [],
    institution: contact?.institution ?? stop?.institution ?? null,
    planned: stop?.id,
    objective: stop?.objective ?? "",
    ...(waiting?.data ?? {}),
    clock: waiting ? { clock_at: waiting.clock_at, offset_ms: waiting.offset_ms } : queue.reading(),
  });
  const { said: draft, keep } = kept;
  const set = (field, value) => {
    kept.set(field, value);
    warn();
  };
  // Somebody says another beginning by the clock that they see now; the end was only when it had been saved.
  const begin = (at) => {
    Object.assign(draft, { clock: queue.reading(), ended_at: null });
    set("started_at", at.toISOString());
  };
  await keep();

  // Five fields --------------------------------------------------------------------------------------------------
  const who = el("div", { className: "picked" });
  const showContacts = () => {
    const people = draft.contacts.map((pk) => bundle.customers.find((each) => each.id === pk)).filter(Boolean);
    who.replaceChildren(
      ...people.map((each) => el("button", { type: "button", className: "chip", "aria-label": t("remove", { name: each.name }), onclick: () => pick(each, false) }, `${each.name} ×`)),
    );
    where.textContent = people[0]?.institution_name ?? bundle.route.find((each) => each.institution === draft.institution)?.institution_name ?? t("choose_contact");
  };
  const pick = (person, isIn) => {
    draft.contacts = isIn ? [...new Set([...draft.contacts, person.id])] : draft.contacts.filter((pk) => pk !== person.id);
    if (isIn) draft.institution = person.institution;
    draft.department = isIn ? person.department : draft.department;
    search.value = "";
    offered.replaceChildren();
    showContacts();
    keep();
    warn();
  };
  const where = el("p", { className: "quiet" });
  const offered = el("div");
  const find = () => {
    const wanted = search.value.trim();
    const near = bundle.customers.filter((each) => !draft.contacts.includes(each.id) && (wanted ? `${each.name}${each.institution_name}`.includes(wanted) : each.institution === draft.institution));
    offered.replaceChildren(...near.slice(0, 8).map((each) => el("button", { type: "button", className: "card", onclick: () => pick(each, true) }, [el("strong", {}, each.name), el("span", { className: "quiet" }, ` ${each.institution_name} ${each.department_name}`)])));
  };
  const search = el("input", { type: "search", placeholder: t("search_customers"), "aria-label": t("met"), oninput: find, onfocus: find });

  const began = el("input", { type: "datetime-local", id: "began", value: local(new Date(draft.started_at)), oninput: (event) => event.target.value && begin(new Date(event.target.value)) });
  const words = el("textarea", { id: "content", rows: 4, maxLength: 2000, placeholder: t("content_hint"), value: draft.content ?? "", oninput: (event) => set("content", event.target.value) });

  // What one may add ---------------------------------------------------------------------------------------------
  const products = bundle.products.map((each) => ({ value: each.id, label: each.name, hint: each.in_scope ? "" : t("out_of_scope") }));
  const shown = bundle.materials.map((each) => ({ value: each.id, label: each.title }));
  const academic = el("div");
  const showAcademic = () => {
    const isAcademic = !draft.content_type || bundle.figures.academic.includes(draft.content_type);
    academic.replaceChildren(
      ...(isAcademic
        ? [el("p", { className: "label" }, t("products")), choices(t("products"), products, draft.products, (value) => set("products", value), { several: true }),
           shown.length ? el("p", { className: "label" }, t("material_shown")) : "", shown.length ? choices(t("material_shown"), shown, draft.materials, (value) => set("materials", value), { several: true }) : ""]
        : [el("p", { className: "quiet" }, t("not_academic"))]),
    );
    if (!isAcademic) Object.assign(draft, { products: [], materials: [] });
  };
  const step = el("input", { id: "step", maxLength: 200, placeholder: t("step_hint"), value: draft.next_steps?.[0]?.text ?? "", oninput: () => setStep() });
  const due = el("input", { type: "date", id: "due", value: draft.next_steps?.[0]?.due_on ?? "", oninput: () => setStep() });
  const setStep = () => set("next_steps", step.value.trim() ? [{ uuid: draft.next_steps?.[0]?.uuid ?? crypto.randomUUID(), text: step.value.trim(), due_on: due.value || null }] : []);
  const plain = (field, label, more = {}) => [el("label", { className: "label", htmlFor: field }, t(label)), el("input", { id: field, maxLength: 200, value: draft[field] ?? "", oninput: (event) => set(field, event.target.value), ...more })];
  const photos = el("div", { className: "row" });
  const showPhotos = async () => {
    const count = (await queue.photosOf(draft.uuid)).length;
    photos.replaceChildren(
      el("label", { className: "button" }, [t("add_photo"), el("input", { type: "file", accept: "image/*", className: "hidden", onchange: takePhoto })]),
      count ? el("span", { className: "quiet" }, t("photos_count", { count })) : "",
    );
  };
  const takePhoto = async (event) => {
    try {
      const blob = event.target.files[0] && (await edit(event.target.files[0], bundle.figures.photo_edge));
      if (blob) await store.put("photos", `${draft.uuid}/${crypto.randomUUID()}`, await blob.arrayBuffer());
    } catch (error) {
      alert(error instanceof store.StorageFull ? t("storage_full") : error.message);
    }
    await showPhotos();
  };
  const here = el("div", { className: "row" });
  const showHere = () => {
    if (!bundle.consent.given || !navigator.geolocation) return;
    const ask = () =>
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          set("check_in", { latitude: coords.latitude, longitude: coords.longitude, accuracy: Math.round(coords.accuracy) });
          showHere();
        },
        () => here.replaceChildren(el("span", { className: "quiet" }, t("no_location"))),
        { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 },
      );
    here.replaceChildren(draft.check_in ? el("span", { className: "chip valid" }, t("checked_in", { metres: draft.check_in.accuracy })) : el("button", { type: "button", onclick: ask }, t("check_in")));
  };

  // Warnings -----------------------------------------------------------------------------------------------------
  const warnings = el("div", { "aria-live": "polite" });
  function warn() {
    const text = `${draft.content ?? ""} ${step.value}`;
    const hits = bundle.wording.map((each) => ({ ...each, found: each.words.filter((word) => text.includes(word)) })).filter((each) => each.found.length);
    const last = bundle.briefs.find((each) => each.professional === draft.contacts[0])?.last_said;
    const again = last && draft.content_type === last.content_type && draft.products?.length && String([...draft.products].sort()) === String(last.products);
    const sameMaterial = last && (draft.materials ?? []).some((pk) => last.materials.includes(pk));
    warnings.replaceChildren(
      ...hits.map((each) => el("p", { className: "banner warn" }, [el("strong", {}, `${each.label}：${each.found.join("、")} `), each.suggestion])),
      hits.some((each) => each.category === "adverse") ? el("a", { className: "button warn", href: `#/adverse?visit=${draft.uuid}` }, t("adverse")) : "",
      again || sameMaterial ? el("p", { className: "banner warn" }, t("not_again")) : "",
    );
  }

  // Done ---------------------------------------------------------------------------------------------------------
  const missing = el("p", { className: "banner bad", hidden: true, role: "alert" });
  const save = async () => {
    const lacks = [!draft.contacts.length && t("met"), !draft.content_type && t("about"), (draft.content ?? "").trim().length < 4 && t("content")].filter(Boolean);
    missing.hidden = !lacks.length;
    missing.textContent = t("lacks", { what: lacks.join("、") });
    if (lacks.length) return;
    const now = queue.nowBy(draft.clock);
    const start = new Date(draft.started_at);
    const isHere = now - start >= SHORTEST_MINUTES * 60_000 && now - start < 3 * 3_600_000;
    const { uuid, clock, ...data } = { ...draft, ended_at: draft.ended_at ?? (isHere ? now.toISOString() : null) };
    const people = draft.contacts.map((pk) => bundle.customers.find((each) => each.id === pk)?.name).join("、");
    try {
      await queue.add(uuid, "visit", data, `${people} · ${time(start)}`, clock);
      await kept.forget();
      location.hash = "#/sent";
    } catch (error) {
      missing.hidden = false;
      missing.textContent = error instanceof store.StorageFull ? t("storage_full") : String(error);
    }
  };

  showContacts();
  showAcademic();
  showHere();
  await showPhotos();
  warn();
  return [
    el("h1", {}, t("report")),
    section(t("met"), [who, search, offered, where]),
    el("label", { className: "label", htmlFor: "began" }, t("began")), began, here,
    el("p", { className: "label" }, t("about")),
    choices(t("about"), bundle.choices.content_type, draft.content_type, (value) => { set("content_type", value); showAcademic(); }),
    el("label", { className: "label", htmlFor: "content" }, t("content")), words, warnings,
    el("details", {}, [
      el("summary", {}, t("more")),
      academic,
      el("p", { className: "label" }, t("achieved")), choices(t("achieved"), bundle.choices.achieved, draft.achieved, (value) => set("achieved", value)),
      ...plain("result", "result"),
      el("label", { className: "label", htmlFor: "step" }, t("next_step")), step, due,
      el("p", { className: "label" }, t("stage")), choices(t("stage"), bundle.choices.stage, draft.stage, (value) => set("stage", value)),
      ...plain("place", "place", { maxLength: 100 }), ...plain("objective", "objective"),
      bundle.colleagues.length ? el("p", { className: "label" }, t("attendees")) : null,
      bundle.colleagues.length ? choices(t("attendees"), bundle.colleagues.map((each) => ({ value: each.id, label: each.name })), draft.attendees, (value) => set("attendees", value), { several: true }) : null,
      photos,
    ]),
    kept.hint, missing,
    el("div", { className: "row" }, el("button", { type: "button", className: "main wide", onclick: save }, t("save"))),
  ];
}
