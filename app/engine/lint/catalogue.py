"""Every rule: its id, how serious it is, what it means, why it is there and what to do. ``docs/lint.md`` is made of it."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.findings import ERROR, WARNING

# Where a rule speaks: about the file, the run copy (a change), the engine's limits, or our own house.
FILE, CHANGE, ENGINE, HOUSE = "檔案", "變更", "引擎", "本系統"


@dataclass(frozen=True, slots=True)
class Rule:
    severity: str
    kind: str
    what: str
    why: str
    fix: str


def _file(what: str, why: str, fix: str) -> Rule:
    return Rule(ERROR, FILE, what, why, fix)


def _change(what: str, why: str, fix: str) -> Rule:
    return Rule(ERROR, CHANGE, what, why, fix)


def _faithful(what: str, why: str, fix: str) -> Rule:
    return Rule(WARNING, CHANGE, what, why, fix)


def _engine(what: str, why: str, fix: str) -> Rule:
    return Rule(ERROR, ENGINE, what, why, fix)


def _house(what: str, why: str, fix: str) -> Rule:
    return Rule(ERROR, HOUSE, what, why, fix)


def _advice(what: str, why: str, fix: str) -> Rule:
    return Rule(WARNING, HOUSE, what, why, fix)


FILE_RULES = {
    "xml.empty": _file("檔案是空的", "沒有可讀的內容", "重新匯出流程圖"),
    "xml.size": _file("檔案超過 2 MB", "避免一份檔案佔滿主機", "拆成數個流程"),
    "xml.encoding": _file("不是 UTF-8（或 Latin-1）", "其他編碼可藏住危險內容", "另存成 UTF-8"),
    "xml.doctype": _file("含 DOCTYPE 或 ENTITY", "可用來讀取主機檔案或膨脹記憶體", "移除宣告"),
    "xml.entity": _file("含實體參照", "同上", "改寫成一般文字"),
    "xml.syntax": _file("不是完整的 XML", "無法讀取", "用流程編輯器重新存檔"),
    "xml.elements": _file("超過 20,000 個元素", "避免佔滿主機", "拆成數個流程"),
    "xml.depth": _file("層層包了 100 層以上", "避免耗盡堆疊", "簡化結構"),
    "bpmn.root": _file("最外層不是 definitions", "不是 BPMN 2.0", "匯出成 BPMN 2.0 XML"),
    "id.duplicate": _file("id 重複", "流向與泳道會連錯", "給每個元素不同的 id"),
    "id.syntax": _file("id 含不能用的字元", "id 會寫入紀錄與網址", "用字母、數字、底線"),
    "process.size": _file("一個流程超過 300 個節點", "引擎遞迴過深（D2）", "移到呼叫流程"),
    "process.nesting": _file("子流程超過 12 層", "引擎遞迴過深（D2）", "簡化結構"),
    "process.none": _file("檔案裡沒有可執行的流程", "沒有步驟可以執行", "至少畫一個有步驟的流程"),
    "package.diagram": _file("缺少流程圖", "套件以流程圖命名", "放入 bpmn/<key>/<key>.bpmn"),
    "sandbox.time": _file("檢查逾時", "內容可使讀取器永不結束", "移除懸空的資料參照，或重新繪製"),
    "sandbox.crash": _file("檢查用盡記憶體或中止", "同上", "縮小檔案或重新繪製"),
    "engine.parse": _file("流程引擎無法讀取某元素", "引擎不支援該寫法", "依訊息改正該元素"),
    "file.unreadable": _file("檔案無法讀取", "不存在或沒有權限", "檢查路徑"),
    "engine.depth": _file("流程太長", "引擎遞迴過深（D2）", "移到子流程"),
}

CHANGE_RULES = {
    "id.missing": _change("元素沒有 id", "無法在紀錄中指認", "補上 id"),
    "process.executable": _change("流程標示為不可執行", "引擎不會執行", "設 isExecutable=true"),
    "pool.empty": _faithful("參與者裡沒有步驟", "是外部單位", "不必處理"),
    "pool.message_flow": _faithful("訊息流", "跨參與者的線只是說明", "要等訊息請用訊息事件"),
    "data.ignored": _faithful("資料物件、資料庫", "資料放在表單與資料表，不在圖上；懸空的參照會使讀取器永不結束", "不必處理"),
    "node.unknown": _change("引擎不認得的種類", "會被略過", "改用一般工作"),
    "node.misplaced": _change("步驟或流向放在工作或泳道裡面", "讀取器會找錯地方", "用流程編輯器重新存檔"),
    "subprocess.empty": _change("空的子流程", "引擎無法讀取", "畫出步驟或改為工作"),
    "subprocess.adhoc": _change("臨機子流程", "步驟次序不定", "改為一般子流程"),
    "event_subprocess": _change("事件子流程（D11）", "不會中斷主流程，且改壞後來案件共用的定義", "改用子流程加邊界事件"),
    "event.compensation": _change("補償活動", "引擎不執行補償（D14）", "畫成一般路線"),
    "gateway.complex": _change("複合閘道", "引擎不支援", "改為可複選閘道"),
    "gateway.event": _change("事件閘道後面不是等待事件", "引擎只等事件", "後面只接等待事件"),
    "gateway.condition": _change("分支條件缺少或不是 FEEL（D8、D14）", "其他語言會執行任意程式，或執行時才出錯", "寫 FEEL 條件"),
    "gateway.default": _change("擇一閘道有一條路沒有條件", "沒有一條成立時案件會停住", "把它設為預設流向"),
    "task.plain": _change("沒有種類的工作", "引擎不知道由誰做", "選人員工作或系統工作"),
    "task.operation": _change("系統工作沒有可用的系統作業", "沒有程式可執行", "選擇已登記的系統作業"),
    "task.decision": _change("決策沒有可用的決策表", "沒有規則可判定", "放入 rules/<key>/*.dmn 並填 id"),
    "task.script": _change("腳本不是 FEEL（D8）", "Python 等程式可控制主機，一律不執行", "改寫成 FEEL 指定式或系統作業"),
    "task.called": _change("呼叫的流程不存在", "無法往下走", "把流程放進同一套件"),
    "task.message": _change("發送或接收沒有訊息", "不知等什麼", "指定訊息"),
    "task.quantity": _change("指定權杖數量", "引擎不執行", "移除 startQuantity、completionQuantity"),
    "loop.limit": _change("重複上限不是 1 至 1000 的整數", "引擎會無限重複或出錯", "填正整數"),
    "loop.condition": _change("重複條件不是 FEEL", "執行時才出錯", "寫 FEEL 條件"),
    "loop.endless": _change("重複沒有條件與上限", "永不結束", "填條件或上限"),
    "multiple.count": _change("多人執行沒有份數或名單", "不知要開幾份", "填 loopCardinality 或 loopDataInputRef"),
    "multiple.condition": _change("提前完成條件不是 FEEL", "執行時才出錯", "寫 FEEL 條件"),
    "event.link": _change("連結事件（D14）", "引擎略過；成對的已接成流向", "直接畫流向"),
    "event.start": _change("開始事件有觸發", "開案由系統或人員進行", "改為一般開始"),
    "event.trigger": _change("引擎不執行的事件（D14）", "信號結束、補償、錯誤開始等會被默默略過", "改用可執行的事件"),
    "event.multiple": _change("事件有多個觸發", "引擎處理時會改動自己正在走訪的清單", "只留一個觸發"),
    "event.plain": _change("等待事件沒有觸發", "不知等什麼", "指定訊息、計時、信號或條件"),
    "event.condition": _change("條件事件的條件不是 FEEL", "執行時才出錯", "寫 FEEL 條件"),
    "event.reference": _change("事件沒有指定訊息、信號、錯誤或升級", "無法對應", "指定並命名"),
    "boundary.host": _change("邊界事件沒有附著", "永不發生", "附著到工作或子流程"),
    "boundary.trigger": _change("邊界事件沒有可執行的觸發", "引擎無法讀取", "指定觸發"),
    "timer.value": _change("計時沒有時間或寫法不對（D14）", "引擎到執行時才出錯", "寫 P7D、PT8H、R3/P1D、日期或 FEEL"),
    "flow.dangling": _change("流向沒有連到兩個步驟", "引擎無法讀取", "重新連線"),
    "flow.default": _change("預設流向不存在", "沒有預設路線", "重新指定"),
    "flow.split": _faithful("步驟後面有數條或有條件的流向（D14）", "引擎默默略過條件；已改由閘道分出，走法相同",
                            "建議直接畫閘道"),
    "flow.condition": _change("條件放在不判斷條件的地方", "引擎不看", "移除條件，或換閘道種類"),
    "start.many": _change("多個開始事件", "引擎只走其中一個", "合為一個"),
    "start.none": _change("沒有開始事件", "引擎無法讀取", "補上開始事件"),
    "end.none": _change("沒有結束事件", "案件永不結束", "補上結束事件"),
    "node.unreachable": _change("走不到的步驟（D14）", "引擎默默移除", "接上流向或刪除"),
    "node.dead_end": _change("後面沒有流向的步驟（D14）", "案件顯示完成但沒有結果", "接到結束事件"),
}

ENGINE_RULES = {
    "join.in_loop": _engine("匯合在迴圈內（D1）", "第二輪起提早放行，主管會在法務之前收到", "把分流與匯合移到子流程"),
    "loop.no_wait": _engine("迴圈內沒有等待的步驟（D2）", "同一步內永不停止", "放入人員工作、計時或訊息"),
    "event_gateway.timers": _engine("事件閘道後有兩個以上計時（D12）", "引擎讓它們共用一個到期時間", "只留最短的一個"),
    "timer.cycle_wait": _engine("週期邊界計時後面有等待的步驟（D13）", "主工作完成時那個步驟會消失",
                                "改用一次計時，或只接系統工作"),
    "id.reserved": _engine("id 是引擎保留字（D14）", "流程一開始就結束", "換一個 id"),
    "multiple.limit": _engine("多人執行超過 50 份", "時間隨份數平方增加", "改由系統作業為每一方開案"),
    "call.recursive": _engine("流程呼叫自己", "永不結束", "移除循環呼叫"),
    "id.shared": _engine("不同檔案用了同一個 id", "節點會混在一起", "換一個 id"),
    "parallel.row": _engine("並行分支一段接一段，預測的步驟超過 1,000", "引擎把必走的路全部展開，每多一段就加倍",
                            "每一段分流到匯合移到子流程"),
    "operation.parameter": _engine("系統作業的參數不是 FEEL", "執行時才出錯", "改寫參數；文字要加雙引號"),
}

HOUSE_RULES = {
    "process.id": _house("流程 id 與套件名稱不同", "案件以套件名稱開案", "把流程 id 改成套件名稱"),
    "process.extra": _house("有流程沒有被呼叫", "一個套件只有一個起點", "用呼叫流程接上，或移到另一套件"),
    "id.style": _house("id 不是英文小寫加底線", "id 是公開的名稱，發布後不再改", "如 review_documents"),
    "id.verb": _advice("工作的 id 不是「動詞_名詞」", "讀紀錄的人要看得懂", "如 review_documents"),
    "name.missing": _house("人會看到的步驟沒有名稱", "清單與歷程顯示名稱", "填中文名稱"),
    "name.length": _advice("名稱超過 24 字", "清單放不下", "縮短，細節寫在說明"),
    "name.chinese": _advice("名稱沒有中文", "使用者看中文", "改用中文"),
    "flow.name": _advice("分支的流向沒有名稱", "圖上看不出為何走這條路", "填「是」「否」或條件的說法"),
    "gateway.no_default": _advice("分支沒有預設流向", "條件都不成立時案件停住等人處理", "指定一條預設流向"),
    "gateway.mixed": _advice("閘道同時匯合又分流", "不易看懂", "拆成兩個閘道"),
    "event.conditional": _house("條件事件", "只在別的步驟執行時才會被看一眼，出錯時沒有人知道", "改用訊息或計時"),
    "timer.cycle_place": _house("週期計時不在不中斷的邊界事件", "其他位置只能響一次", "改成一次計時，或放在不中斷的邊界事件"),
    "flow.twin": _house("兩條流向接在同樣兩個步驟之間", "歷程分不出走了哪一條", "合成一條，條件以 or 相連"),
    "merge.implicit": _advice("數條流向直接進入步驟", "每一條都會各開一份工作", "前面放擇一閘道匯合"),
    "lane.missing": _house("人員工作不在泳道內", "不知由誰辦理", "放進角色的泳道"),
    "lane.role": _house("泳道的 id 不是已有的角色", "沒有人看得到工作", "用已有的角色作泳道 id"),
    "lane.name": _house("泳道沒有名稱或同名", "引擎以名稱辨認泳道", "給不同的名稱"),
    "task.form": _house("人員工作沒有可用的表單", "無法填寫", "填 formKey，並放入 forms/<key>/"),
    "task.property": _advice("不認得的設定", "可能打錯字，會被略過", "對照說明修正"),
    "task.reference": _house("設定指到不存在的節點", "執行時沒有效果", "改成存在的節點 id"),
    "task.outputs": _house("輸出的變數名稱不能用（D5）", "會使案件無法載入", "用英文小寫名稱，避開保留字"),
    "task.outputs_form": _advice("輸出的變數不是表單的欄位", "條件會讀不到值", "改成表單欄位的 key"),
    "task.due": _house("期限不是 FEEL 或 ISO 時間", "執行時才出錯", "如 working days after(today(), 5)"),
    "task.phase": _house("狀態種類不是已有的種類", "畫面沒有對應的顏色", "用 idle run act done bad hold"),
    "task.withdraw": _house("撤回設定放錯地方", "申請人撤回時找不到", "放在名為 withdraw 的訊息邊界事件"),
    "operation.unknown_parameter": _advice("系統作業沒有這個參數", "會被略過", "對照作業的參數"),
    "variable.unknown": _advice("讀取的變數沒有任何步驟寫入", "條件不成立或停住", "檢查拼字，或列入輸出"),
}

RULES: dict[str, Rule] = FILE_RULES | CHANGE_RULES | ENGINE_RULES | HOUSE_RULES


def as_markdown() -> str:
    """The text of ``docs/lint.md``."""
    parts = [_INTRODUCTION]
    for title, rules in (("檔案", FILE_RULES), ("執行副本的變更", CHANGE_RULES), ("引擎的限制", ENGINE_RULES),
                         ("本系統的規定", HOUSE_RULES)):
        rows = [f"| `{name}` | {'錯誤' if rule.severity == ERROR else '警告'} | {rule.what} | {rule.why} | {rule.fix} |"
                for name, rule in rules.items()]
        parts.append(f"\n## {title}\n\n| 規則 | 程度 | 內容 | 為什麼 | 怎麼辦 |\n|---|---|---|---|---|\n" + "\n".join(rows))
    return "\n".join(parts) + "\n"


_INTRODUCTION = """# 流程圖檢查規則

`flask package check 檔案…` 與發布時使用同一套規則。**錯誤**不能發布，**警告**可以。代號 D1–D16 是流程引擎
SpiffWorkflow 3.2.0 已重現的缺陷，本系統以規則或程式避開。

「執行副本的變更」有兩種用法：開啟外來的圖時照表補齊，並逐項列出，讓人知道試走與原圖差多少；發布自己的圖時，
凡會減少原圖意思的變更（程度為「錯誤」者）一律退回請人改圖。原檔永遠逐位元組保留。
決策表與表單的規則見各自的說明。本頁由 `app/engine/lint/catalogue.py` 產生。"""
