// The banner of a camera that moved.

import { byId, el } from "./dom.js";
import { icon } from "./icons.js";
import { floorWords, markWord } from "./words.js";

/**
 * Keeps saying that the camera moved for as long as the device does, and leads to where it is set
 * up again; it never covers a cue.
 */
export const createNotice = () => ({
  paint({ calibration }) {
    const notice = byId("notice");
    const text = calibration?.floor_ok === false ? floorWords(calibration) : "";
    if (notice.dataset.text === text) return;
    notice.dataset.text = text;
    const { word, shape } = markWord("camera_moved");
    const words = el("span", {}, el("b", {}, `${word}.`), ` ${text}`);
    const way = el("a", { href: "/mount" }, icon(shape), words);
    notice.replaceChildren(...(text ? [way] : []));
  },
});
