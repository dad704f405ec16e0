//! A desk on a database of its own, for tests.

use std::path::Path;
use std::sync::Arc;

use store::{Artifacts, ObjectStoreOptions, Settings, Store, Writer, WriterSettings};

use crate::{Desk, Limits, Parts, SystemClock};

pub(crate) async fn desk(folder: &Path) -> Desk {
    let store = Store::open(&Settings::new(folder.join("desk.db").display().to_string())).await.unwrap();
    let artifacts = Artifacts::open(&folder.display().to_string(), &ObjectStoreOptions::default()).unwrap();
    let writer = Writer::start(store.clone(), WriterSettings::default());
    let (clock, limits) = (Arc::new(SystemClock), Limits::default());
    Desk::new(Parts { store, artifacts, writer, clock, limits, training_threads: 1 }).unwrap()
}
