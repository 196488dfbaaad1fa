//! People who use the marketplace, and what goes wrong for them.

use crate::auth;
use crate::client::{Answer, Client};
use serde_json::json;
use sqlx::SqlitePool;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// What the traffic did, to be compared with what telemetry says.
#[derive(Default)]
pub struct Totals {
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

/// Chances that repeat with their seed (xorshift64*).
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

/// One person's part.
struct Person {
    client: Client,
    address: std::net::SocketAddr,
    totals: Arc<Totals>,
    chance: Chance,
    /// How many payments of a hundred find no card processor.
    outage: u64,
    homeowner: String,
    contractor: String,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Person {
    async fn post(
        &self,
        path: &str,
        token: &str,
        body: serde_json::Value,
    ) -> Result<Answer, Failure> {
        self.totals.requests.fetch_add(1, Relaxed);
        self.client.post(path, Some(token), &body).await
    }

    /// From the posting of a job to the payment.
    async fn journey(mut self) -> Result<(), Failure> {
        self.totals.journeys.fetch_add(1, Relaxed);
        self.mistakes().await?;
        let trade = ["plumbing", "roofing", "electrical"][self.chance.below(3) as usize];
        let budget = 200.0 + self.chance.below(2000) as f64;
        let job = json!({ "title": "a leaking tap", "trade": trade, "budget": budget });
        let job = self.post("/jobs", &self.homeowner, job).await?.body;
        let mut bid = serde_json::Value::Null;
        for _ in 0..=self.chance.below(2) {
            let amount = budget * (0.7 + self.chance.below(30) as f64 / 100.0);
            let path = format!("/jobs/{job}/bids");
            bid = self
                .post(&path, &self.contractor, json!({ "amount": amount }))
                .await?
                .body;
        }
        let contract = self
            .post(&format!("/bids/{bid}/accept"), &self.homeowner, json!({}))
            .await?
            .body;
        let card = match self.chance.below(100) {
            n if n < self.outage => "outage",
            n if n < self.outage + 8 => "declined",
            _ => "4242",
        };
        let path = format!("/contracts/{contract}/deposit");
        let deposit = self.post(&path, &self.homeowner, json!({ "card": card }));
        match deposit.await?.status {
            200 => {}
            402 => {
                self.totals.declined.fetch_add(1, Relaxed);
                return Ok(());
            }
            _ => {
                self.totals.outages.fetch_add(1, Relaxed);
                return Ok(());
            }
        }
        if self.chance.percent(15) {
            let settlement = json!({ "contract_id": contract, "amount": 1.0 });
            let answer = self.post("/webhooks/processor", "processor", settlement);
            let mismatch = answer.await?.status == 500;
            self.totals
                .mismatches
                .fetch_add(u64::from(mismatch), Relaxed);
        }
        let done = self
            .post(
                &format!("/contracts/{contract}/complete"),
                &self.homeowner,
                json!({}),
            )
            .await?;
        if done.status == 200 {
            self.totals.payments_released.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    /// What people get wrong.
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

    /// Asks for the slow report, and does not wait for it; one in three does.
    async fn disconnect(&mut self) -> Result<(), Failure> {
        self.totals.requests.fetch_add(1, Relaxed);
        if self.chance.percent(33) {
            self.client.get("/reports/monthly", None).await?;
            return Ok(());
        }
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!(
            "GET /reports/monthly HTTP/1.1\r\nhost: {}\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await?;
        tokio::time::sleep(Duration::from_millis(60)).await;
        drop(stream);
        self.totals.disconnects.fetch_add(1, Relaxed);
        Ok(())
    }
}

/// How much traffic there is, and how it fares.
pub struct Plan {
    /// Journeys begun a second.
    pub per_second: u32,
    pub until: Option<Instant>,
    /// Of the chances.
    pub seed: u64,
    /// How many payments of a hundred find no card processor.
    pub outage: u64,
}

/// Begins journeys at a rate, until the time is over.
pub async fn run(
    db: &SqlitePool,
    address: std::net::SocketAddr,
    plan: &Plan,
    totals: &Arc<Totals>,
) {
    let (seed, until) = (plan.seed, plan.until);
    let (homeowner, contractor) = (format!("homeowner-{seed}"), format!("contractor-{seed}"));
    for (role, token) in [("homeowner", &homeowner), ("contractor", &contractor)] {
        if let Err(error) = auth::register(db, role, token).await {
            tracing::error!(%error, "no account for the traffic");
        }
    }
    let client = Client::outside(address);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / plan.per_second.max(1));
    let mut journeys = tokio::task::JoinSet::new();
    for number in 0_u64.. {
        ticks.tick().await;
        if until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        let person = Person {
            client: client.clone(),
            address,
            totals: Arc::clone(totals),
            chance: Chance((seed << 32) ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            outage: plan.outage,
            homeowner: homeowner.clone(),
            contractor: contractor.clone(),
        };
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
