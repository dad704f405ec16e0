use crate::sql::Value;

/// A query whose conditions depend on what is asked for.
pub(crate) struct Query<'a> {
    pub(crate) text: String,
    pub(crate) args: Vec<Value<'a>>,
}

impl<'a> Query<'a> {
    pub(crate) fn new(text: impl Into<String>, args: &[Value<'a>]) -> Self {
        Self { text: text.into(), args: args.to_vec() }
    }

    /// Adds an argument; gives its mark in the text.
    pub(crate) fn mark(&mut self, value: impl Into<Value<'a>>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    /// Adds `AND condition value` if there is a value: `and("e.at >=", from)`.
    pub(crate) fn and(&mut self, condition: &str, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            let mark = self.mark(value);
            self.push(&format!(" AND {condition} {mark}"));
        }
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends a list: one row more than its page holds tells whether there is a next page.
    pub(crate) fn order(&mut self, by: &str, limit: usize) {
        let mark = self.mark(limit as i64 + 1);
        self.push(&format!(" ORDER BY {by} LIMIT {mark}"));
    }
}
