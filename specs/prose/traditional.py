"""Traditional Chinese in the words of simplified Chinese: 參數 → 参数, 預設 → 默认, character for character.

Every word has as many characters as the one that it becomes, so that all places stay what they are. Only
words of API documents are mapped, outside of quotes and code: what a value is called stays as it is written.
"""

from __future__ import annotations

import re

_WORDS = {
    "參數": "参数", "參数": "参数", "類型": "类型", "類別": "类别",
    "說明": "说明", "選填": "选填", "可選": "可选", "必選": "必选",
    "必須": "必须", "預設": "默认", "默認": "默认", "欄位": "字段",
    "屬性": "属性", "請求": "请求", "回應": "响应", "響應": "响应",
    "傳回": "返回", "回傳": "返回", "範例": "示例", "建立": "创建",
    "創建": "创建", "任務": "任务", "查詢": "查询", "狀態": "状态",
    "錯誤": "错误", "代碼": "代码", "圖片": "图片", "圖像": "图像",
    "影像": "图像", "影片": "视频", "視頻": "视频", "視訊": "视频",
    "音訊": "音频", "音頻": "音频", "長度": "长度", "最長": "最长",
    "超過": "超过", "字元": "字符", "字數": "字数", "範圍": "范围",
    "列舉": "枚举", "枚舉": "枚举", "物件": "对象", "對象": "对象",
    "陣列": "数组", "數組": "数组", "整數": "整数", "浮點": "浮点",
    "布林": "布尔", "數字": "数字", "數量": "数量", "張數": "张数",
    "支援": "支持", "網址": "地址", "介面": "接口", "路徑": "路径",
    "標頭": "头部", "回呼": "回调", "回調": "回调", "內容": "内容",
    "輸入": "输入", "輸出": "输出", "輪詢": "轮询", "獲取": "获取",
    "取得": "获取", "結果": "结果", "選項": "选项", "選擇": "选择",
    "大於": "大于", "小於": "小于", "等於": "等于", "處理": "处理",
    "排隊": "排队", "失敗": "失败", "檔案": "文件", "編碼": "编码",
    "提示詞": "提示词", "時長": "时长", "時間": "时间", "解析度": "分辨率",
    "畫質": "画质", "語言": "语言", "寬度": "宽度", "寬高比": "宽高比",
    "啟用": "启用", "備註": "备注", "傳入": "传入", "上傳": "上传",
    "之間": "之间", "以內": "以内", "帳號": "账号", "帳戶": "账户",
    "資料": "数据", "數據": "数据", "清單": "列表", "詳情": "详情",
    "訊息": "消息", "進度": "进度", "識別": "标识", "識別碼": "标识码",
    "張圖": "张图",
}  # fmt: skip
# Of those the ones that pages in simplified Chinese have too: they tell of no other script.
_IN_BOTH = frozenset(("影像", "影片", "取得", "物件", "建立", "介面", "布林", "字元", "解析度", "回呼"))
_SIGNS = str.maketrans("僅為張個無當時於從過條萬與該則項種數", "仅为张个无当时于从过条万与该则项种数")
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
# What is quoted, or in code, is a value: it stays.
_QUOTED = re.compile(
    r"`[^`\n]{1,200}`|\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”|「[^」\n]{1,200}」|『[^』\n]{1,200}』"
)
# A page may name a thing or two in Japanese.
MIN_KANA = 20
_KANA = re.compile(r"[\u3041-\u30ff]")


def is_traditional(text: str) -> bool:
    """Whether a text has one of those words that only it has, and is not Japanese, which has some too."""
    has_one = any(found.group() not in _IN_BOTH for found in _WORD.finditer(text))
    return has_one and len(_KANA.findall(text)) < MIN_KANA


def simplified(text: str) -> str:
    """The text with those words as simplified Chinese has them, but for what is quoted or in code."""
    out: list[str] = []
    end = 0
    for quoted in _QUOTED.finditer(text):
        out += [_mapped(text[end : quoted.start()]), quoted.group()]
        end = quoted.end()
    return "".join(out) + _mapped(text[end:])


def traditional(text: str, page: str) -> str:
    """A text that quotes a page in simplified words, with the words as the page has them."""
    for word, simple in _WORDS.items():
        if simple in text and word in page and simple not in page:
            text = text.replace(simple, word)
    return text


def _mapped(text: str) -> str:
    return _WORD.sub(lambda found: _WORDS[found.group()], text).translate(_SIGNS)
