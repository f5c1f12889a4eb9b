"""A further family of tasks is data: a vendor's promise of one's own, a build, and everything plays it.

The facts of text2video are those of the vendor's reference, March to September 2026.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from specs import library
from specs.cli.specs import specs as command

ROOT = Path(__file__).parents[2]
MULTI, FAMILY = "/v1/videos/multi-image2video", "/v1/videos/text2video"
PROFILE = """name = "acme-vendor"
title = "Three families"
vendor = true

[[documents]]
file = "promise.yaml"
kind = "vendor"
"""
PAGE = """# Text to video

`POST /kling/v1/videos/text2video`

| Parameter | Type | Required | Description |
|---|---|---|---|
| model | string | no | one of `kling-v1` or `kling-v1-6` |
| prompt | string | yes | at most 500 characters |
| duration | string | no | Enum values: 5, 10 |
"""
REQUEST = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "model_name": {
            "type": "string",
            "enum": ["kling-v1", "kling-v1-6", "kling-v3"],
            "default": "kling-v1",
        },
        "prompt": {"type": "string", "minLength": 1, "maxLength": 2500},
        "negative_prompt": {"type": "string", "maxLength": 2500},
        "cfg_scale": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
        "mode": {"type": "string", "enum": ["std", "pro", "4k"], "default": "std"},
        "aspect_ratio": {"type": "string", "enum": ["16:9", "9:16", "1:1"], "default": "16:9"},
        "duration": {"type": "string", "enum": [str(n) for n in range(3, 16)], "default": "5"},
        "watermark_info": {"$ref": "#/components/schemas/WatermarkInfo"},
        "callback_url": {"type": "string"},
        "external_task_id": {"type": "string", "x-unique": "account"},
    },
}


def promise() -> str:
    """The vendor's promise with a third family, which lives as multi-image2video does."""
    document = library.load_yaml(ROOT / "specs/providers/kling/promise.yaml")
    for path in (MULTI, f"{MULTI}/{{id}}"):
        text = json.dumps(document["paths"][path])
        for old, new in (
            ("multi-image2video", "text2video"),
            ("multi_image2video", "text2video"),
            ("MultiImage2VideoRequest", "Text2VideoRequest"),
        ):
            text = text.replace(old, new)
        document["paths"][path.replace("multi-image2video", "text2video")] = json.loads(text)
    document["components"]["schemas"]["Text2VideoRequest"] = REQUEST
    return yaml.safe_dump(document, sort_keys=False)


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own whose canonical spec has three families; found by the environment."""
    own = tmp_path / "own"
    (own / "specs/providers/acme-vendor").mkdir(parents=True)
    (own / "specs/providers/acme-vendor/provider.toml").write_text(PROFILE, encoding="utf-8")
    (own / "promise.yaml").write_text(promise(), encoding="utf-8")
    done = CliRunner().invoke(command, ["build", "--root", str(own)])
    assert (done.exit_code, done.exception) == (0, None)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv(library.ENVIRONMENT, str(own / "specs"))
    return own


def test_the_canonical_spec_has_the_family_and_a_reseller_of_it_is_imported(family: Path) -> None:
    assert FAMILY in library.effective("canonical")["paths"]
    assert FAMILY in library.effective("acme-vendor")["paths"]
    assert FAMILY not in library.effective("chainhub")["paths"]
    (family / "page.md").write_text(PAGE, encoding="utf-8")
    done = CliRunner().invoke(
        command, ["import", str(family / "page.md"), "--name", "acme", "--root", str(family)]
    )
    assert done.exception is None
    assert "alias (model): model is taken for the vendor's model_name" in done.stdout
    assert done.stdout.endswith("play it: understudy serve --provider acme\n")
    properties = library.effective("acme")["components"]["schemas"]["Text2VideoRequest"]["properties"]
    assert properties["prompt"] == {"type": "string", "minLength": 1, "maxLength": 500}
    assert (properties["duration"]["enum"], properties["mode"]["x-undocumented"]) == (["5", "10"], True)
    assert "`understudy specs build` takes it in\n" in done.stdout
    assert CliRunner().invoke(command, ["build", "--root", str(family)]).exit_code == 0
    assert CliRunner().invoke(command, ["build", "--root", str(family), "--check"]).exit_code == 0
    assert library.effective("acme")["components"]["schemas"]["Text2VideoRequest"]["properties"] == properties


def test_the_family_is_played_verified_and_compared(family: Path) -> None:
    understudy = [sys.executable, "-P", "-c", "from contracts.cli import main; main()"]
    serve = [*understudy, "serve", "--port", "0", "--pace", "instant"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env={**os.environ}) as server:
        try:
            assert server.stdout is not None
            url = json.loads(server.stdout.readline())["url"]
            verify = [
                *understudy,
                "verify",
                url,
                "--family",
                "text2video",
                "--budget",
                "2",
                "--generated",
                "5",
            ]
            verified = subprocess.run(verify, capture_output=True, text=True, timeout=120)
        finally:
            server.terminate()
    assert "broken" not in verified.stdout
    assert verified.returncode in (0, 3), verified.stdout + verified.stderr
    kept = re.search(r"(\d+) kept", verified.stdout)
    assert kept is not None, verified.stdout
    assert int(kept[1]) > 50
    drift = subprocess.run(
        [*understudy, "drift", "canonical", "kling", "--json"], capture_output=True, text=True, timeout=60
    )
    assert FAMILY in drift.stdout  # the package's vendor does not have it
