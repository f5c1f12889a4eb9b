"""The five provider documents: every field, keyword, line and note, for our own copies and for the originals.

Our documents hold the same facts on the same lines; only sentences, examples and addresses of examples differ.
The originals are read where `../shared/docs` exists.
"""
# ruff: noqa: E501 - one row a field

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
ORIGINALS = ROOT.parent / "shared" / "docs"
OURS = ROOT / "fixtures" / "docs"

TABLES = {
    "chainhub-multi-image2image.md": """
OpenAPI in Markdown
POST /kling/v1/images/multi-image2image @13 https://api.chainhub.tech
model_name | enum=["kling-v2", "kling-v2-1"]@42~ | required=true@85 | type="string"@41
prompt | maxLength=2500@47~ | required=false@84 | type="string"@44
subject_image_list | maxItems=4@59~ | minItems=1@59~ | required=true@86 | type="array"@49
subject_image_list.[] | type="object"@51
subject_image_list.[].subject_image | required=true@56 | type="string"@54
scene_image | required=false@84 | type="string"@61 | x-source={"base64": true, "reachable": true, "url": true}@64~
style_image | required=false@84 | type="string"@66 | x-source={"base64": true, "reachable": true, "url": true}@69~
n | maximum=9@74~ | minimum=1@74~ | required=true@87 | type="integer"@71
aspect_ratio | enum=["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"]@79~ | required=false@84 | type="string"@76
callback_url | required=false@84 | type="string"@81
external_task_id | required=false@84 | type="string"@83
-> 200 unknown
mend @42
""",
    "chainhub-multi-image2video.md": """
OpenAPI in Markdown
POST /kling/v1/videos/multi-image2video @13 https://api.chainhub.tech
model_name | enum=["kling-v1-6"]@42~ | required=true@83 | type="string"@41
image_list | maxItems=4@54~ | required=true@86 | type="array"@44
image_list.[] | type="object"@46
image_list.[].image | required=true@51 | type="string"@49
prompt | maxLength=2500@59~ | required=true@87 | type="string"@56
negative_prompt | required=false@82 | type="string"@61
mode | enum=["std", "pro"]@67~ | required=true@84 | type="string"@64
duration | enum=["5", "10"]@74~ | required=true@85 | type="string"@71
aspect_ratio | required=false@82 | type="string"@76
callback_url | required=false@82 | type="string"@79
external_task_id | required=false@82 | type="string"@81
-> 200 unknown
mend @42
""",
    "cometapi-multi-image2image.md": """
OpenAPI in Markdown
POST /kling/v1/images/multi-image2image @52 https://api.cometapi.com
model_name | default="kling-v2"@81 | enum=["kling-v2", "kling-v2-1"]@78 | required=false@69 | type="string"@73
prompt | maxLength=2500@85~ | required=false@69 | type="string"@83
negative_prompt | maxLength=2500@89~ | required=false@69 | type="string"@88
subject_image_list | maxItems=4@94 | minItems=1@93 | required=true@70 | type="array"@91
subject_image_list.[] | type="object"@96
subject_image_list.[].subject_image | required=true@98 | type="string"@101 | x-image={"formats": ["jpg", "jpeg", "png"], "max_aspect_ratio": 2.5, "max_bytes": 10485760, "min_aspect_ratio": 0.4, "min_side": 300}@104~ | x-source={"base64": true, "data_prefix": false, "url": true}@103~
scene_image | required=false@69 | type="string"@108 | x-image={"formats": ["jpg", "jpeg", "png"], "max_aspect_ratio": 2.5, "max_bytes": 10485760, "min_aspect_ratio": 0.4, "min_side": 300}@111~ | x-source={"base64": true, "data_prefix": false, "url": true}@110~
style_image | required=false@69 | type="string"@115 | x-image={"formats": ["jpg", "jpeg", "png"], "max_aspect_ratio": 2.5, "max_bytes": 10485760, "min_aspect_ratio": 0.4, "min_side": 300}@118~ | x-source={"base64": true, "data_prefix": false, "url": true}@117~
n | default=1@126 | maximum=9@125 | minimum=1@124 | required=false@69 | type="integer"@122
aspect_ratio | default="16:9"@139 | enum=["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"]@130 | required=false@69 | type="string"@128
watermark_info | required=false@69 | type="object"@141
watermark_info.enabled | type="boolean"@145
callback_url | required=false@69 | type="string"@147
external_task_id | required=false@69 | type="string"@150 | x-unique="account"@152~
-> 200
   code | required=true@187 | type=["integer", "string"]@192
   message | required=true@188 | type="string"@197
   request_id | required=false@186 | type="string"@200
   data | additionalProperties=true@249 | required=true@189 | type="object"@203
   data.task_id | required=true@205 | type="string"@211
   data.task_status | enum=["submitted", "processing", "succeed", "failed"]@216 | required=true@206 | type="string"@214
   data.task_status_msg | required=false@204 | type=["string", "null"]@222
   data.task_info | additionalProperties=true@234 | required=false@204 | type="object"@227
   data.task_info.external_task_id | type=["string", "null"]@230
   data.task_result | additionalProperties=true@238 | required=false@204 | type=["object", "null"]@236
   data.created_at | required=true@207 | type="integer"@242
   data.updated_at | required=true@208 | type="integer"@247
""",
    "powertokens-multi-image2image.txt": """
Mintlify page text
POST /kling/v1/images/multi-image2image @4
- | enum=["kling-v2"]@13
subject_image_list | maxItems=4@14~ | minItems=1@14~ | type="array"@15?
subject_image_list.[] | type="object"@15?
subject_image_list.[].subject_image | type="string"@15? | x-image={"formats": ["jpg", "jpeg", "png"], "max_aspect_ratio": 2.5, "max_bytes": 10485760, "min_aspect_ratio": 0.4, "min_side": 300}@18~ | x-source={"base64": true, "data_prefix": false, "reachable": true, "url": true}@16~
- | maxLength=2500@22 | type="string"@21
- | x-image={"formats": ["jpg", "jpeg", "png"], "max_aspect_ratio": 2.5, "max_bytes": 10485760, "min_aspect_ratio": 0.4, "min_side": 300}@25~ | x-source={"base64": true, "data_prefix": false, "reachable": true, "url": true}@23~
- | x-image={"formats": ["jpg", "jpeg", "png"], "max_aspect_ratio": 2.5, "max_bytes": 10485760, "min_aspect_ratio": 0.4, "min_side": 300}@30~ | x-source={"base64": true, "data_prefix": false, "reachable": true, "url": true}@28~
- | maximum=9@34 | minimum=1@34
- | enum=["1:1", "16:9", "4:3", "3:2", "2:3", "3:4", "9:16", "21:9"]@36
- | type="boolean"@36~
-
-
unnamed @11 -
unnamed @20 -
unnamed @22 -
unnamed @27 -
unnamed @32 -
unnamed @34 -
unnamed @36 -
unnamed @37 -
unnamed @38 -
""",
    "yutoai-multi-image2image.txt": """
Apifox page text
POST /kling/v1/images/multi-image2image @1
model_name | required=true@15 | type="string"@14
prompt | required=false@18 | type="string"@17
negative_prompt | required=false@21 | type="string"@20
subject_image_list | required=true@25 | type="array"@23
subject_image_list.[] | type="string"@24
scence_image | required=false@28 | type="string"@27
n | required=false@31 | type="integer"@30
aspect_ratio | required=false@34 | type="string"@33
callback_url | required=false@37 | type="string"@36
-> 200
   code | required=true@97 | type="integer"@96
   message | required=true@102 | type="string"@100
   request_id | required=true@105 | type="string"@104
   data | required=true@109 | type="object"@108
   data.task_id | required=true@113 | type="string"@111
   data.task_status | enum=["submitted", "processing", "succeed", "failed"]@118 | required=true@116 | type="string"@115
   data.created_at | required=true@125 | type="integer"@124
   data.updated_at | required=true@129 | type="integer"@128
mend @46
mend @47
""",
}


def rows(name: str) -> list[str]:
    return TABLES[name].strip("\n").split("\n")


@pytest.mark.parametrize("name", sorted(TABLES))
def test_our_document_gives_its_whole_table(name: str, table_of: Callable[[Path], list[str]]) -> None:
    assert table_of(OURS / name) == rows(name)


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals are not part of the repository")
@pytest.mark.parametrize("name", sorted(TABLES))
def test_original_document_gives_its_whole_table(name: str, table_of: Callable[[Path], list[str]]) -> None:
    assert table_of(ORIGINALS / name) == rows(name)


@pytest.mark.parametrize(
    ("name", "old", "new", "row", "becomes"),
    [
        ("chainhub-multi-image2image.md", "must not exceed 2500", "must not exceed 2499", "prompt |", "maxLength=2499@47~"),
        ("chainhub-multi-image2image.md", "kling-v2, kling-v2-1", "kling-v2", "model_name |", 'enum=["kling-v2"]@42~'),
        ("chainhub-multi-image2video.md", "                - mode\n", "\n", "mode |", "required=false@82"),
        ("cometapi-multi-image2image.md", "maxItems: 4", "maxItems: 5", "contradiction", "contradiction @92"),
        ("cometapi-multi-image2image.md", "300x300", "200x200", "scene_image |", '"min_side": 200'),
        ("powertokens-multi-image2image.txt", "1 <= x <= 9", "1 <= x < 9", "- | exclusiveMaximum", "exclusiveMaximum=9@34"),
        ("yutoai-multi-image2image.txt", "n\ninteger\nOptional", "n\ninteger\nRequired", "n |", "required=true@31"),
    ],
)  # fmt: skip
def test_changed_fact_changes_its_row(
    name: str,
    old: str,
    new: str,
    row: str,
    becomes: str,
    tmp_path: Path,
    table_of: Callable[[Path], list[str]],
) -> None:
    text = (OURS / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")

    changed = [line for line in table_of(tmp_path / name) if line not in rows(name)]

    assert [line for line in changed if line.startswith(row) and becomes in line] != []
