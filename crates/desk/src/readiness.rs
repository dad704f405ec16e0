//! Whether the database answers, asked at most once a second however many want to know.

use domain::Timestamp;
use domain::time::SECOND;
use tokio::sync::Mutex;

use crate::Desk;
use crate::error::{Error, Result};

/// The last answer.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<Asked>>);

#[derive(Clone, Copy)]
struct Asked {
    at: Timestamp,
    answers: bool,
}

impl Asked {
    fn is_fresh(self, now: Timestamp) -> bool {
        (0..SECOND).contains(&now.since(self.at))
    }
}

impl Desk {
    /// Whether the database answered within the last second.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it did not.
    pub async fn ready(&self) -> Result<()> {
        // Held while the database is asked, so that everybody else waits for that answer.
        let mut last = self.inner.readiness.0.lock().await;
        let now = self.now();
        let asked = match last.filter(|asked| asked.is_fresh(now)) {
            Some(asked) => asked,
            None => Asked { at: now, answers: self.store().ready().await.is_ok() },
        };
        *last = Some(asked);
        if asked.answers {
            return Ok(());
        }
        Err(Error::Unavailable { reason: String::from("the database does not answer"), retry_after: 2 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_good_for_a_second() {
        let asked = Asked { at: Timestamp(SECOND), answers: true };
        let fresh = [0, SECOND, 2 * SECOND - 1, 2 * SECOND].map(|now| asked.is_fresh(Timestamp(now)));
        assert_eq!(fresh, [false, true, true, false], "nor when the clock was set back");
    }
}
