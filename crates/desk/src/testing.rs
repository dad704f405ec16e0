//! A desk on a database of its own, for tests.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::{Clock, Timestamp};
use store::{Artifacts, ObjectStoreOptions, Settings, Store, Writer, WriterSettings};

use crate::{Desk, Limits, Parts, SystemClock};

pub(crate) async fn desk(folder: &Path) -> Desk {
    desk_with(folder, Arc::new(SystemClock)).await
}

pub(crate) async fn desk_with(folder: &Path, clock: Arc<dyn Clock>) -> Desk {
    let store = Store::open(&Settings::new(folder.join("desk.db").display().to_string())).await.unwrap();
    let artifacts = Artifacts::open(&folder.display().to_string(), &ObjectStoreOptions::default()).unwrap();
    let writer = Writer::start(store.clone(), WriterSettings::default());
    let limits = Limits::default();
    Desk::new(Parts { store, artifacts, writer, clock, limits, training_threads: 1, trainings_yield: false }).unwrap()
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct Hands(AtomicI64);

impl Hands {
    pub(crate) fn at(moment: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(moment.0)))
    }

    pub(crate) fn go_on(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        // a little later each time, as the real one
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}
