"""What an operation does to a task, as headings say it."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re

_ROLES = (
    ("list", re.compile(r"\blist\b|\ball\b|列表|批量|全部", re.IGNORECASE)),
    (
        "query",
        re.compile(
            r"\bquer(?:y|ies|ying)\b|\bget\b|\bretriev|\bfetch|\bsingle\b|\bpoll|\bresults?\b|\bstatus\s(?:response|query|check|request|reply)\b|查询|获取|轮询|结果"
            r"|\b(?:consultar?|obter|obtener|verificar|r[ée]cup[ée]rer|abfragen?|получ\w{1,6}|проверк\w{1,3}|провер\w{1,4})\b|取得|照会|조회|확인",
            re.IGNORECASE,
        ),
    ),
    (
        "create",
        re.compile(
            r"\bcreat(?:e|es|ing|ion)\b|\bsubmi(?:t|ssion)|\bgenerat|创建|提交|发起|生成"
            r"|\b(?:criar|crear|cr[ée]er|cr[ée]ation|erstell\w{1,3}|созда\w{1,5}|gerar|generar|enviar)\b|作成|생성",
            re.IGNORECASE,
        ),
    ),
)

# A label of an answer with what was done: "Submit response", 查询任务响应, "…. 查询返回通用包装：".
_DONE = r"(?:task|job|request|result|status|video|image)s?"
_ANSWERS = (
    (
        "query",
        re.compile(
            rf"(?:query|poll(?:ing)?|status|fetch|retriev(?:e|al))(?:\s{_DONE}){{0,2}}\s(?:response|answer|reply|returns)\b"
            r"|(?:查询|轮询)(?:任务|结果|状态|接口|请求|视频|图片){0,3}的?(?:响应|返回)",
            re.IGNORECASE,
        ),
    ),
    (
        "create",
        re.compile(
            rf"(?:submit|submission|creat(?:e|ion))(?:\s{_DONE}){{0,2}}\s(?:response|answer|reply|returns)\b"
            r"|(?:提交|创建)(?:任务|接口|请求|视频|图片){0,3}(?:成功)?的?(?:响应|返回)",
            re.IGNORECASE,
        ),
    ),
)
MAX_LABEL = 60

# Of a heading above a list that no operation gives: 模型列表, "List of error codes".
_OF_OTHER_LISTS = re.compile(
    r"模型|参数|字段|音色|错误|状态码|接口|版本|语言|价格|功能|特性|枚举|\b(?:models?|parameters?|fields?|errors?|codes?|voices?|endpoints?|features?|values|languages?)\b",
    re.IGNORECASE,
)


def role_of_heading(text: str) -> str:
    """What an operation does to a task of which a heading speaks: create, query, list; "" where it says none."""
    found = next((name for name, pattern in _ROLES if pattern.search(text)), "")
    return "" if found == "list" and _OF_OTHER_LISTS.search(text) else found


def role_of_answer(text: str) -> str:
    """Of which operation a label says that an answer is: create, query; "" for any other line. The last of its
    sentences counts, which begins with what was done and ends as a label does."""
    text = text.strip("-*•#>` \t")
    if not text.endswith((":", "：")) and len(text) > MAX_LABEL // 2:
        return ""
    last = re.split(r"[。.;；]", text.strip("*:： "))[-1].strip()
    if len(last) > MAX_LABEL:
        return ""
    return next((name for name, pattern in _ANSWERS if pattern.match(last)), "")
