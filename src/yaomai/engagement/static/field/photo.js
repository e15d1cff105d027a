// A photo is made smaller on the phone, and faces are covered by hand before it is kept, where somebody wishes so.

import { t } from "./texts.js";
import { el } from "./dom.js";

const BLOCK = 28;

/** Let somebody look at a picture and cover parts of it; resolves with a JPEG, or null when it is not taken. */
export async function edit(file, edge) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!picture) throw new Error(t("no_picture"));
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
  const canvas = el("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();

  const cover = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * canvas.width;
    const y = ((event.clientY - box.top) / box.height) * canvas.height;
    pixelate(context, x, y, Math.max(canvas.width, canvas.height) / 14);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    cover(event);
  });
  canvas.addEventListener("pointermove", (event) => event.buttons && cover(event));

  return new Promise((resolve) => {
    const done = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const keep = () => canvas.toBlob((blob) => done(blob), "image/jpeg", 0.82);
    const dialog = el("dialog", { className: "photo", "aria-label": t("photo") }, [
      el("p", { className: "quiet" }, t("cover_faces")),
      canvas,
      el("div", { className: "row" }, [
        el("button", { type: "button", onclick: () => done(null) }, t("cancel")),
        el("button", { type: "button", className: "main", onclick: keep }, t("use_photo")),
      ]),
    ]);
    document.body.append(dialog);
    dialog.addEventListener("cancel", () => resolve(null));
    dialog.showModal();
  });
}

/** Cover a round part with blocks of their mean colour: what is under it cannot be computed back. */
function pixelate(context, x, y, radius) {
  const { width, height } = context.canvas;
  const from = (value) => Math.floor((value - radius) / BLOCK) * BLOCK;
  for (let left = from(x); left < x + radius; left += BLOCK) {
    for (let top = from(y); top < y + radius; top += BLOCK) {
      const [a, b] = [left + BLOCK / 2 - x, top + BLOCK / 2 - y];
      if (a * a + b * b > radius * radius || left + BLOCK < 0 || top + BLOCK < 0 || left >= width || top >= height) continue;
      const { data } = context.getImageData(Math.max(0, left), Math.max(0, top), BLOCK, BLOCK);
      const sum = [0, 0, 0];
      for (let at = 0; at < data.length; at += 4) for (let band = 0; band < 3; band += 1) sum[band] += data[at + band];
      const count = data.length / 4;
      context.fillStyle = `rgb(${sum.map((each) => Math.round(each / count)).join(" ")})`;
      context.fillRect(left, top, BLOCK, BLOCK);
    }
  }
}
