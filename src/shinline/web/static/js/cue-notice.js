// The banner of a camera that gives no picture, or that moved.

import { byId, el } from "./dom.js";
import { icon } from "./icons.js";
import { floorWords, markWord, silentWords } from "./words.js";

function noticeOf({ calibration, info }) {
  if (info?.camera_ok === false) return silentWords();
  if (calibration?.floor_ok !== false) return { text: "" };
  return { ...markWord("camera_moved"), text: floorWords(calibration) };
}

/**
 * Keeps saying what is the matter with the camera for as long as the device does, and leads to
 * where it is set up again; it never covers a cue.
 */
export const createNotice = () => ({
  paint(model) {
    const notice = byId("notice");
    const { word, shape, text } = noticeOf(model);
    if (notice.dataset.text === text) return;
    notice.dataset.text = text;
    const words = () => el("span", {}, el("b", {}, `${word}.`), ` ${text}`);
    notice.replaceChildren(...(text ? [el("a", { href: "/mount" }, icon(shape), words())] : []));
  },
});
