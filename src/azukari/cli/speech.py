"""What azukari says on stderr: one table, from the class of an error to a sentence and a remedy.

The sentence and the remedy are in the caller's language; the fact behind the colon is the error's
own message, which names no resident's value and is English.  Nothing here decides an exit code.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import click

from azukari import errors
from azukari.cli import reasons
from azukari.cli.output import harmless


class Words(NamedTuple):
    """A sentence in both languages."""

    ja: str
    en: str

    def said(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


class Speech(NamedTuple):
    """What happened, and what a person can do about it."""

    sentence: Words
    remedy: Words


SPEECH: Final[dict[type[errors.AzukariError], Speech]] = {
    errors.BadInput: Speech(
        Words("入力が決まりどおりではありません", "the input is not what it must be"),
        Words(
            "示された場所を直し、もう一度実行してください",
            "mend what is named and try again",
        ),
    ),
    errors.BadFormat: Speech(
        Words("形式が正しくありません", "the bytes are not the format they claim to be"),
        Words(
            "受け取り直してください。直して使ってはいけません",
            "fetch it again from where it came; never mend it by hand",
        ),
    ),
    errors.BadSettings: Speech(
        Words("設定が正しくありません", "a setting is not right"),
        Words(
            "docs/settings.md を見るか、azukari init で設置してください",
            "see docs/settings.md; `azukari init --help` sets up a HOME",
        ),
    ),
    errors.Damaged: Speech(
        Words("壊れているか、書き換えられています", "damaged or changed"),
        Words(
            "使わずに別に保管し、azukari carrier inspect で控えと照合してください",
            "set it apart; `azukari carrier inspect` compares it with the office's own copy",
        ),
    ),
    errors.WrongKey: Speech(
        Words("鍵が合いません", "the key does not belong to it"),
        Words(
            "合言葉と鍵ファイルを確かめてください",
            "check the passphrase, and which key file was taken",
        ),
    ),
    errors.BadSignature: Speech(
        Words("署名が確認できません", "the signature is not the one it must be"),
        Words(
            "本人の鍵が AZUKARI_PERSON のフォルダーにあるか確かめてください",
            "a person signs with their own key, from the folder that AZUKARI_PERSON names",
        ),
    ),
    errors.Refused: Speech(
        Words("認められません", "not allowed"),
        Words(
            "理由をすべて解消してから、もう一度申請してください",
            "every reason must be gone before it is asked again",
        ),
    ),
    errors.NotFound: Speech(
        Words("見つかりません", "not found"),
        Words(
            "azukari carrier list か azukari roll list で番号を確かめてください",
            "`azukari carrier list` and `azukari roll list` show what this office knows",
        ),
    ),
    errors.Conflict: Speech(
        Words(
            "既に行われたことと食い違います",
            "it was done already, or differently before",
        ),
        Words(
            "今の状態を確かめてください。上書きの方法はありません",
            "look at what is there first; nothing overwrites it",
        ),
    ),
    errors.Locked: Speech(
        Words("鍵サービスは施錠されています", "the key service is locked"),
        Words(
            "端末で合言葉を入れるか、--passphrase-fd で渡してください。失効は施錠中でもできます",
            "give its passphrase at a terminal or by --passphrase-fd; revoking works without",
        ),
    ),
    errors.Unreachable: Speech(
        Words(
            "相手のプログラムか記憶装置が使えません",
            "the other program or the disk does not answer",
        ),
        Words(
            "動いているか、空きがあり書き込めるかを確かめ、azukari tick で残りを終えてください",
            "see that it runs, and has room and can be written;"
            " `azukari tick` repeats what is unfinished",
        ),
    ),
    errors.MediumFailed: Speech(
        Words("媒体を読み書きできません", "the medium cannot be read or written"),
        Words(
            "書きかけの封緘物は azukari medium discard で破棄し、別の媒体で作り直してください",
            "`azukari medium discard` clears what was begun on it; seal anew, on another medium",
        ),
    ),
    errors.ClockBehind: Speech(
        Words("時計が記録より遅れています", "the clock is behind the records"),
        Words(
            "時計を合わせてください。失効と紛失の申告は今のままでもできます",
            "set the clock right; revoking and declaring a loss work meanwhile",
        ),
    ),
    errors.LedgerError: Speech(
        Words("台帳に誤りがあります", "a ledger is not what it must be"),
        Words(
            "何も直さず、azukari ledger audit の結果を監査担当に渡してください",
            "mend nothing; give what `azukari ledger audit` says to the auditor",
        ),
    ),
    errors.LedgerBroken: Speech(
        Words("台帳が書き換えられているか、壊れています", "the ledger was changed or is damaged"),
        Words(
            "直さず写しを取り、docs/operate.md の「When a ledger was changed」に従ってください",
            "mend nothing, copy it as it is; see docs/operate.md, 'When a ledger was changed'",
        ),
    ),
    errors.LedgerFork: Speech(
        Words("一つの台帳に二つの歴史があります", "one ledger has two histories"),
        Words(
            "両方の署名を残し、監査担当を呼び、docs/operate.md の「Two histories」に従ってください",
            "keep both signed heads, call the auditor; see docs/operate.md, 'Two histories'",
        ),
    ),
    errors.LedgerBehind: Speech(
        Words(
            "台帳が、以前示したものより短くなっています",
            "the ledger is shorter than one already shown",
        ),
        Words(
            "欠けた記録を戻してから始めてください。手順は docs/operate.md の「An older copy」です",
            "bring the missing entries back first; see docs/operate.md, 'An older copy'",
        ),
    ),
}

FAULT: Final = Words("azukari の不具合です", "this is a fault in azukari")
SYSTEM: Final = Words("機械が断りました", "the system refused")
MISSING: Final = Words("必要な部品が設置されていません", "a part that this needs is not installed")
INTERRUPTED: Final = Words("中断しました", "interrupted")
USAGE: Final = Words("命令が読み取れません", "the command line is not understood")


def say(text: str) -> None:
    """One line on stderr; a file's name or another's word in it is shown and not obeyed."""
    click.echo(harmless(f"azukari: {text}"), err=True)


def hint(text: str) -> None:
    """What to do about it; at most one for each call."""
    click.echo(harmless(f"hint: {text}"), err=True)


#: What to do about a row or a column of an export that is not right.
IN_A_TABLE: Final = Words(
    "示された場所を直し、もう一度実行してください（列の決まりは docs/columns.md）",
    "mend what is named and try again; docs/columns.md has every column",
)


def tell(error: errors.AzukariError, language: str) -> None:
    """Say an error: what happened, every reason, and one hint."""
    speech = next((SPEECH[kind] for kind in type(error).__mro__ if kind in SPEECH), None)
    if speech is None:  # of a room's own, never meant to come this far
        say(f"{FAULT.said(language)}: {type(error).__name__}")
        return
    sentence = speech.sentence.said(language)
    if isinstance(error, errors.Refused):
        what = str(error).partition(":")[0]
        say(f"{sentence}: {what}")
        for reason in error.reasons:
            click.echo(f"  {reason}: {reasons.sentence(reason, language)}", err=True)
    else:
        say(f"{sentence}: {error}")
    remedy = speech.remedy
    if isinstance(error, errors.BadInput) and error.file.endswith(".csv"):
        remedy = IN_A_TABLE
    hint(remedy.said(language))
