"""Lines that head a part of a page and nothing else, though nothing marks them as headings.

Input Parameters · Payload · Success response · Error codes · 参数说明 · 返回字段说明 · 错误码
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import functools
import re

from understudy.specs.readers.text import words_abroad as abroad

MAX_HEADING = 40

_WHAT = (
    r"(?:body|payload|data|param(?:eter)?s?|arguments?|fields?|attributes|properties|schema|structure|format)"
)
# What is done to a task, before the part of the call that does it: 提交任务返回参数.
_TASK = r"(?:(?:提交|创建|新建|发起|查询|获取)(?:任务|作业|结果)(?:接口)?的?)"
# When an answer comes: 提交后返回, 任务完成时会返回.
_WHEN = r"(?:(?:任务|作业)?(?:提交|创建|生成|处理|完成|查询|请求)(?:成功|完成|结束)?(?:后|时)(?:会|将|则)?)"
_OF = r"(?:说明|列表|详情|描述|介绍|定义)?"
# Part -> what a line says as a whole. A word of one language alone must begin with a capital: `output` is a name, too.
_PARTS = tuple(
    (part, re.compile(rf"(?:{pattern})\Z", re.IGNORECASE))
    for part, pattern in (
        (
            "body",
            (rf"(?:http\s|api\s|json\s)?(?:request|input|body|json)(?:\sbody)?\s{_WHAT}|request|payload|inputs?|(?:body\s)?(?:parameters|params|arguments)|json\sbody|body|(?:you\s)?send"
            rf"|(?:multipart\s|upload\s)?form(?:[\s-]?data)?\s(?:{_WHAT}|contents?)|(?:multipart\s)?form-data|(?:上传|提交)?表单(?:内容|参数|字段|数据)?{_OF}"
            rf"|{_TASK}?(?:请求|输入|接口|业务)(?:体|数据|内容|报文)?(?:参数|字段)?{_OF}|(?:请求体|body|json)\s?(?:参数|字段){_OF}|入参{_OF}|参数{_OF}"
            rf"|{abroad.BODY_LINE}"),
        ),
        (
            "response",
            (rf"(?:http\s|api\s|json\s)?(?:success(?:ful)?\s)?(?:response|output|return|result)s?(?:\sbody)?(?:\s{_WHAT})?|(?:response|return)\svalues?|returns|you\s(?:get|receive)(?:\sback)?"
            rf"|(?:{_TASK}|{_WHEN}|成功|业务|通用|公共)?(?:响应|返回|输出)(?:体|数据|内容|报文|结果|值)?(?:参数|字段)?{_OF}|出参{_OF}"
            rf"|{abroad.ANSWER_LINE}"),
        ),
        (
            "error",
            r"errors?(?:\s(?:codes?|handling|responses?|messages?))?|(?:http\s)?(?:status|response)\scodes?|(?:公共|业务|接口|返回|常见)?(?:错误码|状态码|返回码|错误(?:响应|返回|情况)?|(?:异常|失败)(?:响应|返回))(?:示例)?(?:说明|列表|表|对照表)?",
        ),
        ("status", r"(?:(?:task|possible)\s)?(?:status(?:es)?|states)(?:\s(?:values?|list|description))?|(?:task|job)\s(?:life\s?cycle|progress\sstates)|任务(?:状态流转|生命周期)|任务状态(?:值|码)?(?:说明|列表|枚举|含义)?|(?:响应|返回)?状态值?(?:说明|列表|枚举|含义)|状态值"),
    )
)  # fmt: skip

# Before a heading: "3. ", "2.1 ", "三、".
_NUMBER = re.compile(
    r"\A(?:\d{1,2}(?:\.\d{1,2}){0,3}[.、)）]?\s{1,3}|\d{1,2}[.、)）](?=[^\x00-\x7F])|[一二三四五六七八九十]{1,3}[、.．]\s{0,3}|[(（][一二三四五六七八九十\d]{1,2}[)）]\s{0,3})"
)

# Before a heading: a picture, "🔧 错误码说明".
_PICTURE = re.compile(
    r"\A(?:[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\ufe0f\u200d]{0,2}){1,3}\s{0,3}"
)

# Headings of the fields that must be given, and of those that need not.
PRESENCE = re.compile(
    r"(?:(?P<required>required|mandatory|必填|必选|必传|必需|必须|必選|必須|필수)|optional|可选|选填|可選|選填|任意|선택)(?:\s?(?:(?:body|request)\s)?(?:parameters?|params?|fields?|attributes|参数|字段|属性|项|參數|欄位|屬性|パラメータ|フィールド|項目|파라미터|매개변수|필드)(?:\sreference|参考|说明|列表|详解|一览)?)?"
    r"|(?:campos|par[âa]metros)\s(?:(?P<must>obrigat[óo]rios|obligatorios|requeridos)|opcion(?:ais|ales))",
    re.IGNORECASE,
)
# The same of the fields of one part, in brackets or first: "Style parameters (optional)", "Required query parameters".
PRESENCE_ASIDE = re.compile(
    r"[^()（）]{0,40}(?:param(?:eter)?s?|fields?|options|settings|参数|字段|选项|par[âa]metros|campos)[^()（）]{0,20}"
    r"[(（](?:all\s)?(?:(?P<required>required|mandatory)|(?P<must>必填|必选|必须|obrigat[óo]ri[oa]s?|obligatori[oa]s?)|optional|可选|选填|opciona(?:l|is|les))[)）]"
    r"|(?:(?P<first>required|mandatory)|optional)\s(?:query|url|form)(?:\sstring)?\s(?:parameters?|params?|fields?)",
    re.IGNORECASE,
)
# The same as a line that no marks head: only with what it is of.
PRESENCE_LINE = re.compile(
    r"(?:required|mandatory|optional)\s(?:(?:body|request)\s)?(?:parameters?|params?|fields?|attributes)|(?:必填|必选|必传|必需|必须|可选|选填)的?(?:参数|字段|属性|项)(?:参考|说明|列表|详解|一览)?|(?:必填|必選|可選|選填)的?(?:參數|欄位|屬性|項)|(?:必[須须]|任意)(?:の)?(?:パラメータ|フィールド|項目)|(?:필수|선택)\s?(?:파라미터|매개변수|필드|항목)"
    r"|(?:campos|par[âa]metros)\s(?:obrigat[óo]rios|obligatorios|requeridos|opcionais|opcionales)",
    re.IGNORECASE,
)


# A line that says no more than that fields follow; those are names in code then, each with words behind it.
ONLY_FIELDS = re.compile(
    r"(?:(?:main|key|request|input|body|available|top-level)\s){0,2}(?:fields|parameters|params|attributes|properties)|body"
    r"|(?:campos|par[âa]metros)(?:\s(?:principa(?:is|les)|(?:da|de la)\s\w{3,15}))?|champs|param[èe]tres|felder|(?:主要|核心|关键|请求)?(?:字段|参数)(?:说明)?"
    r"|(?:основные\s)?(?:поля|параметры)|フィールド|パラメータ|필드|파라미터",
    re.IGNORECASE,
)


# Headings of what is said of errors: an example below one is no answer where all is well.
OF_ERRORS = re.compile(
    r"\berrors?\s(?:handling|codes?|responses?|cases?|examples?|messages?)\b|\A[#*\s]{0,8}errors[*:\s]{0,4}\Z|错误(?:处理|码|示例|返回|响应|信息)|异常(?:处理|情况)|失败(?:处理|示例)",
    re.IGNORECASE,
)
# What a sentence leads to that says what is sent to the client's own address.
_LEADS_TO_CALLBACK = re.compile(
    r"(?:callback|webhook|回调)[^.。]{0,80}(?:\b(?:post|send|sent|receive|deliver)|推送|发送|通知|POST)[^.。]{0,120}[:：]\Z"
    r"|(?:\b(?:post|send|deliver)[a-z]{0,3}\b|推送|发送|POST)[^.。]{0,80}(?:callback|webhook|回调)[^.。]{0,120}[:：]\Z"
    r"|(?:回调|推送|通知)(?:的)?(?:通知|请求)?(?:的)?(?:内容|数据|报文|消息|参数|格式|请求体|体|结构)?(?:示例|格式)?(?:如下|为|是)(?:所示)?[:：]\Z"
    r"|\b(?:when|once|after|as\ssoon\sas)\b[^.。:]{2,80}\bwe(?:'ll|\swill)?\s(?:post|send|deliver|push)\b[^.。:]{0,80}[:：]\Z"
    r"|\bwe(?:'ll|\swill)?\s(?:then\s)?(?:post|send|deliver|push)\b[^.。:]{0,60}\bto\s(?:your\s|`\w{0,30}(?:hook|callback|notify|url)\w{0,20}`)[^.。:]{0,40}[:：]\Z",
    re.IGNORECASE,
)
# What a line leads to that nobody sends or gets: "Your `package.json`:", "Your server must answer:".
_LEADS_TO_ANOTHER = re.compile(
    r"(?<![\w.-])[\w.-]{0,30}(?:config|settings|package|manifest|mcp|compose)[\w-]{0,12}\.(?:jsonc?|ya?ml|toml)\b[^.。:：]{0,60}[:：]\Z"
    r"|\b(?:config(?:uration)?|settings)\s(?:file\s)?(?:of|for)\s(?:your|the)\s(?:editor|client|ide|agent|app)\b[^.。:：]{0,40}[:：]\Z"
    r"|\byour\s(?:own\s)?(?:server|endpoint|handler|webhook|hook|back-?end|app|application|service)\s(?:(?:must|should|has\sto|needs\sto|can|may|then)\s)?(?:answers?|returns?|responds?|reply|replies)\b[^.。:：]{0,60}[:：]\Z"
    r"|[您你]的(?:服务器?|服务端|接口|后端)(?:应当?|需要?|须|必须)?(?:返回|响应|应答)[^.。:：]{0,30}[:：]\Z"
    r"|\bserver\slogs[:：]\Z",
    re.IGNORECASE,
)
# The same words about what a client sends: "To receive a webhook, send this in the request:".
_SENT_BY_CLIENT = re.compile(
    r"\b(?:in|with|to)\s(?:the|your|a|each|every)\s(?:\w{1,20}\s)?(?:request|body)\b|\bto\s(?:the|our|its|this)\s(?:\w{1,20}\s)?(?:api|endpoint|server)\b|\bto\s(?:receive|get|be\s(?:told|notified|informed))\b|请求(?:体|参数)?(?:中|里)",
    re.IGNORECASE,
)

# What a sentence leads to that comes back: "Here is an example of a response:", "you will get a `400` answer:".
_LEADS_TO_ANSWER = re.compile(
    r"(?:\b(?:example|sample)\b[^.:：]{0,30}\b(?:response|answer|reply)\b|\b(?:get|receive|returns?|responds?|answers?)\b[^.:：]{0,60}\b(?:response|answer|reply|body|json)\b|\b(?:response|answer|reply)\b[^.:：]{0,30}\b(?:looks?|is|like|follows|following|as)\b)[^.:：]{0,80}[:：]\Z"
    r"|\b(?:responds?|replies|answers)\s(?:\w{1,20}\s)?with\b[^.:：]{0,60}[:：]\Z|\b(?:server|service|API|endpoint|call)\s(?:\w{1,20}\s){0,2}returns\b(?![^:：]{0,60}\b(?:field|param|error)s?\b)[^.:：]{0,60}[:：]\Z"
    r"|(?:返回|响应|应答)[^。:：]{0,20}(?:如下|示例|例如|样例)[:：]\Z|(?:返回|响应)[ ]?[`\"]?(?:HTTP[ ])?20\d\b[^。:：]{0,20}[:：]\Z"
    r"|(?:得到|获得|收到|拿到|返回)了?(?:如下|以下|下面|这样)的?(?:结果|响应|返回|内容|数据)[^。:：]{0,10}[:：]\Z"
    r"|(?:得到|获得|收到|拿到)了?(?:一个|一条)?(?:结果|响应)[，,]?[ ]?如下[:：]\Z",
    re.IGNORECASE,
)
# What leads to an answer, and says whose it is: "All endpoints return:", 所有接口均返回：.
ANSWERED_BY_ALL = re.compile(
    r"(?!.{0,200}(?:error|fail|\b[345]\d\d\b|错误|失败|异常))[\s*_>-]{0,8}(?:(?:all|every|each)\s(?:of\s)?(?:(?:the|these|our|two|three|four|API)\s){0,2}(?:end-?points?|calls?|operations?|requests?|APIs?|models?)\s(?:above\s)?(?:returns?|responds?\swith|answers?\swith)\b[^.\n]{0,60}|(?:以上|上述)?(?:所有|全部|各个?)(?:的)?(?:接口|端点|请求|调用|模型)(?:均|都|统一)?(?:会)?返回[^。\n]{0,30})[:：][\s*_]{0,4}",
    re.IGNORECASE,
)
# What leads to an answer of one outcome: 正常返回值，此时status为0：, 异常返回:.
_OF_OUTCOME = re.compile(
    r"(?:(?P<fails>异常|失败|错误|出错)|正常|成功)(?:时|情况下)?的?(?:返回|响应)(?:值|结果|数据|内容|示例)?(?:[,，（( ][^。:：]{0,40})?[:：]\Z"
    r"|(?:(?P<fails_>(?:on|in\scase\sof)\s(?:an?\s)?(?:errors?|failure))|on\ssuccess)[,]?\s(?:it\s|the\s(?:api|server|call)\s)?(?:returns?|answers?|responds?)[^.:：]{0,40}[:：]\Z",
    re.IGNORECASE,
)
_IN_REQUEST = re.compile(
    r"\b(?:in|with|to|of)\s(?:the|your|a|each|every)\s(?:\w{1,20}\s)?request\b|请求(?:体|参数)?(?:中|里)",
    re.IGNORECASE,
)
_OF_FIELDS = re.compile(r"\b(?:fields|members|attributes|properties|keys)\b|字段|属性", re.IGNORECASE)
_OF_STATUS = re.compile(r"(?<![\w.-])(?P<status>[2-5]\d\d)(?![\w-])")


def presence_said(heading: str) -> tuple[bool, bool] | None:
    """Whether the fields below a heading must be given, and whether it says no more than that; None where it
    says nothing of it."""
    bare = heading.strip("#*:： 0123456789.、")
    whole = PRESENCE.fullmatch(bare)
    found = whole or PRESENCE_ASIDE.fullmatch(bare[:80])
    if found is None:
        return None
    said = found.groupdict()
    return bool(said["required"] or said["must"] or said.get("first")), whole is not None


def leads_to_answer(text: str) -> str:
    """The status of the answer to which a sentence leads; "" where it leads to none."""
    if ANSWERED_BY_ALL.fullmatch(text[:200]):
        return "200"
    if outcome := _OF_OUTCOME.match(text[:200]):
        return "4XX" if outcome["fails"] or outcome["fails_"] else "200"
    if not text.endswith((":", "：")) or not _LEADS_TO_ANSWER.search(text) or _IN_REQUEST.search(text):
        return ""
    said = _OF_STATUS.search(text)
    return said["status"] if said else "200"


def leads_to_answer_fields(text: str) -> bool:
    """Whether a sentence leads to the fields of an answer: "The response has these fields:", 返回的字段如下：."""
    return bool(_OF_FIELDS.search(text)) and bool(leads_to_answer(text))


@functools.lru_cache(maxsize=4096)
def part_of(line: str) -> str:
    """Which part of a page a line heads: "body", "response", "error", "status"; "" for any other line."""
    text = _NUMBER.sub("", _PICTURE.sub("", line.strip("#*:： ")))
    if not text or len(text) > MAX_HEADING or (text.isascii() and text.isalpha() and text.islower()):
        return ""
    return next((part for part, pattern in _PARTS if pattern.match(text)), "")


def leads_to_another(text: str) -> bool:
    """Whether a line leads to what is of no call: a file of settings, or what the reader's own server answers."""
    return _LEADS_TO_ANOTHER.search(text[:200]) is not None


def leads_to_callback(text: str) -> bool:
    """Whether a sentence leads to what is sent to the client's own address."""
    return _LEADS_TO_CALLBACK.search(text) is not None and not _SENT_BY_CLIENT.search(text)
