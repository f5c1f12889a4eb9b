"""Whether a cell says that a field must be given: yes, ✓, 必填; or need not: no, ✗, 可选."""

from __future__ import annotations

import re

YES = re.compile(
    r"(?:yes|y|true|required|mandatory|must|m|是|必填|必选|必须|必需|必传|必要|√|✓|✔️?|✅|☑️?|●|⭕️?|1|"
    r"s[íi]|sim|oui|ja|да|はい|예|네|requerid[oa]|obligatori[oa]|obrigat[óo]ri[oa]|requis|obligatoire|erforderlich|обязательн(?:ый|о|ое)|必須|필수)\Z",
    re.IGNORECASE,
)
NO = re.compile(
    r"(?:no|n|false|optional|not\s*required|o|否|选填|可选|可不填|非必[填须选传需要]|不必[填传]|×|✗|✘|❌|✖️?|○|◯|0|[-–—]|"
    r"n[ãa]o|non|nein|нет|いいえ|아니요|opcional|optionnel(?:le)?|facultati(?:f|vo)|необязательн(?:ый|о|ое)|任意|선택|)\Z",
    re.IGNORECASE,
)


# Before a word that says it, a mark that says the same.
_MARK_BEFORE = re.compile(r"\A[✅✔✓☑❌✖✗✘×⭕●○◯🔴🟢⚪⚫]\ufe0f?\s{0,2}(?=\w)")


def without_mark(cell: str) -> str:
    """The cell without the mark before its word: "✅ required", "❌ 可选"."""
    return _MARK_BEFORE.sub("", cell)


def is_presence(cell: str) -> bool:
    """Whether a cell says that a field must be given or need not, and nothing else; an empty one does not."""
    bare = cell.strip("`* ")
    return bool(YES.match(bare) or (bare and NO.match(bare)))
