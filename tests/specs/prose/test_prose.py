"""Sentences to keywords: a table of phrasings, English and Chinese, and what is listed as not understood."""
# ruff: noqa: E501 - one phrasing a row

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from understudy.specs import prose
from understudy.specs.prose.bounds import number

STRING, ARRAY, INTEGER, NUMBER, BOOLEAN, UNKNOWN = "string", "array", "integer", "number", "boolean", None
IMAGE = {
    "formats": ["jpg", "jpeg", "png"],
    "max_aspect_ratio": 2.5,
    "max_bytes": 10485760,
    "min_aspect_ratio": 0.4,
    "min_side": 300,
}

PHRASINGS: list[tuple[str | None, str, dict[str, Any]]] = [
    (STRING, "draft | final — draft = small (quick), final = large (slow, fine).", {"enum": ["draft", "final"]}),
    (INTEGER, "5 | 10 — Length in seconds. Priced per second.", {"enum": [5, 10]}),
    (STRING, "Cats | dogs — anything goes", {}),
    (STRING, "small, large — 9 of 10 take large", {}),
    (STRING, "One of `fast / slow`", {"enum": ["fast", "slow"]}),
    (INTEGER, "Allowed values: `5 / 10 s`", {"enum": [5, 10]}),
    (STRING, "One of `acme/loop-2`", {"enum": ["acme/loop-2"]}),
    (STRING, "Stored below `a / b`.", {}),
    # enumerations
    (STRING, "怎样画：\n- `calm`：平稳。更慢。\n- `wild`：奔放。更贵。", {"enum": ["calm", "wild"]}),
    (STRING, "How.\n- `calm`: slow. Cheap.\n- `wild`: quick. Dear.", {"enum": ["calm", "wild"]}),
    (STRING, "Enumerated values: a-1, b-2", {"enum": ["a-1", "b-2"]}),
    (STRING, "Enumeration value: a-1", {"enum": ["a-1"]}),
    (STRING, "Defaults to 16:9, accepted: 16:9 9:16", {"default": "16:9", "enum": ["16:9", "9:16"]}),
    (STRING, "Defaults to calm, accepted value: calm wild", {"default": "calm", "enum": ["calm", "wild"]}),
    (NUMBER, "range from `1` to `50`", {"minimum": 1, "maximum": 50}),
    (INTEGER, "取值范围从 `0` 到 `100`", {"minimum": 0, "maximum": 100}),
    (NUMBER, "音量，从`0`到`1`", {"minimum": 0, "maximum": 1}),
    (INTEGER, "Ranges from 1 to 2", {"minimum": 1, "maximum": 2}),
    (STRING, "纵横比：16:99:161:14:3", {"enum": ["16:9", "9:16", "1:1", "4:3"]}),
    (STRING, "Accepted: 16:9 9:163:4 1:1 Note: as it is", {"enum": ["16:9", "9:16", "3:4", "1:1"]}),
    (INTEGER, "Length, default 5s", {"default": 5}),
    (STRING, "`5` or `10` seconds", {"enum": ["5", "10"]}),
    (STRING, "时长：`5` 或 `10` 秒", {"enum": ["5", "10"]}),
    (STRING, "`std` ou `pro` (mais lento)", {"enum": ["std", "pro"]}),
    (STRING, "`std` или `pro`. Дороже", {"enum": ["std", "pro"]}),
    (ARRAY, "If given, at most 4 images", {"maxItems": 4}),
    (ARRAY, "For each call, at most 4 images", {"maxItems": 4}),
    (STRING, "For best results, at most 500 characters", {"maxLength": 500}),
    (NUMBER, "Range [0, 1] is how strong it is", {"minimum": 0, "maximum": 1}),
    (NUMBER, "取值范围 [0, 1] 表示强度", {"minimum": 0, "maximum": 1}),
    (INTEGER, "[1, 10] is accepted", {"minimum": 1, "maximum": 10}),
    (NUMBER, "取值范围 [0, 1]，[0, 0] 代表左上角", {"minimum": 0, "maximum": 1}),
    (STRING, "What is seen (1-500 characters). Optional.", {"minLength": 1, "maxLength": 500, "required": False}),
    (STRING, "`std` / `pro`，可选", {"enum": ["std", "pro"], "required": False}),
    (BOOLEAN, "Wind in the trees. true means more of it, false means none (default).", {"default": False}),
    (BOOLEAN, "是否加风声 true表示加，false表示不加（默认值）", {"default": False}),
    (STRING, "`calm` means slowly (default)", {"default": "calm"}),
    (STRING, "What it is, fixed as `film`", {"enum": ["film"]}),
    (STRING, "固定为 film", {"enum": ["film"]}),
    (STRING, "Use: only `style` is supported, `motion` is not supported", {"enum": ["style"]}),
    (STRING, "用途：仅支持 `style`，不支持 `motion`", {"enum": ["style"]}),
    (STRING, "=< 2048 characters", {"maxLength": 2048}),
    (STRING, "At most 800 characters. We use the default if nothing else is given.", {"maxLength": 800}),
    (STRING, '"anime" "3d" "day" Leave it out unless needed', {"enum": ["anime", "3d", "day"]}),
    (STRING, "该字段应设置为 `preview`", {"enum": ["preview"]}),
    (STRING, "Sharpness. Available: 540p, 720p", {"enum": ["540p", "720p"]}),
    (STRING, "可选：b-1、b-2、\nb-3", {"enum": ["b-1", "b-2", "b-3"]}),
    (STRING, "支持的格式：`image/jpeg`, `image/png`", {"x-image": {"formats": ["jpg", "jpeg", "png"]}}),
    (STRING, "Enum values: std, pro std: Standard mode, pro: Expert mode", {"enum": ["std", "pro"]}),
    (STRING, "Enum values: std, pro\nstd: plain, cheap\npro: slow, better", {"enum": ["std", "pro"]}),
    (STRING, "Available options: std (plain), pro (slow)", {"enum": ["std", "pro"]}),
    (STRING, "Possible values are `std` and `pro`.", {"enum": ["std", "pro"]}),
    (STRING, "清晰度，当前仅支持`720P`、`480P`", {"enum": ["720P", "480P"]}),
    (STRING, "Allowed values: the plain `a-1`, or the newer `a-2`", {"enum": ["a-1", "a-2"]}),
    (STRING, "可选值：基础款 `a-1` 或 v2 款 `a-2` 更快", {"enum": ["a-1", "a-2"]}),
    (STRING, "Possible values: see `model` and the table `b`", {}),
    (NUMBER, "How far it goes (0-1 range)", {"minimum": 0, "maximum": 1}),
    (INTEGER, "Pitch, in the -12 to 12 range", {"minimum": -12, "maximum": 12}),
    (STRING, "Must be one of: 'std', 'pro'", {"enum": ["std", "pro"]}),
    (STRING, 'Can be "5" or "10".', {"enum": ["5", "10"]}),
    (STRING, "Either std or pro", {"enum": ["std", "pro"]}),
    (STRING, "Values: std | pro | max", {"enum": ["std", "pro", "max"]}),
    (STRING, "Allowed values:\n- std: plain\n- pro: slow", {"enum": ["std", "pro"]}),
    (STRING, "Supported values:\n* std\n* pro", {"enum": ["std", "pro"]}),
    (STRING, "枚举值：std, pro", {"enum": ["std", "pro"]}),
    (STRING, "Defaults to calm if it is not given", {"default": "calm"}),
    (INTEGER, "Rate, enum [8000, 16000], default 16000", {"enum": [8000, 16000], "default": 16000}),
    (STRING, "枚举：[std, pro]", {"enum": ["std", "pro"]}),
    (STRING, "Defaults to 16:9, accepted: 16:9 9:16 1:1,4:3", {"default": "16:9", "enum": ["16:9", "9:16", "1:1", "4:3"]}),
    (STRING, "Default to calm unless otherwise specified. One of calm, wild", {"default": "calm", "enum": ["calm", "wild"]}),
    (STRING, "Defaults to the first if not specified", {}),
    (STRING, "The ratio should be one of - 16:9 - 9:16", {"enum": ["16:9", "9:16"]}),
    (STRING, "One of: - std - pro-max. Default: std", {"enum": ["std", "pro-max"], "default": "std"}),
    (STRING, "可选值： - `std` - `pro`。", {"enum": ["std", "pro"]}),
    (STRING, "枚举值：拥抱`hug`、亲吻`kiss`", {"enum": ["hug", "kiss"]}),
    (STRING, "Allowed values: `std` `pro`", {"enum": ["std", "pro"]}),
    (STRING, "Allowed values: 360p 480p", {"enum": ["360p", "480p"]}),
    (STRING, "Allowed values: model-1 model_2 plain.", {"enum": ["model-1", "model_2", "plain"]}),
    (STRING, "Allowed values: std pro. With `std` it is quick, with `pro` slow.", {"enum": ["std", "pro"]}),
    (STRING, "可选值：`std`、`pro`，目前只支持`pro`", {"enum": ["pro"]}),
    (STRING, "此处应为 `text`", {"enum": ["text"]}),
    (STRING, "时长(秒): 5, 10", {"enum": ["5", "10"]}),
    (STRING, "Which model. default kling-v1", {"default": "kling-v1"}),
    (INTEGER, "Min: 20\nMax: 99", {"minimum": 20, "maximum": 99}),
    (STRING, "枚举值：std（标准）、pro（高级）", {"enum": ["std", "pro"]}),
    (STRING, "可选值：16:9、9:16、1:1", {"enum": ["16:9", "9:16", "1:1"]}),
    (STRING, "模式，可选 std 或 pro", {"enum": ["std", "pro"]}),
    (STRING, "支持 5 / 10", {"enum": ["5", "10"]}),
    (INTEGER, "Allowed values: 5, 10", {"enum": [5, 10]}),
    (INTEGER, "Allowed values: [5, 10], default 5", {"enum": [5, 10], "default": 5}),
    (INTEGER, "可选取值：[121, 241]", {"enum": [121, 241]}),
    (INTEGER, "Must be one of [5, 10].", {"enum": [5, 10]}),
    (NUMBER, "取值：[0.5, 1, 2]", {"enum": [0.5, 1, 2]}),
    (STRING, "Allowed values: [std, pro]", {"enum": ["std", "pro"]}),
    (INTEGER, "取值：[5, 10]", {"minimum": 5, "maximum": 10}),
    (INTEGER, "Supported: [5, 10]", {"minimum": 5, "maximum": 10}),
    (STRING, "Enum values: 16:99:161:1", {"enum": ["16:9", "9:16", "1:1"]}),
    (STRING, "Enum values: 1:14:33:4", {"enum": ["1:1", "4:3", "3:4"]}),
    (STRING, "画面比例：16:9、9:16、1:1", {"enum": ["16:9", "9:16", "1:1"]}),
    (STRING, "可选值：1280*720、720*1280", {"enum": ["1280*720", "720*1280"]}),
    (INTEGER, "0 排队，1 处理中，2 成功", {"enum": [0, 1, 2]}),
    (INTEGER, "Status: 0 = queued; 1 = running; 2 = done", {"enum": [0, 1, 2]}),
    (INTEGER, "- 0: off\n- 1: on", {"enum": [0, 1]}),
    (INTEGER, "任务状态（0待处理，1处理中）", {"enum": [0, 1]}),
    (STRING, "`submitted` → `processing` → `succeed` / `failed`", {"enum": ["submitted", "processing", "succeed", "failed"]}),
    (STRING, "enum: std, pro; default: std", {"default": "std", "enum": ["std", "pro"]}),
    (STRING, "模型\n- kling-v2\n- kling-v2-1\n默认值：kling-v2", {"default": "kling-v2", "enum": ["kling-v2", "kling-v2-1"]}),
    (STRING, 'Value must be "16:9", "9:16" or "1:1".', {"enum": ["16:9", "9:16", "1:1"]}),
    (STRING, "Select from std, pro.", {"enum": ["std", "pro"]}),
    (STRING, "Accepted values: 16:9 9:16 Default: 9:16", {"default": "9:16", "enum": ["16:9", "9:16"]}),
    (STRING, "Accepted values: 1280*720 960*960", {"enum": ["1280*720", "960*960"]}),
    (STRING, "目前支持：kling-v1、kling-v2", {"enum": ["kling-v1", "kling-v2"]}),
    (STRING, "只能是 std或pro", {"enum": ["std", "pro"]}),
    (INTEGER, "值可以是：5, 10", {"enum": [5, 10]}),
    (STRING, "风格包括 std、pro。", {"enum": ["std", "pro"]}),
    (STRING, "风格。std：标准；pro：高品质", {"enum": ["std", "pro"]}),
    (STRING, "16:9：横屏；9:16：竖屏，默认值：9:16", {"default": "9:16", "enum": ["16:9", "9:16"]}),
    (STRING, "url：网络地址；base64：图片编码", {"x-source": {"base64": True, "url": True}}),
    # lengths
    (STRING, "Must be less than or equal to 2500 characters.", {"maxLength": 2500}),
    (STRING, "maxLength: 2500", {"maxLength": 2500}),
    (STRING, "Character limit: 2500.", {"maxLength": 2500}),
    (STRING, "The maximum length of a title is 40 characters", {"maxLength": 40}),
    (STRING, "Maximum title length: 40", {"maxLength": 40}),
    (STRING, "最大文本长度 40", {"maxLength": 40}),
    (STRING, "cannot exceed 2500 characters", {"maxLength": 2500}),
    (STRING, "Must not be longer than 2,500 characters", {"maxLength": 2500}),
    (STRING, "Maximum 2500 characters.", {"maxLength": 2500}),
    (STRING, "Max length: 2500", {"maxLength": 2500}),
    (STRING, "Maximum string length: 2500", {"maxLength": 2500}),
    (STRING, "2500 characters max", {"maxLength": 2500}),
    (STRING, "Up to 2500 chars", {"maxLength": 2500}),
    (STRING, "Less than 100 characters", {"maxLength": 99}),
    (STRING, "At least 3 characters", {"minLength": 3}),
    (STRING, "Length: 3-80", {"maxLength": 80, "minLength": 3}),
    (STRING, "Between 3 and 80 characters", {"maxLength": 80, "minLength": 3}),
    (STRING, "Cannot be empty", {"minLength": 1}),
    (STRING, "不能超过2500个字符", {"maxLength": 2500}),
    (STRING, "长度不超过 2500 字符", {"maxLength": 2500}),
    (STRING, "最多２５００字", {"maxLength": 2500}),
    (STRING, "2500字以内", {"maxLength": 2500}),
    (STRING, "长度限制：1~2500", {"maxLength": 2500, "minLength": 1}),
    (STRING, "不能为空", {"minLength": 1}),
    (UNKNOWN, "Maximum string length: 2500", {"maxLength": 2500}),
    # counts
    (ARRAY, "Supports up to 4 images, minimum 1 image", {"maxItems": 4, "minItems": 1}),
    (ARRAY, "Supports a maximum of 4 images and a minimum of 1 image.", {"maxItems": 4, "minItems": 1}),
    (ARRAY, "Minimum 1, maximum 4.", {"maxItems": 4, "minItems": 1}),
    (ARRAY, "1 to 4 images", {"maxItems": 4, "minItems": 1}),
    (ARRAY, "1-4 items", {"maxItems": 4, "minItems": 1}),
    (ARRAY, "No more than 4 pictures", {"maxItems": 4}),
    (ARRAY, "最多支持4张图片，最少1张", {"maxItems": 4, "minItems": 1}),
    (ARRAY, "笔触列表，最多可配置 4 组", {"maxItems": 4}),
    (ARRAY, "Where the stroke goes (2-60 points), left first", {"minItems": 2, "maxItems": 60}),
    (ARRAY, "Lines of the poem (2-60 words)", {}),
    (ARRAY, "支持1-4张", {"maxItems": 4, "minItems": 1}),
    (UNKNOWN, "Up to 4 images", {"maxItems": 4}),
    (INTEGER, "Up to 9 images", {"maximum": 9}),
    (ARRAY, "One to four entries.", {"maxItems": 4, "minItems": 1}),
    (ARRAY, "Up to four reference images", {"maxItems": 4}),
    (ARRAY, "1–4 objects", {"maxItems": 4, "minItems": 1}),
    (ARRAY, "最多四张图片", {"maxItems": 4}),
    # ranges
    (INTEGER, "Value range: [1, 9]", {"maximum": 9, "minimum": 1}),
    (INTEGER, "Range: 1-9", {"maximum": 9, "minimum": 1}),
    (INTEGER, "1 <= x <= 9", {"maximum": 9, "minimum": 1}),
    (NUMBER, "0 < strength ≤ 1", {"exclusiveMinimum": 0, "maximum": 1}),
    (NUMBER, "(0, 1]", {"exclusiveMinimum": 0, "maximum": 1}),
    (NUMBER, "Between -10 and 10", {"maximum": 10, "minimum": -10}),
    (INTEGER, "Must be at least 1 and at most 9", {"maximum": 9, "minimum": 1}),
    (INTEGER, "Greater than 0", {"exclusiveMinimum": 0}),
    (INTEGER, "How many pictures (1-9)", {"maximum": 9, "minimum": 1}),
    (NUMBER, "Range: (0, 1)", {"exclusiveMaximum": 1, "exclusiveMinimum": 0}),
    (INTEGER, "取值范围：1-9", {"maximum": 9, "minimum": 1}),
    (INTEGER, "取值范围：［1，9］", {"maximum": 9, "minimum": 1}),
    (NUMBER, "介于0.5到2.0之间", {"maximum": 2.0, "minimum": 0.5}),
    (INTEGER, "不小于1，不大于9", {"maximum": 9, "minimum": 1}),
    (INTEGER, "-10到10之间", {"maximum": 10, "minimum": -10}),
    (INTEGER, "Greater than or equal to 1 and less than or equal to 9", {"maximum": 9, "minimum": 1}),
    # defaults
    (BOOLEAN, "By default, true.", {"default": True}),
    (STRING, "One of `std`, `pro`. By default, pro.", {"default": "pro", "enum": ["std", "pro"]}),
    (STRING, "If omitted, 16:9 is used.", {"default": "16:9"}),
    (INTEGER, "How many, 4 if you leave it out", {"default": 4}),
    (INTEGER, "Number of clips; we assume 4 if it is missing.", {"default": 4}),
    (INTEGER, "How long, 4 seconds when it is not given", {"default": 4}),
    (INTEGER, "生成数量，不填按 4 处理", {"default": 4}),
    (INTEGER, "未传时取值 4", {"default": 4}),
    (INTEGER, "不填时系统取 3", {"default": 3}),
    (STRING, "可选值 fast/slow,不传则 fast", {"enum": ["fast", "slow"], "default": "fast"}),
    (NUMBER, "Skipping it means 7.5", {"default": 7.5}),
    (BOOLEAN, "Default: off", {"default": False}),
    (BOOLEAN, "off unless set; true adds sound", {"default": False}),
    (BOOLEAN, "On by default", {"default": True}),
    (STRING, "不填则随机", {}),
    (STRING, "By default, sound is added.", {}),
    (NUMBER, "A weight. [default 0.5]", {"default": 0.5}),
    (INTEGER, "未填写则使用 5", {"default": 5}),
    (INTEGER, "可选值：5、10。（默认：5）", {"default": 5, "enum": [5, 10]}),
    (STRING, "Defaults to std.", {"default": "std"}),
    (STRING, "The default value is `std`", {"default": "std"}),
    (STRING, "Default: 16:9", {"default": "16:9"}),
    (INTEGER, "default is 1", {"default": 1}),
    (NUMBER, "Default = 0.5", {"default": 0.5}),
    (BOOLEAN, "Default: false", {"default": False}),
    (BOOLEAN, "A mark below. Default false.", {"default": False}),
    (STRING, "one of std (default), pro", {"default": "std", "enum": ["std", "pro"]}),
    (STRING, "The default aspect ratio is 16:9.", {"default": "16:9"}),
    (STRING, "`std` or `pro`, `std` if left out", {"default": "std", "enum": ["std", "pro"]}),
    (INTEGER, "How many, 1 by default", {"default": 1}),
    (STRING, "默认值：std", {"default": "std"}),
    (STRING, "默认为 16:9", {"default": "16:9"}),
    (INTEGER, "默认1", {"default": 1}),
    # required, uniqueness
    (STRING, "Optional. A style.", {"required": False}),
    (STRING, "(required) A style", {"required": True}),
    (STRING, "必填，提示词", {"required": True}),
    (STRING, "引擎模型，a-v3-0、a-v3-5。不写默认 a-v3-5", {"enum": ["a-v3-0", "a-v3-5"], "default": "a-v3-5"}),
    (STRING, "最多支持900个 utf-8 字符", {"maxLength": 900}),
    (STRING, "它的类型，参考值：\nplain：普通。\nsketch：草图。", {"enum": ["plain", "sketch"]}),
    (STRING, "Words, not with ImageBase64 and image_base64", {}),
    (STRING, "服务标识，取固定值: clips_v30", {"enum": ["clips_v30"]}),
    (STRING, "标识\n固定值：clips_v30", {"enum": ["clips_v30"]}),
    (STRING, "图生视频的图片，最大 3MB", {"x-image": {"max_bytes": 3 * 2**20}}),
    (STRING, "Image for image-to-video, at most 3MB", {"x-image": {"max_bytes": 3 * 2**20}}),
    (STRING, "Required scene in words", {"required": True}),
    *((STRING, text, {}) for text in (
        "Required before version 2", "Required since version 2", "Required but may be empty", "Required without a picture",
        "Required access level", "Required quality of the output", "Required picture format", "Required prompt if no picture is given",
        "Required no longer", "required otherwise",
    )),
    *((INTEGER, text, {}) for text in ("日期：2024/05/10", "页数：3/10", "错误码：1001, 1002")),
    (INTEGER, "时长（秒）：5 或 10", {"enum": [5, 10]}),
    (NUMBER, "参考值：\n0.3\n0.5", {}),
    (STRING, "Required base64 picture or data URL", {"required": True, "x-source": {"base64": True}}),
    (STRING, "选填。自定义编号", {"required": False}),
    (STRING, "Must be unique per account.", {"x-unique": "account"}),
    (STRING, "unique within your account", {"x-unique": "account"}),
    (STRING, "Its uniqueness is required within one account", {"x-unique": "account"}),
    (STRING, "同一用户下任务ID不能重复", {"x-unique": "account"}),
    (STRING, "Ensure uniqueness of the task number within one account", {"x-unique": "account"}),
    (STRING, "不想在画面中看到的内容，≤2500 字符", {"maxLength": 2500}),
    (STRING, "请保证单用户下唯一", {"x-unique": "account"}),
    (STRING, "在您的账号下需要保证该 ID 的唯一性", {"x-unique": "account"}),
    (STRING, "同一账号下唯一", {"x-unique": "account"}),
    (STRING, "Uniqueness within an account is not checked", {}),
    (STRING, "单个用户下的任务重复计费", {}),
    # pictures
    (STRING, "Image URL or raw Base64 string without a `data:` prefix.", {"x-source": {"base64": True, "data_prefix": False, "url": True}}),
    (STRING, "Base64 or image URL (must be accessible)", {"x-source": {"base64": True, "reachable": True, "url": True}}),
    (STRING, "Base64 only; must include the data:image/png;base64, prefix", {"x-source": {"base64": True, "data_prefix": True}}),
    (STRING, "支持传入图片Base64编码或图片URL（确保可访问）", {"x-source": {"base64": True, "reachable": True, "url": True}}),
    (STRING, "Base64，请不要添加任何前缀", {"x-source": {"base64": True, "data_prefix": False}}),
    (STRING, "Image formats: .jpg / .jpeg / .png. File size must not exceed 10MB, sides at least 300px, ratio between 1:2.5 and 2.5:1", {"x-image": IMAGE}),
    (STRING, "Picture: JPG, JPEG or PNG, ≤ 10 MB, ≥ 300 px, 1:2.5–2.5:1", {"x-image": IMAGE}),
    (STRING, "图片格式支持jpg、jpeg、png；大小不超过10MB；宽高不小于300px；宽高比在1:2.5~2.5:1之间", {"x-image": IMAGE}),
    (STRING, "Image, 512x300 px minimum or at least 512 x 300", {"x-image": {"min_side": 300}}),
    (STRING, "Image up to 500 KB", {"x-image": {"max_bytes": 512000}}),
    # nothing
    (STRING, "The prompt. Use kling-v2-1 for new requests.", {}),
    (STRING, "Aspect ratio (width:height) of the image", {}),
    (STRING, "What to draw, e.g. 3 cats on 2 chairs", {}),
    (STRING, "", {}),
]  # fmt: skip

NOT_UNDERSTOOD = [
    (INTEGER, "0-360 range of degrees", ["0-360 range of degrees"]),
    (INTEGER, "in the 20-40 age range", ["in the 20-40 age range"]),
    (STRING, "常见模型：ink-1、ink-2", ["常见模型：ink-1、ink-2"]),
    (STRING, "Common models: ink-1, ink-2", ["Common models: ink-1, ink-2"]),
    (STRING, "Typical values: a-1, b-2", ["Typical values: a-1, b-2"]),
    (ARRAY, "长度：画短片时，点数取值范围：[2, 60]", ["长度：画短片时，点数取值范围：[2, 60]"]),
    (ARRAY, "Length: when it is short, at most 60 points", ["Length: when it is short, at most 60 points"]),
    (
        STRING,
        "Calls with a brush (`soft_brush` / `hard_brush`) only take 5",
        ["Calls with a brush (`soft_brush` / `hard_brush`) only take 5"],
    ),
    (
        STRING,
        "带画笔（`soft_brush` / `hard_brush`）的请求仅支持 5 秒",
        ["带画笔（`soft_brush` / `hard_brush`）的请求仅支持 5 秒"],
    ),
    (ARRAY, "With a clip, at most 4 images", ["With a clip, at most 4 images"]),
    (ARRAY, "改视频时：仅可上传 1 张图片", ["改视频时：仅可上传 1 张图片"]),
    (ARRAY, "图片列表，增加时必填（1-2张）", ["图片列表，增加时必填（1-2张）"]),
    (
        ARRAY,
        "For a swap of things: it must be given; at most 1 image",
        ["For a swap of things: it must be given;", "at most 1 image"],
    ),
    (
        STRING,
        "Both a_url and b_id cannot be empty at the same time",
        ["Both a_url and b_id cannot be empty at the same time"],
    ),
    (INTEGER, "秒数，当 mode 为 pro 时，不超过 10 秒", ["秒数，当 mode 为 pro 时，不超过 10 秒"]),
    (INTEGER, "Frame index. Max 10 frames can be marked.", ["Max 10 frames can be marked."]),
    (INTEGER, "帧号，最多支持10个标记", ["帧号，最多支持10个标记"]),
    (ARRAY, "Where to look, values [0, 1] as percentages", ["Where to look, values [0, 1] as percentages"]),
    (ARRAY, "坐标，取值范围：[0, 1]，[0, 1] 代表左上角", ["坐标，取值范围：[0, 1]，[0, 1] 代表左上角"]),
    (STRING, "音色编号，mode为text时必填", ["音色编号，mode为text时必填"]),
    (NUMBER, "语速[0.5, 2]，精确到小数点后1位", ["语速[0.5, 2]，精确到小数点后1位"]),
    (STRING, "When it is set, the other one is ignored.", ["When it is set, the other one is ignored."]),
    (STRING, "The last picture. Requires first_image", ["Requires first_image"]),
    (UNKNOWN, "Seconds. For pictures: 5 or 10", ["For pictures: 5 or 10"]),
    (STRING, "With two accounts it becomes required.", ["With two accounts it becomes required."]),
    (STRING, "Accepted values: lowercase hex colors", ["Accepted values: lowercase hex colors"]),
    (STRING, "Cannot be used together with image_tail.", ["Cannot be used together with image_tail."]),
    (STRING, "A style. Required when mode is pro. Max 20 characters.", ["Required when mode is pro."]),
    (STRING, "Either prompt or image must be given", ["Either prompt or image must be given"]),
    (STRING, "Can be 5 or 10 seconds", ["Can be 5 or 10 seconds"]),
    (STRING, "Only supported by v1-6", ["Only supported by v1-6"]),
    *(
        (INTEGER, text, [text])
        for text in (
            "Costs 4 credits if left out",
            "4 if the seed is left out",
            "If omitted, it fails with 400",
            "不填则报错 400",
            "5 or 10 if omitted",
            "450 clips a day",
            "At most 30 loops a day",
            "450 clips/week",
        )
    ),
    *((STRING, text, [text]) for text in ("calm if left out", "`sound` is `off` if not given")),
    (STRING, "Video, no larger than 200 MB", ["Video, no larger than 200 MB"]),
    (STRING, "Must be unique", ["Must be unique"]),
    (STRING, "At most 3 words", ["At most 3 words"]),
    (STRING, "For long clips this must be set to fast_2.", ["For long clips this must be set to fast_2."]),
    (STRING, "Must be set to fast_2 if sound is on", ["Must be set to fast_2 if sound is on"]),
    (INTEGER, "价格（元）：5 或 10", ["价格（元）：5 或 10"]),
    (INTEGER, "建议：5 或 10", ["建议：5 或 10"]),
    (STRING, "One of a, b, etc.", ["One of a, b, etc."]),
    (STRING, "Models: a-1, a-2, etc.", ["Models: a-1, a-2, etc."]),
    (STRING, "Supported values: a-1, a-2…", ["Supported values: a-1, a-2…"]),
    (STRING, "可选：a-1、a-2 等", ["可选：a-1、a-2 等"]),
    (STRING, "可选：a-1、\na-2 等", ["可选：a-1、"]),
    (INTEGER, "It goes from `1` to `2` after a minute", ["It goes from `1` to `2` after a minute"]),
    (INTEGER, "The share, rising from 0 to 90.", ["The share, rising from 0 to 90."]),
    (STRING, "Enum values: see below", ["Enum values: see below"]),
    (BOOLEAN, "Default: false (model-1), true (others)", ["Default: false (model-1), true (others)"]),
    (
        INTEGER,
        "How strict. 0 means strictest, 6 means least strict",
        ["0 means strictest, 6 means least strict"],
    ),
    (INTEGER, "松紧。0 最严，6 最松", ["0 最严，6 最松"]),
    (STRING, "可选值:pro-1pro-1-5pro-2", ["可选值:pro-1pro-1-5pro-2"]),
    (STRING, "Values: model-1model-2model-3", ["Values: model-1model-2model-3"]),
    (
        STRING,
        'Pictures, for example: ["a1", "a2"] or ["b1", "b2"]',
        ['Pictures, for example: ["a1", "a2"] or ["b1", "b2"]'],
    ),
    (ARRAY, "At most fifteen pictures", ["At most fifteen pictures"]),
    (ARRAY, "每个视角仅限制1张图片", ["每个视角仅限制1张图片"]),
    (ARRAY, "图片大小总和不可超过8M", ["图片大小总和不可超过8M"]),
    (ARRAY, "No larger than 4096*4096", ["No larger than 4096*4096"]),
    (ARRAY, "图片不大于3000 * 3000", ["图片不大于3000 * 3000"]),
    (ARRAY, "At least one of image and video", ["At least one of image and video"]),
    (STRING, "枚举值：见下表", ["枚举值：见下表"]),
    (STRING, "必须与模式一致", ["必须与模式一致"]),
    (STRING, "仅专业模式可用。最多20字。", ["仅专业模式可用。"]),
    (ARRAY, "Each up to 20 characters", ["Each up to 20 characters"]),
    (STRING, "The ratio, values 16:99:169", []),
    (STRING, "Accepted values: lowercase hex colors.", ["Accepted values: lowercase hex colors."]),
    (STRING, "Possible values: prompts written by users.", ["Possible values: prompts written by users."]),
    (STRING, "Possible values: one-time codes", ["Possible values: one-time codes"]),
    (STRING, "枚举值：7:35:9", ["枚举值：7:35:9"]),  # glued, and no way to take it apart gives usual ratios
    (
        "integer",
        "The defaults are 24 and 48 for the slow and quick ones.",
        ["The defaults are 24 and 48 for the slow and quick ones."],
    ),
]


def said(found: prose.Prose) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for constraint in found.constraints:
        if isinstance(constraint.value, dict):
            out.setdefault(constraint.keyword, {}).update(constraint.value)
        else:
            assert out.setdefault(constraint.keyword, constraint.value) == constraint.value
    return out


@pytest.mark.parametrize(("type_", "text", "keywords"), PHRASINGS, ids=[row[1][:50] for row in PHRASINGS])
def test_phrasing_gives_exactly_its_keywords(type_: str | None, text: str, keywords: dict[str, Any]) -> None:
    found = prose.read(text, type_)

    assert said(found) == keywords
    assert found.leftovers == ()


@pytest.mark.parametrize(
    ("type_", "text", "sentences"), NOT_UNDERSTOOD, ids=[row[1] for row in NOT_UNDERSTOOD]
)
def test_limit_that_is_not_understood_is_listed(type_: str | None, text: str, sentences: list[str]) -> None:
    assert [leftover.text for leftover in prose.read(text, type_).leftovers] == sentences


@pytest.mark.parametrize(
    ("text", "values", "left"),
    [
        ("How it looks. `task_status` is one of `a`, `b`.", None, ["`task_status` is one of `a`, `b`."]),
        (
            "`task_status` 的取值：`a`、`b`。可选值：`c`、`d`",
            ["c", "d"],
            ["`task_status` 的取值：`a`、`b`。"],
        ),
        ("`mode` is one of `a`, `b`.", ["a", "b"], []),
        ("可选\n风格。可选值：`c`、`d`", ["c", "d"], []),
        ("`x` means quick. One of `x`, `y`", ["x", "y"], []),
        ("enum string, optional, how it looks", None, []),
        ("enum: object, head", ["object", "head"], []),
        ("`std`: plain (quick, cheap), `pro`: fine (slow)", ["std", "pro"], []),
        ("How. `fast`: quick (low cost, drafts), or `fine`: slow.", ["fast", "fine"], []),
        ("With `a`: quick, `b`: slow", None, []),
        ("`fast`: quick, and 5 s are made", None, []),
    ],
)
def test_values_of_another_field_and_types_are_no_values(
    text: str, values: list[str] | None, left: list[str]
) -> None:
    found = prose.read(text, STRING, "mode")

    assert (said(found).get("enum"), [one.text for one in found.leftovers]) == (values, left)


@pytest.mark.parametrize(
    "text",
    [
        "model-1 at most 2 images\nmodel-2 at most 3 images",
        "Pictures. model-1 at most 2 images; model-2 at most 3 images",
        "model-1 最多 2 张；model-2 最多 3 张。",
        "Depends on it: - model-1: at most 2 images - model-2 (new): at most 3 images",
    ],
)
def test_of_what_each_model_allows_the_most_is_allowed(text: str) -> None:
    found = prose.read(text, ARRAY)

    assert said(found) == {"maxItems": 3}
    assert found.leftovers != ()


@pytest.mark.parametrize(
    ("type_", "text", "keywords"),
    [
        (STRING, "At most 500 characters. v1: at most 200", {"maxLength": 500}),
        (STRING, "最多500字符。v2 最多2000字符", {"maxLength": 2000}),
        (ARRAY, "Up to 4 images. model-2: up to 6 images", {"maxItems": 6}),
        (INTEGER, "Default: 5. v2: default 10", {"default": 5}),
    ],
)
def test_what_one_model_allows_beside_the_rest_widens_a_bound_and_is_listed(
    type_: str | None, text: str, keywords: dict[str, Any]
) -> None:
    found = prose.read(text, type_)

    assert said(found) == keywords
    assert [leftover.text for leftover in found.leftovers] == [re.split(r"[.。] ?", text)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "Pictures. Max 7 without a clip, max 4 with one.",
        "图片，有视频时最多4张，无视频时最多7张",
        "Max 7. model-1 max 4",
    ],
)
def test_of_bounds_of_several_cases_the_loosest_is_said(text: str) -> None:
    found = prose.read(text, ARRAY)

    assert [(c.keyword, c.value) for c in found.constraints] == [("maxItems", 7)]
    assert len(found.leftovers) == 1


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("voice_language", "Language code: zh or en", ["zh", "en"]),
        ("language", "语言：zh、en 或 ja", ["zh", "en", "ja"]),
        ("language", "Language of the text (e.g. zh, en)", None),
        ("note", "Language code: zh or en", None),
    ],
)
def test_codes_are_values_of_a_language(name: str, text: str, values: Any) -> None:
    assert prose.read(text, STRING, name).get("enum") == values


def test_size_of_a_picture_is_not_that_of_the_request_in_the_next_entry() -> None:
    text = "The pictures - Pictures are limited to 10MB - The body of the HTTP request should not exceed 20MB"

    assert said(prose.read(text, ARRAY)) == {"x-image": {"max_bytes": 10485760}}


@pytest.mark.parametrize(
    "text",
    [
        "When model is a-2, the maximum is 500 characters; when model is a-3, the maximum is 200 characters.",
        "当model为a-2时最多500字符；当model为a-3时最多200字符",
    ],
)
def test_of_what_is_said_of_models_in_turn_nothing_is_refused_that_one_takes(text: str) -> None:
    found = prose.read(text, STRING)

    assert said(found).get("maxLength", 500) == 500
    assert len(found.leftovers) == 2


@pytest.mark.parametrize(
    ("type_", "text", "keywords"),
    [
        (STRING, "At most 800 characters. Do not send more than 10 requests per second.", {"maxLength": 800}),
        (STRING, "At most 800 characters. Better not longer than 200 characters.", {"maxLength": 800}),
        (STRING, "最多 800 个字符。免费用户每天最多 10 次。", {"maxLength": 800}),
        (ARRAY, "Up to 4 URLs. Free accounts: up to 1 URL.", {"maxItems": 4}),
        (ARRAY, "最多 4 张。免费用户最多 1 张。", {"maxItems": 4}),
    ],
)
def test_what_is_advised_or_of_some_users_beside_a_limit_is_told(
    type_: str, text: str, keywords: Any
) -> None:
    found = prose.read(text, type_)

    assert said(found) == keywords
    assert [leftover.text in text for leftover in found.leftovers] == [True]


def test_span_of_a_constraint_is_where_it_is_said() -> None:
    text = "What to draw.\nAt most 20 characters.\nDefault: fox"

    assert [(c.keyword, text[c.start : c.end]) for c in prose.read(text, STRING).constraints] == [
        ("maxLength", "At most 20 characters"),
        ("default", "Default: fox"),
    ]


def test_two_limits_of_one_kind_are_both_said() -> None:
    found = prose.read("At most 500 characters. No, up to 5000 characters.", STRING)

    assert [(c.keyword, c.value) for c in found.constraints] == [("maxLength", 500), ("maxLength", 5000)]


def test_text_beyond_the_limit_is_listed() -> None:
    (leftover,) = prose.read("a" * (prose.MAX_CHARACTERS + 5)).leftovers

    assert leftover.text == "reading stopped here: a description is read up to 8,000 characters"


@pytest.mark.parametrize("digits", [308, 309, 400, 5000])
def test_number_that_no_double_can_say_ends_nothing(digits: int) -> None:
    """A mutated page had one of five hundred digits."""
    said = "9" * digits
    assert number(said) == int(min(float(said), sys.float_info.max))
    assert len(prose.read(f"No more than {said} characters", STRING).constraints) <= 1


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("video_url", "支持mp4/mov格式", None),
        ("audio_file", "支持mp3、wav", None),
        ("output_format", "支持mp4/mov", ["mp4", "mov"]),
        ("resolution", "支持480p/720p", ["480p", "720p"]),
        ("video_url", "Enum values: mp4, mov", ["mp4", "mov"]),
        ("video_url", "仅支持 24、30 或 60fps", None),
        ("video_url", "支持：720p、1080p", None),
    ],
)
def test_kinds_of_files_are_values_of_formats_alone(name: str, text: str, values: Any) -> None:
    found = prose.read(text, "string", name)

    assert found.get("enum") == values
    assert bool(found.leftovers) == (values is None)


def test_a_range_that_words_of_values_introduce_is_doubtful() -> None:
    for text in ("Possible values: [0, 100]", "可选值：[-1, 4294967295]"):
        found = prose.read(text, "integer")

        assert said(found).keys() == {"minimum", "maximum"}
        assert [one.text for one in found.leftovers] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "仅版本1到2之间可用",
        "Since versions from 1 to 2",
        "How many, e.g. 10-12",
        "数量，例如：10-12",
        "How many. Example: 10-12",
    ],
)
def test_numbers_of_versions_and_of_examples_are_no_range(text: str) -> None:
    found = prose.read(text, "integer")

    assert said(found) == {}
    assert [leftover.text in text for leftover in found.leftovers] == [True]


@pytest.mark.parametrize(
    ("name", "text", "keywords"),
    [
        ("seed", "Repeats a result. Rate limit: 5 requests per second", {}),
        ("seed", "免费用户每天最多 10 次", {}),
        ("seed", "For free accounts up to 4", {}),
        ("seed", "调用频率默认为 60 次/分钟", {}),
        ("seed", "The library sets `timeout` to 30 by default", {}),
        ("seed", "It sets `seed` to 30 by default", {"default": 30}),
        ("seed", "The default of the console is 4", {}),
        ("seed", "The default of the field is 4", {"default": 4}),
        ("seed", "Better not more than 10", {}),
        ("seed", "Up to 3 retries", {}),
        ("max_retries", "Up to 3 retries", {"maximum": 3}),
        ("seed", "Max 10 concurrent tasks", {}),
        ("concurrency", "Max 10 concurrent tasks", {"maximum": 10}),
        ("seed", "最多 5 个并发", {}),
        ("n", "Max 10 films", {"maximum": 10}),
    ],
)
def test_what_a_service_allows_is_no_bound_of_a_field(name: str, text: str, keywords: dict[str, Any]) -> None:
    found = prose.read(text, "integer", name)

    assert said(found) == keywords
    assert bool(found.leftovers) == (not keywords)


@pytest.mark.parametrize(
    ("name", "text", "keywords"),
    [
        ("info", "用户信息，包括 name、age", {}),
        ("text", "描述，包含 camera 和 subject", {}),
        ("user", "name：名称；age：年龄", {}),
        ("mode", "name：名称；age：年龄", {"enum": ["name", "age"]}),
        ("image_tail", "若使用尾帧，mode 需设置为`pro`", {}),
        ("image_tail", "mode 需设置为`pro`", {}),
        ("image_tail", "Here `mode` must be `pro`.", {}),
        ("mode", "`mode` must be `pro`.", {"enum": ["pro"]}),
        ("mode", "当前固定为`pro`", {"enum": ["pro"]}),
        ("mode", "When a tail is given, it must be set to `pro`.", {}),
        ("mode", "enum: std (default for free users), pro", {"enum": ["std", "pro"]}),
        ("mode", "enum: std (not the default), pro", {"enum": ["std", "pro"]}),
        ("mode", "enum: std (default: pro), pro", {"default": "pro", "enum": ["std", "pro"]}),
        ("mode", "可选值：std（默认模式）、pro", {"default": "std", "enum": ["std", "pro"]}),
        ("mode", "When sound is on, only `pro` is supported", {}),
        ("mode", "声音开启时，若加片尾，仅支持 `pro`", {}),
        ("type", "固定 image_url", {"enum": ["image_url"]}),
        ("type", "此处填 task_id", {}),
        ("video", "必须为 mp4", {}),
        ("video_format", "必须为 mp4", {"enum": ["mp4"]}),
        ("object", "What it is, fixed as\nclip.", {"enum": ["clip"]}),
        ("object", "It has a fixed size", {}),
        ("object", "Fixed value clip", {"enum": ["clip"]}),
        ("object", "Fixed value: none", {}),
        ("seed", "Fixed at creation.", {}),
        ("seed", "固定seed，结果一致", {}),
        ("camera", "Fixed to avoid\nblur", {}),
        ("image", "PNG, JPG. Not supported: GIF, WEBP", {"x-image": {"formats": ["png", "jpg"]}}),
        ("image", "不支持 gif、webp，支持 png、jpg", {"x-image": {"formats": ["png", "jpg"]}}),
        ("engine", "不支持 fast-1、fast-2", {}),
        ("engine", "This must be set to fast_2.", {"enum": ["fast_2"]}),
        ("engine", "The engine should be set to fast_2", {"enum": ["fast_2"]}),
        ("engine", "Must be set to fast_2 if sound is on", {}),
        ("engine", "For long clips this must be set to fast_2.", {}),
        ("engine", "The content type must be set to form_data.", {}),
        ("size", "Should be set to 720p or 1080p", {}),
        ("user", "Must be set to user_id", {}),
        ("Action", "The value used for this API: MakeClip", {"enum": ["MakeClip"]}),
        ("Version", "The value used for this API: 2024-01-02", {"enum": ["2024-01-02"]}),
        ("Action", "Value for this call: see below", {}),
        ("token", "Yours, from the console. Required field", {"required": True}),
        ("token", "Only the required field is read", {}),
        ("callback_url", "Asked when the state changes (queued/running/done)", {}),
        ("notifyHook", "状态变化时通知（排队 queued/running/done）", {}),
        ("state", "What it is now (queued/running/done)", {"enum": ["queued", "running", "done"]}),
    ],
)
def test_what_is_said_of_others_or_of_some_case_is_no_value(
    name: str, text: str, keywords: dict[str, Any]
) -> None:
    assert said(prose.read(text, "string", name)) == keywords


STATES = ["created", "queueing", "failed"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("created: The task was made queueing: It waits failed: It broke", STATES),
        ("It gives the state:\ncreated: The task was made queueing: It waits failed: It broke", STATES),
        ("It gives the state: created: The task was made queueing: It waits failed: It broke", STATES),
        ("created: Made queueing: It waits failed: It broke note: Ask again. tip: Wait", STATES),
        ("default: Medium is used. note: Costs more. example: High", None),
        ("note: Costs more. type: Words. values: See below", None),
    ],
)
def test_states_with_a_sentence_each_are_values_and_labels_are_none(text: str, values: Any) -> None:
    assert prose.read(text, "string", "quality").get("enum") == values


def test_what_may_be_states_in_the_middle_of_a_sentence_is_left_over() -> None:
    text = "As said before, created: Made queueing: It waits failed: It broke"

    found = prose.read(text, "string", "status")

    assert found.get("enum") is None
    assert [leftover.text for leftover in found.leftovers] == [text]
