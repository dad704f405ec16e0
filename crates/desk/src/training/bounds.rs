//! What one training may need: so much time, and so much memory.

use domain::dataset::Dataset;
use domain::time::MINUTE;
use domain::{Specification, Timestamp};

use super::work::Work;
use crate::error::{Error, Result};

/// The text of a data set is in memory up to three times while its cells are read.
const COPIES: u64 = 3;
/// Bytes of a cell on its way: as it was read, as a number to learn from, in the bins of trees, and once more in each part
/// that cross-validation learns from at a time.
const CELL: u64 = 40;

impl Work<'_> {
    /// Refuses what would need more memory than a training may, before any of it is read.
    pub(super) fn check_memory(&self, specification: &Specification, dataset: &Dataset) -> Result<()> {
        let columns = specification.columns.len() as u64 + 1;
        let needed = expected(dataset.bytes.unsigned_abs(), dataset.rows.unsigned_abs(), columns);
        refuse_more_than(self.desk.limits().training_bytes, needed)
    }

    /// Why the training is to end now, if it has taken too long.
    pub(super) fn overdue(&self, now: Timestamp) -> Option<Error> {
        let minutes = self.desk.limits().training_minutes;
        let why = || {
            Error::Conflict(format!(
                "it took longer than the {minutes} minutes that a training may; learn from fewer days or rows, or with a \
                 smaller estimator.budget_seconds"
            ))
        };
        (now.since(self.claimed_at) > minutes * MINUTE).then(why)
    }
}

/// Bytes that a training on so much is expected to need.
fn expected(bytes: u64, rows: u64, columns: u64) -> u64 {
    let cells = rows.saturating_mul(columns).saturating_mul(CELL);
    bytes.saturating_mul(COPIES).saturating_add(cells)
}

/// Refuses to work with more bytes than are allowed.
pub(crate) fn refuse_more_than(most: u64, needed: u64) -> Result<()> {
    if needed <= most {
        return Ok(());
    }
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    Err(Error::Conflict(format!(
        "it would need about {} MiB of memory, and a training may take {} MiB; learn from fewer days, rows or columns",
        mib(needed),
        mib(most)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_grows_with_text_and_cells() {
        assert_eq!(expected(1_000, 10, 3), 3_000 + 1_200);
        assert_eq!(expected(u64::MAX, u64::MAX, 2), u64::MAX);
        assert!(refuse_more_than(10, 10).is_ok());
        let refused = refuse_more_than(1 << 30, (1 << 30) + 1).unwrap_err().to_string();
        assert!(refused.contains("about 1025 MiB of memory, and a training may take 1024 MiB"), "{refused}");
    }
}
