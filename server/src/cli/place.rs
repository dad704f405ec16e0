//! The data directory that a command works on, and for whom.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use desk::{Desk, SystemClock};
use domain::Actor;
use domain::person::Tenant;

use super::output::Output;
use crate::application;
use crate::settings::Settings;

/// An open data directory.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) desk: Desk,
    pub(super) output: Output,
    tenant: Option<String>,
}

impl Place {
    pub(super) async fn open(settings: &Settings, tenant: Option<&str>, output: Output) -> anyhow::Result<Self> {
        let desk = application::open(settings, Arc::new(SystemClock), false).await?.desk;
        Ok(Self { desk, output, tenant: tenant.map(str::to_owned) })
    }

    /// A desk that is open already.
    pub(super) fn of(desk: Desk, tenant: &str, output: Output) -> Self {
        Self { desk, output, tenant: Some(tenant.to_owned()) }
    }

    /// Whoever may open the data directory may do everything in it.
    pub(super) async fn actor(&self) -> anyhow::Result<Actor> {
        Ok(Actor::operator(self.tenant().await?.id))
    }

    /// The tenant that was named, else the only one; made if there is none, so that scripts can begin with nothing.
    pub(super) async fn tenant(&self) -> anyhow::Result<Tenant> {
        Ok(self.desk.tenants().named_or_first(self.tenant.as_deref()).await?)
    }

    pub(super) async fn close(&self) {
        self.desk.drain().await;
    }
}

/// A file, with its name in the error.
pub(super) fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}
