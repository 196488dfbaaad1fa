/// Payments fail.
///
/// Money is not lost.
#[alert(P1, owner = "payments", impact = "Users cannot complete jobs.", runbook = "docs/runbooks.md#payments", notify = "#alerts, payments")]
fn payment_system_down() -> Condition {
    error_ratio(calls(PaymentService::release)).above(percent(5)).lasting(minutes(5))
}

/// Fewer jobs.
#[alert(P4, owner = "jobs", crate = telemetry)]
pub(crate) fn fewer_jobs() -> telemetry::alerts::Condition {
    rate(jobs::posted).below_past(days(7), 0.5)
}
