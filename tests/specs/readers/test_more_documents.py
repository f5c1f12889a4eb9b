"""Further documents of our own, in formats and phrasings of other resellers: each with its whole table.

The table ends with the notes: mends, contradictions, what was not understood, what could not be read.
"""
# ruff: noqa: E501 - one row a field

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from understudy.specs.documents import Document, load_file
from understudy.specs.errors import UnderstudyError
from understudy.specs.readers import read

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parents[3] / "fixtures" / "docs" / "more"

TABLES = {
    "apifox-chinese.txt": """
Apifox page text
GET /kling/v1/videos/multi-image2video @3
query: pageNum | default=1@11 | maximum=1000@9~ | minimum=1@9~ | required=false@8 | type="integer"@7
query: pageSize | default=30@18 | maximum=500@16~ | minimum=1@16~ | required=false@14 | type="integer"@13
-> 200
   code | required=true@30 | type="integer"@29
   message | required=true@33 | type="string"@32
   data | required=true@36 | type="array"@35
   data.[] | type="object"@35
   data.[].task_id | required=true@39 | type="string"@38
   data.[].task_status | enum=["submitted", "processing", "succeed", "failed"]@43 | required=true@42 | type="string"@41
   data.[].created_at | required=true@50 | type="integer"@49
""",
    "apifox-export.md": """
Markdown tables
POST /kling/v1/videos/multi-image2video @3
model_name | required=true@24 | type="string"@24
image_list | maxItems=4@25~ | required=true@25 | type="array"@25
image_list.[] | type="object"@25
image_list.[].image | required=true@26 | type="string"@26 | x-source={"base64": true, "url": true}@26~
prompt | maxLength=2500@27~ | required=true@27 | type="string"@27
mode | enum=["std", "pro"]@38 | required=true@28 | type="string"@28
duration | enum=["5", "10"]@40 | required=true@29 | type="string"@29
camera | required=false@30 | type="object"@30
camera.type | required=false@31 | type="string"@31
camera.zoom | maximum=10@32~ | minimum=-10@32~ | required=false@32 | type="number"@32
-> 200
   code | required=true@47 | type="integer"@47
   data | required=true@48 | type="object"@48
   data.task_id | required=true@49 | type="string"@49
mend @11
mend @14
""",
    "broken.yaml": """
OpenAPI file
POST /kling/v1/images/multi-image2image @9 https://relay.example.test
header: trace | type="string"@14
n | maximum=9@23~ | minimum=1@23~ | type="integer"@22
watermark | default="off"@29 | enum=["on", "off"]@28 | type="string"@26
prompt
style | maxLength=40@34~ | type="string"@32
mode | enum=["std", "pro"]@37~ | type="string"@36
deprecated_one | deprecated=true@41 | type="string"@40
-> 200 unknown
mend @3
mend @10
mend @21
mend @23
mend @24
mend @27
mend @28
mend @28
mend @29
problem @30
mend @33
mend @36
mend @37
mend @38
mend @41
mend @42
mend @43
""",
    "chinese-table.md": """
Markdown tables
POST /kling/v1/images/multi-image2image @6 https://gate.example.test
model_name | default="kling-v2"@12 | enum=["kling-v2", "kling-v2-1"]@12~ | required=true@12 | type="string"@12
prompt | maxLength=2500@13~ | required=false@13 | type="string"@13
negative_prompt | maxLength=2500@14~ | required=false@14 | type="string"@14
subject_image_list | maxItems=4@15~ | minItems=1@15~ | required=true@15 | type="array"@15
subject_image_list.[].subject_image | required=true@16 | type="string"@16 | x-image={"formats": ["jpg", "jpeg", "png"], "max_aspect_ratio": 2.5, "max_bytes": 10485760, "min_aspect_ratio": 0.4, "min_side": 300}@16~ | x-source={"base64": true, "data_prefix": false, "reachable": true, "url": true}@16~
n | default=1@17 | maximum=9@17~ | minimum=1@17~ | required=false@17 | type="integer"@17
aspect_ratio | default="16:9"@18 | enum=["16:9", "9:16", "1:1"]@18~ | required=false@18 | type="string"@18
external_task_id | required=false@19 | type="string"@19 | x-unique="account"@19~
seed | type="integer"@20
-> 200
   code | type="integer"@26
   data | type="object"@27
   data.task_id | type="string"@28
   data.task_status | enum=["submitted", "processing", "succeed", "failed"]@29~ | type="string"@29
not-understood @20 seed
not-understood @20 seed
""",
    "commented.json": """
OpenAPI file
POST /kling/v1/images/multi-image2image @8 https://relay.example.test
model_name | enum=["kling-v2", "kling-v2-1"]@16 | required=false@14 | type="string"@16
subject_image_list | maxItems=4@20 | minItems=1@20 | required=true@14 | type="array"@19
subject_image_list.[] | type="string"@21 | x-source={"base64": true, "data_prefix": false, "url": true}@21~
n | maximum=9@23 | minimum=1@23 | required=false@14 | type=["integer", "null"]@23
aspect_ratio | default="16:9"@24~ | enum=["16:9", "9:16"]@24~ | required=false@14 | type="string"@24
callback_url | required=false@14 | type="string"@25
-> 200 unknown
mend @2
mend @14
mend @16
mend @16
mend @17
mend @23
mend @24
mend @25
""",
    "components.mdx": """
Mintlify MDX
POST /v1/videos/multi-image2video @3 https://studio.example.test
query: dry_run | default=false@12 | type="boolean"@12
prompt | maxLength=2500@17~ | required=true@14 | type="string"@14
image_list | maxItems=4@21~ | minItems=1@21~ | required=true@20 | type="array"@20
image_list.[] | type="object"@20
image_list.[].image | required=true@23 | type="string"@23 | x-image={"formats": ["jpg", "png"], "max_bytes": 10485760}@24~ | x-source={"base64": true, "data_prefix": false, "url": true}@24~
image_list.[].weight | default=0.5@27 | maximum=1@27~ | minimum=0@27~ | type="number"@27
mode | default="std"@31 | enum=["std", "pro"]@32~ | type="string"@31
watermark.enabled | deprecated=true@35 | type="boolean"@35
- | type="string"@37
-> 200
   data | required=true@39 | type="object"@39
   data.task_id | required=true@41 | type="string"@41
   data.task_status | enum=["submitted", "processing", "succeed", "failed"]@42~ | type="string"@42
not-understood @32 mode
unnamed @37
problem @39 data
""",
    "contradictions.md": """
OpenAPI in Markdown
POST /kling/v1/images/multi-image2image @11
prompt | maxLength=500@20 | maxLength=5000@21~ | required=true@40 | type="string"@19
mode | default="pro"@26 | default="std"@25~ | enum=["std", "pro"]@24 | enum=["std", "pro", "max"]@25~ | required=false@40 | type="string"@23
n | maximum=9@30~ | maximum=4@31~ | minimum=1@30~ | required=false@40 | type="integer"@28
subject_image_list | maxItems=6@4~ | minItems=2@34 | minItems=1@35~ | required=false@40 | type="array"@33
subject_image_list.[] | type="string"@36
scene_image | required=true@40 | required=false@39~ | type="string"@38 | x-image={"max_bytes": 10485760}@39~ | x-image={"max_bytes": 20971520}@39~
contradiction @21 prompt
contradiction @25 mode
contradiction @25 mode
mend @27
contradiction @31 n
contradiction @35 subject_image_list
contradiction @39 scene_image
contradiction @39 scene_image
""",
    "english-table.md": """
Markdown tables
POST /klingai/v1/images/multi-image2image @5 https://relay.example.test
model | default="kling-v2-1"@11~ | enum=["kling-v2", "kling-v2-1"]@11~ | required=true@11 | type="string"@11
prompt | maxLength=2500@12~ | minLength=1@12~ | required=false@12 | type="string"@12
subject_image_list | maxItems=4@13~ | minItems=1@13~ | required=true@13 | type="array"@13
subject_image_list.[] | type="object"@13
subject_image_list.[].subject_image | required=true@14 | type="string"@14 | x-image={"formats": ["jpeg", "png"], "max_bytes": 10485760, "min_side": 300}@14~ | x-source={"base64": true, "data_prefix": false, "url": true}@14~
n | default=1@15~ | maximum=9@15~ | minimum=1@15~ | required=false@15 | type="integer"@15
strength | exclusiveMinimum=0@16~ | maximum=1@16~ | required=false@16 | type="number"@16
watermark | default=false@17~ | required=false@17 | type="boolean"@17
style_image | required=false@18 | type="string"@18
tags | maxItems=10@19~ | required=true@19 | type="array"@19
tags.[] | type="string"@19
-> 200
   task_id | type="string"@25
   task_status | enum=["submitted", "processing", "succeed", "failed"]@26~ | type="string"@26
GET /klingai/v1/images/multi-image2image/{id} @28
path: id | required=true@34 | type="string"@34
-> 200
   task_id | type="string"@40
   images | maxItems=9@41~ | type="array"@41
   images.[].url | type="string"@42
GET /klingai/v1/images/multi-image2image @44 https://relay.example.test
query: pageNum | default=1@50 | maximum=1000@50~ | minimum=1@50~ | required=false@50 | type="integer"@50
query: pageSize | default=30@51 | maximum=500@51~ | minimum=1@51~ | required=false@51 | type="integer"@51
not-understood @18 style_image
not-understood @19 tags
""",
    "gbk-crlf.md": """
Markdown tables
POST /notify/v1/done @3
task_id | maxLength=64@9~ | minLength=1@9~ | required=true@9 | type="string"@9
progress | maximum=100@10~ | minimum=0@10~ | required=false@10 | type="integer"@10
mend @1
unnamed @11
""",
    "indentation-lost.md": """
OpenAPI in Markdown
POST /kling/v1/videos/multi-image2video @10 https://clips.example.test
model_name | enum=["kling-v1-6"]@30~ | type="string"@29
image_list | maxItems=4@33 | type="array"@32
image_list.[] | type="object"@35
image_list.[].image | required=true@40 | type="string"@38
prompt | maxLength=2500@48~ | type="string"@45
mode | enum=["std", "pro"]@51 | type="string"@50
n | type="integer"@55
camera | type="object"@57
camera.zoom | type="number"@60
-> 200 unknown
mend @4
mend @30
problem @43
problem @61
""",
    "named-page.txt": """
copied text, Mintlify page text
POST /kling/v1/videos/multi-image2video @11
model_name | default="kling-v1-6"@24 | enum=["kling-v1-6"]@28 | required=true@25 | type="string"@23
image_list | maxItems=4@34 | minItems=1@34 | required=true@32 | type="array"@31
image_list.[] | type="object"@31
image_list.[].image | required=true@39 | type="string"@38 | x-source={"base64": true, "data_prefix": false, "url": true}@40~
prompt | maxLength=2500@45 | minLength=1@45 | required=true@43 | type="string"@43
mode | default="std"@49 | enum=["std", "pro"]@51 | type="string"@48
aspect_ratio | enum=["16:9", "9:16", "1:1"]@57 | type="string"@54
cfg_scale | default=0.5@61 | maximum=1@63 | minimum=0@63 | type="number"@60
duration | enum=["5", "10"]@71 | type="string"@68
-> 200
   code | required=true@77 | type="integer"@76
   data | type="object"@80
   data.task_id | type="string"@83
mend @57 aspect_ratio
not-understood @69 duration
""",
    "names-lost-video.txt": """
Mintlify page text
POST /kling/v1/videos/multi-image2video @2
- | enum=["kling-v1-6"]@8
image_list | maxItems=4@9~ | type="array"@10?
image_list.[] | type="object"@10?
image_list.[].image | type="string"@10? | x-image={"formats": ["jpg", "png"], "max_bytes": 10485760}@11~
- | maxLength=2500@14 | type="string"@13
- | maxLength=2500@16 | type="string"@15
- | enum=["std", "pro"]@18
- | enum=["5", "10"]@20
- | enum=["16:9", "9:16", "1:1"]@22
-
-
unnamed @6 -
unnamed @12 -
unnamed @14 -
unnamed @16 -
unnamed @18 -
unnamed @20 -
mend @22 -
unnamed @22 -
unnamed @23 -
""",
    "prose-limits.yaml": """
OpenAPI file
POST /v1/words @5
title | maxLength=80@12~ | minLength=3@12~ | type="string"@12
text | maxLength=1000@16~ | type="string"@14
speed | default=1.0@18~ | maximum=2.0@18~ | minimum=0.8@18~ | type="number"@18
volume | exclusiveMaximum=2@19~ | exclusiveMinimum=0@19~ | type="number"@19
pages | maxItems=6@20~ | minItems=1@20~ | type="array"@20
pages.[] | type="string"@20
voice | default="anna"@21~ | enum=["anna", "bert", "carl"]@21~ | type="string"@21
lang | default="zh"@22~ | enum=["zh", "en"]@22~ | type="string"@22
mode | default="std"@23~ | type="string"@23
ratio | enum=["16:9", "9:16", "1:1"]@24~ | type="string"@24
resolution | type="string"@25
video | type="string"@26
photo | type="string"@27 | x-image={"formats": ["jpg", "png"], "max_bytes": 5242880, "min_side": 512}@27~
sizes | type="string"@28
token | type="string"@29
note | maxLength=300@30~ | required=false@30~ | type="string"@30
code | enum=[1, 2, 3]@31~ | type="integer"@31
flag | default=true@32~ | type="boolean"@32
empty | minLength=1@33~ | type="string"@33
not-understood @12 title
not-understood @16 text
not-understood @17 text
not-understood @23 mode
mend @24 ratio
not-understood @25 resolution
not-understood @26 video
not-understood @29 token
""",
    "references.json": """
OpenAPI file
POST /v1/videos/{family} @7
path: family | enum=["multi-image2video"]@22 | required=true@22 | type="string"@22
query: dry_run | default=false@10~ | required=false@10 | type="boolean"@10
(body) | additionalProperties=false@52
prompt | maxLength=2500@35 | required=true@33 | type="string"@35
callback_url | format="uri"@36 | required=false@33 | type=["string", "null"]@36
image_list | maxItems=4@45 | required=true@43 | type="array"@45
image_list.[] | type=["string", "object"]@55
image_list.[].image | type="string"@57 | x-image={"formats": ["png"], "max_bytes": 10485760}@57~
duration | enum=["5", "10"]@47 | required=false@33
seed | exclusiveMinimum=0@48 | required=false@33 | type=["integer", "null"]@48
-> 200
   task_id | type="string"@63
   parent
   lost
-> default
   (body) | maxLength=80@15 | type="string"@15
problem @15
problem @64 parent
problem @65
""",
    "several-blocks.md": """
OpenAPI in Markdown
POST /v1/clips @11 https://clips.example.test
prompt | maxLength=800@19~ | required=true@17 | type="string"@19
-> 200
   id | type="string"@23
GET /v1/clips/{id} @33
path: id | required=true@35 | type="string"@35
query: full | default=false@36~ | type="boolean"@36
-> 200 unknown
GET /v1/clips @44
HEAD /v1/clips @56
problem @48
contradiction @52
problem @52
""",
    "copied-table.txt": """
Markdown tables
POST /v1/images/multi-image2image @4
model_name | default="kling-v2-1"@11 | enum=["kling-v2", "kling-v2-1"]@14~ | required=false@11 | type="string"@11
subject_image_list | maxItems=4@19~ | required=true@16 | type="array"@16
prompt | maxLength=2500@24~ | required=false@21 | type="string"@21
n | default=1@26 | maximum=9@29~ | minimum=1@29~ | required=false@26 | type="integer"@26
-> 200
   code | type="integer"@35?
   message | type="string"@36?
   data | type="object"@37?
   data.task_id | type="string"@37?
""",
    "curl-only.txt": """
examples
POST /kling/v1/videos/multi-image2video @3 https://api.clips.example.test
model_name | type="string"@7?
image_list | type="array"@8?
image_list.[] | type="object"@9?
image_list.[].image | type="string"@9?
prompt | type="string"@12?
mode | type="string"@13?
duration | type="string"@14?
GET /kling/v1/videos/multi-image2video/{id} @19 https://api.clips.example.test
untold @1
""",
    "described.yaml": """
OpenAPI file
POST /kling/v1/images/multi-image2image @6 https://api.pix.example.test
model_name | required=true@13 | type="string"@13
subject_image_list | maxItems=4@14~ | minItems=1@14~ | required=true@14 | type="array"@14
subject_image_list.[].subject_image | required=true@15 | type="string"@15 | x-source={"base64": true, "url": true}@15~
prompt | maxLength=2000@16~ | required=false@16 | type="string"@16
n | default=1@17~ | maximum=9@17~ | minimum=1@17~ | required=false@17 | type="integer"@17
-> 200 unknown
""",
    "example-column.md": """
Markdown tables
POST /kling/v1/images/multi-image2image @5 https://api.hub.example.test
model | required=true@15 | type="string"@15
subject_image_list | maxItems=4@16~ | required=true@16 | type="array"@16
prompt | maxLength=2500@17~ | required=false@17 | type="string"@17
n | default=1@18 | maximum=9@18~ | minimum=1@18~ | required=false@18 | type="integer"@18
aspect_ratio | default="16:9"@19 | required=false@19 | type="string"@19
subject_image_list.[] | type="object"@16?
subject_image_list.[].subject_image | type="string"@16?
-> 200
   code | type="integer"@25
   data | type="object"@26
   data.task_id | type="string"@27
   data.task_status | enum=["submitted", "processing", "succeed", "failed"]@28~ | type="string"@28
not-understood @19 aspect_ratio
""",
    "gitbook-blocks.md": """
GitBook blocks, Mintlify MDX
POST /kling/v1/images/multi-image2image @3 https://api.book.example.test
model_name | enum=["kling-v2", "kling-v2-1"]@13~ | required=true@12 | type="string"@12
subject_image_list | maxItems=4@17~ | required=true@16 | type="array"@16
prompt | maxLength=2500@21~ | type="string"@20
-> 200
   code | type="integer"@26?
   message | type="string"@26?
   data | type="object"@26?
   data.task_id | type="string"@26?
""",
    "gitbook-tables.md": """
Markdown tables
POST /kling/v1/videos/multi-image2video @3
image_list | maxItems=4@16~ | required=true@16 | type="array"@16
prompt | maxLength=2500@17~ | required=true@17 | type="string"@17
mode | default="std"@18~ | enum=["std", "pro"]@18~ | type="string"@18
-> 200
   code | type="integer"@25?
   message | type="string"@25?
   data | type="object"@25?
   data.task_id | type="string"@25?
   data.task_status | type="string"@25?
""",
    "headed-fields.md": """
Markdown lists
POST /v1/videos/multi-image2video @3
image_list | maxItems=4@10~ | required=true@9 | type="array"@8
prompt | maxLength=2500@15~ | required=true@14 | type="string"@13
mode | default="std"@21 | enum=["std", "pro"]@20 | required=false@19 | type="string"@18
""",
    "json-examples.md": """
examples
POST /kling/v1/images/multi-image2image @3 https://api.pictures.example.test
model_name | type="string"@9?
prompt | type="string"@10?
subject_image_list | type="array"@11?
subject_image_list.[] | type="object"@12?
subject_image_list.[].subject_image | type="string"@12?
n | type="integer"@14?
aspect_ratio | type="string"@15?
-> 200
   code | type="integer"@23?
   message | type="string"@24?
   request_id | type="string"@25?
   data | type="object"@26?
   data.task_id | type="string"@26?
   data.task_status | type="string"@26?
   data.created_at | type="integer"@26?
   data.updated_at | type="integer"@26?
untold @1
""",
    "nested-lists.md": """
Markdown lists
POST /kling/v1/videos/multi-image2video @5 https://run.example.test
image_list | maxItems=4@11~ | required=true@10 | type="array"@10
image_list.[].image | required=true@12 | type="string"@12 | x-source={"base64": true, "url": true}@12~
prompt | maxLength=2500@15~ | required=true@13 | type="string"@13
duration | default="5"@18 | enum=["5", "10"]@19 | required=false@16 | type="string"@19
cfg_scale | default=0.5@22 | maximum=1@23~ | minimum=0@23~ | required=false@20 | type="number"@20
mode | enum=["std", "pro"]@25 | required=false@24 | type="string"@25
-> 200
   code | required=true@39 | type="integer"@39
   data | required=true@40 | type="object"@40
   data.task_id | required=true@41 | type="string"@41
""",
    "postman.json": """
Postman collection
POST /kling/v1/images/multi-image2image @10 https://api.post.example.test
model_name | type="string"@14?
subject_image_list | type="array"@14?
subject_image_list.[] | type="object"@14?
subject_image_list.[].subject_image | type="string"@14?
prompt | type="string"@14?
n | type="integer"@14?
-> 200
   code | type="integer"@18?
   message | type="string"@18?
   data | type="object"@18?
   data.task_id | type="string"@18?
   data.task_status | type="string"@18?
GET /kling/v1/images/multi-image2image/{id} @23 https://api.post.example.test
path: id
query: full
""",
    "saved-page.html": """
HTML page, Markdown tables
POST /kling/v1/images/multi-image2image @7 https://api.web.example.test
model_name | enum=["kling-v2", "kling-v2-1"]@11~ | required=true@11 | type="string"@11
subject_image_list | maxItems=4@12~ | minItems=1@12~ | required=true@12 | type="array"@12
prompt | maxLength=2500@13~ | required=false@13 | type="string"@13
n | default=1@16~ | maximum=9@16~ | minimum=1@16~ | required=false@16 | type="integer"@16
-> 200
   code | type="integer"@21?
   message | type="string"@22?
   data | type="object"@23?
   data.task_id | type="string"@23?
   data.task_status | type="string"@23?
""",
    "schema-page.txt": """
Mintlify page text
POST /kling/v1/videos/multi-image2video @2 https://run.example.test
image_list | maxItems=4@9~ | required=true@8 | type="array"@7
prompt | maxLength=2500@13~ | required=true@12 | type="string"@11
duration | default="5"@16 | enum=["5", "10"]@17~
cfg_scale | default=0.5@20 | maximum=1@21~ | minimum=0@21~ | type="number"@19
-> 200
   data | required=true@27 | type="object"@26
""",
}

# What each document's notes of kind `not-understood` say.
NOT_UNDERSTOOD = {
    "chinese-table.md": ["required: mode为pro时必填", "种子，不能与style_image同时使用"],
    "components.mdx": ["Pro must be paid for."],
    "english-table.md": ["Cannot be combined with `scene_image`", "Each tag is limited to 20 characters"],
    "named-page.txt": ["Only 5 is possible with two pictures"],
    "prose-limits.yaml": [
        "must not contain line breaks.",
        "Required when no audio is given.",
        "Only Chinese and English are supported.",
        "one of `std`, `pro`, etc.",
        "1080p is only available with pro.",
        "MP4/MOV, no more than 200 MB, 3–10 s long",
        "Must be unique.",
    ],
    "example-column.md": [
        "examples: `16:9`, `9:16`, `1:1`",
    ],
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_document_gives_its_whole_table(name: str, table_of: Callable[[Path], list[str]]) -> None:
    assert table_of(FOLDER / name) == TABLES[name].strip("\n").split("\n")


@pytest.mark.parametrize("name", sorted(TABLES))
def test_document_lists_what_was_not_understood(name: str) -> None:
    notes = read(load_file(FOLDER / name)).notes

    assert [n.text for n in notes if n.kind == "not-understood"] == NOT_UNDERSTOOD.get(name, [])


def test_every_document_has_its_table() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*TABLES, *REFUSED}


REFUSED = {
    "swagger-2.yaml": "swagger-2.yaml:1: this is Swagger 2.0, and OpenAPI 3.0, 3.1, 3.2 are read (convert it first, "
    "for example with swagger2openapi or https://converter.swagger.io)",
    "apifox-project.json": "apifox-project.json: this is an Apifox project (export it from Apifox as OpenAPI 3.0 or 3.1, "
    "or as Markdown)",
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_format_that_is_not_read_is_refused_with_advice(name: str) -> None:
    with pytest.raises(UnderstudyError) as caught:
        read(load_file(FOLDER / name))

    assert str(caught.value) == REFUSED[name]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"log": {"version": "1.2", "entries": []}}', "a recording (HAR), not a document"),
        ('{"_type": "export", "__export_format": 4, "resources": []}', "an Insomnia export"),
        (
            '{"id": "1", "requests": [{"collectionId": "1", "dataMode": "raw"}]}',
            "a Postman collection of an old",
        ),
        ("#%RAML 1.0\ntitle: x\n", "API Blueprint or RAML"),
        (
            '<!doctype html><html><body><div id="root"></div></body></html>',
            "a page whose text is made by scripts",
        ),
    ],
)
def test_a_known_format_that_is_not_read_is_named(text: str, what: str) -> None:
    with pytest.raises(UnderstudyError, match=re.escape(f"x: this is {what}")):
        read(Document("x", text))


def test_an_mdx_page_without_fields_of_the_answer_shows_them_by_an_example() -> None:
    page = 'POST /v1/x\n<ParamField body="a" type="string" />\n<ResponseExample>\n'
    text = page + '```json 201\n{"id": "1"}\n```\n```json 400\n{"no": 1}\n```\n</ResponseExample>\n'
    (operation,) = read(Document("x", text)).operations

    answers = {status: [one.path for one in fields] for status, fields in operation.responses.items()}
    assert answers == {"201": [("id",)]}


def test_a_row_that_ends_before_its_name_is_passed_over() -> None:
    text = "POST /v1/x\n\n| Type | Name |\n|---|---|\n| string |\n| string | a |\n"
    (operation,) = read(Document("x", text)).operations

    assert [one.path for one in operation.request] == [("a",)]


def test_notes_about_an_example_inside_a_value_stand_at_the_value() -> None:
    body = r"{\n\n\n\"a\": [1,\n"
    request = f'{{"method": "POST", "url": "/v1/x", "body": {{"mode": "raw", "raw": "{body}"}}}}'
    notes = read(Document("x", f'{{"_postman_id": "1", "item": [{{"request": {request}}}]}}')).notes

    assert [(note.line, note.kind) for note in notes] == [(1, "problem")]
