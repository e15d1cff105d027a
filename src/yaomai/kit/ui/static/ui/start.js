// Attaches behaviour to elements, those there now and those that htmx brings later.

const behaviours = [];

/** Call `attach(element)` once for every element that matches `selector`. */
export function each(selector, attach) {
  const seen = new WeakSet();
  behaviours.push((root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (seen.has(element)) continue;
      seen.add(element);
      attach(element);
    }
  });
}

/** Attach everything inside `root`. */
export function attachAll(root) {
  for (const behaviour of behaviours) behaviour(root);
}

const texts = JSON.parse(document.getElementById("ym-texts")?.textContent ?? "{}");

/** Return a text in the language of the page, with `%(name)s` filled in. */
export function text(name, values = {}) {
  return (texts[name] ?? name).replace(/%\((\w+)\)s/g, (_whole, key) => values[key] ?? "");
}

/** Read a value of this browser; storage may be forbidden, which is the same as nothing stored. */
export function recall(key) {
  try {
    return localStorage.getItem(`yaomai.${key}`);
  } catch {
    return null;
  }
}

/** Keep a value in this browser, if it lets us. */
export function remember(key, value) {
  try {
    localStorage.setItem(`yaomai.${key}`, value);
  } catch {
    // A private window refuses; the page works without memory.
  }
}

/** Make an element: `make("p", { className: "x" }, "text", child)`. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
