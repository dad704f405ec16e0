//! One query text for two databases: arguments and rows that either takes, and the dispatch between them.

use std::borrow::Cow;

use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Postgres, Row as _, Sqlite, Transaction, Type};
use uuid::Uuid;

use crate::{Error, Store};

/// Connections.
#[derive(Clone, Debug)]
pub(crate) enum Pools {
    /// One connection writes, several read.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

impl Pools {
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// An argument of a query. Absent values keep their type, which PostgreSQL wants to know.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Int(i64),
    OptInt(Option<i64>),
    Real(f64),
    Text(&'a str),
    OptText(Option<&'a str>),
    Uuid(Uuid),
}

impl<'a> Value<'a> {
    fn text(&self) -> Option<&'a str> {
        match *self {
            Self::Text(text) => Some(text),
            Self::OptText(text) => text,
            _ => None,
        }
    }
}

/// Refuses on both databases what one of them cannot keep, so that they do the same.
pub(crate) fn refuse_nul<'a>(mut texts: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    if texts.any(|text| text.contains('\0')) { Err(Error::Nul) } else { Ok(()) }
}

macro_rules! value_from {
    ($($type:ty => $variant:ident),+ $(,)?) => {$(
        impl<'a> From<$type> for Value<'a> {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    )+};
}
impl<'a> From<&Value<'a>> for Value<'a> {
    fn from(value: &Value<'a>) -> Self {
        *value
    }
}

value_from!(i64 => Int, Option<i64> => OptInt, f64 => Real, &'a str => Text, Option<&'a str> => OptText, Uuid => Uuid);

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

macro_rules! value_from_id {
    ($($id:ident),+ => $variant:ident) => {$(
        impl From<domain::$id> for Value<'_> {
            fn from(id: domain::$id) -> Self {
                Self::$variant(id.0)
            }
        }
    )+};
}
value_from_id!(TenantId, PersonId, KeyId, ModelId, DatasetId, RunId, DeploymentId, Timestamp => Int);
value_from_id!(SiteId, EmployeeId, HolidayId, EventId, CaseId, SnoozeId, TaskId, ScheduleId, ScheduleRunId => Int);
value_from_id!(SyncId => Int);
value_from_id!(PredictionId, OutcomeId => Uuid);

macro_rules! value_from_option {
    ($($id:ident),+) => {$(
        impl From<Option<domain::$id>> for Value<'_> {
            fn from(id: Option<domain::$id>) -> Self {
                Self::OptInt(id.map(|id| id.0))
            }
        }
    )+};
}
value_from_option!(Timestamp, ModelId, PersonId, SiteId, DatasetId, RunId, ScheduleRunId);

/// `[a, b, …]` as arguments of a query.
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::Value::from($value)),*] };
}
pub(crate) use args;

macro_rules! query {
    ($sql:expr, $args:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for value in $args {
            query = match *value {
                Value::Int(v) => query.bind(v),
                Value::OptInt(v) => query.bind(v),
                Value::Real(v) => query.bind(v),
                Value::Text(v) => query.bind(v),
                Value::OptText(v) => query.bind(v),
                Value::Uuid(v) => query.bind(v),
            };
        }
        query
    }};
}

/// A row of either database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What both databases can give.
pub(crate) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}
impl<T> Column for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

impl Row {
    pub(crate) fn get<T: Column>(&self, column: &str) -> Result<T, Error> {
        let value = match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        };
        value.map_err(|e| Error::corrupt(column, e))
    }

    /// A column by its place, where names would cost more than the row is worth.
    pub(crate) fn at<T: Column>(&self, place: usize) -> Result<T, Error> {
        let value = match self {
            Self::Sqlite(row) => row.try_get(place),
            Self::Postgres(row) => row.try_get(place),
        };
        value.map_err(|e| Error::corrupt("column", e))
    }

    /// A column whose text one of the domain's words reads.
    pub(crate) fn word<T>(&self, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        let text: String = self.get(column)?;
        parse(&text).ok_or_else(|| Error::corrupt(column, text))
    }

    /// A column of JSON text.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|e| Error::corrupt(column, e))
    }

    pub(crate) fn time(&self, column: &str) -> Result<domain::Timestamp, Error> {
        Ok(domain::Timestamp(self.get(column)?))
    }

    pub(crate) fn opt_time(&self, column: &str) -> Result<Option<domain::Timestamp>, Error> {
        Ok(self.get::<Option<i64>>(column)?.map(domain::Timestamp))
    }
}

pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::corrupt("JSON", e))
}

/// A JSON list that is the argument of [`crate::dialect::list`] and the like, which take its texts out of it.
pub(crate) fn to_list<T: serde::Serialize>(values: &T) -> Result<String, Error> {
    let json = to_json(values)?;
    // After an escaped backslash `u0000` is a text like any other.
    let holds_nul = json.contains("\\u0000") && json.replace(r"\\", "").contains("\\u0000");
    if holds_nul { Err(Error::Nul) } else { Ok(json) }
}

/// Which database it is, where their words differ; see [`crate::dialect`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A transaction that may write.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// The same body on whichever database it is.
macro_rules! dispatch {
    ($tx:expr, $connection:ident, $row:ident => $body:expr) => {
        match $tx {
            Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                #[allow(unused_variables)]
                let $row = Row::Sqlite;
                $body
            }
            Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                #[allow(unused_variables)]
                let $row = Row::Postgres;
                $body
            }
        }
    };
}

/// The same query on whichever pool reads.
macro_rules! dispatch_read {
    ($pools:expr, $pool:ident, $row:ident => $body:expr) => {
        match $pools {
            Pools::Sqlite { readers: $pool, .. } => {
                let $row = Row::Sqlite;
                $body
            }
            Pools::Postgres($pool) => {
                let $row = Row::Postgres;
                $body
            }
        }
    };
}

type Text = Cow<'static, str>;

impl Tx {
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement; gives the number of rows it changed.
    pub(crate) async fn execute(&mut self, sql: impl Into<Text>, args: &[Value<'_>]) -> Result<u64, Error> {
        let sql: Text = sql.into();
        refuse_nul(args.iter().filter_map(Value::text))?;
        Ok(dispatch!(self, connection, row => query!(sql, args).execute(connection).await?.rows_affected()))
    }

    pub(crate) async fn row(&mut self, sql: impl Into<Text>, args: &[Value<'_>]) -> Result<Option<Row>, Error> {
        let sql: Text = sql.into();
        refuse_nul(args.iter().filter_map(Value::text))?;
        Ok(dispatch!(self, connection, row => query!(sql, args).fetch_optional(connection).await?.map(row)))
    }

    /// Like [`Tx::row`] for a row that must be there.
    pub(crate) async fn one(&mut self, sql: impl Into<Text>, args: &[Value<'_>]) -> Result<Row, Error> {
        self.row(sql, args).await?.ok_or(Error::NotFound)
    }

    pub(crate) async fn rows(&mut self, sql: impl Into<Text>, args: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let sql: Text = sql.into();
        refuse_nul(args.iter().filter_map(Value::text))?;
        let collect = dispatch!(self, connection, row =>
            query!(sql, args).fetch_all(connection).await?.into_iter().map(row).collect());
        Ok(collect)
    }

    pub(crate) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

impl Store {
    pub(crate) fn engine(&self) -> Engine {
        match &self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Begins a transaction that may write. On SQLite it holds the one writer until it ends.
    pub(crate) async fn begin(&self) -> Result<Tx, Error> {
        Ok(match &self.pools {
            // IMMEDIATE: another process is waited for here, not refused in the middle.
            Pools::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Runs a single statement that writes.
    pub(crate) async fn execute(&self, sql: impl Into<Text>, args: &[Value<'_>]) -> Result<u64, Error> {
        let sql: Text = sql.into();
        refuse_nul(args.iter().filter_map(Value::text))?;
        Ok(match &self.pools {
            Pools::Sqlite { writer, .. } => query!(sql, args).execute(writer).await?.rows_affected(),
            Pools::Postgres(pool) => query!(sql, args).execute(pool).await?.rows_affected(),
        })
    }

    pub(crate) async fn row(&self, sql: impl Into<Text>, args: &[Value<'_>]) -> Result<Option<Row>, Error> {
        let sql: Text = sql.into();
        refuse_nul(args.iter().filter_map(Value::text))?;
        Ok(dispatch_read!(&self.pools, pool, row => query!(sql, args).fetch_optional(pool).await?.map(row)))
    }

    pub(crate) async fn rows(&self, sql: impl Into<Text>, args: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let sql: Text = sql.into();
        refuse_nul(args.iter().filter_map(Value::text))?;
        let collect = dispatch_read!(&self.pools, pool, row =>
            query!(sql, args).fetch_all(pool).await?.into_iter().map(row).collect());
        Ok(collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_no_nul_however_it_is_escaped() {
        for good in ["", r"\u0000", r"a\\u0000b", "a\n\\u0000"] {
            assert_eq!(to_list(&[good]).unwrap(), serde_json::json!([good]).to_string());
        }
        for bad in ["\0", "\\\0", "\\\\\0", "a\0b"] {
            assert!(matches!(to_list(&["good", bad]), Err(Error::Nul)), "{bad:?}");
        }
    }
}
