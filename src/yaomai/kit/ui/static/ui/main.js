// The one entry: each module attaches its own behaviour.
import "./menu.js";
import "./dialog.js";
import "./palette.js";
import "./table.js";
import "./forms.js";
import "./drop.js";
import "./toast.js";
import "./later.js";
import "./charts.js";
import "./keyboard.js";
import { attachAll } from "./start.js";

attachAll(document);
document.addEventListener("htmx:load", (event) => attachAll(event.detail.elt));
