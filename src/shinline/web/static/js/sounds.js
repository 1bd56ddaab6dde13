// Three sounds that cannot be mistaken for each other, nor for music, and a quiet tone for the ready
// light. They are made of tones rich in overtones, raised between 1 and 3 kHz: there an ear hears
// best and a phone's small speaker is loudest.

const EDGE_S = 0.006; // as fast as it goes without a click
const RAISED = { frequency: 1800, Q: 0.6, gain: 13 };

// A tone is [from_s, to_s, Hz]. `wave` gives the overtones, `apart` a second voice that beats.
const good = [
  [0, 0.15, 988],
  [0.17, 0.45, 1480],
];
const fault = [
  [0, 0.24, 118],
  [0.3, 0.58, 98],
];
const siren = [1000, 1500, 1000, 1500, 1000, 1500, 1000, 1500];
const stop = siren.map((hz, i) => [0.17 * i, 0.17 * (i + 1), hz]);

export const SOUNDS = {
  good: { wave: "triangle", apart: 1.003, level: 0.15, tones: good },
  fault: { wave: "sawtooth", apart: 1.03, level: 0.2, tones: fault },
  stop: { wave: "square", apart: 1.01, level: 0.105, tones: stop },
  ready: { wave: "triangle", apart: 1, level: 0.12, tones: [[0, 0.12, 1320]] },
};

export const lengthOf = (name) => SOUNDS[name].tones.at(-1)[1];

function tone(context, out, { wave, level }, [from_s, to_s, hz], at_s) {
  const voice = new OscillatorNode(context, { type: wave, frequency: hz });
  const edge = new GainNode(context, { gain: 0 });
  edge.gain.setValueAtTime(0, at_s + from_s);
  edge.gain.linearRampToValueAtTime(level, at_s + from_s + EDGE_S);
  edge.gain.setValueAtTime(level, at_s + to_s - EDGE_S);
  edge.gain.linearRampToValueAtTime(0, at_s + to_s);
  voice.connect(edge).connect(out);
  voice.start(at_s + from_s);
  voice.stop(at_s + to_s);
}

/** Plays a sound from `at_s` of the context's clock; `volume` is 0 .. 1. */
export function playInto(context, name, volume, at_s) {
  const sound = SOUNDS[name];
  const raised = new BiquadFilterNode(context, { type: "peaking", ...RAISED });
  const loudness = new GainNode(context, { gain: volume });
  raised.connect(loudness).connect(context.destination);
  for (const [from_s, to_s, hz] of sound.tones) {
    tone(context, raised, sound, [from_s, to_s, hz], at_s);
    tone(context, raised, sound, [from_s, to_s, hz * sound.apart], at_s);
  }
}
