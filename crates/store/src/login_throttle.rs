use domain::Timestamp;

use crate::sql::args;
use crate::{Error, Store};

/// How many failures are let through. Spans in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottlePolicy {
    /// Failures are counted from the first one on for so long.
    pub window: i64,
    /// From so many failures within a window on, attempts are blocked.
    pub allowed: i64,
    /// For so long after the latest failure.
    pub block: i64,
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Failures in the present window.
    pub failures: i64,
    /// Until when attempts are blocked.
    pub blocked_until: Option<Timestamp>,
}

impl Store {
    /// Counts a failure under `key` (an address, a network). One statement, so that replicas count together. Spans
    /// tenants, as all of the throttle does.
    pub async fn record_login_failure(
        &self,
        key: &str,
        now: Timestamp,
        policy: ThrottlePolicy,
    ) -> Result<Throttle, Error> {
        let sql = "INSERT INTO login_failures AS f (throttle_key, window_start, failures, blocked_until)
            VALUES ($1, $2, 1, CASE WHEN $4 <= 1 THEN $5 ELSE 0 END)
            ON CONFLICT (throttle_key) DO UPDATE SET
                window_start = CASE WHEN f.window_start <= $3 THEN $2 ELSE f.window_start END,
                failures = CASE WHEN f.window_start <= $3 THEN 1 ELSE f.failures + 1 END,
                blocked_until = CASE
                    WHEN (CASE WHEN f.window_start <= $3 THEN 1 ELSE f.failures + 1 END) >= $4 THEN $5
                    ELSE f.blocked_until END
            RETURNING failures, blocked_until";
        let values = args![key, now, now.plus(-policy.window), policy.allowed, now.plus(policy.block)];
        let mut tx = self.begin().await?;
        let row = tx.one(sql, values).await?;
        tx.commit().await?;
        let until: i64 = row.get("blocked_until")?;
        let blocked_until = (until > now.0).then_some(Timestamp(until));
        Ok(Throttle { failures: row.get("failures")?, blocked_until })
    }

    /// Until when attempts under `key` are blocked.
    pub async fn login_blocked_until(&self, key: &str, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT blocked_until FROM login_failures WHERE throttle_key = $1 AND blocked_until > $2";
        self.row(sql, args![key, now]).await?.map(|row| row.time("blocked_until")).transpose()
    }

    /// Forgets the failures under `key`, after a success.
    pub async fn clear_login_failures(&self, key: &str) -> Result<(), Error> {
        // Nearly every login has nothing to forget, and a look costs no write.
        let any = self.row("SELECT 1 AS one FROM login_failures WHERE throttle_key = $1", args![key]).await?;
        if any.is_some() {
            self.execute("DELETE FROM login_failures WHERE throttle_key = $1", args![key]).await?;
        }
        Ok(())
    }

    /// Forgets windows that began before `before` and block nobody any more; gives how many.
    pub async fn delete_old_login_failures(&self, before: Timestamp, now: Timestamp) -> Result<u64, Error> {
        let sql = "DELETE FROM login_failures WHERE window_start < $1 AND blocked_until <= $2";
        self.execute(sql, args![before, now]).await
    }
}
