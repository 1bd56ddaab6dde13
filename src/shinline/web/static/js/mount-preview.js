// The live picture: JPEG bytes onto a canvas. Drawn from a bitmap and not through an object URL, so
// nothing has to be revoked and the security policy stays as strict as it is.

/**
 * Takes over a <canvas>.
 *
 * `show(bytes)` draws the newest picture; those that come while one is unpacked give way to the
 * last of them. `on.accepts({ width, height })` decides, `on.drawn()` and `on.broken()` report.
 */
export function createPreview(canvas, on) {
  const context = canvas.getContext("2d", { alpha: false });
  let waiting = null;
  let isBusy = false;

  function draw(bitmap) {
    if (!on.accepts(bitmap)) return on.broken();
    if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
    if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
    context.drawImage(bitmap, 0, 0);
    return on.drawn();
  }

  async function unpack(bytes) {
    try {
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
      draw(bitmap);
      bitmap.close();
    } catch {
      on.broken();
    }
  }

  async function show(bytes) {
    waiting = bytes;
    if (isBusy) return;
    isBusy = true;
    while (waiting) {
      const next = waiting;
      waiting = null;
      await unpack(next);
    }
    isBusy = false;
  }

  return { show };
}
