use domain::Timestamp;

use crate::sql::{Tx, args};
use crate::{Error, Store};

/// How many failures are let through. Spans in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottlePolicy {
    /// Failures are counted from the first one on for so long.
    pub window: i64,
    /// With so many failures within a window, further attempts are blocked.
    pub allowed: i64,
    /// For so long after the latest failure.
    pub block: i64,
}

/// What attempts are counted under: an address, a network, a person.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// The counter; short, whatever a visitor typed.
    pub key: &'a str,
    /// When it blocks.
    pub policy: ThrottlePolicy,
}

/// The throttle spans tenants: nobody is known yet.
impl Store {
    /// Counts an attempt as a failure under each key, all or none; or gives until when one of them blocks. It is counted
    /// before it is known to fail, so that attempts at the same moment cannot all pass: a success is taken back by
    /// [`Store::take_back_attempts`]. Whoever counts under the same keys names them in the same order.
    pub async fn count_attempt(&self, counted: &[Counted<'_>], now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let mut tx = self.begin().await?;
        for one in counted {
            if let Some(until) = tx.count_attempt(one, now).await? {
                return Ok(Some(until));
            }
        }
        tx.commit().await?;
        Ok(None)
    }

    /// Until when attempts under `key` are blocked.
    pub async fn attempts_blocked_until(&self, key: &str, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT blocked_until FROM login_failures WHERE throttle_key = $1 AND blocked_until > $2";
        self.row(sql, args![key, now]).await?.map(|row| row.time("blocked_until")).transpose()
    }

    /// After a success: forgets what is counted under `own`, and takes as much back from what is `shared` with others.
    pub async fn take_back_attempts(&self, own: &str, shared: Option<Counted<'_>>) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        let delete = "DELETE FROM login_failures WHERE throttle_key = $1 RETURNING failures";
        let own = tx.row(delete, args![own]).await?.map(|row| row.get::<i64>("failures")).transpose()?;
        if let (Some(own), Some(shared)) = (own, shared) {
            let update = "UPDATE login_failures SET
                    failures = CASE WHEN failures > $2 THEN failures - $2 ELSE 0 END,
                    blocked_until = CASE WHEN failures - $2 < $3 THEN 0 ELSE blocked_until END
                WHERE throttle_key = $1";
            tx.execute(update, args![shared.key, own, shared.policy.allowed]).await?;
        }
        tx.commit().await
    }

    /// Forgets windows that began before `before` and block nobody any more; gives how many.
    pub async fn delete_old_login_failures(&self, before: Timestamp, now: Timestamp) -> Result<u64, Error> {
        let sql = "DELETE FROM login_failures WHERE window_start < $1 AND blocked_until <= $2";
        self.execute(sql, args![before, now]).await
    }
}

impl Tx {
    async fn count_attempt(&mut self, counted: &Counted<'_>, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let Counted { key, policy } = *counted;
        let sql = "INSERT INTO login_failures AS f (throttle_key, window_start, failures, blocked_until)
            VALUES ($1, $2, 1, CASE WHEN $4 <= 1 THEN $5 ELSE 0 END)
            ON CONFLICT (throttle_key) DO UPDATE SET
                window_start = CASE WHEN f.window_start <= $3 THEN $2 ELSE f.window_start END,
                failures = CASE WHEN f.window_start <= $3 THEN 1 ELSE f.failures + 1 END,
                blocked_until = CASE
                    WHEN (CASE WHEN f.window_start <= $3 THEN 1 ELSE f.failures + 1 END) >= $4 THEN $5
                    ELSE f.blocked_until END
            WHERE f.blocked_until <= $2
            RETURNING failures";
        let values = args![key, now, now.plus(-policy.window), policy.allowed, now.plus(policy.block)];
        if self.row(sql, values).await?.is_some() {
            return Ok(None);
        }
        let held = "SELECT blocked_until FROM login_failures WHERE throttle_key = $1";
        self.one(held, args![key]).await?.time("blocked_until").map(Some)
    }
}
