//! Simulated users of the marketplace, and what goes wrong for them.

use crate::auth;
use crate::client::{Answer, Client};
use serde_json::{Value, json};
use sqlx::SqlitePool;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const HOMEOWNER: &str = "homeowner";
const CONTRACTOR: &str = "contractor";

/// Counts of what the traffic did, to compare with the telemetry.
#[derive(Default)]
pub(crate) struct Totals {
    journeys: AtomicU64,
    requests: AtomicU64,
    payments_released: AtomicU64,
    declined: AtomicU64,
    outages: AtomicU64,
    auth_failures: AtomicU64,
    invalid: AtomicU64,
    not_found: AtomicU64,
    disconnects: AtomicU64,
    mismatches: AtomicU64,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |count: &AtomicU64| count.load(Relaxed);
        write!(
            f,
            "traffic: journeys={} requests={} payments_released={} declined={} outages={} auth_failures={} invalid={} not_found={} \
             disconnects={} mismatches={}",
            of(&self.journeys),
            of(&self.requests),
            of(&self.payments_released),
            of(&self.declined),
            of(&self.outages),
            of(&self.auth_failures),
            of(&self.invalid),
            of(&self.not_found),
            of(&self.disconnects),
            of(&self.mismatches)
        )
    }
}

/// Random choices that repeat with their seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }

    fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }
}

/// One homeowner and the contractor who works for them.
struct Person {
    client: Client,
    totals: Arc<Totals>,
    chance: Chance,
    /// The percentage of payments for which the card processor is down.
    outage: u64,
    homeowner: String,
    contractor: String,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Person {
    async fn post(&self, path: &str, token: &str, body: Value) -> Result<Answer, Failure> {
        self.totals.requests.fetch_add(1, Relaxed);
        self.client.post(path, Some(token), &body).await
    }

    /// Goes from the posting of a job to the payment.
    async fn journey(mut self) -> Result<(), Failure> {
        self.totals.journeys.fetch_add(1, Relaxed);
        self.mistakes().await?;
        let contract = self.agree().await?;
        if !self.deposit(&contract).await? {
            return Ok(());
        }
        if self.chance.percent(15) {
            self.mismatch(&contract).await?;
        }
        let path = format!("/contracts/{contract}/complete");
        let done = self.post(&path, &self.homeowner, json!({})).await?;
        if done.status == 200 {
            self.totals.payments_released.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    /// Posts a job, bids up to three times, and accepts the last bid; returns the contract's id.
    async fn agree(&mut self) -> Result<Value, Failure> {
        let trade = ["plumbing", "roofing", "electrical"][self.chance.below(3) as usize];
        let budget = 200.0 + self.chance.below(2000) as f64;
        let job = json!({ "title": "a leaking tap", "trade": trade, "budget": budget });
        let job = self.post("/jobs", &self.homeowner, job).await?.body;
        let path = format!("/jobs/{job}/bids");
        let mut bid = Value::Null;
        for _ in 0..=self.chance.below(2) {
            let amount = budget * (0.7 + self.chance.below(30) as f64 / 100.0);
            let offer = json!({ "amount": amount });
            bid = self.post(&path, &self.contractor, offer).await?.body;
        }
        let path = format!("/bids/{bid}/accept");
        Ok(self.post(&path, &self.homeowner, json!({})).await?.body)
    }

    /// Pays into escrow; returns whether the payment went through.
    async fn deposit(&mut self, contract: &Value) -> Result<bool, Failure> {
        let card = match self.chance.below(100) {
            n if n < self.outage => "outage",
            n if n < self.outage + 8 => "declined",
            _ => "4242",
        };
        let path = format!("/contracts/{contract}/deposit");
        let deposit = self.post(&path, &self.homeowner, json!({ "card": card }));
        let failures = match deposit.await?.status {
            200 => return Ok(true),
            402 => &self.totals.declined,
            _ => &self.totals.outages,
        };
        failures.fetch_add(1, Relaxed);
        Ok(false)
    }

    /// Sends a settlement of another amount than is held, as a broken card processor would.
    async fn mismatch(&self, contract: &Value) -> Result<(), Failure> {
        let settlement = json!({ "contract_id": contract, "amount": 1.0 });
        let answer = self.post("/webhooks/processor", "processor", settlement);
        let mismatch = answer.await?.status == 500;
        self.totals
            .mismatches
            .fetch_add(u64::from(mismatch), Relaxed);
        Ok(())
    }

    /// Makes the mistakes that users make.
    async fn mistakes(&mut self) -> Result<(), Failure> {
        if self.chance.percent(6) {
            let answer = self
                .post(
                    "/jobs",
                    "stolen",
                    json!({ "title": "x", "trade": "roofing", "budget": 1.0 }),
                )
                .await?;
            self.totals
                .auth_failures
                .fetch_add(u64::from(answer.status == 401), Relaxed);
        }
        if self.chance.percent(6) {
            let job = json!({ "title": " ", "trade": "roofing", "budget": 100.0 });
            let answer = self.post("/jobs", &self.homeowner, job).await?;
            self.totals
                .invalid
                .fetch_add(u64::from(answer.status == 422), Relaxed);
        }
        if self.chance.percent(6) {
            self.totals.requests.fetch_add(1, Relaxed);
            let answer = self
                .client
                .get("/jobs/999999999", Some(&self.homeowner))
                .await?;
            self.totals
                .not_found
                .fetch_add(u64::from(answer.status == 404), Relaxed);
        }
        if self.chance.percent(2) {
            self.disconnect().await?;
        }
        Ok(())
    }

    /// Requests the slow report. One client in three waits for it; the others disconnect.
    async fn disconnect(&mut self) -> Result<(), Failure> {
        self.totals.requests.fetch_add(1, Relaxed);
        let patient = self.chance.percent(33);
        let report = self.client.get("/reports/monthly", None);
        if patient {
            report.await?;
            return Ok(());
        }
        // Dropping the request closes its connection.
        match timeout(Duration::from_millis(60), report).await {
            Ok(answer) => drop(answer?),
            Err(_) => {
                self.totals.disconnects.fetch_add(1, Relaxed);
            }
        }
        Ok(())
    }
}

/// How much traffic to send, and what goes wrong.
pub(crate) struct Plan {
    pub client: Client,
    /// Journeys to begin per second.
    pub per_second: u32,
    /// When to stop; `None` for never.
    pub until: Option<Instant>,
    /// The seed of the random choices.
    pub seed: u64,
    /// The percentage of payments for which the card processor is down.
    pub outage: u64,
}

/// Begins journeys at a rate until the time is over.
pub(crate) async fn run(db: &SqlitePool, plan: &Plan, totals: &Arc<Totals>) {
    for role in [HOMEOWNER, CONTRACTOR] {
        if let Err(error) = auth::register(db, role, &plan.token(role)).await {
            tracing::error!(%error, "cannot create an account for the traffic");
        }
    }
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / plan.per_second.max(1));
    let mut journeys = tokio::task::JoinSet::new();
    for number in 0_u64.. {
        ticks.tick().await;
        if plan.until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        let person = plan.person(number, totals);
        journeys.spawn(async move {
            if let Err(error) = person.journey().await {
                tracing::warn!(%error, "a journey broke off");
            }
        });
        while journeys.try_join_next().is_some() {}
        crate::db::measure(db);
    }
    while journeys.join_next().await.is_some() {}
}

impl Plan {
    /// The token of the account that all journeys share in a role.
    fn token(&self, role: &str) -> String {
        format!("{role}-{}", self.seed)
    }

    fn person(&self, number: u64, totals: &Arc<Totals>) -> Person {
        let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Person {
            client: self.client.clone(),
            totals: Arc::clone(totals),
            chance: Chance((self.seed << 32) ^ mixed),
            outage: self.outage,
            homeowner: self.token(HOMEOWNER),
            contractor: self.token(CONTRACTOR),
        }
    }
}
