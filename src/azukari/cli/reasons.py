"""Every reason why not, as a sentence: codes of the rooms below, in the caller's language.

The codes belong to who decides (`entrust.may`, the keeper, the desk); only their words stand here.
Why a row of an export was refused stands in refused_rows.py.  A test reads the codes out of the
rooms and misses none.
"""

from __future__ import annotations

from typing import Final

#: code -> Japanese, English
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    # the order and its approvals
    "order_unknown": ("持出許可がありません", "there is no such movement order"),
    "order_expired": ("持出許可の期間外です", "outside the time of the order"),
    "order_withdrawn": ("持出許可は取り下げられました", "the order was withdrawn"),
    "order_used_up": (
        "この許可の封緘物はすべて作られました",
        "all carriers of this order have been made",
    ),
    "approvals_missing": (
        "有効な承認が足りません",
        "fewer approvals count than the order needs",
    ),
    "approval_of_another_order": (
        "別の許可への承認です",
        "an approval is of another order",
    ),
    "approval_before_its_order": (
        "承認の日時が申請より前になっています",
        "an approval is dated before the order that it approves",
    ),
    "approval_expired": ("承認の期限が過ぎています", "an approval has expired"),
    "approver_unknown": (
        "承認者が市の承認者として登録されていません",
        "an approver is not enrolled as one of the city",
    ),
    "approver_is_party_to_the_order": (
        "承認者が許可の当事者です",
        "an approver takes part in the order",
    ),
    "approver_in_quiet_time": (
        "承認者の登録から24時間が過ぎていません",
        "an approver was enrolled less than 24 hours before",
    ),
    "approver_enrolled_by_requester": (
        "承認者と申請者が互いを登録して30日が過ぎていません",
        "an approver and another of them enrolled each other less than 30 days ago",
    ),
    "words_missing": (
        "許可の八つの言葉がありません。--words で渡すか、端末で入れてください",
        "nobody signs unseen: the order's eight words are wanted, by --words or at a terminal",
    ),
    "words_of_another_order": (
        "八つの言葉が、示された許可のものではありません",
        "these are not the eight words of the order that is shown",
    ),
    # checks of a processor
    "sample_not_drawn": (
        "抜取りの封緘物がまだ引かれていません",
        "the carriers of this sample were not drawn yet",
    ),
    "sample_not_looked_at": (
        "引かれた封緘物のうち、見ていないものがあります",
        "a carrier that was drawn was not looked at",
    ),
    "closed_by_who_had_to_do_it": (
        "対応する本人は、その対応を閉じられません",
        "whoever had to do it does not close it: another person does",
    ),
    # what is late
    "alarm_not_yours": (
        "この警報を知らせる相手に含まれていません",
        "you are none of those who are told of this",
    ),
    "alarm_of_your_own": (
        "封緘物を持つ本人だけでは警報を止められません。責任者が応答してください",
        "whoever has it cannot silence its alarm alone; an officer answers",
    ),
    "message_away": (
        "メールサーバーが応答しません。次の tick で送り直します",
        "the mail server does not answer; the next tick tries again",
    ),
    "message_unsure": (
        "送る途中で接続が切れました。同じ Message-ID で送り直します",
        "the line broke while it was sent; it goes again, with the same id",
    ),
    "message_no_tls": (
        "メールサーバーとの TLS を確かめられません。送りません",
        "the mail server offers no TLS that can be verified; nothing is sent",
    ),
    "message_login": (
        "メールサーバーが利用者名と合言葉を認めません",
        "the mail server does not take user and password",
    ),
    "message_refused": (
        "相手が受け取りません。宛先と設定を確かめてください",
        "the other side does not take it; check address and settings",
    ),
    "message_no_address": (
        "宛先が消されています",
        "where this person is reached was erased",
    ),
    "message_no_channel": (
        "送る先の設定がなくなっています",
        "the settings no longer say where to send it",
    ),
    "tick_stopped": (
        "tick が動いていません。期限を過ぎても誰にも知らされません",
        "the tick does not run: what is late is told to nobody",
    ),
    "no_sign_of_life": (
        "台帳に一日近く何も記録されていません",
        "nothing was written to the ledger for most of a day",
    ),
    "ledger_contradicted": (
        "台帳が、すでに示した記録と合いません。解決するまで何も出しません",
        "somebody was shown more of a ledger, or another one: nothing is let out meanwhile",
    ),
    "clock_behind": (
        "時計が台帳より遅れています",
        "the clock stands behind the ledger",
    ),
    "messages_unsent": (
        "一時間以上送れていない通知があります",
        "messages have waited for more than an hour",
    ),
    # media
    "medium_unknown": ("登録されていない媒体です", "the medium is not registered"),
    "medium_retired": ("使用をやめた媒体です", "the medium is retired"),
    "medium_not_of_order": ("許可にない媒体です", "the order does not name this medium"),
    "medium_is_another": (
        "札と違う媒体か、抜かれた媒体です",
        "the medium in this place is not the one of that tag",
    ),
    "medium_carries_another": (
        "返却も完結もしていない封緘物が入っている媒体です",
        "another carrier on it was not returned, nor lost and closed",
    ),
    # the chain of agreements
    "chain_broken": (
        "市から続く委託契約がつながっていません",
        "the chain of agreements from the city is broken",
    ),
    "agreement_widens": (
        "上の契約より広げる契約か、再委託を認めない契約の下です",
        "a link may only narrow the one above, which must allow to re-entrust",
    ),
    "agreement_refused": (
        "市が認めなかった再委託です",
        "the city refused this link before",
    ),
    "agreement_suspended": ("委託契約が停止されています", "an agreement is suspended"),
    "agreement_expired": ("委託契約の期間外です", "outside the time of an agreement"),
    "purpose_not_allowed": (
        "目的を認めない契約があります",
        "an agreement does not allow this purpose",
    ),
    "medium_not_allowed": (
        "媒体を認めない契約があります",
        "an agreement does not allow this medium",
    ),
    "columns_not_allowed": (
        "項目を認めない契約があります",
        "an agreement does not allow these columns",
    ),
    # people
    "person_unknown": ("担当者が登録されていません", "the person is not enrolled"),
    "person_left": ("担当者は離任しています", "the person has left"),
    "person_not_of_recipient": (
        "担当者は許可の受取先に属していません",
        "the person does not belong to the recipient of the order",
    ),
    "person_not_of_city": (
        "市の担当者だけが行えます",
        "only a person of the city may do this here",
    ),
    "enrolled_by_others": (
        "登録に署名する人が、申込みに書かれた人と違います",
        "whoever signs an entry must be named in it",
    ),
    "enroller_in_quiet_time": (
        "登録に立ち会う人が登録から 24 時間たっていません",
        "one of the two who admit them was enrolled less than 24 hours ago",
    ),
    "officer_of_the_party_needed": (
        "所属先の責任者の署名が先に必要です",
        "an officer of the party must sign, and first",
    ),
    "half_too_old": (
        "最初の署名から時間がたち過ぎているか、先の日時です。作り直してください",
        "it was half-signed too long ago, or ahead of now: make it anew",
    ),
    "employer_disagrees": (
        "本人と所属先の申告する雇い主が違います",
        "person and party do not name the same employer",
    ),
    # the access review
    "officer_disowns": (
        "所属先が、自社で雇う人ではないと答えています",
        "the party says that it does not pay this person",
    ),
    "no_longer_needed": (
        "所属先が、もう扱う必要がないと答えています",
        "the party says that this person needs no access any more",
    ),
    "review_of_another_roster": (
        "いま点検している一覧への回答ではありません",
        "it answers another roster than the newest one of this agreement",
    ),
    "review_lines_differ": (
        "一覧の人が抜けたか増えたか、数字が変わっています",
        "somebody of the roster is left out or added, or a figure is another",
    ),
    "review_contradicts_itself": (
        "雇っていない人を残すという回答です",
        "it keeps somebody whom the party does not pay, or its verdict is none",
    ),
    "review_before_its_roster": (
        "一覧より前の日付の回答です",
        "it is dated before its roster",
    ),
    "review_not_agreed": (
        "確認した人と、外れる人が違います",
        "those who go are not those who were agreed to",
    ),
    "role_not_allowed": (
        "この役割には認められていません",
        "the order allows this role nothing",
    ),
    "training_missing": (
        "有効な研修の修了がありません",
        "no valid pass of the training is known",
    ),
    "approver_untrained": (
        "承認者に、承認の時点で有効な研修の修了がありません",
        "an approver held no valid pass of the training when they approved",
    ),
    "sheet_of_another_course": (
        "市にない研修又は言語の答案です",
        "a sheet of a course, or in a language, that the city does not have",
    ),
    "course_text_changed": (
        "市のものと違う版の研修の答案です。今の版で受け直してください",
        "the sheet is of another text than the city's: sit the course again",
    ),
    "questions_not_drawn": (
        "この答案で出るはずの問題ではありません",
        "these are not the questions that this sitting draws",
    ),
    "pass_holds_longer": (
        "研修の定める有効期間と違います",
        "the pass would not hold for as long as the course says",
    ),
    "sheet_too_old": (
        "答案が7日より古いか、先の日時になっています",
        "the sheet is more than seven days old, or dated ahead of now",
    ),
    "wait_after_failing": (
        "不合格の後の待ち時間が過ぎていません",
        "the time to wait after too few right answers is not over",
    ),
    "too_few_right": (
        "正解が合格に足りません。待ち時間の後に、もう一度受けてください",
        "fewer answers are right than the course asks for: wait, read, and sit it again",
    ),
    # erasing details
    "kept_by_its_rule": (
        "保存期間が過ぎていません",
        "its rule keeps these details longer than that",
    ),
    "incident_open": (
        "終わっていない事故に関わります",
        "an incident that is not closed is about it",
    ),
    "carrier_not_accounted_for": (
        "戻っておらず鍵も破棄されていない封緘物に関わります",
        "a carrier that is not back, and whose key is not destroyed, is about it",
    ),
    "duty_open": (
        "済んでいない義務・作業・是正に関わります",
        "a duty, measure or follow-up that is not done is about it",
    ),
    "held_by_request": (
        "委員会などの求めにより消去が止められています",
        "a committee or somebody else asked that it stays",
    ),
    "erasure_of_another_ledger": (
        "別の台帳の一覧、または定めのない規則です",
        "the list is of another ledger, or by no rule of it",
    ),
    "erasure_of_another_list": (
        "一覧がこの台帳の記録と合いません",
        "the list is not of this ledger's entries",
    ),
    "erasure_not_by_its_rule": (
        "一覧に規則の対象でないものがあります",
        "the list names what its rule does not",
    ),
    "erasure_expired": (
        "一覧の期限が過ぎています",
        "the list waited longer than a week for its second hand",
    ),
    "two_persons_needed": ("二人の承認が必要です", "the signed words of two persons are needed"),
    "person_key_in_home": (
        "担当者の鍵を HOME の中に置いてはいけません",
        "a person's key must not lie inside a HOME",
    ),
    # devices, one-time keys, windows
    "device_unknown": ("端末が登録されていません", "the device is not enrolled"),
    "device_of_another_party": (
        "端末の申告する所属が違います",
        "the device names another party than the city does",
    ),
    "device_revoked": ("端末又は鍵は失効しています", "the device or its key is revoked"),
    "device_not_of_order": ("許可にない端末です", "the device is not the one of the order"),
    "device_key_not_allowed": (
        "契約が求める種類の端末鍵ではありません",
        "the device's key is not of the kind an agreement asks for",
    ),
    "grant_of_another_person": (
        "開封許可に書かれた担当者の鍵ではありません",
        "this is not the key of the person whom the grant names",
    ),
    "device_rolled_back": (
        "端末の記録が巻き戻されています",
        "the device's journal is shorter than it was",
    ),
    "grant_of_another_device": ("別の端末の開封許可です", "the grant is for another device"),
    "one_time_key_unknown": (
        "使い捨て鍵が端末に登録されていません",
        "the one-time key is not one of the device",
    ),
    "one_time_key_used": (
        "使い捨て鍵は既に使われています",
        "the one-time key was used for another grant",
    ),
    "window_outside_order": ("許可された時間の外です", "outside the window of time allowed"),
    "status_old": (
        "誰が外れたかを示す市の声明が24時間より古くなっています",
        "the city's statement on who no longer counts is older than 24 hours",
    ),
    # carriers
    "carrier_is_created": ("封緘がまだ終わっていません", "the carrier is not sealed yet"),
    "carrier_is_bound": ("封緘は既に終わっています", "the carrier is sealed already"),
    "carrier_is_revoked": ("封緘物は失効しています", "the carrier is revoked"),
    "carrier_is_shredded": ("封緘物の鍵は破棄されました", "the carrier's key is destroyed"),
    "carrier_is_bound_to_another_content": (
        "封緘物の中身が登録と違います",
        "the carrier is bound to another content",
    ),
    "carrier_of_another_order": ("別の許可の封緘物です", "the carrier is of another order"),
    "more_columns_than_approved": (
        "承認より多い項目が含まれています",
        "more columns than were approved",
    ),
    "more_rows_than_approved": (
        "承認より多い行が含まれています",
        "more rows than were approved",
    ),
    # custody
    "not_the_person_of_the_order": (
        "許可に書かれた人ではありません",
        "not the person whom the order names",
    ),
    "giver_is_the_taker": (
        "渡す人と受け取る人が同じです",
        "who gives and who takes are one person",
    ),
    "return_is_to_the_city": ("返却先は市です", "a carrier is returned to the city"),
    "due_time_not_of_the_order": (
        "許可と違う期限が書かれています",
        "it names another due time than the order",
    ),
    "first_giver_is_the_city": (
        "最初に渡すのは市の担当者です",
        "the first to hand it over is a person of the city",
    ),
    # the post
    "half_signed": (
        "署名がそろっていません。もう一方の署名を加えてから受け入れてください",
        "a signature is missing: the other hand signs first, then it is taken in",
    ),
    "post_for_another_site": (
        "この設置場所で受け入れる書類ではありません",
        "this site has no use for it: it is for another one",
    ),
    # witnesses
    "clock_behind_witness": (
        "立会人の時計より二分以上遅れています。どちらかの時計が間違っています",
        "our clock is more than two minutes behind the witness's: one of the two is wrong",
    ),
    "witness_unreachable": (
        "立会人が応答しません。次の tick でもう一度頼みます",
        "the witness does not answer; the next tick asks again",
    ),
    "witness_ahead": (
        "立会人が見た記録のほうが長くなっています。この事務所は古い写しです",
        "the witness saw a longer history than there is here: this office is an older copy",
    ),
    "witness_of_another_history": (
        "立会人が見た歴史とつながりません。何も直さず監査担当に渡してください",
        "the witness saw another history: mend nothing and call the auditor",
    ),
    "witness_answer_wrong": (
        "立会人の答えが正しくありません。鍵とアドレスを確かめてください",
        "the witness's answer is not right: look at its key and its address",
    ),
    "witness_refuses": (
        "立会人が断りました。この台帳を登録しているか確かめてください",
        "the witness refuses: ask whether it was given this ledger",
    ),
    # a loss
    "nothing_fits": (
        "本人に関わる封緘物に当てはまるものがありません。市の責任者に電話してください",
        "no carrier that concerns this person fits: call the city's officer on duty",
    ),
    "tests_of_another_source": (
        "この記録は、動いているこの実装とは別のファイル一式の試験のものです",
        "the record is of tests of other files than those of this program",
    ),
    "tests_of_nothing": (
        "この記録では、試験が一つも行われていません",
        "in this record no test was run at all",
    ),
    "carrier_not_by_id": (
        "鍵サービスは封緘物を ID でしか知りません。ラベルや札では失効できません",
        "the key service knows carriers by their ids only, not by labels or tags",
    ),
    "loss_undone": (
        "この申告はすでに受け取られ、その後二人の責任者が取り消しました。改めて申告してください",
        "this declaration was taken before and two persons undid it since: declare anew",
    ),
    "revocation_owed": (
        "失効がまだ済んでいません。鍵サービスが応答するまで閉じられません",
        "its revocation is still owed: the key service has not answered yet",
    ),
    "carrier_still_missing": (
        "見つかっても、復元されても、理由を付けて抹消されてもいない封緘物があります",
        "a carrier is neither found, nor restored, nor written off with a reason",
    ),
    "duty_not_answered": (
        "済んだとも不要とも人が答えていない義務があります",
        "nobody has said of a duty that it is done, or why it is not due",
    ),
    "measure_checked_by_its_doer": (
        "実施した人とは別の人が確かめます",
        "whoever did it does not check it: another person does",
    ),
    # what this program asks for
    "not_confirmed": (
        "確認の番号が一致しません",
        "the label typed back is not that of the carrier",
    ),
    "single_disk_not_accepted": (
        "鍵サービスを別の機械に置くなら --keys、同じ機械でよければ --single-disk を付けてください",
        "the key service is on another host, by --keys, or here, which --single-disk accepts",
    ),
    "records_on_a_server": (
        "記録は PostgreSQL サーバーにあります。pg_dump で写し、次に HOME を写してください",
        "the records are on a PostgreSQL server: copy them with pg_dump, and HOME after that",
    ),
    "three_officers_needed": (
        "鍵の式典には三人の責任者が必要です",
        "the ceremony needs exactly three officers",
    ),
    "two_officers_needed": (
        "三人のうち二人の合言葉が必要です",
        "the passphrases of two of the three officers are needed",
    ),
    "passphrase_too_short": (
        "合言葉は12文字以上にしてください",
        "an officer's passphrase has at least twelve characters",
    ),
    "passphrases_alike": (
        "責任者の合言葉はそれぞれ違うものにしてください",
        "two officers gave the same passphrase: one of them could open alone",
    ),
    "three_founders_needed": (
        "最初の担当者は三人以上必要です",
        "three first officers are needed, so that each is enrolled by two others",
    ),
}


def sentence(code: str, language: str) -> str:
    """What a reason means; a code that is not known here stands for itself."""
    ja, en = REFUSALS.get(code, (code, code))
    return ja if language == "ja" else en
