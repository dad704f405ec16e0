//! Which rows a model learns from and which it is judged on, so that nothing leaks from the one to the other.

mod error;
mod grouped;
mod stratified;
mod time_ordered;

pub use error::SplitError;

/// What must not leak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitPlan {
    /// Rows are alike: shuffled, with the same share of each class in every part.
    #[default]
    Stratified,
    /// The model will see the future: it is judged on rows later than all that it learnt from.
    TimeOrdered,
    /// Rows come in groups (one person, one device): no group is in two parts.
    Grouped,
}

/// What is known of all rows; each column that is given holds one entry a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct SplitRows<'a> {
    /// Number of rows.
    pub rows: usize,
    /// Class codes, for equal shares in each part; `None` for regression.
    pub labels: Option<&'a [u32]>,
    /// Moments in any unit, for [`SplitPlan::TimeOrdered`].
    pub times: Option<&'a [i64]>,
    /// Codes of groups, for [`SplitPlan::Grouped`].
    pub groups: Option<&'a [u64]>,
}

/// All rows in two parts, each in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdout {
    /// For training, validation, thresholds and calibration.
    pub development: Vec<usize>,
    /// For the final report only.
    pub held_back: Vec<usize>,
}

/// One round of cross-validation, each part in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to be judged on.
    pub validation: Vec<usize>,
}

/// Holds back `share` (between 0 and 1) of the rows; the same seed holds back the same rows.
///
/// Time-ordered, it is the last share, cut between two moments. Grouped, the share is met as nearly as whole groups allow.
///
/// # Errors
/// When a column is missing or too short, the share is not between 0 and 1, or too few rows, classes, groups or moments
/// are there for both parts.
pub fn hold_out(plan: SplitPlan, rows: &SplitRows<'_>, share: f64, seed: u64) -> Result<Holdout, SplitError> {
    if !(share > 0.0 && share < 1.0) {
        return Err(SplitError::Share(share));
    }
    rows.check()?;
    let all: Vec<usize> = (0..rows.rows).collect();
    enough(all.len(), 2)?;
    match plan {
        SplitPlan::Stratified => stratified::hold_out(&all, rows.labels, share, seed),
        SplitPlan::TimeOrdered => time_ordered::hold_out(&all, rows.moments()?, share),
        SplitPlan::Grouped => {
            let parts = grouped::deal(&all, rows.keys()?, rows.labels, &[1.0 - share, share], seed)?;
            let (development, held_back) = apart(&all, &parts, 1);
            Ok(Holdout { development, held_back })
        }
    }
}

/// Cuts the rows `within` (of all rows in `rows`) into `count` folds; the same seed gives the same folds.
///
/// Time-ordered folds expand: each learns from everything before its validation rows, so the earliest rows are never
/// validated on. In the other plans each row is validated on exactly once.
///
/// # Errors
/// When a column is missing or too short, a row does not exist, `count` is below 2, or too few rows, classes, groups or
/// moments are there for so many folds.
pub fn folds(
    plan: SplitPlan,
    rows: &SplitRows<'_>,
    within: &[usize],
    count: usize,
    seed: u64,
) -> Result<Vec<Fold>, SplitError> {
    rows.check()?;
    if count < 2 {
        return Err(SplitError::TooFewFolds { folds: count });
    }
    if let Some(&row) = within.iter().find(|&&row| row >= rows.rows) {
        return Err(SplitError::UnknownRow { row, rows: rows.rows });
    }
    enough(within.len(), count)?;
    let parts = match plan {
        SplitPlan::TimeOrdered => return time_ordered::folds(within, rows.moments()?, count),
        SplitPlan::Stratified => stratified::deal(within, rows.labels, count, seed)?,
        SplitPlan::Grouped => {
            let shares = vec![1.0 / count as f64; count];
            grouped::deal(within, rows.keys()?, rows.labels, &shares, seed)?
        }
    };
    Ok((0..count).map(|part| fold(within, &parts, part)).collect())
}

impl<'a> SplitRows<'a> {
    fn check(&self) -> Result<(), SplitError> {
        let lengths = [
            ("class", self.labels.map(<[u32]>::len)),
            ("time", self.times.map(<[i64]>::len)),
            ("group", self.groups.map(<[u64]>::len)),
        ];
        for (column, length) in lengths {
            if let Some(length) = length.filter(|&length| length != self.rows) {
                return Err(SplitError::Length { column, length, rows: self.rows });
            }
        }
        Ok(())
    }

    fn moments(&self) -> Result<&'a [i64], SplitError> {
        self.times.ok_or(SplitError::MissingColumn("time"))
    }

    fn keys(&self) -> Result<&'a [u64], SplitError> {
        self.groups.ok_or(SplitError::MissingColumn("group"))
    }
}

fn enough(rows: usize, needed: usize) -> Result<(), SplitError> {
    if rows < needed { Err(SplitError::TooFewRows { rows, needed }) } else { Ok(()) }
}

fn fold(within: &[usize], parts: &[usize], part: usize) -> Fold {
    let (train, validation) = apart(within, parts, part);
    Fold { train, validation }
}

/// Rows outside and inside of `part`, each ascending; `parts` says where each of `within` went.
fn apart(within: &[usize], parts: &[usize], part: usize) -> (Vec<usize>, Vec<usize>) {
    let mut sides = (Vec::new(), Vec::new());
    for (&row, &its) in within.iter().zip(parts) {
        if its == part { sides.1.push(row) } else { sides.0.push(row) }
    }
    sides.0.sort_unstable();
    sides.1.sort_unstable();
    sides
}
