//! People, tenants and API keys as the desk knows them.

use serde::{Deserialize, Serialize};

use crate::actor::{Role, Scope};
use crate::ids::{KeyId, PersonId, TenantId};
use crate::time::Timestamp;

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Identity.
    pub id: TenantId,
    /// Short name used at the command line: `demo`.
    pub slug: String,
    /// Name as shown.
    pub name: String,
    /// IANA time zone in which pages show times.
    pub time_zone: String,
}

/// Someone who logs in. The password hash never leaves the store but through its own query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Identity.
    pub id: PersonId,
    /// Their organisation.
    pub tenant: TenantId,
    /// Address they log in with, lower case; unique over all tenants.
    pub email: String,
    /// Name as shown.
    pub name: String,
    /// What they are here for.
    pub role: Role,
    /// When they were made.
    pub created_at: Timestamp,
    /// Since when they may not log in any more.
    pub disabled_at: Option<Timestamp>,
}

/// An API key, without its secret, which is shown once and stored only as a hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Identity.
    pub id: KeyId,
    /// Its organisation.
    pub tenant: TenantId,
    /// Name given when it was made.
    pub name: String,
    /// First characters of the secret, to recognise it by.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// The person it comes from: who made it, or who made the key that made it. None comes from the operator.
    pub maker: Option<PersonId>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// About when it was last used (to the minute).
    pub last_used_at: Option<Timestamp>,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it opens anything at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expiry| now < expiry)
    }
}

/// Most bytes of an e-mail address (RFC 5321: a path has at most 256 octets, two of them its angle brackets).
pub const MAX_EMAIL: usize = 254;
/// Fewest characters of a password (NIST SP 800-63B asks for at least 8; length is what counts).
pub const MIN_PASSWORD: usize = 10;
/// Most bytes of a password, so that hashing one cannot be made expensive.
pub const MAX_PASSWORD: usize = 256;
