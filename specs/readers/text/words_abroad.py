"""What pages in other languages than English and Chinese call the parts of a call: Resposta, Ответ, レスポンス, 응답.

Portuguese, Spanish, French, German, Italian, Russian, Japanese, Korean and Vietnamese; patterns, to be searched for
in a heading, or to be all of a line.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

ANSWER = (
    r"\b(?:respostas?|respuestas?|r[ée]ponses?|antwort(?:en)?|risposta|risposte|ответ(?:а|ы|ов)?|r[üu]ckgabe(?:werte?)?|ph[ảa]n h[ồo]i)\b"
    r"|レスポンス|応答|返却|戻り値|응답|반환"
)
REQUEST = (
    r"\b(?:requisi[çc][ãa]o|requisi[çc][õo]es|solicitud(?:es)?|petici[óo]n|peticiones|requ[êe]te|anfragen?|richiesta|запрос(?:а|ы|ов)?|y[êe]u c[ầa]u)\b"
    r"|リクエスト|要求|요청"
)
_FIELDS = (
    r"\b(?:par[âa]metros?|param[èe]tres?|parametri|параметр(?:ы|ов)?|campos?|champs?|corpo|cuerpo|corps|тело)\b"
    r"|パラメータ(?:ー)?|ボディ|파라미터|매개변수|본문"
)
BODY = rf"{REQUEST}|{_FIELDS}"
PATH = (
    r"\b(?:par[âa]metros?|param[èe]tres?)\s(?:de|da|do|du)\s(?:la\s)?(?:ruta|caminho|rota|path|url|chemin)\b|\bпараметр(?:ы|ов)?\s(?:пути|path|url)\b"
    r"|パスパラメータ|경로\s?(?:파라미터|매개변수)"
)
QUERY = (
    r"\b(?:par[âa]metros?|param[èe]tres?)\s(?:de|da|do)\s(?:query|consulta|requ[êe]te)\b|\bquery[- ](?:параметр(?:ы|ов)?|par[âa]metros?)\b"
    r"|クエリ(?:パラメータ)?|쿼리\s?(?:파라미터|매개변수)"
)
HEADERS = (
    r"\b(?:cabe[çc]alhos?|encabezados?|cabeceras?|en-t[êe]tes?|заголовк[иа]|intestazioni)\b|ヘッダー?|헤더"
)
CALLBACK = r"コールバック|콜백|\b(?:вебхук\w{0,3}|колл?бэк\w{0,3})\b"
REFUSAL = r"\b(?:erros?|errores|erreurs?|fehler|errori|ошибк\w{1,3})\b|エラー|오류|에러"
_EXAMPLE = r"(?:exemplos?|ejemplos?|exemples?|beispiele?|esempio|пример(?:ы)?)"
_OF = r"(?:\s(?:d[aeou]s?|de\sl[ao]|del|dell[ao]|der|des|из|на)\s|\s|\sd['’])"

# The whole of a line that heads a part.
BODY_LINE = rf"(?:{_EXAMPLE}{_OF})?(?:{_FIELDS})(?:{_OF}(?:{REQUEST}))?|(?:{_EXAMPLE}{_OF})?(?:{REQUEST})\s?(?:{_FIELDS}|項目|フィールド|例|필드|예시|예제)?"
ANSWER_LINE = rf"(?:(?:{_EXAMPLE}|{_FIELDS}){_OF})?(?:{ANSWER})(?:{_OF}?(?:sucesso|[ée]xito|exitosa|succ[èe]s|erfolg))?\s?(?:属性|項目|フィールド|パラメータ|ボディ|例|필드|본문|파라미터|예시|예제)?"
