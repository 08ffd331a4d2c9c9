"""What stands above and between the figures of an incident's pages, in both languages.

Not sentences of papers: these are the words of a terminal, said in the language of the page.
"""

from __future__ import annotations

from typing import Final

#: code -> Japanese, English; values are put in by name.
_WORDS: Final = {
    "incident": ("事案 {incident}", "incident {incident}"),
    "incident.state": ("事案 {incident}：{state}", "incident {incident}: {state}"),
    "revoked": ("失効済み", "revoked"),
    "revoked.not": ("未失効（NOT YET REVOKED）", "NOT YET REVOKED"),
    "when": (
        "  認知 {known}、最後に保持 {held}",
        "  known {known}, last held {held}",
    ),
    "lost": ("紛失", "lost"),
    "found": ("発見 {at}", "found {at}"),
    "restored": ("二人が取消し", "restored by two persons"),
    "persons.of": ("{persons}人", "{persons} persons"),
    "files.of": ("人数の分からないファイル{files}件", "{files} files of persons not counted"),
    "files.without": (
        "ファイル{files}件の人数：未集計。以下の数には含まない",
        "persons of {files} files: NOT COUNTED; the numbers are without them",
    ),
    "files": ("ファイル{files}件の人数：未集計", "persons of {files} files: NOT COUNTED"),
    "persons": (
        "本人の数：{persons}人（重複なし）、うち支援措置対象者{suppressed}人",
        "persons: {persons}, nobody twice; {suppressed} of them suppressed",
    ),
    "keys": ("鍵：", "keys:"),
    "duties": ("義務、{law}", "duties, {law}"),
    "city": ("市", "city"),
    "processor": ("委託先", "processor"),
    "blanks": ("空欄：{blanks}", "blanks: {blanks}"),
    "head.persons": ("人", "persons"),
    "head.suppressed": ("支援措置", "suppressed"),
    "head.households": ("世帯", "households"),
    "together": ("合計", "together"),
    "table": ("表 {table}", "table {table}"),
    "only": ("{label} のみ", "{label} only"),
    "every": ("すべての封緘物", "on every carrier"),
    "not_counted": ("未集計", "not counted"),
    "readers": ("読めた可能性のある端末：", "can have read it:"),
    "reader": (
        "  {label}：端末 {device}（{party}）、{until}{end}、{persons}人",
        "  {label}: device {device} ({party}), {until}{end}, {persons}",
    ),
    "until": ("開封期間 {at} まで", "window until {at}"),
    "until.not": ("開封期間は不明", "window not known"),
    "ended": ("、鍵は破棄済み（端末の申告）", ", key destroyed on its own word"),
    "readers.none": ("  鍵を渡した端末はない", "  no device was given a key"),
    "clocks": ("当事者ごとの起算：", "each party's own clock:"),
    "clock": ("  {name}：認知 {at}{told}{due}", "  {name}: knew {at}{told}{due}"),
    "clock.not": ("不明（NOT KNOWN）", "NOT KNOWN"),
    "told": ("、上位の当事者へ通知 {at}", ", told the party above {at}"),
    "due": ("、最初の期限 {on}", ", first due {on}"),
    "last_held": ("最後に保持", "last held"),
    "known": ("認知", "known"),
    "recorded": ("記録", "recorded"),
    "timeline": ("経過：", "timeline:"),
    "tasks": ("作業：", "tasks:"),
    "task.done": ("済", "done"),
    "task.late": ("期限超過", "LATE"),
    "task.open": ("未了", "open"),
}


def head(code: str, language: str, **values: object) -> str:
    """The words of one code, with its values."""
    ja, en = said(code)
    return (ja if language == "ja" else en).format_map(values)


def said(code: str) -> tuple[str, str]:
    """The Japanese and the English of one code, with places for its values."""
    return _WORDS[code]


def codes() -> tuple[str, ...]:
    """Every code there is."""
    return tuple(_WORDS)
