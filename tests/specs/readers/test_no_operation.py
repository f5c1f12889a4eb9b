"""Texts that look like parts of a page about an API and say no operation are refused."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.errors import UnderstudyError
from understudy.specs.readers import read


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "# Deploy the API\n\nMount two folders.\n\n#### /models\n\n"
            '```json\n{"files": ["a.bin"]}\n```\n\n#### /outputs\n\n```json\n{"files": []}\n```\n',
            id="folders",
        ),
        pytest.param(
            "# Settings of the API\n\n### /etc/fox/main.json\n\n"
            '```json\n{"status": "on"}\n```\n\n### /etc/fox/logs.json\n\n```json\n{"level": "info"}\n```\n',
            id="files",
        ),
        pytest.param(
            "# Pages of the API's site\n\n### /status\n\nWhat runs.\n\n### /about\n\nWho we are.\n",
            id="pages-of-a-site",
        ),
        pytest.param(
            "What is a seed?A number.\nIs it a string?No, an integer.\nWhich array?None.\n", id="questions"
        ),
        pytest.param("# Pointers\n\nIn C one writes\n\nchar*string\n\nfor a text.\n", id="a-pointer"),
        pytest.param("# Releases\n\n## 2.4.0\n\n- Added `seed` to loops.\n- Faster.\n", id="a-changelog"),
        pytest.param("# 公告\n\n今天凌晨接口短暂不可用，现已恢复。\n", id="an-announcement"),
    ],
)
def test_text_without_an_operation_is_refused(text: str) -> None:
    with pytest.raises(UnderstudyError, match="in no known format"):
        read(Document("text.md", text))
