//! What the two databases do differently, all of it.

use domain::TenantId;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgExecutor;
use sqlx::sqlite::SqliteExecutor;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use crate::Error;
use crate::sql::{Engine, Pools, Row, Tx, refuse_nul};

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

pub(crate) async fn migrate(pools: &Pools) -> Result<(), Error> {
    match pools {
        Pools::Sqlite { writer, .. } => SQLITE.run(writer).await?,
        Pools::Postgres(pool) => POSTGRES.run(pool).await?,
    }
    Ok(())
}

/// Number of the newest migration that this program knows.
pub(crate) fn newest_migration(pools: &Pools) -> i64 {
    let migrations = match pools {
        Pools::Sqlite { .. } => &SQLITE,
        Pools::Postgres(_) => &POSTGRES,
    };
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Ends a sub-query that picks rows to work on, so that two workers never wait for, or take, the same one. SQLite has
/// one writer at a time and needs nothing.
pub(crate) fn skip_locked(tx: &Tx) -> &'static str {
    match tx {
        Tx::Sqlite(_) => "",
        Tx::Postgres(_) => "FOR UPDATE SKIP LOCKED",
    }
}

/// What a JSON list holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Listed {
    Numbers,
    Texts,
}

/// What to begin a join with whose rows `= listed.value`, the values of the JSON list that is the argument `mark`. After
/// it stands `CROSS JOIN`: SQLite then looks each value up in the index for it, where it might prefer to read all that a
/// tenant has. PostgreSQL expects ten values of an array, but a hundred of a JSON list, for which it would do the same as
/// long as it has not counted the rows of the table.
pub(crate) fn list(engine: Engine, mark: &str, listed: Listed) -> String {
    let postgres_type = match listed {
        Listed::Numbers => "bigint",
        Listed::Texts => "text",
    };
    match engine {
        Engine::Sqlite => format!("(SELECT DISTINCT value FROM json_each({mark})) AS listed"),
        Engine::Postgres => format!(
            "(SELECT DISTINCT value::{postgres_type} AS value
                FROM unnest(ARRAY(SELECT json_array_elements_text({mark}::json))) AS value) AS listed"
        ),
    }
}

/// What to begin a join with whose rows `asked` are the lists in the JSON list that is the argument `mark`: their `place` in
/// it from 0 on, and what they hold as columns of these names.
pub(crate) fn asked(engine: Engine, mark: &str, columns: &[(&str, Listed)]) -> String {
    let column = |(i, (name, listed)): (usize, &(&str, Listed))| match (engine, listed) {
        (Engine::Sqlite, _) => format!(", json_extract(value, '$[{i}]') AS {name}"),
        (Engine::Postgres, Listed::Texts) => format!(", value ->> {i} AS {name}"),
        (Engine::Postgres, Listed::Numbers) => format!(", (value ->> {i})::bigint AS {name}"),
    };
    let columns: String = columns.iter().enumerate().map(column).collect();
    match engine {
        Engine::Sqlite => format!("(SELECT key AS place{columns} FROM json_each({mark})) AS asked"),
        Engine::Postgres => format!(
            "(SELECT place - 1 AS place{columns}
                FROM json_array_elements({mark}::json) WITH ORDINALITY AS listed (value, place)) AS asked"
        ),
    }
}

/// [`asked`] of pairs of an `entity` and a `moment`.
pub(crate) fn moments(engine: Engine, mark: &str) -> String {
    asked(engine, mark, &[("entity", Listed::Texts), ("moment", Listed::Numbers)])
}

/// What to select in order to have all rows as one text: a JSON list with a list of these values for each. Of no rows it
/// may be none.
pub(crate) fn gathered(engine: Engine, values: &str) -> String {
    match engine {
        Engine::Sqlite => format!("json_group_array(json_array({values}))"),
        Engine::Postgres => format!("CAST(json_agg(json_build_array({values})) AS TEXT)"),
    }
}

/// A column of JSON text as a value in [`gathered`].
pub(crate) fn as_json(engine: Engine, column: &str) -> String {
    match engine {
        Engine::Sqlite => format!("json({column})"),
        Engine::Postgres => format!("CAST({column} AS JSON)"),
    }
}

/// What follows `CROSS JOIN` after [`moments`]: of each entity the newest record, `v`, of `tenant = $1` and `set = $2` that
/// was known at its moment. PostgreSQL would read the whole set for the text that SQLite takes, as long as it has not counted
/// the rows of the table.
pub(crate) fn newest_known(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => {
            "feature_values v
             WHERE v.tenant_id = $1 AND v.feature_set = $2 AND v.entity = asked.entity AND v.at = (
                SELECT MAX(k.at) FROM feature_values k
                WHERE k.tenant_id = $1 AND k.feature_set = $2 AND k.entity = asked.entity
                    AND k.at <= asked.moment AND k.computed_at <= asked.moment)"
        }
        Engine::Postgres => {
            "LATERAL (
                SELECT * FROM feature_values k
                WHERE k.tenant_id = $1 AND k.feature_set = $2 AND k.entity = asked.entity
                    AND k.at <= asked.moment AND k.computed_at <= asked.moment
                ORDER BY k.at DESC LIMIT 1) AS v"
        }
    }
}

/// A column of rows to be inserted.
pub(crate) enum Values<'a> {
    Ints(Vec<i64>),
    OptInts(Vec<Option<i64>>),
    Reals(Vec<f64>),
    OptReals(Vec<Option<f64>>),
    Texts(Vec<&'a str>),
    OptTexts(Vec<Option<&'a str>>),
    Uuids(Vec<Uuid>),
}

impl Values<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Ints(v) => v.len(),
            Self::OptInts(v) => v.len(),
            Self::Reals(v) => v.len(),
            Self::OptReals(v) => v.len(),
            Self::Texts(v) => v.len(),
            Self::OptTexts(v) => v.len(),
            Self::Uuids(v) => v.len(),
        }
    }

    fn postgres_type(&self) -> &'static str {
        match self {
            Self::Ints(_) | Self::OptInts(_) => "bigint[]",
            Self::Reals(_) | Self::OptReals(_) => "double precision[]",
            Self::Texts(_) | Self::OptTexts(_) => "text[]",
            Self::Uuids(_) => "uuid[]",
        }
    }
}

/// Rows to be inserted, as columns.
pub(crate) struct Bulk<'a> {
    pub(crate) table: &'static str,
    pub(crate) columns: Vec<(&'static str, Values<'a>)>,
    /// What follows the rows: `ON CONFLICT …`.
    pub(crate) ending: &'static str,
}

/// Up to so many rows go in one statement, because every statement costs a turn of the connection's thread. Statements
/// are prepared once and kept, one for each number of rows.
const TOGETHER: usize = 32;

/// Rows in the largest statement. Between the two only powers of two are prepared; a larger one gains nothing more.
const LARGEST: usize = 128;

impl Bulk<'_> {
    fn len(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    pub(crate) async fn insert(&self, tx: &mut Tx) -> Result<(), Error> {
        self.run(tx, None).await.map(drop)
    }

    /// Inserts and says how many rows are new, which with `ON CONFLICT DO NOTHING` may be fewer.
    pub(crate) async fn insert_new(&self, tx: &mut Tx) -> Result<u64, Error> {
        self.run(tx, None).await.map(|(rows, _)| rows)
    }

    /// Inserts and gives the named UUID column of the rows that were inserted, which with `ON CONFLICT DO NOTHING` may
    /// be fewer.
    pub(crate) async fn insert_returning(&self, tx: &mut Tx, column: &'static str) -> Result<Vec<Uuid>, Error> {
        self.run(tx, Some(column)).await.map(|(_, inserted)| inserted)
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().flat_map(|(_, values)| {
            let (all, some): (&[&str], &[Option<&str>]) = match values {
                Values::Texts(texts) => (texts, &[]),
                Values::OptTexts(texts) => (&[], texts),
                _ => (&[], &[]),
            };
            all.iter().copied().chain(some.iter().flatten().copied())
        })
    }

    /// Inserts; gives the number of rows that are new, or else their column.
    async fn run(&self, tx: &mut Tx, returning: Option<&'static str>) -> Result<(u64, Vec<Uuid>), Error> {
        refuse_nul(self.texts())?;
        let returning = returning.map(|column| format!(" RETURNING {column}")).unwrap_or_default();
        let (mut new, mut inserted) = (0, Vec::new());
        match tx {
            Tx::Sqlite(tx) => {
                let (mut from, rows) = (0, self.len());
                while from < rows {
                    let chunk = rows_of_next_statement(rows - from);
                    let mut query = sqlx::query(AssertSqlSafe(self.sqlite_text(chunk, &returning)));
                    for row in from..from + chunk {
                        for (_, values) in &self.columns {
                            query = match values {
                                Values::Ints(v) => query.bind(v[row]),
                                Values::OptInts(v) => query.bind(v[row]),
                                Values::Reals(v) => query.bind(v[row]),
                                Values::OptReals(v) => query.bind(v[row]),
                                Values::Texts(v) => query.bind(v[row]),
                                Values::OptTexts(v) => query.bind(v[row]),
                                Values::Uuids(v) => query.bind(v[row]),
                            };
                        }
                    }
                    if returning.is_empty() {
                        new += query.execute(&mut **tx).await?.rows_affected();
                    } else {
                        for row in query.fetch_all(&mut **tx).await? {
                            inserted.push(row.try_get(0)?);
                        }
                    }
                    from += chunk;
                }
            }
            Tx::Postgres(tx) => {
                let mut query = sqlx::query(AssertSqlSafe(self.postgres_text(&returning)));
                for (_, values) in &self.columns {
                    query = match values {
                        Values::Ints(v) => query.bind(v),
                        Values::OptInts(v) => query.bind(v),
                        Values::Reals(v) => query.bind(v),
                        Values::OptReals(v) => query.bind(v),
                        Values::Texts(v) => query.bind(v),
                        Values::OptTexts(v) => query.bind(v),
                        Values::Uuids(v) => query.bind(v),
                    };
                }
                if returning.is_empty() {
                    new = query.execute(&mut **tx).await?.rows_affected();
                } else {
                    for row in query.fetch_all(&mut **tx).await? {
                        inserted.push(row.try_get(0)?);
                    }
                }
            }
        }
        Ok((new, inserted))
    }

    fn sqlite_text(&self, rows: usize, returning: &str) -> String {
        let marks = vec!["?"; self.columns.len()].join(",");
        let mut text = format!("INSERT INTO {} ({}) VALUES ", self.table, self.names());
        text.reserve(rows * (marks.len() + 3) + self.ending.len() + 40);
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ",(" });
            text.push_str(&marks);
            text.push(')');
        }
        text.push(' ');
        text.push_str(self.ending);
        text.push_str(returning);
        text
    }

    fn postgres_text(&self, returning: &str) -> String {
        let mark = |(i, (_, values)): (usize, &(_, Values<'_>))| format!("${}::{}", i + 1, values.postgres_type());
        let marks: Vec<_> = self.columns.iter().enumerate().map(mark).collect();
        let (table, names, marks, ending) = (self.table, self.names(), marks.join(", "), self.ending);
        format!("INSERT INTO {table} ({names}) SELECT * FROM UNNEST({marks}) {ending}{returning}")
    }
}

fn rows_of_next_statement(left: usize) -> usize {
    if left <= TOGETHER { left } else { (1 << left.ilog2()).min(LARGEST) }
}

/// Rows of `select` (which ends before its `WHERE`) whose `column` is one of `ids`, of the given tenant.
pub(crate) async fn rows_by_uuid(
    tx: &mut Tx,
    select: &'static str,
    tenant: TenantId,
    column: &'static str,
    ids: &[Uuid],
) -> Result<Vec<Row>, Error> {
    match tx {
        Tx::Sqlite(tx) => sqlite_rows_by_uuid(&mut **tx, select, tenant, column, ids).await,
        Tx::Postgres(tx) => postgres_rows_by_uuid(&mut **tx, select, tenant, column, ids).await,
    }
}

/// The same without a transaction, beside whoever writes.
pub(crate) async fn read_by_uuid(
    pools: &Pools,
    select: &'static str,
    tenant: TenantId,
    column: &'static str,
    ids: &[Uuid],
) -> Result<Vec<Row>, Error> {
    match pools {
        Pools::Sqlite { readers, .. } => sqlite_rows_by_uuid(readers, select, tenant, column, ids).await,
        Pools::Postgres(pool) => postgres_rows_by_uuid(pool, select, tenant, column, ids).await,
    }
}

async fn sqlite_rows_by_uuid<'c>(
    connection: impl SqliteExecutor<'c>,
    select: &'static str,
    tenant: TenantId,
    column: &'static str,
    ids: &[Uuid],
) -> Result<Vec<Row>, Error> {
    let hex: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    let list = crate::sql::to_json(&hex)?;
    let text = format!("{select} WHERE tenant_id = $1 AND {column} IN (SELECT unhex(value) FROM json_each($2))");
    let rows = sqlx::query(AssertSqlSafe(text)).bind(tenant.0).bind(list).fetch_all(connection).await?;
    Ok(rows.into_iter().map(Row::Sqlite).collect())
}

async fn postgres_rows_by_uuid<'c>(
    connection: impl PgExecutor<'c>,
    select: &'static str,
    tenant: TenantId,
    column: &'static str,
    ids: &[Uuid],
) -> Result<Vec<Row>, Error> {
    let text = format!("{select} WHERE tenant_id = $1 AND {column} = ANY($2)");
    let rows = sqlx::query(AssertSqlSafe(text)).bind(tenant.0).bind(ids).fetch_all(connection).await?;
    Ok(rows.into_iter().map(Row::Postgres).collect())
}
