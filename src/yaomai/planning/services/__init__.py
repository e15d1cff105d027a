"""Writes of this room."""

from yaomai.planning.services.availability import (
    absence_archive,
    absence_create,
    absence_update,
    absences_take_in,
    location_create,
    location_update,
    working_time_change,
    working_time_enter,
    working_times_set,
)
from yaomai.planning.services.callbacks import callback_record
from yaomai.planning.services.duties import duty_create, duty_miss, duty_update, duty_waive, propose_duty
from yaomai.planning.services.feeds import feed_create, feed_revoke
from yaomai.planning.services.fulfilling import fulfil, unfulfil
from yaomai.planning.services.goals import (
    goal_archive,
    goal_create,
    goal_decompose,
    goal_finalize,
    goal_reopen,
    goal_update,
    smart_missing,
)
from yaomai.planning.services.laying import duties_lay_out, duties_settle
from yaomai.planning.services.plans import (
    plan_compute,
    plan_create,
    plan_discard,
    plan_failed,
    plan_stop,
    plan_submit,
    plan_withdraw,
    plans_create,
)
from yaomai.planning.services.replanning import WHY, replan_accept, replan_dismiss, replan_propose
from yaomai.planning.services.reviews import note_archive, note_create, note_update, review_create, review_update
from yaomai.planning.services.visits import visit_cancel, visit_create, visit_miss, visit_move, visit_update

__all__ = [
    "WHY",
    "absence_archive",
    "absence_create",
    "absence_update",
    "absences_take_in",
    "callback_record",
    "duties_lay_out",
    "duties_settle",
    "duty_create",
    "duty_miss",
    "duty_update",
    "duty_waive",
    "feed_create",
    "feed_revoke",
    "fulfil",
    "goal_archive",
    "goal_create",
    "goal_decompose",
    "goal_finalize",
    "goal_reopen",
    "goal_update",
    "location_create",
    "location_update",
    "note_archive",
    "note_create",
    "note_update",
    "plan_compute",
    "plan_create",
    "plan_discard",
    "plan_failed",
    "plan_stop",
    "plan_submit",
    "plan_withdraw",
    "plans_create",
    "propose_duty",
    "replan_accept",
    "replan_dismiss",
    "replan_propose",
    "review_create",
    "review_update",
    "smart_missing",
    "unfulfil",
    "visit_cancel",
    "visit_create",
    "visit_miss",
    "visit_move",
    "visit_update",
    "working_time_change",
    "working_time_enter",
    "working_times_set",
]
