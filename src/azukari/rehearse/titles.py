"""What chapters and attacks are called in Japanese; machines and results keep the English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CHAPTERS: Final[Mapping[str, str]] = {
    "invent": "架空の市を作る",
    "set up": "家を建てる（庁内・鍵・受託者・受付）",
    "take in": "名簿の受入",
    "decide": "給付金の判定",
    "order and seal": "持出許可と封緘",
    "hand over and answer": "授受と問合せ",
    "late": "期限切れに気づく",
    "lost": "紛失：失効、集計、義務、下書き",
    "erase on the device": "端末での消去と受領証",
    "found by a stranger": "拾った人がしたこと",
    "recovered": "発見と点検",
    "audit": "監査",
}
ATTACKS: Final[Mapping[str, str]] = {
    "search every file for any value of the register": "全ファイルから住民の値を探す",
    "parse every file as Parquet": "表（Parquet）として読む",
    "parse every file as zip": "圧縮ファイル（zip）として読む",
    "flip one bit of a part": "部分の 1 ビットを変える",
    "truncate a part": "部分を切り詰める",
    "append to a part": "部分に付け足す",
    "swap two parts": "部分を入れ替える",
    "splice parts of the backup into the main carrier": "副本の部分を正本に差し込む",
    "plaintext file in place of a part": "部分の代わりに平文を置く",
    "finder's page replaced": "拾得者への紙を差し替える",
    "parts named outside the folder": "フォルダーの外を指す部分名",
    "a foreign file beside the parts": "よそのファイルを混ぜる",
    "the envelope signed by another key": "別の鍵で封書に署名する",
    "row count guessed from sizes": "大きさから件数を当てる",
    "grant on another device": "別の端末で開封許可を使う",
    "grant after its end": "期限の後に開封許可を使う",
    "grant with edited dates": "開封許可の日付を書き換える",
    "copied grant after erase": "消去の後に開封許可の写しを使う",
    "clock set back on the device": "端末の時計を戻す",
    "grant used on the backup": "正本の許可で副本を開く",
    "enrolled device with its outstanding grant inside its window": (
        "登録された端末と、期限内の開封許可がそろう"
    ),
    "device folder rolled back": "端末のフォルダーを前の日に戻す",
    "same act asked twice": "同じ行為を二度求める",
    "same act asked for another key": "同じ行為を別の鍵で求める",
    "same act asked after revocation": "失効の後に同じ行為を求める",
    "new grant after revocation": "失効の後に新しい許可を求める",
    "device never enrolled": "登録のない端末",
    "party outside the chain": "契約の外の会社（名簿にない再々委託先）",
    "agreement signed without the city": "市の知らない再委託契約",
    "agreement wider than its parent": "親より広い契約",
    "approver approves own order": "承認者が自分の申請を承認する",
    "--as without the key": "他人を名乗る（鍵なしの --as）",
    "forged approval sent by the office": "庁内からの偽の承認",
    "forged training sent by the office": "庁内からの偽の研修修了",
    "withheld suspension": "停止の知らせを握りつぶす",
    "withheld status statement": "状態の知らせを送らない",
    "status serial going back": "古い状態の知らせを送る",
    "envelope of another order bound twice": "別の許可の封書を重ねて結ぶ",
    "key of a sealed carrier asked again": "封をした後にもう一度鍵を求める",
    "a third carrier under the order": "許可より多い封緘物を作る",
    "clock set back on the office": "庁内の時計を戻す",
    "clock set back on the key service": "鍵の番人の時計を戻す",
    "one person restores a carrier": "一人で失効を解く",
}
