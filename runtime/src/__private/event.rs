//! Emission of business events.

use crate::collect::record_queue::send;
use crate::collect::trace::context;
use crate::collect::trace::fields::encode;
use crate::model::change::Change;
use crate::model::event::{Event, EventPart, EventRecorder, EventSite};
use crate::model::fields::Fields;
use crate::model::record::{EventRecord, Record};
use tracing::Value;

/// Emits an event: counts it, records its measures, logs it, and adds a breadcrumb.
pub fn emit<E: Event>(event: &E) {
    let site = E::site();
    let mut series = None;
    event.record(&mut EventRecorder {
        site,
        then: &mut |part| match part {
            EventPart::Fields(values) => log(site, values),
            EventPart::Series(found) => series = Some(found),
            EventPart::Measures(values) => measures(site, series, values),
        },
    });
    let series = series.unwrap_or_else(|| site.counter.series(()));
    crate::collect::handle::change(series, Change::Add(1));
}

/// Emits an event that is declared without a struct.
pub fn emit_fields(site: &'static EventSite, values: &[Option<&dyn Value>]) {
    log(site, values);
    crate::collect::handle::change(site.counter.series(()), Change::Add(1));
}

fn measures(
    site: &'static EventSite,
    counter: Option<&'static crate::model::site::Series>,
    values: &[f64],
) {
    for (family, value) in site.measures.iter().zip(values) {
        let series = match counter {
            Some(counter) => family.like(counter),
            None => family.series(()),
        };
        crate::collect::handle::change(series, Change::Record(*value));
    }
}

fn log(site: &'static EventSite, values: &[Option<&dyn Value>]) {
    let Some(_record) = crate::base::reentry::record() else {
        return;
    };
    let names = site.metadata().fields();
    let fields = encode(names, values, |bytes| Fields::new(names, bytes.to_vec()));
    crate::collect::trace::scope::event_breadcrumb(site, &fields);
    let record = Record::Event(std::sync::Arc::new(EventRecord {
        site,
        time: crate::base::host::time_of_day(),
        place: context::place(),
        fields,
    }));
    if send(record).is_some() {
        crate::collect::facade::spans::event(site.metadata(), values);
    }
}
