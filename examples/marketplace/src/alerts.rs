//! When somebody has to look, and who. What they watch is checked by the compiler.

use crate::auth::authenticate;
use crate::error::ApiError;
use crate::notifications::NotificationService;
use crate::payments::{PaymentService, charge};
use crate::signals::{PaymentFailed, db};
use instrumental::alert;
use instrumental::alerts::*;

/// Payments fail.
#[alert(
    P1,
    owner = "payments",
    impact = "Users cannot complete jobs.",
    runbook = "RUNBOOK.md#payment-system-down"
)]
fn payment_system_down() -> Condition {
    let payments = calls(PaymentService::hold).and(calls(PaymentService::release));
    error_ratio(payments).above(percent(5)).lasting(minutes(5))
}

/// The database refuses connections.
#[alert(
    P1,
    owner = "platform",
    impact = "Complete outage.",
    runbook = "RUNBOOK.md#database-unavailable"
)]
fn database_unavailable() -> Condition {
    let failing = errors(&ApiError::Database(sqlx::Error::PoolClosed), all_calls());
    rate(failing)
        .over(minutes(2))
        .above(per_minute(1))
        .lasting(minutes(1))
}

/// Logins fail for reasons of ours.
#[alert(
    P1,
    owner = "security",
    impact = "Users cannot use the marketplace.",
    runbook = "RUNBOOK.md#authentication"
)]
fn authentication_system_down() -> Condition {
    error_ratio(calls(authenticate))
        .above(percent(1))
        .lasting(minutes(5))
}

/// Mails and messages do not get out.
#[alert(
    P1,
    owner = "notifications",
    impact = "Users do not hear of updates.",
    runbook = "RUNBOOK.md#notifications"
)]
fn notification_system_down() -> Condition {
    error_ratio(calls(NotificationService::send_with_retry))
        .above(percent(10))
        .lasting(minutes(5))
}

/// Requests fail.
#[alert(
    P1,
    owner = "platform",
    impact = "Users see errors.",
    runbook = "RUNBOOK.md#critical-errors",
    notify = "#team"
)]
fn critical_errors() -> Condition {
    error_ratio(requests())
        .above(percent(5))
        .lasting(minutes(2))
}

/// A payment did not go through.
#[alert(
    P1,
    owner = "payments",
    impact = "A homeowner or a contractor waits for money.",
    runbook = "RUNBOOK.md#payment-failures",
    notify = "payments"
)]
fn payment_failures() -> Condition {
    count(event::<PaymentFailed>()).over(minutes(5)).above(0)
}

/// Somebody may be trying tokens.
#[alert(
    P2,
    owner = "security",
    impact = "Accounts may be taken over.",
    runbook = "RUNBOOK.md#authentication",
    notify = "security"
)]
fn authentication_failures() -> Condition {
    rate(errors(&ApiError::InvalidToken, calls(authenticate)))
        .over(minutes(1))
        .above(per_minute(10))
}

/// Requests are slow.
#[alert(
    P1,
    owner = "platform",
    impact = "Users wait.",
    runbook = "RUNBOOK.md#high-latency"
)]
fn high_latency() -> Condition {
    average(requests()).above(millis(500)).lasting(minutes(5))
}

/// More requests fail than usual.
#[alert(
    P2,
    owner = "platform",
    impact = "Some users see errors.",
    runbook = "RUNBOOK.md#critical-errors",
    notify = "#alerts"
)]
fn error_rate() -> Condition {
    error_ratio(requests())
        .over(minutes(2))
        .above(percent(1))
        .lasting(minutes(2))
}

/// The pool of connections is nearly used up.
#[alert(
    P2,
    owner = "ops",
    impact = "Requests will wait for the database.",
    runbook = "RUNBOOK.md#connection-pool",
    notify = "ops"
)]
fn database_connection_pool() -> Condition {
    level(db::connections::open)
        .of(level(db::connections::max))
        .above(percent(90))
        .lasting(minutes(5))
}

/// The card processor is slow.
#[alert(P3, owner = "payments")]
fn slow_card_processor() -> Condition {
    p95(calls(charge)).above(seconds(2)).lasting(minutes(10))
}

/// Far fewer jobs are posted than a week ago.
#[alert(P4, owner = "jobs")]
fn fewer_jobs() -> Condition {
    let posted = rate(event::<crate::signals::JobPosted>()).over(hours(1));
    posted.below_past(days(7), 0.5).lasting(minutes(30))
}

/// No money was released for hours.
#[alert(P3, owner = "payments")]
fn no_payments() -> Condition {
    absent(event::<crate::signals::PaymentReleased>(), hours(2))
}
