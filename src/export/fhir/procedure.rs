//! Procedure, and ServiceRequest for what is only planned.

use super::condition::open_time;
use super::plan::Kind;
use super::record::Record;
use super::resources::{Procedure, ServiceRequest};
use crate::export::tables;
use crate::model::{Assertion, Fact, RelationKind};

pub(super) fn procedure<'a>(record: &Record<'a>, f: &'a Fact) -> Procedure<'a> {
    let mut p = Procedure::new(record.note.uuid(&f.id), tables::profile("Procedure"));
    p.status = match f.assertion {
        Assertion::Absent => "not-done",
        Assertion::Possible => "unknown",
        _ => "completed",
    };
    p.code = record.concept(f);
    p.subject = record.subject();
    let when = record.when(f);
    if when.open {
        p.performed_string = Some(open_time(record, f));
    }
    (p.performed_date_time, p.performed_period) = (when.date_time, when.period);
    p.reason_reference = record.related(f, RelationKind::Treats, &[Kind::Condition, Kind::Observation]);
    p
}

pub(super) fn planned<'a>(record: &Record<'a>, f: &'a Fact) -> ServiceRequest<'a> {
    let mut r = ServiceRequest::new(record.note.uuid(&f.id), tables::profile("ServiceRequest"));
    r.status = "active";
    r.intent = "plan";
    r.code = record.concept(f);
    r.subject = record.subject();
    r.occurrence_date_time = record.when(f).start();
    r.authored_on = record.note.day();
    r.reason_reference = record.related(f, RelationKind::Treats, &[Kind::Condition, Kind::Observation]);
    r
}
