// What is being written, kept with every letter: one write at a time and the newest last, so that neither a reload
// nor a flat battery, nor a slow write of what stood there before, loses a word.

import * as store from "./store.js";
import { el } from "./dom.js";
import { t } from "./texts.js";

/** Open a draft; `said` is what stands in it, `hint` the line that tells when the phone has it. */
export async function openDraft(name, begun) {
  const said = (await store.get("drafts", name)) ?? begun;
  const hint = el("p", { className: "quiet", id: "draft-kept" });
  let writing = null;
  let isStale = false;
  const write = async () => {
    while (isStale) {
      isStale = false;
      await store.put("drafts", name, said);
    }
    hint.textContent = t("draft_kept");
  };
  const keep = () => {
    isStale = true;
    hint.textContent = "";
    writing ??= write()
      .catch((error) => {
        hint.textContent = error instanceof store.StorageFull ? t("storage_full") : String(error);
      })
      .finally(() => {
        writing = null;
      });
    return writing;
  };
  const set = (field, value) => {
    said[field] = value;
    return keep();
  };
  const forget = async () => {
    isStale = false;
    await writing;
    await store.remove("drafts", name);
  };
  return { said, hint, keep, set, forget };
}
