//! The one shape in which every estimator sees data.

/// What the numbers of one feature mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FeatureKind {
    /// Ordered numbers, at their natural scale.
    Numeric,
    /// Codes `0.0, 1.0, … categories − 1`, without order. A value never seen in training is missing (`NaN`).
    Categorical {
        /// How many codes there are.
        categories: u32,
    },
}

/// One encoded feature of all rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Name as shown to people.
    pub name: String,
    /// How to read `values`.
    pub kind: FeatureKind,
    /// One value a row; `NaN` is missing.
    pub values: Vec<f32>,
}

/// Encoded rows, column by column: every feature holds `rows` values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Number of rows, the same in each column.
    pub rows: usize,
    /// The features in their order; estimators address them by position.
    pub columns: Vec<Feature>,
}

impl Features {
    /// Copies row `row` into `out` (`out.len()` = number of features).
    pub fn copy_row(&self, row: usize, out: &mut [f32]) {
        for (value, column) in out.iter_mut().zip(&self.columns) {
            *value = column.values[row];
        }
    }

    /// The rows named by `rows`, in that order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let columns = self.columns.iter().map(|column| Feature {
            name: column.name.clone(),
            kind: column.kind,
            values: rows.iter().map(|&row| column.values[row]).collect(),
        });
        Self { rows: rows.len(), columns: columns.collect() }
    }
}

/// What is to be learnt, one entry a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Class codes `0 … classes − 1`. Binary tasks have two classes, and 1 is the positive one.
    Classes {
        /// One code a row.
        labels: Vec<u32>,
        /// Number of classes, at least 2.
        classes: u32,
    },
    /// Real values (regression).
    Values(Vec<f32>),
}

impl Target {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Classes { labels, .. } => labels.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// Numbers an estimator gives for one row: 1 for a binary task (the probability of class 1) and for regression
    /// (the value), else one probability a class.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self {
            Self::Classes { classes: 2, .. } | Self::Values(_) => 1,
            Self::Classes { classes, .. } => *classes as usize,
        }
    }

    /// The rows named by `rows`, in that order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Classes { labels, classes } => {
                Self::Classes { labels: rows.iter().map(|&row| labels[row]).collect(), classes: *classes }
            }
            Self::Values(values) => Self::Values(rows.iter().map(|&row| values[row]).collect()),
        }
    }
}

/// The unit in which contributions add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Natural logarithm of the odds of the explained class.
    LogOdds,
    /// Probability of the explained class.
    Probability,
    /// The regression's own unit.
    Value,
}

/// Why one row got its score: `base + values.sum()` is the score in `unit`.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// The score of the average row.
    pub base: f32,
    /// Signed share of each feature, in the features' order.
    pub values: Vec<f32>,
    /// What base and values are measured in.
    pub unit: Unit,
}
