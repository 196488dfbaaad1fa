//! The database.

use crate::error::ApiError;
use crate::signals::db;
use instrumental::traced;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

const CONNECTIONS: u32 = 8;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, token TEXT UNIQUE, email TEXT, role TEXT);
CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, owner INTEGER, title TEXT, trade INTEGER, budget REAL, posted REAL);
CREATE TABLE IF NOT EXISTS bids (id INTEGER PRIMARY KEY, job INTEGER, contractor INTEGER, amount REAL);
CREATE TABLE IF NOT EXISTS contracts (id INTEGER PRIMARY KEY, job INTEGER, bid INTEGER, owner INTEGER,
    contractor INTEGER, amount REAL, state TEXT);
CREATE INDEX IF NOT EXISTS bids_by_job ON bids (job);
";

/// The database, and the file to remove when it ends.
pub(crate) struct Database {
    pub pool: SqlitePool,
    temporary: Option<PathBuf>,
}

impl Database {
    /// Opens the database at `url`; without one, a temporary file.
    pub(crate) async fn open(url: Option<&str>) -> Result<Self, sqlx::Error> {
        let temporary = url.is_none().then(|| {
            let name = format!("marketplace-{}.db", std::process::id());
            std::env::temp_dir().join(name)
        });
        let options = match (url, &temporary) {
            (Some(url), _) => SqliteConnectOptions::from_str(url)?,
            (None, path) => SqliteConnectOptions::new()
                .filename(path.as_deref().unwrap_or(Path::new(":memory:"))),
        };
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_with(options)
            .await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        Ok(Self { pool, temporary })
    }

    /// Closes it.
    pub(crate) async fn close(self) {
        self.pool.close().await;
        for suffix in ["", "-wal", "-shm"] {
            if let Some(path) = &self.temporary {
                let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
            }
        }
    }
}

/// Records how much of the pool is in use.
pub(crate) fn measure(pool: &SqlitePool) {
    let used = pool.size().saturating_sub(pool.num_idle() as u32);
    db::connections::open().set(used);
    db::connections::max().set(CONNECTIONS);
}

/// A report that reads everything there is, and is slow on purpose.
#[traced(slow = "1s", metric = db::query_time("monthly_report"))]
pub(crate) async fn monthly_report(pool: &SqlitePool) -> Result<(i64, f64), ApiError> {
    let query = "SELECT COUNT(*), COALESCE(SUM(amount), 0.0) FROM contracts";
    let totals = sqlx::query_as(query).fetch_one(pool).await?;
    // As a table of many years would take.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    Ok(totals)
}

/// Reads a struct of a row, column by column.
macro_rules! row {
    ($name:ident { $($field:ident),* }) => {
        impl<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &'r sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?),* })
            }
        }
    };
}
pub(crate) use row;
