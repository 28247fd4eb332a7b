"""A Dag's schedule + an instant -> the slots that come, the ones that are due, and what is wrong with it.

faults.py    a Schedule -> what its user must mend
cron.py      a cron text -> wall times (naive); the only reader of croniter
zones.py     a zone's name -> its clock, and the clock changes near an instant
dst.py       a wall time around a clock change -> instants, by the user's policy
instants.py  cron texts, or a span, -> one rising line of instants
slots.py     a Schedule -> the Timetable: slots with logical date, data interval and due time
due.py       a Timetable + what the controller remembers -> the slots to run now and the ones after
daytime.py   a time of day -> its next instant
"""

from controller.decide.calendar.daytime import next_at
from controller.decide.calendar.describe import describe, fingerprint
from controller.decide.calendar.due import Due, Seen, coming, due, next_runs
from controller.decide.calendar.faults import schedule_faults
from controller.decide.calendar.slots import Slot, Timetable

__all__ = [
    "Due",
    "Seen",
    "Slot",
    "Timetable",
    "coming",
    "describe",
    "due",
    "fingerprint",
    "next_at",
    "next_runs",
    "schedule_faults",
]
