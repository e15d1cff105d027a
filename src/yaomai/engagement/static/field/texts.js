// Words in the reader's language, as the page brought them.

const words = JSON.parse(document.getElementById("texts").textContent);

/** Return a text; %(name)s is filled from `values`. */
export const t = (name, values = {}) => (words[name] ?? name).replace(/%\((\w+)\)s/g, (_all, key) => values[key] ?? "");

const locale = document.documentElement.lang;
export const day = (iso) => new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", weekday: "short" }).format(new Date(`${iso}T12:00:00`));
export const time = (at) => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
export const moment = (at) => new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
