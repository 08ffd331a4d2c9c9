"""The words of the page: what an outcome, a state, a promise and a set-up are called.

Japanese first, a short English caption beside.  Every outcome has a sign and a word, so that no
colour ever stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Outcome:
    """A sign, a word in Japanese and English, and which of five tones colours them."""

    sign: str
    ja: str
    en: str
    tone: str  # good, limit, bad, doubt, rest
    known: bool = True  # False: a word that came and that nobody foresaw


@dataclass(frozen=True)
class SetUp:
    """Where the programs stand, and what promises 2, 4 and 8 are worth there."""

    code: str
    ja: str
    never_released: str
    two_persons: str
    history: str
    does_not: str


ATTACK_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "refused": Outcome("○", "防いだ", "refused", "good"),
    "known limit": Outcome("△", "既知の限界", "known limit", "limit"),
    "opened": Outcome("×", "開いた", "opened", "bad"),
}
PROMISE_STATES: Final[Mapping[str, Outcome]] = {
    "kept": Outcome("○", "守られた", "kept", "good"),
    "kept against outsiders": Outcome(
        "◐", "外部の人に対して守られた", "kept against outsiders", "limit"
    ),
    "not yet": Outcome("－", "まだない、または確かめていない", "not yet", "rest"),
    "broken": Outcome("×", "破れた", "broken", "bad"),
}
NOT_LOOKED_AT: Final[Mapping[str, str]] = {
    "the watch, which would find what an enrolled device passed on": (
        "漏えい監視（許された端末が開けて渡したものを見つける仕組み）"
    ),
    "a machine that stops with its witness: here both are one": (
        "立会人ごと止まる機械（この訓練では同じ 1 台）"
    ),
    "that the witnesses run elsewhere, in other hands: here all are on one machine": (
        "立会人が別の場所で別の人の手にあること（この訓練ではすべて同じ 1 台）"
    ),
}
STEP_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "done": Outcome("○", "完了", "done", "good"),
    "ok": Outcome("○", "完了", "ok", "good"),
    "skipped": Outcome("－", "省いた", "skipped", "rest"),
    "failed": Outcome("×", "失敗", "failed", "bad"),
}
PART_STATES: Final[Mapping[str, Outcome]] = {
    "never_released": Outcome("○", "鍵は一度も出ていない", "never released", "good"),
    "released_key_destroyed": Outcome(
        "◐", "鍵は出たが、使い捨ての鍵は壊された", "released, one-time key destroyed", "limit"
    ),
    "released_device_accounted_for": Outcome(
        "◑", "鍵は出たが、その端末の所在は確かだ", "released, device accounted for", "limit"
    ),
    "released_travelled": Outcome(
        "×", "端末か開封許可が一緒に失われた", "released, device or grant travelled with it", "bad"
    ),
    "released_no_receipt": Outcome(
        "？", "鍵が出て、受領証がまだない", "released, no receipt", "doubt"
    ),
}
CERTAINTIES: Final[Mapping[str, str]] = {
    "S": "出典で確認",
    "T": "実行して確認",
    "M": "未照合（記憶による）",
    "U": "不確か",
}
WORDS: Final[Mapping[str, str]] = {
    "ledger": "鍵の台帳",
    "device": "端末の署名した受領証",
    "person": "担当者の申告",
    "nobody": "誰も述べていない",
}
FIGURES: Final[Mapping[str, str]] = {
    "wall_s": "訓練全体",
    "peak_mib": "使った記憶域の最大",
    "invent_s": "架空の市を作る",
    "take_in_s": "名簿の受入",
    "decide_s": "全世帯の判定",
    "seal_s": "封緘",
    "grant_s": "開封許可",
    "open_s": "開封",
    "enquire_s": "問合せへの回答",
    "revoke_s": "紛失の届けから失効まで",
    "impact_s": "影響人数の集計、義務の照合、報告書の下書き",
    "impact_to_papers_s": "集計から、すべての書類が刷り上がるまで",
    "papers_s": "すべての書類の下書きと印刷",
    "release_check_s": "公に言うことの検査（名簿との突き合わせ）",
    "attacks_s": "攻撃の試行",
    "inspect_s": "発見後の点検",
    "audit_s": "台帳の監査",
    "search_s": "値の探索",
}
PROMISES: Final = (
    (
        "拾った人に分かるのは、封緘物であること、連絡先、番号、書いた時刻、部分の数と大きさの段だけ。",
        "A finder learns nothing about anybody.",
    ),
    (
        "鍵は、台帳に確かに書かれてからしか出ない。だから各部分がどの状態かを示せる。",
        "No key leaves before the ledger says so.",
    ),
    (
        "途切れず署名された契約の外にいる者には、鍵を渡さない。",
        "No key outside the chain of agreements.",
    ),
    (
        "持出許可がなければ何も運ばない。承認は、申請者でない二人が自分の鍵で署名する。",
        "Nothing is carried without an order and two approvers.",
    ),
    (
        "期限を過ぎたものは、ひとりでに警報になる。時計が止まれば立会人が知らせる。",
        "What is late raises the alarm by itself.",
    ),
    (
        "紛失の届けは、まず鍵を止め、それから数える。",
        "A declared loss revokes first, then counts.",
    ),
    (
        "影響を受けた人は、封をした時の控えから正確に数える。重ねて数えない。",
        "The affected are counted exactly, nobody twice.",
    ),
    (
        "記録は、管理者であっても、気づかれずには書き換えられない。",
        "History cannot be rewritten unnoticed.",
    ),
    (
        "住民の値は、台帳、ログ、URL、エラー、ファイル名のどこにもない。",
        "No resident's value in ledgers, logs, URLs, errors or names.",
    ),
    (
        "誰も既定では決められない。対象、対象外、判定できない、のそれぞれに理由がある。",
        "Nobody is decided by default.",
    ),
    (
        "支援措置の人の住所と回答は市の外に出ない。「ない」と「支援措置」は同じ答えになる。",
        "Suppressed residents: no address, no answer leaves the city.",
    ),
    ("問合せは、答える前に記録する。", "An enquiry is journalled before it is answered."),
    ("漏えい監視の索引に、読める値はない。", "The watch index holds no readable value."),
    (
        "お知らせが本物かどうか、住民が確かめられる。",
        "A resident can check that a letter is genuine.",
    ),
    (
        "法についての結論は「根拠となる資料」であり、判定ではない。空欄は名指しし、推測しない。",
        "What is said about law is evidence, never a verdict.",
    ),
)
_OUTSIDERS: Final = "外部の人に対して"
SETUPS: Final = (
    SetUp(
        "one machine, no witness",
        "1 台、立会人なし",
        _OUTSIDERS,
        _OUTSIDERS,
        _OUTSIDERS,
        "この 1 台を管理する人が鍵を取り出すこと、承認や記録を作り直すことは防げません。",
    ),
    SetUp(
        "one machine + a witness elsewhere",
        "1 台と、別の場所の立会人",
        _OUTSIDERS,
        "はい",
        "はい",
        "この 1 台を管理する人が鍵を取り出すことは防げません。",
    ),
    SetUp(
        "one machine + a witness elsewhere + two witnesses outside the city",
        "1 台と、市の外の立会人 2 者",
        _OUTSIDERS,
        "はい",
        "外部の人が確かめられる",
        "この 1 台を管理する人が鍵を取り出すことは防げません。",
    ),
    SetUp(
        "key service on another host with another administrator",
        "鍵の管理を、別の管理者の別の機械に",
        "はい（その機械の持ち主を除く）",
        "はい",
        "はい",
        "鍵の機械を管理する人が鍵を取り出すことは防げません。",
    ),
    SetUp(
        "+ HSM",
        "さらに HSM（鍵を取り出せない装置）",
        "はい（装置自身の回数も並べて）",
        "はい",
        "はい",
        "装置の暗証番号を握る人が装置を使うことは防げません。",
    ),
    SetUp(
        "+ two witnesses outside the city",
        "さらに市の外の立会人 2 者",
        "同上。外部の人が確かめられる",
        "はい",
        "外部の人が確かめられる",
        "すでに出た鍵を取り戻すこと、端末が忘れたと証明することはできません。",
    ),
)
