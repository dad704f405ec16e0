//! A desk on a database of its own, for tests.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::{Clock, Timestamp};
use store::{Artifacts, ObjectStoreOptions, Settings, Store, Writer, WriterSettings};
use vision::picture::Picture;

use crate::{Desk, Limits, Parts, SystemClock};

pub(crate) async fn desk(folder: &Path) -> Desk {
    desk_with(folder, Arc::new(SystemClock)).await
}

pub(crate) async fn desk_with(folder: &Path, clock: Arc<dyn Clock>) -> Desk {
    desk_of(parts(folder, clock).await)
}

pub(crate) async fn parts(folder: &Path, clock: Arc<dyn Clock>) -> Parts {
    let store = Store::open(&Settings::new(folder.join("desk.db").display().to_string())).await.unwrap();
    let artifacts = Artifacts::open(&folder.display().to_string(), &ObjectStoreOptions::default()).unwrap();
    let writer = Writer::start(store.clone(), WriterSettings::default());
    let limits = Limits::default();
    Parts { store, artifacts, writer, clock, limits, training_threads: 1, trainings_yield: false }
}

pub(crate) fn desk_of(parts: Parts) -> Desk {
    Desk::new(parts).unwrap()
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct Hands {
    at: AtomicI64,
    /// Looks until it breaks; none if it is not more than 0.
    looks: AtomicI64,
}

impl Hands {
    pub(crate) fn at(moment: Timestamp) -> Arc<Self> {
        Arc::new(Self { at: AtomicI64::new(moment.0), looks: AtomicI64::new(0) })
    }

    pub(crate) fn go_on(&self, micros: i64) {
        self.at.fetch_add(micros, Ordering::Relaxed);
    }

    /// Panics at the `look`-th look from now, as a mistake anywhere might.
    pub(crate) fn break_at(&self, look: i64) {
        self.looks.store(look, Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        assert_ne!(self.looks.fetch_sub(1, Ordering::Relaxed), 1, "the clock is broken");
        // a little later each time, as the real one
        Timestamp(self.at.fetch_add(1, Ordering::Relaxed))
    }
}

/// A dark picture with a bright square in the corner `number % 4`; each number is another picture.
pub(crate) fn corner(number: usize) -> Picture {
    let (corner, shade) = (number % 4, (number / 4 % 60) as u8);
    let is_bright = |x: usize, y: usize| (x / 8, y / 8) == (corner % 2, corner / 2) && (2..7).contains(&(x % 8));
    let pixel = |at: usize| if is_bright(at % 16, at / 16) { 190 + shade } else { shade };
    Picture::new(16, 16, (0..256).flat_map(|at| [pixel(at); 3]).collect()).unwrap()
}
