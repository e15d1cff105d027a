// The field app: today's route, briefs, reports. Plain modules, no framework; works without a network.

import * as store from "./store.js";
import * as queue from "./queue.js";
import { el, list, section } from "./dom.js";
import { day, moment, t } from "./texts.js";
import { reportPage } from "./report.js";
import { adversePage } from "./adverse.js";
import { coachCard, coachPage, toCoach } from "./coach.js";
import { learnPage, questionLine, toAsk } from "./learn.js";

const main = document.getElementById("main");
const { state } = queue;
let shown = "";

const inApp = /MicroMessenger/i.test(navigator.userAgent) && !("serviceWorker" in navigator);

// Pages ----------------------------------------------------------------------------------------------------------

const customer = (pk) => state.bundle?.customers.find((each) => each.id === Number(pk));
const brief = (pk) => state.bundle?.briefs.find((each) => each.professional === Number(pk));
const stop = (pk) => state.bundle?.route.find((each) => each.id === Number(pk));
const stepsDone = () => new Set(state.items.filter((item) => item.kind === "step").map((item) => item.data?.step));

function todayPage() {
  const { bundle } = state;
  if (!bundle) return [el("p", { className: "quiet" }, t(state.isBusy ? "loading" : "first_network"))];
  const today = new Date().toLocaleDateString("sv");
  const days = Map.groupBy ? Map.groupBy(bundle.route, (each) => each.day) : grouped(bundle.route);
  const reported = new Set([...state.items.map((item) => item.data?.planned), ...bundle.route.filter((each) => each.state === "done").map((each) => each.id)]);
  const steps = bundle.steps.filter((step) => !stepsDone().has(step.uuid));
  return [
    el("div", { className: "row" }, [
      el("a", { className: "button main", href: "#/report/new" }, t("report")),
      el("a", { className: "button", href: "#/customers" }, t("find")),
      el("a", { className: "button warn", href: "#/adverse" }, t("adverse")),
    ]),
    ...[...days].map(([when, stops]) =>
      section(when === today ? t("today") : day(when), stops.map((each) => stopCard(each, reported.has(each.id)))),
    ),
    days.size ? null : section(t("today"), el("p", { className: "quiet" }, t("no_route"))),
    steps.length ? section(t("steps"), steps.map(stepCard)) : null,
    toCoach().length ? section(t("to_coach"), toCoach().map(coachCard)) : null,
  ];
}

function grouped(stops) {
  const found = new Map();
  for (const each of stops) found.set(each.day, [...(found.get(each.day) ?? []), each]);
  return found;
}

function stopCard(each, isDone) {
  const where = each.professional ? `#/brief/${each.professional}?stop=${each.id}` : `#/report/new?stop=${each.id}`;
  return el("a", { className: `card${isDone ? " done" : ""}`, href: where }, [
    el("span", { className: "when" }, each.at || "·"),
    el("span", { className: "what" }, [
      el("strong", {}, each.professional_name || each.institution_name),
      el("span", { className: "quiet" }, [each.professional_name ? each.institution_name : "", each.objective || each.activity].filter(Boolean).join(" · ")),
    ]),
    isDone ? el("span", { className: "tick", "aria-label": t("done") }, "✓") : null,
  ]);
}

function stepCard(step) {
  const close = () => queue.add(crypto.randomUUID(), "step", { step: step.uuid, state: "done" }, step.text);
  return el("div", { className: "card" }, [
    el("button", { type: "button", className: "check", "aria-label": t("mark_done", { text: step.text }), onclick: close }, "○"),
    el("span", { className: "what" }, [el("strong", {}, step.text), el("span", { className: "quiet" }, `${day(step.due_on)} · ${step.at}`)]),
  ]);
}

function customersPage() {
  const found = el("div");
  const show = (text) => {
    const wanted = text.trim();
    const rows = (state.bundle?.customers ?? []).filter((each) => !wanted || `${each.name}${each.institution_name}${each.department_name}`.includes(wanted));
    found.replaceChildren(
      ...rows.slice(0, 40).map((each) =>
        el("a", { className: "card", href: `#/brief/${each.id}` }, el("span", { className: "what" }, [el("strong", {}, each.name), el("span", { className: "quiet" }, [each.institution_name, each.department_name, each.title].filter(Boolean).join(" · "))])),
      ),
      rows.length ? "" : el("p", { className: "quiet" }, t("nobody")),
    );
  };
  show("");
  return [el("input", { type: "search", placeholder: t("search_customers"), "aria-label": t("search_customers"), oninput: (event) => show(event.target.value) }), found];
}

function briefPage(pk, query) {
  const person = customer(pk);
  if (!person) return [el("p", {}, t("not_here"))];
  const known = brief(pk);
  const planned = stop(query.get("stop"));
  const go = `#/report/new?contact=${pk}${planned ? `&stop=${planned.id}` : ""}`;
  const head = [
    el("h1", {}, person.name),
    el("p", { className: "quiet" }, [person.institution_name, person.department_name, person.title].filter(Boolean).join(" · ")),
    el("div", { className: "row" }, el("a", { className: "button main", href: go }, t("start"))),
  ];
  if (!known) return [...head, el("p", { className: "quiet" }, t("no_brief"))];
  const asked = toAsk(person.id, known.questions);
  const titles = new Map(state.bundle.materials.map((each) => [each.id, each.title]));
  return [
    ...head,
    known.refusals.length ? el("div", { className: "banner bad" }, [el("strong", {}, t("refused_today")), ...known.refusals.map((text) => el("p", {}, text))]) : null,
    planned?.objective ? section(t("objective"), el("p", {}, [planned.objective, planned.expected_result].filter(Boolean).join(" → "))) : null,
    section(t("why"), list(known.why)),
    known.topic ? section(t("topic"), [el("p", {}, known.topic), el("p", { className: "quiet" }, known.topic_reason)]) : null,
    known.promises.length ? section(t("promised"), list(known.promises.map((step) => `${step.text}（${day(step.due_on)}）`))) : null,
    section(t("last_notes"), known.last.length ? known.last.map((each) => el("p", {}, [el("span", { className: "quiet" }, `${day(each.on)} · ${each.content_type_label} `), each.content])) : el("p", { className: "quiet" }, t("first_contact"))),
    known.last_said ? el("p", { className: "banner" }, t("not_again")) : null,
    section(`${t("stage")} · ${known.stage_label}`, list(known.prompts)),
    known.changed.length ? section(t("changed"), list(known.changed)) : null,
    asked.length ? section(t("ask"), list(asked.map((each) => questionLine(person.id, each)))) : null,
    section(t("material"), known.materials.length ? list(known.materials.map((each) => `${titles.get(each.id) ?? ""}${each.shown ? `（${t("shown_last")}）` : ""}`)) : el("p", { className: "quiet" }, t("no_material"))),
  ];
}

function sentPage() {
  const { bundle } = state;
  const items = state.items.map((item) => {
    const { answer } = item;
    const answered = (data) => queue.add(item.uuid, item.kind, data, item.about);
    return el("div", { className: `card tall${queue.isAsking(item) ? " asks" : ""}` }, [
      el("strong", {}, item.about || t(item.kind)),
      el("span", { className: "quiet" }, `${moment(item.written)} · ${answer ? t(`status_${answer.status}`) : t("waits")}`),
      answer?.title ? el("p", {}, answer.title) : null,
      ...Object.values(answer?.fields ?? {}).flat().map((text) => el("p", {}, text)),
      ...(answer?.citations ?? []).map((text) => el("p", { className: "quiet" }, text)),
      answer && !item.isSent
        ? el("div", { className: "row" }, [
            answer.answers?.includes("join") ? el("button", { type: "button", onclick: () => answered({ ...item.data, join: answer.other }) }, t("join")) : null,
            answer.answers?.includes("separate") ? el("button", { type: "button", onclick: () => answered({ ...item.data, is_separate: true }) }, t("separate")) : null,
            item.kind === "visit" ? el("a", { className: "button", href: `#/report/${item.uuid}` }, t("change")) : null,
            el("button", { type: "button", onclick: () => answered(item.data) }, t("again")),
            el("button", { type: "button", className: "warn", onclick: () => confirm(t("drop_question")) && queue.drop(item.uuid) }, t("drop")),
          ])
        : null,
      answer?.status === "photo"
        ? el("div", { className: "row" }, [
            el("button", { type: "button", onclick: () => queue.sendPhotosAgain(item) }, t("again")),
            el("button", { type: "button", className: "warn", onclick: () => confirm(t("drop_photos_question")) && queue.drop(item.uuid) }, t("drop")),
          ])
        : null,
    ]);
  });
  const recent = (bundle?.visits ?? []).map((each) =>
    el("div", { className: "card tall" }, [
      el("strong", {}, each.institution_name),
      el("span", { className: "quiet" }, `${day(each.on)} ${each.at} · ${each.content_type_label} · `, ),
      el("span", { className: `chip ${each.validity}` }, each.validity_label),
      ...each.findings.map((text) => el("p", { className: "quiet" }, text)),
    ]),
  );
  return [
    section(t("waiting"), items.length ? items : el("p", { className: "quiet" }, t("nothing_waits"))),
    el("div", { className: "row" }, [
      el("button", { type: "button", className: "main", onclick: queue.send, disabled: state.isBusy }, t(state.isBusy ? "sending" : "send_now")),
      queue.waiting().length ? el("button", { type: "button", onclick: saveRescue }, t("rescue")) : null,
    ]),
    section(t("recent"), recent.length ? recent : el("p", { className: "quiet" }, t("none_yet"))),
  ];
}

async function saveRescue() {
  const link = el("a", { href: URL.createObjectURL(new Blob([await queue.rescue()])), download: `${new Date().toISOString().slice(0, 10)}.yaomai` });
  link.click();
  URL.revokeObjectURL(link.href);
}

function mePage() {
  const consent = state.bundle?.consent;
  const leave = async () => {
    const count = queue.waiting().length;
    if (!confirm(count ? t("sign_out_loses", { count }) : t("sign_out_question"))) return;
    await queue.signOut();
    document.getElementById("sign-out").submit();
  };
  const answer = (given) => {
    consent.given = given;
    queue.answer("consent", { given, text: consent.notice }, t("consent"));
  };
  return [
    el("h1", {}, state.name || t("me")),
    consent
      ? section(t("consent"), [
          el("p", {}, consent.notice),
          el("div", { className: "row" }, el("button", { type: "button", className: consent.given ? "" : "main", onclick: () => answer(!consent.given) }, t(consent.given ? "withdraw" : "agree"))),
        ])
      : null,
    section(t("this_phone"), [
      el("p", { className: "quiet" }, t("kept_sealed")),
      state.sentAt ? el("p", { className: "quiet" }, t("last_sync", { when: moment(state.sentAt) })) : null,
      el("div", { className: "row" }, el("button", { type: "button", className: "warn", onclick: leave }, t("sign_out"))),
    ]),
    el("p", {}, el("a", { href: "/" }, t("whole_site"))),
  ];
}

// Frame ----------------------------------------------------------------------------------------------------------

function bar() {
  const count = queue.waiting().length;
  const asks = queue.asking().length;
  const waits = queue.waiting().filter((item) => !item.answer).length;
  const isOld = count > 0 && Date.now() - queue.oldest() > 86_400_000;
  const words = [
    state.isSignedOut ? t("signed_out", { count }) : null,
    state.problem === "full" ? t("storage_full") : state.problem ? t("problem", { what: state.problem }) : null,
    asks ? t("asks", { count: asks }) : null,
    waits ? t(isOld ? "waits_long" : "waits_count", { count: waits }) : null,
    !state.isOnline ? t("offline") : null,
    inApp ? t("in_wechat") : null,
    state.isOldServer ? t("old_server") : null,
  ].filter(Boolean);
  const tone = asks || isOld || state.isSignedOut || state.problem ? "bad" : count || !state.isOnline ? "warn" : "";
  return words.length
    ? el("a", { className: `status ${tone}`, href: state.isSignedOut ? "/accounts/login/?next=/field/" : "#/sent" }, words.join(" · "))
    : "";
}

function navigation() {
  const here = location.hash.split("?")[0] || "#/";
  const links = [["#/", t("today")], ["#/customers", t("customers")], ["#/report/new", "＋"], ["#/sent", t("sent")], ["#/me", t("me")]];
  return links.map(([href, label]) => el("a", { href, "aria-current": here === href ? "page" : undefined, "aria-label": href === "#/report/new" ? t("report") : undefined }, label));
}

async function render() {
  document.getElementById("status").replaceChildren(bar());
  document.getElementById("tabs").replaceChildren(...navigation());
  const [path, search] = (location.hash.slice(1) || "/").split("?");
  const [, page, key] = path.split("/");
  const query = new URLSearchParams(search);
  const isForm = ["report", "adverse", "coach", "learn"].includes(page);
  // Forms are not drawn anew under somebody's fingers because something was sent meanwhile.
  if (isForm && shown === location.hash) return;
  shown = location.hash;
  if (!state.person) return void main.replaceChildren(el("p", {}, t("sign_in_first")), el("p", {}, el("a", { className: "button main", href: "/accounts/login/?next=/field/" }, t("sign_in"))));
  const pages = { customers: customersPage, sent: sentPage, me: mePage, brief: () => briefPage(key, query), report: () => reportPage(key, query), adverse: () => adversePage(query), coach: () => coachPage(key), learn: () => learnPage(key) };
  const made = await (pages[page] ?? todayPage)();
  main.replaceChildren(...made.filter((each) => each !== null && each !== undefined && each !== false));
  if (page !== "sent" && page !== "") scrollTo(0, 0);
}

addEventListener("hashchange", render);
queue.onChange(render);

const person = store.lastPerson();
if (person) {
  try {
    if (await store.open(person)) {
      state.person = person;
      await queue.load();
    }
  } catch {
    state.person = null;
  }
}
await render();
document.body.dataset.ready = "yes";
queue.send();
navigator.storage?.persist?.();
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/field/sw.js", { scope: "/field/" });
