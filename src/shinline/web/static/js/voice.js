// The phone's voice, where it has one for the language of the page.

import { settings } from "./settings.js";

const synthesis = () => window.speechSynthesis ?? null;

/** Finds a voice that speaks the page's language, one on the phone itself first: null without. */
export function voiceFor(language) {
  const fits = ({ lang }) => lang.toLowerCase().split(/[-_]/)[0] === language;
  const voices = synthesis()?.getVoices().filter(fits) ?? [];
  return voices.find(({ localService }) => localService) ?? null; // none may reach out of the room
}

/** Calls `changed` when the phone has found its voices: some look for them only when asked. */
export function onVoices(changed) {
  synthesis()?.addEventListener?.("voiceschanged", changed);
}

/** Says a text after `delay_ms`, instead of whatever is being said, unless `until_ms` is then over. */
export function createVoice() {
  let waiting = 0;

  function speak(text, delay_ms, until_ms) {
    clearTimeout(waiting);
    const voice = settings().speech ? voiceFor(document.documentElement.lang) : null;
    if (!voice) return false;
    synthesis().cancel();
    waiting = setTimeout(() => {
      if (performance.now() >= until_ms || document.hidden) return;
      const words = new SpeechSynthesisUtterance(text);
      words.voice = voice;
      words.lang = voice.lang;
      words.volume = settings().volume;
      synthesis().speak(words);
    }, delay_ms);
    return true;
  }

  return { speak };
}
