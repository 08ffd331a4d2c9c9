"""The message about something late: its words in two languages, and the mail that carries them.

No header holds a word of anybody: a subject has a kind, a label and a time.  Names of parties stand
in the body, with every character that could turn, hide or begin a line made visible.  No resident's
value is ever given to these functions.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from azukari.incident import tasks
from azukari.incident.overdue import RUNGS, Rung, kind_of
from azukari.incident.pack import ASKED_FOR, PACKS, packs
from azukari.incident.sentences import Language, say

_JAPAN: Final = dt.timezone(dt.timedelta(hours=9), "JST")
_HIDDEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
LOSS: Final = "loss"
_POLICY: Final = SMTP.clone(cte_type="7bit", max_line_length=78)


@dataclass(frozen=True)
class Notice:
    """What one message says; ids, labels, instants in ms UTC, and names of parties."""

    alarm: str
    what: str
    label: str
    due_at: int
    raised_at: int
    rung: Rung
    whose: str  # empty: not known
    call: str  # whom to call
    since: str = ""  # done, answered: what came between the alarm and the message
    answers: tuple[tuple[str, int, str], ...] = ()  # outside the city: who, when, what they noted
    repeat: bool = False  # it may have gone out before

    def subject(self, language: Language) -> str:
        kind = kind_of(self.what)
        said = kind.ja if language == "ja" else kind.en
        return f"azukari: {said}: {shown(self.label)}"

    def text(self, language: Language) -> str:
        """The body: lines of at most some 80 letters, each ended."""
        return "\n".join(_ja(self) if language == "ja" else _en(self)) + "\n"


def mail(notice: Notice, language: Language, sender: str, to: str, message_id: str) -> bytes:
    """The message as it goes over the line; the same again for the same notice.

    ``sender``, ``to`` and ``message_id`` are addresses whose form was checked.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = notice.subject(language)
    message["Date"] = dt.datetime.fromtimestamp(notice.raised_at // 1000, _JAPAN)
    message["Message-ID"] = f"<{message_id}>"
    # So that no answering machine answers, and no mailing list takes it up (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text(language), cte="base64")
    return message.as_bytes()


def which(what: str, label: str, language: Language) -> str:
    """Which duty of law, which task of the checklist; empty where the kind and the label say it.

    The words are those of the packs, never anybody's.
    """
    kind, _, named = what.partition("/")
    if kind == "task":
        return tasks.text(label, language)
    every = packs((*PACKS, *ASKED_FOR)) if kind == "duty" else ()
    duty = next((one for pack in every for one in pack.obligation if one.id == named), None)
    if duty is None:
        return ""
    act, stage = (say(code, (), language) for code in (f"act.{duty.act}", f"stage.{duty.stage}"))
    said = [say("clock.name", (("act", act), ("stage", stage)), language)]
    said += [say(f"about.{duty.scope}", (), language)] if duty.scope else []
    said += [duty.authority_ja if language == "ja" else duty.authority_en]
    return say("clock.and", (), language).join(said)


def shown(text: str, most: int = 80) -> str:
    """A text on one line in which nothing is hidden: such characters stand as their numbers.

    Nor does it begin an encoded word (RFC 2047), which a reader of mails would show as other words.
    """
    text = text.replace("=?", "=\\u{3f}")
    said = "".join(
        f"\\u{{{ord(letter):x}}}" if unicodedata.category(letter) in _HIDDEN else letter
        for letter in text
    )
    return said if len(said) <= most else said[: most - 1] + "…"


def _ja(notice: Notice) -> list[str]:
    lost = notice.what == LOSS
    lines = [
        "azukari からのお知らせです。紛失が申告されました。"
        if lost
        else "azukari からのお知らせです。期限を過ぎた、または迫っているものがあります。",
        "",
        f"内容    {kind_of(notice.what).ja}",
        *([f"詳細    {said}"] if (said := which(notice.what, notice.label, "ja")) else []),
        *([f"種類    {shown(notice.what)}"] if "/" in notice.what else []),
        f"対象    {shown(notice.label)}",
        f"期限    {_when(notice.due_at)}",
        *([f"担当    {shown(notice.whose)}"] if notice.whose else []),
        f"通知    {_when(notice.raised_at)}、{RUNGS[notice.rung][0]}へ",
        f"警報    {notice.alarm}",
        "",
    ]
    for who, at, note in notice.answers:
        lines.append(f"応答    {shown(who)}、{_when(at)}{_quoted(note, '「', '」')}")
    lines += [_ALL_THE_SAME[0], ""] if notice.answers else []
    if notice.since:
        lines += [_SINCE[notice.since][0], ""]
    lines += [
        "いつ知ったかを市に伝えてください。法令上の期限はそれぞれが知った時から数えます。"
        if lost
        else "なくしたおそれがあれば、すぐに紛失を申告してください(azukari incident declare)。",
        f"電話: {shown(notice.call, 200)}",
        "確かめたら、責任者が応答してください(azukari alarm answer)。",
        "応答がなければ、さらに上の責任者へ知らせます。",
    ]
    if notice.repeat:
        lines += ["", "この通知は、すでに届いているかもしれません(同じ Message-ID です)。"]
    return lines


def _en(notice: Notice) -> list[str]:
    lost = notice.what == LOSS
    lines = [
        "azukari: a loss was declared." if lost else "azukari: something is late, or about to be.",
        "",
        f"what    {kind_of(notice.what).en}",
        *([f"namely  {said}"] if (said := which(notice.what, notice.label, "en")) else []),
        *([f"which   {shown(notice.what)}"] if "/" in notice.what else []),
        f"of      {shown(notice.label)}",
        f"due     {_when(notice.due_at)}",
        *([f"whose   {shown(notice.whose)}"] if notice.whose else []),
        f"told    {_when(notice.raised_at)}, {RUNGS[notice.rung][1]}",
        f"alarm   {notice.alarm}",
        "",
    ]
    for who, at, note in notice.answers:
        lines.append(f"answer  {shown(who)}, {_when(at)}{_quoted(note, ': ', '')}")
    lines += [_ALL_THE_SAME[1], ""] if notice.answers else []
    if notice.since:
        lines += [_SINCE[notice.since][1], ""]
    lines += [
        "Tell the city when you knew: each party's legal deadlines run from its own knowledge"
        if lost
        else "If it may be lost, declare it lost at once: azukari incident declare",
        f"or call: {shown(notice.call, 200)}",
        "Else an officer answers: azukari alarm answer",
        "Without an answer the next above are told.",
    ]
    if notice.repeat:
        lines += ["", "This message may have reached you before, with the same Message-ID."]
    return lines


_ALL_THE_SAME: Final = (
    "(担当する事業者からの応答だけでは、市への通知は止まりません。)",
    "(An answer by the party that owes it keeps nothing from the city.)",
)
_SINCE: Final = {
    "done": ("(この通知を待つ間に、済みました。)", "(Done since, while this message waited.)"),
    "answered": (
        "(この通知を待つ間に、責任者が応答しました。)",
        "(Answered since, while this message waited.)",
    ),
}


def _quoted(note: str, before: str, after: str) -> str:
    return f"{before}{shown(note, 200)}{after}" if note else ""


def _when(at: int) -> str:
    return f"{dt.datetime.fromtimestamp(at / 1000, _JAPAN):%Y-%m-%d %H:%M} JST"
