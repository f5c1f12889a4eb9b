"""Videos: a file whose index is right, whose pictures are the drawing, and which players play."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import os
import queue
import shutil
import signal
import struct
import subprocess
import threading

import pytest

from understudy.mockserver.media import Render, drawing, palette, render, video
from understudy.mockserver.media.drawing import TitleCard
from understudy.mockserver.media.shapes import Size

ffmpeg, ffprobe, chromium = shutil.which("ffmpeg"), shutil.which("ffprobe"), shutil.which("chromium")

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}


def wanted(aspect_ratio: str = "16:9", seconds: float = 5.0, **other: object) -> Render:
    values = {
        "kind": "video",
        "media_type": "video/mp4",
        "index": 0,
        "aspect_ratio": aspect_ratio,
        "duration_seconds": seconds,
        "text": "A red fox runs through fresh snow at dawn",
        "provider": "kling",
        "watermark": True,
        "seed": "task 1",
    }
    return Render(**{**values, **other})


def boxes(
    data: bytes, start: int = 0, end: int | None = None, path: str = ""
) -> dict[str, tuple[int, bytes]]:
    """Every box by its path: where its content begins, and the content."""
    found = {}
    end = len(data) if end is None else end
    while start < end:
        length, kind = struct.unpack_from(">I4s", data, start)
        assert length >= 8
        assert start + length <= end
        name = f"{path}{kind.decode()}"
        found[name] = (start + 8, data[start + 8 : start + length])
        if kind in CONTAINERS:
            found |= boxes(data, start + 8, start + length, f"{name}/")
        start += length
    assert start == end
    return found


def numbers(content: bytes, start: int, count: int) -> tuple[int, ...]:
    return struct.unpack_from(f">{count}I", content, start)


STBL = "moov/trak/mdia/minf/stbl/"


@pytest.mark.parametrize(
    ("aspect_ratio", "seconds", "size", "times"),
    [
        ("16:9", 5.0, (640, 360), [(40, 125)]),
        ("9:16", 10.0, (360, 640), [(80, 125)]),
        ("1:1", 5.1, (480, 480), [(40, 125), (1, 100)]),
        ("21:9", 0.04, (728, 312), [(1, 40)]),
        ("2.39:1", 3600.5, (478, 200), [(239, 15003), (1, 14783)]),
    ],
)
def test_the_file_says_how_large_and_how_long_it_is(aspect_ratio, seconds, size, times):
    data = render(wanted(aspect_ratio, seconds))
    found = boxes(data)
    assert [name for name in found if "/" not in name] == ["ftyp", "moov", "mdat"]
    milliseconds = round(seconds * 1000)
    assert numbers(found["moov/mvhd"][1], 12, 2) == (1000, milliseconds)
    assert numbers(found["moov/trak/tkhd"][1], 20, 1) == (milliseconds,)
    assert numbers(found["moov/trak/tkhd"][1], 76, 2) == (size[0] << 16, size[1] << 16)
    assert numbers(found["moov/trak/mdia/mdhd"][1], 12, 2) == (1000, milliseconds)
    assert struct.unpack_from(">2H", found[f"{STBL}stsd"][1], 8 + 8 + 24) == size
    runs = numbers(found[f"{STBL}stts"][1], 4, 1 + 2 * len(times))
    assert runs == (len(times), *(number for run in times for number in run))
    assert sum(count * duration for count, duration in times) == milliseconds


def test_the_index_leads_to_every_picture():
    data = render(wanted())
    found = boxes(data)
    zero, count, *lengths = numbers(found[f"{STBL}stsz"][1], 4, 42)
    assert (zero, count) == (0, 40)
    assert numbers(found[f"{STBL}stsc"][1], 4, 4) == (1, 1, 40, 1)
    assert numbers(found[f"{STBL}stss"][1], 4, 2) == (1, 1)
    one, place = numbers(found[f"{STBL}stco"][1], 4, 2)
    start, content = found["mdat"]
    assert (one, place, sum(lengths)) == (1, start, len(content))
    kinds = []
    for length in lengths:
        assert numbers(data, place, 1) == (length - 4,)
        kinds.append(data[place + 4] & 31)
        place += length
    assert kinds == [5] + [1] * 39


def test_the_parameter_sets_stand_in_the_sample_entry():
    content = boxes(render(wanted()))[f"{STBL}stsd"][1]
    at = content.index(b"avcC") + 4
    version, profile, constraints, level, sizes, sets, length = struct.unpack_from(">6BH", content, at)
    sequence = content[at + 8 : at + 8 + length]
    assert (version, sizes & 3, sets & 31, sequence[0]) == (1, 3, 1, 0x67)
    assert sequence[1:4] == bytes([profile, constraints, level]) == bytes([66, 0xC0, 30])
    assert content[at + 8 + length : at + 8 + length + 1] == b"\x01"
    (length,) = struct.unpack_from(">H", content, at + 9 + length)
    assert content[-length] == 0x68


@pytest.mark.parametrize(("aspect_ratio", "seconds"), [("16:9", 5.0), ("9:16", 10.0), ("1:1", 10.0)])
def test_a_video_is_small(aspect_ratio, seconds):
    assert len(render(wanted(aspect_ratio, seconds, text="红" * 60))) < 300_000


def test_a_long_video_costs_no_more_than_a_short_one():
    assert len(render(wanted(seconds=86_400.0))) < 400_000


def card(size: Size, **other: object) -> TitleCard:
    values = {"title": "A red fox", "facts": ("video", "kling"), "mark": "W", "seed": "s", "film": True}
    return TitleCard(size=size, **{**values, **other})


def expected(one: TitleCard, number: int, shown: list[int]) -> bytes:
    """Picture `number`, drawn from nothing, as yuv420p."""
    frame = video.coded(one.size)
    total, now = sum(shown), sum(shown[:number])
    image = drawing.draw(one, Size(frame.columns * 16, frame.rows * 16))
    drawing.draw_progress(image, one, f"{now // 1000} s of {total / 1000:g} s", (now + shown[number]) / total)
    tables = palette.bt601(palette.colours(one.seed))
    width, height = one.size
    y = image.point(tables.y).crop((0, 0, width, height)).tobytes()
    colour = [image.point(table).reduce(2).crop((0, 0, width // 2, height // 2)) for table in tables[1:]]
    return y + b"".join(plane.tobytes() for plane in colour)


@pytest.mark.parametrize(
    "size", [Size(640, 360), Size(360, 640), Size(96, 1280), Size(1280, 96), Size(1280, 32)]
)
@pytest.mark.parametrize("shown", [[125] * 4, [999] * 13, [3_600_000] * 23 + [3_599_999]])
def test_pictures_differ_only_where_the_drawing_says(size, shown):
    one = card(size, mark="W" * 40)
    frame = video.coded(size)
    canvas = Size(frame.columns * 16, frame.rows * 16)
    for image, changed in video.drawn(one, shown):
        plain = drawing.draw(one, canvas)
        for box in changed:
            assert box == tuple(edge - edge % 16 for edge in box)
            assert (0, 0) <= box[:2] < box[2:] <= canvas
            plain.paste(image.crop(box), box)
        assert image.tobytes() == plain.tobytes()


@pytest.mark.parametrize("size", [Size(640, 360), Size(480, 480), Size(360, 640)])
def test_every_picture_is_the_drawing(decode, planes, size):
    one, shown = card(size), video.durations(1.2)
    data = video.film(one, 1.2)
    found = boxes(data)
    (place,) = numbers(found[f"{STBL}stco"][1], 8, 1)
    units = []
    for length in numbers(found[f"{STBL}stsz"][1], 12, len(shown)):
        units.append(data[place + 4 : place + length])
        place += length
    frame = video.coded(size)
    seen = [planes(frame, picture) for picture in decode(frame, units)]
    assert [at for at, picture in enumerate(seen) if picture != expected(one, at, shown)] == []
    assert len(set(seen)) == len(shown)  # it moves


@pytest.mark.parametrize(
    ("colour", "samples"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (81, 90, 240)),
        ((0, 255, 0), (145, 54, 34)),
        ((0, 0, 255), (41, 240, 110)),
    ],
)
def test_colours_are_converted_as_the_standard_says(colour, samples):
    tables = palette.bt601([colour])
    assert (tables.y[0], tables.cb[0], tables.cr[0]) == samples


def decoded(data: bytes, pixels: str, path: object) -> bytes:
    path.write_bytes(data)
    options = f"-f rawvideo -pix_fmt {pixels} -fps_mode passthrough -".split()
    run = subprocess.run([ffmpeg, "-v", "warning", "-xerror", "-i", path, *options], capture_output=True)
    assert run.stderr == b""
    return run.stdout


@pytest.mark.skipif(ffmpeg is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    ("size", "seconds"),
    [
        (Size(640, 360), 5.0),
        (Size(360, 640), 10.0),
        (Size(480, 480), 2.3),
        (Size(1280, 16), 0.5),
        (Size(16, 1280), 1),
    ],
)
def test_ffmpeg_sees_every_picture_as_it_was_drawn(size, seconds, tmp_path):
    one, shown = card(size), video.durations(seconds)
    got = decoded(video.film(one, seconds), "yuv420p", tmp_path / "film.mp4")
    length = size.width * size.height * 3 // 2
    pictures = [got[at : at + length] for at in range(0, len(got), length)]
    assert len(pictures) == len(shown)
    assert [number for number in range(len(shown)) if pictures[number] != expected(one, number, shown)] == []
    assert len(set(pictures)) > len(shown) // 2  # it moves


@pytest.mark.skipif(ffmpeg is None, reason="ffmpeg is not installed")
def test_the_colours_are_those_of_the_palette(tmp_path):
    one = card(Size(640, 360))
    got = decoded(video.film(one, 0.1), "rgb24", tmp_path / "film.mp4")
    colours = palette.colours("s")
    corner, bar = got[:3], got[(344 * 640 + 320) * 3 :][:3]
    for seen, tone in ((corner, palette.BACKGROUND), (bar, palette.ACCENT)):
        assert max(abs(a - b) for a, b in zip(seen, colours[tone], strict=True)) <= 3


@pytest.mark.skipif(ffprobe is None, reason="ffprobe is not installed")
def test_ffprobe_reads_what_was_asked(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(render(wanted("9:16", 5.1)))
    names = "codec_name,profile,level,width,height,nb_read_frames,duration,pix_fmt,color_range,color_space"
    options = f"-v warning -count_frames -of json -show_entries stream={names}:format=duration".split()
    run = subprocess.run([ffprobe, *options, path], capture_output=True, check=True)
    assert run.stderr == b""
    seen = json.loads(run.stdout)
    assert seen["format"] == {"duration": "5.100000"}
    assert seen["streams"] == [
        {
            "codec_name": "h264",
            "profile": "Constrained Baseline",
            "level": 30,
            "width": 360,
            "height": 640,
            "nb_read_frames": "41",
            "duration": "5.100000",
            "pix_fmt": "yuv420p",
            "color_range": "tv",
            "color_space": "smpte170m",
        }
    ]


PAGE = """<!doctype html><body>
<video id="v" muted preload="auto"></video>
<script>
const v = document.getElementById('v');
const tell = what => fetch('/seen', {method: 'POST', body: JSON.stringify(what)});
const bar = () => {
  const c = document.createElement('canvas');
  c.width = v.videoWidth; c.height = v.videoHeight;
  const pen = c.getContext('2d');
  pen.drawImage(v, 0, 0);
  return [...pen.getImageData(v.videoWidth / 2, v.videoHeight - 16, 1, 1).data].slice(0, 3);
};
const seen = {};
v.onerror = () => tell({error: v.error.message});
// A frame can be looked at once it is presented: "loadeddata" and "seeked" may come before that.
const atEnd = (_, frame) => frame.mediaTime < v.duration - 0.3 ? v.requestVideoFrameCallback(atEnd) : tell(
  {...seen, end: bar(), duration: v.duration, width: v.videoWidth, height: v.videoHeight});
v.requestVideoFrameCallback(() => {
  seen.start = bar();
  v.requestVideoFrameCallback(atEnd);
  v.currentTime = v.duration - 0.05;
});
v.src = 'data:video/mp4;base64,%s';
</script>"""


BROWSER = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)


class Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, *args: object, page: bytes, told: queue.Queue[bytes]) -> None:
        self.page, self.told = page, told
        super().__init__(*args)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page)

    def do_POST(self) -> None:
        self.told.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def seen_in_chromium(page: bytes, profile: object) -> dict[str, object]:
    told: queue.Queue[bytes] = queue.Queue()
    handler = functools.partial(Handler, page=page, told=told)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = f"http://127.0.0.1:{server.server_port}/"
        browser = subprocess.Popen(
            [chromium, *BROWSER.split(), f"--user-data-dir={profile}", where],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return json.loads(told.get(timeout=60))
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            server.shutdown()


@pytest.mark.skipif(chromium is None, reason="chromium is not installed")
def test_a_browser_plays_it(tmp_path):
    film = render(wanted("16:9", 5.1))
    seen = seen_in_chromium((PAGE % base64.b64encode(film).decode()).encode(), tmp_path / "profile")
    colours = palette.colours("task 1")
    assert (seen["width"], seen["height"], seen["duration"]) == (640, 360, 5.1)
    for when, tone in (("start", palette.SHADE), ("end", palette.ACCENT)):
        assert max(abs(a - b) for a, b in zip(seen[when], colours[tone], strict=True)) <= 4
