"""The bundled recording is what its scenario says, and has something to find in every rep."""

import av
import msgspec
import numpy as np
import pytest

from shinline.sim import DEMO, build, demo_paths, truth


def test_bundled_truth_is_what_the_scenario_gives_today() -> None:
    _, told = demo_paths()
    fresh = msgspec.json.decode(msgspec.json.encode(truth(build(DEMO))))
    bundled = msgspec.json.decode(told.read_bytes())
    assert bundled["scenario"] == fresh["scenario"]
    assert [rep["faults"] for rep in bundled["reps"]] == [rep["faults"] for rep in fresh["reps"]]
    for name in ("t_s", "bar_x_m", "bar_y_m", "ring_x_px", "ring_y_px", "hip_x_px", "trunk_deg"):
        assert bundled["frames"][name] == pytest.approx(fresh["frames"][name], abs=1e-3), name


def test_bundled_clip_is_small_and_shows_the_scenario() -> None:
    clip, _ = demo_paths()
    recording = build(DEMO)
    assert clip.stat().st_size < 4_000_000
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        assert stream.frames == len(recording)
        picture = next(container.decode(stream)).to_ndarray(format="gray")
    assert np.mean(np.abs(picture.astype(float) - recording.frame(0).luma)) < 2.0


def test_the_demo_has_a_good_rep_and_both_first_faults() -> None:
    codes = [set(rep.faults) for rep in DEMO.reps]
    assert codes == [set(), {"bar_forward"}, {"hips_shoot_up"}, set()]
    assert 25.0 < build(DEMO).timeline.duration_s < 30.0
