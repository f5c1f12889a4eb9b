"""What the heading of a column says of it: names, types, what is required, in English, Chinese and others."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import functools
import re

# Role -> what its heading says. A heading that says none of these has no role, and its cells are not read.
_ROLES = {
    "name": r"(?:(?:request|response|body|input|output)\s{1,3})?(?:parameter|param|field|property|attribute|argument|variable|key|body|query|path|header|item|arg)?\s{0,3}(?:name|key|path|id)s?|(?:json|full)\s{1,3}path|args?|(?:body|request|response|input|output)\s{1,3}(?:param(?:eter)?s?|fields?)|parameters?|params?|fields?|property|properties|attributes?|arguments?|keys?|参数(?:名称?|字段|路径|项)?|字段(?:名称?|路径|项)?|(?:请求|返回|响应)(?:参数|字段)(?:名称?)?|名称|键名?|路径|项目?|属性(?:名称?)?|变量(?:名)?|入参|出参",
    # The name of a field inside of the one that the row, or one above it, names.
    "child": r"(?:sub|child|nested|inner)[-\s]{0,2}(?:parameter|param|field|property|attribute|key)s?(?:\s{1,3}name)?|子(?:参数|字段|属性)(?:名称?)?",
    "type": r"(?:data\s{0,3}|value\s{0,3})?types?(?:\s{0,3}[/,&]\s{0,3}(?:is\s)?required\??)?|类型\s?[/／、]\s?(?:是否)?必[填选]|(?:数据|参数|字段)?类型|格式类型|数据格式|值类型|kind",
    "required": r"(?:is\s{0,3})?(?:required(?:\s{1,3}fields?)?|mandatory|necessary|must|compulsory|needed)\??(?:\s{0,3}\(.{1,12}\))?|req\.?|necessity|presence|必填(?:项)?|(?:是否)?(?:必填|必选|必须|必需|必传|必要)(?:项|性|与否)?|必填[/／]选填|选填[/／]必填|可选[/／]必[选填]|要求|(?:required|mandatory)\s{0,2}/\s{0,2}optional|optional\s{0,2}/\s{0,2}(?:required|mandatory)|required\s{0,2}\(y/n\)",
    "optional": r"(?:is\s{0,3})?optional\??|(?:是否)?(?:可选|选填)",
    "default": r"defaults?(?:\s{0,3}values?)?|(?:默认|缺省)(?:值|取值)?",
    "enum": r"enum(?:s|eration|erated)?(?:\s{0,3}values?)?|(?:allowed|possible|available|valid|supported|accepted|acceptable)\s{0,3}(?:values?|options?)|options?|choices|枚举值?|可选值|可用值|有效值|选项",
    "description": r"descriptions?|desc\.?|notes?|remarks?|details?|meaning|comments?|explanation|about|usage|purpose|info(?:rmation)?|summary|what\s{1,3}it\s{1,3}(?:is|does)|描述|(?:参数|字段)?(?:说明|描述|备注|含义|解释)|备注|用途|作用|(?:详细)?(?:说明|描述)|简介|含义|详情|补充说明",
    "limits": r"(?:limit(?:s|ations?)?|constraints?|restrictions?|rules?|(?:values?\s{0,3}|valid\s{0,3}|allowed\s{0,3})?range|(?:max(?:imum)?|min(?:imum)?)?\s{0,3}(?:length|size|value|count)|max(?:imum)?|min(?:imum)?|validation|限制|约束|规则|(?:取值)?范围|取值|长度(?:限制)?|(?:最大|最小)(?:长度|值)|数量限制)",
    "place": r"in|location|position|place|where|位置|所在位置|参数位置",
    "value": r"values?|值|取值",
    # Of a table that has such a column each row is an operation.
    "method": r"(?:http\s{0,3}|request\s{0,3})?(?:methods?|verb)|(?:http\s{0,3})?(?:请求)?(?:方式|方法)",
    "example": r"examples?(?:\s{0,3}values?)?|samples?|(?:参数|字段)?示例值?|例子|样例",
}
# The same in other languages: Spanish, Portuguese, French, German, Russian, Japanese, Korean.
_ROLES_ABROAD = {
    "name": r"par[aá]metros?|campos?|nombre|nome|param[eè]tres?|champs?|feld(?:name)?|параметры?|поле|имя|название|パラメータ(?:ー)?(?:名)?|フィールド(?:名)?|項目(?:名)?|매개변수|파라미터|필드",
    "type": r"tipo(?: de dato)?|typ|datentyp|тип(?: данных)?|データ型|型|タイプ|타입|유형|자료형",
    "required": r"requerid[oa]|obligatori[oa]|obrigat[óo]ri[oa]|requis|obligatoire|erforderlich|pflicht(?:feld)?|обяз\.?|обязательн(?:ый|ое|о|ость)\??|必須|필수(?: ?여부)?",
    "default": r"(?:valor )?(?:predeterminado|por defecto|padr[ãa]o)|(?:valeur )?par défaut|défaut|standard(?:wert)?|по умолч(?:анию|\.)|デフォルト(?:値)?|既定値|기본값?",
    "description": r"descripci[óo]n|descri[çc][ãa]o|beschreibung|описание|説明|설명",
    "example": r"ejemplo|exemplo|exemple|beispiel|пример|例|예시?",
    "method": r"m[ée]todo|méthode|methode|метод|メソッド|메서드",
}
# All in one, in their order: asked one after the other they were most of the time that long pages took.
_ROLE = re.compile(
    "|".join(
        rf"(?P<{role}>(?:{pattern}|{_ROLES_ABROAD.get(role, pattern)})\Z)" for role, pattern in _ROLES.items()
    ),
    re.IGNORECASE,
)


@functools.lru_cache(maxsize=1024)
def role_of(heading: str) -> str:
    """The role of a column, "" for one whose heading says none: "Is required?" is "required"."""
    found = _ROLE.match(heading.strip(": ："))
    return found.lastgroup or "" if found else ""
