"""The office's records: what each table holds, and nothing about what it means.

No resident's value stands in any of them: rolls and determinations lie sealed in files beside.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from azukari.shelf import book, pages

metadata: Final = MetaData()
ledger: Final = book.tables(metadata)
keys_ledger: Final = pages.trunk(metadata, "keys_")  # the office's full copy of the keys' entries

document: Final = Table(  # signed documents: parties, people, agreements, orders, approvals …
    "document",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("word", String, nullable=False, index=True),
    Column("id", String, nullable=False, unique=True),
    Column("about", String, index=True),  # the order of an approval, the carrier of a hand-over
    Column("envelope", LargeBinary, nullable=False),
)
roll: Final = Table(  # sealed tables that never travel: rolls, and determinations made from them
    "roll",
    metadata,
    Column("id", String, primary_key=True),
    Column("act", String, nullable=False),
    Column("kind", String, nullable=False),  # roll, determination
    Column("of", String),  # the roll a determination was made from
    Column("at", BigInteger, nullable=False),
    Column("rows", LargeBinary, nullable=False),  # table -> rows, JSON
)
carrier: Final = Table(
    "carrier",
    metadata,
    Column("id", String, primary_key=True),
    Column("label", String, nullable=False, unique=True),
    Column("act", String, nullable=False),
    Column("order_id", String, nullable=False),
    Column("roll", String, nullable=False),
    Column("state", String, nullable=False),  # carrier.life.State
    Column("medium", String, nullable=False),  # where the folder was written
    Column("tag", String, index=True),  # the asset tag of the medium; none: sent by network
    Column("begun_at", BigInteger),
    Column("envelope", LargeBinary),
    Column("counterfoil", LargeBinary),  # sealed under the office's counterfoil key
    Column("sealed_at", BigInteger),
)
medium: Final = Table(  # sticks and disks that orders may name
    "medium",
    metadata,
    Column("tag", String, primary_key=True),  # the asset tag on it, upper case
    Column("id", String, nullable=False, unique=True),
    Column("serial", String),  # none: the machine it was registered on did not tell
    Column("mounted", Integer, nullable=False),  # 1: a file system of its own, 0: a folder
    Column("kind", String, nullable=False),  # of its file system then
    Column("by", String, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Column("retired_at", BigInteger),
)
due: Final = Table(  # what must happen by when; scanned by the tick
    "due",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("subject", String, nullable=False, index=True),
    Column("what", String, nullable=False),  # a kind of incident.overdue; after a slash, which
    Column("at", BigInteger, nullable=False),
    Column("who", String),  # a person or a party; none: as the subject says
    # When somebody is to be told next; none: done, answered, or everybody was told.  The tick
    # looks for these and no others, however many rows there are.
    Column("next_at", BigInteger, index=True),
    Column("level", Integer, nullable=False, default=0),  # how many rungs were told
    Column("done", BigInteger),
    Column("alarm", String),  # the act that raised the first alarm
)
alarm: Final = Table(  # one rung of the people who are told of one thing that is late
    "alarm",
    metadata,
    Column("act", String, primary_key=True),
    Column("due", Integer, nullable=False),
    Column("level", Integer, nullable=False),  # from 0
    Column("rung", String, nullable=False),  # owner, officer, city, next
    Column("people", String, nullable=False),  # ids, a space between
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("due", "level"),
)
answer: Final = Table(  # who has taken up what is late: nobody further is told
    "answer",
    metadata,
    Column("due", Integer, primary_key=True, autoincrement=False),
    Column("by", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)
party_answer: Final = Table(  # by whom outside the city: their party's rungs are told no more
    "party_answer",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("due", Integer, nullable=False, index=True),
    Column("by", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),  # which entry of the ledger says what they noted
    Column("envelope", LargeBinary, nullable=False),
)
message: Final = Table(  # what is to be sent; written with its alarm, sent after
    "message",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("alarm", String, nullable=False),
    Column("channel", String, nullable=False),  # mail, webhook
    Column("person", String, nullable=False),  # empty: not to a person
    Column("after", BigInteger, nullable=False),  # not before
    Column("tries", Integer, nullable=False, default=0),
    Column("begun_at", BigInteger),  # being sent, or the program died while it was
    Column("unsure", Integer, nullable=False, default=0),  # 1: it may have gone out before
    Column("sent_at", BigInteger, index=True),
    Column("wrong", String),  # why it did not go the last time
    UniqueConstraint("alarm", "channel", "person"),
)
contact: Final = Table(  # where people are reached; erasable, never in a ledger
    "contact",
    metadata,
    Column("person", String, primary_key=True),
    Column("mail", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
mark: Final = Table(  # what the tick remembers of itself
    "mark",
    metadata,
    Column("name", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("said", String),
)
grant: Final = Table(
    "grant",
    metadata,
    Column("act", String, primary_key=True),
    Column("carrier", String, nullable=False, index=True),
    Column("ask", LargeBinary, nullable=False),
    Column("by", String, nullable=False),
    Column("state", String, nullable=False),  # asked, issued, refused
    Column("document", LargeBinary),
    Column("reasons", String),
)
chain: Final = Table(  # how far each device's chain is known
    "chain",
    metadata,
    Column("device", String, primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column("head", String, nullable=False),
)
receipt: Final = Table(
    "receipt",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("device", String, nullable=False),
    Column("carrier", String, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("records", LargeBinary, nullable=False),
)
incident: Final = Table(
    "incident",
    metadata,
    Column("id", String, primary_key=True),
    Column("act", String, nullable=False),
    Column("carriers", String, nullable=False),  # ids, a space between
    Column("state", String, nullable=False),  # revoke pending, open, closed
    Column("declared", LargeBinary, nullable=False),  # what was said, JSON
)
task: Final = Table(  # what is to be done after a loss, by whom, by when
    "task",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, nullable=False, index=True),
    Column("code", String, nullable=False),  # of the checklist; empty: added by a person
    Column("owner", String, nullable=False),  # a role of incident/tasks.py
    Column("due_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("done_by", String),
    Column("entry", BigInteger),  # which entry of the ledger says what was added
)
thing: Final = Table(  # what was in the bag and where it was seen: for those who search, erasable
    "thing",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, nullable=False, index=True),
    Column("kind", String, nullable=False),  # phone, tag, device, bag, way_home, seen
    Column("what", String),  # null once erased, as are the next two
    Column("identifier", String),
    Column("ask", String),  # whom to ask where it is; of what was seen: who says so
    Column("seen_at", BigInteger),
    Column("by", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("erased", BigInteger),
)
stated: Final = Table(  # what a person said of an incident's facts; the newest of each counts
    "stated",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("incident", String, nullable=False, index=True),
    Column("question", String, nullable=False),
    Column("party", String, nullable=False),  # whose knowledge it is; empty: everybody's
    Column("answer", String, nullable=False),  # yes, no, unknown, a number, an instant in ms
    Column("by", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("matched", LargeBinary, nullable=False),  # the duties as they were matched then, JSON
)
duty_answer: Final = Table(  # a person's word on one duty of an incident; the newest counts
    "duty_answer",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("incident", String, nullable=False, index=True),
    Column("duty", String, nullable=False),
    Column("said", String, nullable=False),  # done, not-due
    Column("by", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),  # which entry of the ledger says why
)
measure: Final = Table(  # what a control that failed asks of somebody
    "measure",
    metadata,
    Column("id", String, primary_key=True),
    Column("control", String, nullable=False),  # a code of incident/measures.py
    Column("subject", String, nullable=False, index=True),
    Column("owner", String, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("done_by", String),
    Column("done_at", BigInteger),
    Column("done_entry", BigInteger),  # which entry of the ledger says what was done
    Column("closed_by", String),
    Column("closed_at", BigInteger),
    Column("closed_entry", BigInteger),
)
measured: Final = Table(  # how far each ledger was looked through for controls that failed
    "measured",
    metadata,
    Column("ledger", String, primary_key=True),
    Column("upto", BigInteger, nullable=False),
)
failure: Final = Table(  # sheets with too few right answers; passes are documents
    "failure",
    metadata,
    Column("sitting", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("course", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
supervision: Final = Table(  # checks of a processor; what was found stands in entries' details
    "supervision",
    metadata,
    Column("id", String, primary_key=True),
    Column("agreement", String, nullable=False, index=True),
    Column("kind", String, nullable=False),  # visit, log, sample
    Column("carriers", Integer, nullable=False),  # how many a sample draws
    Column("planned_by", String, nullable=False),
    Column("planned_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("plan_entry", BigInteger, nullable=False),  # which entry of the ledger says so
    Column("drawn", String),  # carriers, a space between
    Column("drawn_at", BigInteger),
    Column("among", Integer),  # of how many
    Column("draw_entry", BigInteger),
    Column("done_by", String),
    Column("done_at", BigInteger),
    Column("done_on", BigInteger),
    Column("looked", String),  # carriers and persons, a space between
    Column("first_entry", BigInteger),  # of the office's ledger, both ends included
    Column("last_entry", BigInteger),
    Column("done_entry", BigInteger),  # its detail says what was found
)
follow_up: Final = Table(  # what somebody has to put right after a check
    "follow_up",
    metadata,
    Column("id", String, primary_key=True),
    Column("supervision", String, nullable=False, index=True),
    Column("who", String, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("closed_by", String),
    Column("closed_at", BigInteger),
    Column("closed_entry", BigInteger),  # its detail says how
)
erasure: Final = Table(  # lists of details to be emptied: asked for by one, agreed to by another
    "erasure",
    metadata,
    Column("id", String, primary_key=True),
    Column("rule", String, nullable=False),
    Column("log", String, nullable=False),  # whose details
    Column("asked_at", BigInteger, nullable=False),
    Column("half", LargeBinary, nullable=False),  # under the first hand
    Column("act", String),  # none: nobody agreed yet
    Column("whole", LargeBinary),  # under both
    Column("done_at", BigInteger),
)
witness: Final = Table(  # who cosigns the heads of both ledgers
    "witness",
    metadata,
    Column("vkey", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("url", String, nullable=False),  # empty: reached by stick
    Column("own", Integer, nullable=False),  # 1: run by the city itself
    Column("by", String, nullable=False),
    Column("added_at", BigInteger, nullable=False),
)
cosigned: Final = Table(  # the newest head that each witness cosigned of each ledger
    "cosigned",
    metadata,
    Column("log", String, primary_key=True),
    Column("vkey", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("at_s", BigInteger, nullable=False),
    Column("note", LargeBinary),  # as the ledger signed it; none before the first
    Column("line", String),  # the witness's, under it
    Column("asked", LargeBinary),  # the note of the request that is out
)
