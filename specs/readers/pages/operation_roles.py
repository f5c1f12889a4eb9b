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

# Of a heading above a list that no operation gives: 模型列表, "List of error codes".
_OF_OTHER_LISTS = re.compile(
    r"模型|参数|字段|音色|错误|状态码|接口|版本|语言|价格|功能|特性|枚举|\b(?:models?|parameters?|fields?|errors?|codes?|voices?|endpoints?|features?|values|languages?)\b",
    re.IGNORECASE,
)


def role_of_heading(text: str) -> str:
    """What an operation does to a task of which a heading speaks: create, query, list; "" where it says none."""
    found = next((name for name, pattern in _ROLES if pattern.search(text)), "")
    return "" if found == "list" and _OF_OTHER_LISTS.search(text) else found
