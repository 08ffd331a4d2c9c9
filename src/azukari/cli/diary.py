"""A ledger as a diary: one plain sentence for each type of entry, Japanese and English, day by day.

What a sentence names are this office's names and labels; in the ledger itself stand random ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from azukari.cli.output import instant, short
from azukari.ledger.entry import Entry

#: type -> Japanese, English; {who} acted, {what} are the things it names
SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "access.review_asked": (
        "{who} が、誰が従事しているかを受託者に尋ねた: {what}",
        "{who} asked a processor who works for it: {what}",
    ),
    "access.reviewed": (
        "{who} が権限の点検を終えた: {what}",
        "{who} closed an access review: {what}",
    ),
    "agreement.refused": ("委託契約を認めなかった: {what}", "an agreement was refused: {what}"),
    "agreement.signed": ("委託契約が結ばれた: {what}", "an agreement was signed: {what}"),
    "agreement.suspended": (
        "{who} が委託契約を停止した: {what}",
        "{who} suspended an agreement: {what}",
    ),
    "alarm.answered": ("{who} が警報に応じた: {what}", "{who} answered an alarm: {what}"),
    "alarm.raised": ("警報が出た: {what}", "the alarm was raised: {what}"),
    "benefit.determined": ("{who} が判定した: {what}", "{who} decided who is eligible: {what}"),
    "carrier.abandoned": (
        "封緘が途中で終わり、捨てられた: {what}",
        "sealing was broken off and given up: {what}",
    ),
    "carrier.erased": (
        "{what} が端末から消去されたと受領証にある",
        "a receipt says that it was erased: {what}",
    ),
    "carrier.found": ("{who} が見つかったと記録した: {what}", "{who} recorded as found: {what}"),
    "carrier.handed_over": ("{who} が手渡した: {what}", "{who} handed over: {what}"),
    "carrier.inspected": ("{who} が点検した: {what}", "{who} inspected: {what}"),
    "carrier.lost": ("{who} が紛失を届け出た: {what}", "{who} declared lost: {what}"),
    "carrier.received": ("{who} の手から届いた: {what}", "received from the hand of {who}: {what}"),
    "carrier.restored": (
        "{who} が二人の承認で失効を解いた: {what}",
        "{who}, with two persons' words, took a revocation back: {what}",
    ),
    "carrier.returned": ("{who} が返した: {what}", "{who} gave back: {what}"),
    "carrier.revoked": (
        "{who} が失効させ、以後鍵は出ない: {what}",
        "{who} revoked, so that no key is released any more: {what}",
    ),
    "carrier.sealed": ("{who} が封緘した: {what}", "{who} sealed: {what}"),
    "carrier.sent": ("{who} が通信で送った: {what}", "{who} sent by network: {what}"),
    "clock.suspect": ("時計が合っていないようだ", "a clock seems to be wrong"),
    "custody.refused": ("授受が認められなかった: {what}", "a hand-over was refused: {what}"),
    "detail.refused": (
        "{who} が明細の消去を認めなかった: {what}",
        "{who} refused to erase details: {what}",
    ),
    "detail.requested": (
        "{who} が明細の消去を求めた: {what}",
        "{who} asked to erase details: {what}",
    ),
    "detail.erased": ("{who} が明細を消去した: {what}", "{who} erased details: {what}"),
    "device.enrolled": ("端末が登録された: {what}", "a device was enrolled: {what}"),
    "device.more_keys": (
        "端末の使い切りの鍵が追加された: {what}",
        "more one-time keys of a device were taken in: {what}",
    ),
    "device.suspended": ("{who} が端末を止めた: {what}", "{who} suspended a device: {what}"),
    "duty.answered": ("{who} が義務に答えた: {what}", "{who} answered a duty: {what}"),
    "duty.matched": (
        "法の求める義務が書き留められた: {what}",
        "the duties that the law asks for were written down: {what}",
    ),
    "grant.asked": ("{who} が開封許可を求めた: {what}", "{who} asked for a grant: {what}"),
    "grant.issued": ("{who} の開封許可が出た: {what}", "{who} got a grant: {what}"),
    "grant.refused": (
        "{who} の開封許可は認められなかった: {what}",
        "{who} got no grant: {what}",
    ),
    "hold.lifted": ("{who} が保全を解いた: {what}", "{who} lifted a hold: {what}"),
    "hold.placed": (
        "{who} が保全を命じ、何も消去されない: {what}",
        "{who} placed a hold, so that nothing is erased: {what}",
    ),
    "incident.closed": ("{who} が事案を閉じた: {what}", "{who} closed an incident: {what}"),
    "incident.noted": ("{who} が事案に書き足した: {what}", "{who} noted in an incident: {what}"),
    "incident.opened": ("{who} が事案を開いた: {what}", "{who} opened an incident: {what}"),
    "incident.police": ("{who} が警察に届けた: {what}", "{who} told the police: {what}"),
    "incident.stated": (
        "{who} が事案の事実を述べた: {what}",
        "{who} stated a fact of an incident: {what}",
    ),
    "journal.taken_in": (
        "端末の受付簿を受け入れた: {what}",
        "a device's journal was taken in: {what}",
    ),
    "key.bound": (
        "{who} が鍵を一つの中身に結び付けた: {what}",
        "{who} tied a key to one content: {what}",
    ),
    "key.created": ("{who} のために鍵を作った: {what}", "a key was made for {who}: {what}"),
    "key.refused": ("{who} に鍵を出さなかった: {what}", "{who} was refused a key: {what}"),
    "key.released": (
        "{who} の求めで端末に鍵を出した: {what}",
        "asked by {who}, a key was released to a device: {what}",
    ),
    "key.released.roll": (
        "名簿のための鍵を {who} に出した: {what}",
        "a key for a roll was released to {who}: {what}",
    ),
    "key.released.seal": (
        "封緘のための鍵を {who} に出した: {what}",
        "a key was released to {who} for sealing: {what}",
    ),
    "key.shredded": ("鍵が破棄された: {what}", "a key was destroyed: {what}"),
    "ledger.began": ("台帳が始まった", "the ledger began"),
    "ledger.heartbeat": ("変わりなし", "all is running"),
    "measure.closed": (
        "{who} が再発防止策を終わりとした: {what}",
        "{who} closed a measure: {what}",
    ),
    "measure.done": ("{who} が再発防止策を行った: {what}", "{who} took a measure: {what}"),
    "measure.opened": ("再発防止策が求められた: {what}", "a measure was asked for: {what}"),
    "measure.reopened": (
        "{who} が再発防止策をやり直しとした: {what}",
        "{who} reopened a measure: {what}",
    ),
    "medium.registered": (
        "{who} が物理媒体を登録した: {what}",
        "{who} registered a medium: {what}",
    ),
    "medium.retired": ("{who} が物理媒体を除いた: {what}", "{who} retired a medium: {what}"),
    "notice.sent": ("{who} が通知を送った: {what}", "{who} sent notices: {what}"),
    "order.approved": ("{who} が持出許可を承認した: {what}", "{who} approved an order: {what}"),
    "order.refused": ("{who} が持出許可を認めなかった: {what}", "{who} refused an order: {what}"),
    "order.requested": ("{who} が持出許可を求めた: {what}", "{who} asked for an order: {what}"),
    "order.withdrawn": ("{who} が持出許可を取り下げた: {what}", "{who} withdrew an order: {what}"),
    "party.added": ("当事者が加わった: {what}", "a party was added: {what}"),
    "person.enrolled": ("担当者が登録された: {what}", "a person was enrolled: {what}"),
    "person.left": ("担当者が外れた: {what}", "a person left: {what}"),
    "person.reached": ("{who} の連絡先が変わった: {what}", "{who} changed how to be told: {what}"),
    "person.reset": ("担当者の鍵が新しくなった: {what}", "a person got a new key: {what}"),
    "person.stated": ("{who} が雇用主を述べた: {what}", "{who} said who pays them: {what}"),
    "person.trained": ("担当者が研修を受けた: {what}", "a person was trained: {what}"),
    "person.unreached": ("{who} の連絡先がなくなった: {what}", "{who} is told no more: {what}"),
    "receipt.taken_in": ("受領証を受け入れた: {what}", "a receipt was taken in: {what}"),
    "report.filed": ("{who} が報告した: {what}", "{who} filed a report: {what}"),
    "roll.erased": ("{who} が名簿を消去した: {what}", "{who} erased a roll: {what}"),
    "roll.taken_in": ("{who} が名簿を受け入れた: {what}", "{who} took in a roll: {what}"),
    "sighting.recorded": ("{who} が発見を記録した: {what}", "{who} recorded a sighting: {what}"),
    "supervision.done": ("{who} が検査を記録した: {what}", "{who} recorded a check: {what}"),
    "supervision.drawn": (
        "{who} が検査する封緘物を引いた: {what}",
        "{who} drew carriers to check: {what}",
    ),
    "supervision.followed_up": (
        "{who} が是正を終わりとした: {what}",
        "{who} closed a follow-up: {what}",
    ),
    "supervision.planned": ("{who} が検査を予定した: {what}", "{who} planned a check: {what}"),
    "task.added": ("{who} が課題を加えた: {what}", "{who} added a task: {what}"),
    "task.done": ("{who} が課題を終えた: {what}", "{who} did a task: {what}"),
    "training.failed": ("{who} が研修に合格しなかった: {what}", "{who} failed a course: {what}"),
    "training.passed": ("研修に合格した: {what}", "a course was passed: {what}"),
    "trust.published": (
        "{who} が信頼の一覧を出した: {what}",
        "{who} published a trust bundle: {what}",
    ),
    "trust.revoked": (
        "{who} が鍵を信じないと決めた: {what}",
        "{who} said that a key is not believed any more: {what}",
    ),
    "witness.added": ("{who} が立会人を加えた", "{who} asked one more witness"),
    "witness.removed": ("{who} が立会人を外した", "{who} asks a witness no more"),
}
_UNKNOWN: Final = (
    "{type}（この版の知らない種類）: {what}",
    "{type}, unknown to this version: {what}",
)
_BEFORE: Final = ("鍵はその {s} 秒前に失効", "the keys had been revoked {s} s before")


def pages(
    entries: Iterable[tuple[int, Entry]],
    names: Mapping[str, str],
    revoked_at: Mapping[str, int],
    gone: Mapping[int, str],
    language: str,
) -> Iterator[str]:
    """The diary: a heading for each day, below it time, number and sentence of each entry.

    ``names`` are shown for ids; ``revoked_at`` holds, by act, when the keys' ledger revoked; and
    ``gone``, by number, what to say of a detail that is there no more.
    """
    today = ""
    for i, entry in entries:
        day, _, time = instant(entry.at).partition(" ")
        if day != today:
            yield from ([""] if today else [])
            yield day
            today = day
        said = sentence(entry, names, revoked_at, language)
        yield f"  {time}  {i:>5,}  {said}" + (f" [{gone[i]}]" if i in gone else "")


def sentence(
    entry: Entry, names: Mapping[str, str], revoked_at: Mapping[str, int], language: str
) -> str:
    """One entry in words."""
    ja = language == "ja"
    said = SENTENCES.get(entry.type, _UNKNOWN)[not ja]
    refs = [ref for ref in entry.refs if ref != entry.by] or entry.refs
    what = " ".join(names.get(ref, short(ref)) for ref in refs)
    who = names.get(entry.by, short(entry.by))
    said = said.format(who=who, what=what, type=entry.type).removesuffix(": ")
    counts = ", ".join(f"{number:,} {name}" for name, number in entry.n.items())
    if counts:
        said += f" ({counts})"
    if entry.type == "carrier.lost" and entry.act in revoked_at:
        seconds = f"{max(0, entry.at - revoked_at[entry.act]) / 1000:.1f}"
        said += ("。" if ja else "; ") + _BEFORE[not ja].format(s=seconds)
    return said
