// Keeps the screen on for as long as the page is looked at.
//
// The Wake Lock needs a secure context, which a page without TLS in a gym is not. There a small
// video plays: of a canvas, so it needs no file and no codec. Chromium keeps the screen on for a
// stream of any size while it is visible, Firefox for any stream (VideoWakeLock::ShouldBeActive,
// HTMLVideoElement::ShouldCreateVideoWakeLock); Safari only for what could be heard, so there it may
// not help, and the page does not claim that it does.

import { settings, onSettings } from "./settings.js";

const FRAMES_PER_S = 1;
const SIDE_PX = 2;

/** Plays a picture that changes once a second; returns { stop, resume } or null where that cannot be. */
async function playVideo(place) {
  const canvas = document.createElement("canvas");
  if (!canvas.captureStream) return null;
  canvas.width = canvas.height = SIDE_PX;
  const brush = canvas.getContext("2d");
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, className: "awake" });
  video.setAttribute("aria-hidden", "true");
  video.srcObject = canvas.captureStream(FRAMES_PER_S);
  place.append(video);
  let isOdd = false;
  const draw = () => {
    isOdd = !isOdd;
    brush.fillStyle = isOdd ? "#000" : "#111";
    brush.fillRect(0, 0, SIDE_PX, SIDE_PX);
  };
  draw();
  const timer = setInterval(draw, 1000 / FRAMES_PER_S);
  const stop = () => {
    clearInterval(timer);
    for (const track of video.srcObject.getTracks()) track.stop();
    video.remove();
  };
  const resume = () => video.play().catch(() => {});
  try {
    await video.play();
    return { stop, resume };
  } catch {
    stop();
    return null;
  }
}

/**
 * `state()` is "locked" (the phone keeps the screen on), "video" (it may), "asleep" (it will turn
 * off by itself) or "off" (not wanted); `changed()` is called when it is another.
 */
export function createAwake(changed) {
  let lock = null;
  let video = null;
  let asking = false;

  function state() {
    if (!settings().awake) return "off";
    if (lock && !lock.released) return "locked";
    return video ? "video" : "asleep";
  }

  /** Asks for the lock, which a low battery may refuse; null without. */
  async function takeLock() {
    const taken = await navigator.wakeLock?.request("screen").catch(() => null);
    taken?.addEventListener("release", hold);
    return taken ?? null;
  }

  async function hold() {
    if (asking || document.hidden || !settings().awake || (lock && !lock.released)) return;
    asking = true;
    lock = await takeLock();
    if (!lock && !video) video = await playVideo(document.body);
    if (lock && video) dropVideo();
    video?.resume(); // it may have been stopped while nobody looked
    asking = false;
    changed();
  }

  function dropVideo() {
    video.stop();
    video = null;
  }

  async function letGo() {
    if (video) dropVideo();
    const held = lock;
    lock = null;
    await held?.release();
    changed();
  }

  document.addEventListener("visibilitychange", hold);
  addEventListener("pointerup", hold); // a phone that refused may grant a touch
  onSettings((now, before) => {
    if (now.awake !== before.awake) (now.awake ? hold : letGo)();
  });
  hold();
  return { state };
}
