//! The threads that trainings run on.

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{RunId, TenantId};
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};

use crate::error::{Error, Result};

/// The threads on which trainings run: few, apart from those that answer requests.
pub(crate) struct Workshop {
    threads: Arc<rayon::ThreadPool>,
    /// The run that each worker of this process works on.
    held: Mutex<HashMap<String, (TenantId, RunId)>>,
}

impl Workshop {
    pub(crate) fn new(threads: usize, yielding: bool) -> Result<Self> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|i| format!("training-{i}"))
            .start_handler(move |_| {
                if yielding {
                    lower_priority();
                }
            })
            .build()
            .map_err(Error::internal)?;
        Ok(Self { threads: Arc::new(threads), held: Mutex::default() })
    }

    /// Runs `work` on the training threads; none if it panicked, which would otherwise take the process down.
    pub(super) async fn carry_out<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (done, finished) = tokio::sync::oneshot::channel();
        self.threads.spawn(move || {
            // What a panic leaves half made is dropped with it; of what is shared, see `progress::lock`.
            if let Ok(made) = panic::catch_unwind(AssertUnwindSafe(work)) {
                // Nobody listens any more if the lease was lost.
                let _ = done.send(made);
            }
        });
        finished.await.ok()
    }

    pub(super) fn held(&self) -> MutexGuard<'_, HashMap<String, (TenantId, RunId)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Idle threads are set aside at once when a request comes; nice ones would first finish their slice.
#[cfg(target_os = "linux")]
const YIELDING: ThreadSchedulePolicy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
#[cfg(not(target_os = "linux"))]
const YIELDING: ThreadSchedulePolicy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);

fn lower_priority() {
    let lowered = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, YIELDING);
    if let Err(error) = lowered {
        tracing::warn!(?error, "the training threads keep their priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn trainings_yield_to_everything_else_where_somebody_is_served() {
        let policy = async |yielding| {
            let workshop = Workshop::new(1, yielding).unwrap();
            workshop.carry_out(thread_priority::thread_schedule_policy).await.unwrap().unwrap()
        };
        assert_eq!(policy(true).await, YIELDING);
        assert_ne!(policy(false).await, YIELDING);
    }

    #[tokio::test]
    async fn a_panic_ends_the_training_and_not_the_process() {
        let workshop = Workshop::new(1, true).unwrap();
        assert_eq!(workshop.carry_out(|| panic!("as a mistake would")).await, None::<()>);
        assert_eq!(workshop.carry_out(|| 7).await, Some(7));
    }
}
