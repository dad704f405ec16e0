use domain::audit::Event;
use domain::person::Person;
use domain::{PersonId, Role, TenantId, Timestamp};

use crate::sql::{Row, Tx, Value, args};
use crate::{Error, Store};

/// What a person is made from.
#[derive(Clone)]
pub struct NewPerson {
    /// Address they log in with, lower case.
    pub email: String,
    /// Name as shown.
    pub name: String,
    /// What they are here for.
    pub role: Role,
    /// Hash of the password.
    pub password_hash: String,
}

/// What a login is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// Who it would be.
    pub person: Person,
    /// Hash of their password.
    pub password_hash: String,
    /// Epoch that a session begun now carries.
    pub session_epoch: i64,
}

/// Who a session belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The person as they are now.
    pub person: Person,
    /// Sessions begun in an earlier epoch are dead.
    pub session_epoch: i64,
}

const COLUMNS: &str = "id, tenant_id, email, name, role, created_at, disabled_at, session_epoch";
const EMAIL_TAKEN: &str = "this e-mail address is taken";
const LAST_ADMIN: &str = "this is the last admin who can log in; make another one first";

impl Store {
    /// Makes a person.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the address is taken, in whichever tenant.
    pub async fn create_person(
        &self,
        tenant: TenantId,
        new: &NewPerson,
        now: Timestamp,
        event: impl FnOnce(&Person) -> Event + Send,
    ) -> Result<Person, Error> {
        let mut tx = self.begin().await?;
        tx.lock_log(tenant).await?;
        let person = insert(&mut tx, tenant, new, now).await?;
        tx.append(tenant, &event(&person)).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// One person.
    pub async fn person(&self, tenant: TenantId, id: PersonId) -> Result<Option<Person>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM people WHERE tenant_id = $1 AND id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// Everybody of a tenant, by name; within a name, the oldest first.
    pub async fn people(&self, tenant: TenantId) -> Result<Vec<Person>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM people WHERE tenant_id = $1 ORDER BY lower(name), id");
        self.rows(sql, args![tenant]).await?.iter().map(read).collect()
    }

    /// Who logs in with this address, also if disabled. Spans tenants.
    pub async fn credentials_by_email(&self, email: &str) -> Result<Option<Credentials>, Error> {
        let sql = format!("SELECT {COLUMNS}, password_hash FROM people WHERE email = $1");
        let Some(row) = self.row(sql, args![email]).await? else { return Ok(None) };
        Ok(Some(Credentials {
            person: read(&row)?,
            password_hash: row.get("password_hash")?,
            session_epoch: row.get("session_epoch")?,
        }))
    }

    /// Who a session belongs to, also if disabled. Spans tenants: a session knows only the person.
    pub async fn signed_in(&self, id: PersonId) -> Result<Option<SignedIn>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM people WHERE id = $1");
        let Some(row) = self.row(sql, args![id]).await? else { return Ok(None) };
        Ok(Some(SignedIn { person: read(&row)?, session_epoch: row.get("session_epoch")? }))
    }

    /// How many people there are. Spans tenants.
    pub async fn count_all_people(&self) -> Result<i64, Error> {
        let row = self.row("SELECT COUNT(*) AS people FROM people", &[]).await?;
        row.ok_or(Error::NotFound)?.get("people")
    }

    /// Gives a person another role, and ends their sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when the tenant would have no admin left who can log in.
    pub async fn set_role(&self, tenant: TenantId, id: PersonId, role: Role, event: &Event) -> Result<Person, Error> {
        self.change_person(tenant, id, Some(("role = $3", role.as_str().into())), event).await
    }

    /// Lets a person log in no more, and ends their sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when the tenant would have no admin left who can log in.
    pub async fn disable_person(
        &self,
        tenant: TenantId,
        id: PersonId,
        now: Timestamp,
        event: &Event,
    ) -> Result<Person, Error> {
        let change = ("disabled_at = COALESCE(disabled_at, $3)", now.into());
        self.change_person(tenant, id, Some(change), event).await
    }

    /// Lets a person log in again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn enable_person(&self, tenant: TenantId, id: PersonId, event: &Event) -> Result<Person, Error> {
        self.change_person(tenant, id, Some(("disabled_at = $3", Value::OptInt(None))), event).await
    }

    /// Sets the hash of a person's password, and ends their sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn set_password_hash(
        &self,
        tenant: TenantId,
        id: PersonId,
        password_hash: &str,
        event: &Event,
    ) -> Result<Person, Error> {
        self.change_person(tenant, id, Some(("password_hash = $3", password_hash.into())), event).await
    }

    /// Ends every session of a person: what "log out everywhere" does.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn log_out_everywhere(&self, tenant: TenantId, id: PersonId, event: &Event) -> Result<(), Error> {
        self.change_person(tenant, id, None, event).await.map(drop)
    }

    /// Ends a person's sessions, and makes `change` (of `tenant = $1`, `id = $2` and its own value `$3`), if there is one.
    async fn change_person(
        &self,
        tenant: TenantId,
        id: PersonId,
        change: Option<(&'static str, Value<'_>)>,
        event: &Event,
    ) -> Result<Person, Error> {
        let mut tx = self.begin().await?;
        // First: it locks the tenant's log, so that two admins cannot take each other's rights away at once.
        tx.append(tenant, event).await?;
        let mut args: Vec<Value<'_>> = vec![tenant.into(), id.into()];
        args.extend(change.map(|(_, value)| value));
        let change = change.map(|(change, _)| format!(", {change}")).unwrap_or_default();
        let update = format!(
            "UPDATE people SET session_epoch = session_epoch + 1{change}
             WHERE tenant_id = $1 AND id = $2 RETURNING {COLUMNS}"
        );
        let person = read(&tx.one(update, &args).await?)?;
        let admins = "SELECT 1 AS one FROM people
            WHERE tenant_id = $1 AND role = 'admin' AND disabled_at IS NULL LIMIT 1";
        if tx.row(admins, args![tenant]).await?.is_none() {
            return Err(Error::Conflict(LAST_ADMIN));
        }
        tx.execute("DELETE FROM sessions WHERE person_id = $1", args![id]).await?;
        tx.commit().await?;
        Ok(person)
    }
}

pub(crate) async fn insert(tx: &mut Tx, tenant: TenantId, new: &NewPerson, now: Timestamp) -> Result<Person, Error> {
    let insert = format!(
        "INSERT INTO people (tenant_id, email, name, role, password_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING {COLUMNS}"
    );
    let values = args![tenant, &new.email, &new.name, new.role.as_str(), &new.password_hash, now];
    read(&tx.one(insert, values).await.map_err(|e| e.or_conflict(EMAIL_TAKEN))?)
}

fn read(row: &Row) -> Result<Person, Error> {
    Ok(Person {
        id: PersonId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        email: row.get("email")?,
        name: row.get("name")?,
        role: row.word("role", |word| word.parse().ok())?,
        created_at: row.time("created_at")?,
        disabled_at: row.opt_time("disabled_at")?,
    })
}
