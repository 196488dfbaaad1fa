/// Payments fail.
///
/// Money is not lost.
fn payment_system_down() -> Condition {
    error_ratio(calls(PaymentService::release)).above(percent(5)).lasting(minutes(5))
}
::instrumental::__private::alert!(
    payment_system_down, P1, { name : "payment_system_down", summary : "Payments fail.",
    owner : "payments", impact : "Users cannot complete jobs.", runbook :
    "docs/runbooks.md#payments", notify : & ["#alerts", "payments"] }
);
::instrumental::__private::runbook!(
    "docs/runbooks.md", "payments",
    "the runbook docs/runbooks.md has no heading `#payments`"
);
/// Fewer jobs.
pub(crate) fn fewer_jobs() -> telemetry::alerts::Condition {
    rate(jobs::posted).below_past(days(7), 0.5)
}
telemetry::__private::alert!(
    fewer_jobs, P4, { name : "fewer_jobs", summary : "Fewer jobs.", owner : "jobs" }
);
