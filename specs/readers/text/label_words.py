"""The labels of rendered pages in a dozen languages, and Mintlify's for each: 请求体 → Body, predeterminado:5 → default: 5."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re

# What a line says as a whole, and what Mintlify says for it.
LINES = tuple(
    (re.compile(rf"(?:{pattern})\Z", re.IGNORECASE), label)
    for pattern, label in (
        (
            r"body param(?:eter)?s?|request body|请求体(?:参数)?|请求正文|主體|リクエストボディ|본문|cuerpo|corps|corpo|тело",
            "Body",
        ),
        (r"query params?|query string params?|查询参数|クエリパラメータ", "Query Parameters"),
        (r"path params?|路径参数|パスパラメータ", "Path Parameters"),
        (r"header params?|headers|请求头", "Headers"),
        (r"请求体\s?[(（]request body[)）]", "Body"),
        (
            r"(?:响应|返回)(?:参数|字段|格式|结构|数据|内容)|响应状态|(?:response|return) (?:param(?:eter)?s?|fields?|formats?)",
            "Response",
        ),
        (r"请求头\s?[(（]headers[)）]", "Headers"),
        (
            r"授权|授權|鉴权|認証|인증|autorizaciones|autorisations|autorizações|autorisierungen|autorizzazioni|авторизаци[ия]",
            "Authorizations",
        ),
        (
            r"responses?|响应|返回|回應|レスポンス|응답|respuesta|réponse|resposta|antwort|risposta|ответ",
            "Response",
        ),
        (
            r"required|必填|必须|必選|必須|필수|requerido|obligatorio|requis|obligatoire|obrigatório|erforderlich|obbligatorio|обязательно",
            "required",
        ),
        (r"已弃用|已废弃|非推奨", "deprecated"),
        (r"(?:示例|範例|例|ejemplo|exemple|exemplo|beispiel|esempio|пример)\s?[:：]", "Examples:"),
        (r"显示子属性|show (?:child|nested) (?:attributes|parameters)", "Show child attributes"),
        (
            r"跳转到主要内容|跳到主要内容|response body|schema|(?:no )?links|code\s+description(?:\s+links)?|media type|controls accept header\.?|example value|try it out|no parameters",
            "",
        ),
    )
)
SECTIONS = ("Body", "Query Parameters", "Path Parameters", "Headers", "Response")
# The beginning of a line, and what Mintlify begins it with.
BEGINNINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), label)
    for pattern, label in (
        (r"(?:default value|defaults to|default)(?:\s?[:：]\s{0,3}|\s)(?=\S)", "default: "),
        (r"默认(?:值|为)?\s?[:：]\s{0,3}(?=\S)|(?:デフォルト|預設值?|predeterminado|(?:par )?défaut|padrão|standard|predefinito|по умолчанию)\s?[:：]\s{0,3}(?=\S)", "default: "),
        (r"(?:最大|字符串最大)(?:字符串)?长度\s?[:：]\s{0,3}|max(?:imum)? ?length\s?[:：]\s{0,3}", "Maximum string length: "),
        (r"(?:最小|字符串最小)(?:字符串)?长度\s?[:：]\s{0,3}|min(?:imum)? ?length\s?[:：]\s{0,3}", "Minimum string length: "),
        (r"default(?=\"|\d|true|false)", "default: "),
        (r"range(?=-?\d+(?:\.\d+)? ?[<≤])", "Required range: "),
        (r"max(?:imum)? ?items\s?[:：]\s{0,3}|最大数组长度\s?[:：]\s{0,3}", "Maximum array length: "),
        (r"min(?:imum)? ?items\s?[:：]\s{0,3}|最小数组长度\s?[:：]\s{0,3}", "Minimum array length: "),
        (r"(?:必填|要求|有效|取值)范围\s?[:：]\s{0,3}(?=-?\d+(?:\.\d+)?\s?[<≤]|x\s?[<>≤≥])", "Required range: "),
    )
)  # fmt: skip
OPTIONS = re.compile(
    r"(?:allowed(?: values?)?|available options|possible values|enum(?: values)?|可用选项|可选值|可用選項|利用可能なオプション|opciones disponibles|options disponibles|opções disponíveis|verfügbare optionen|opzioni disponibili|доступные варианты|枚举值?)\s?[:：]\s{0,3}(?P<rest>.*)\Z|value in(?P<quoted>[\"'`].*)\Z",
    re.IGNORECASE,
)
