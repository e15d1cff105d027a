// Elements without a framework: el("p", { className: "quiet" }, ["text", el(…)]).

export function el(name, attributes = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made && !key.startsWith("aria")) made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...[children].flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const list = (items) => el("ul", {}, items.map((item) => el("li", {}, item)));
export const section = (title, children, attributes = {}) => el("section", attributes, [el("h2", {}, title), ...[children].flat()]);

/** A row of large buttons of which one, or several, are chosen. */
export function choices(name, options, chosen, onpick, { several = false } = {}) {
  const picked = new Set([chosen].flat().filter((value) => value !== "" && value !== undefined));
  const group = el("div", { className: "choices", role: "group", "aria-label": name });
  for (const { value, label, hint } of options) {
    const button = el("button", { type: "button", className: hint ? "hinted" : "", "aria-pressed": String(picked.has(value)), title: hint ?? "" }, label);
    button.addEventListener("click", () => {
      if (!several) picked.clear();
      if (picked.has(value)) picked.delete(value);
      else picked.add(value);
      [...group.children].forEach((each, place) => each.setAttribute("aria-pressed", String(picked.has(options[place].value))));
      onpick(several ? [...picked] : value);
    });
    group.append(button);
  }
  return group;
}
