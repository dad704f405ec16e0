//! What a mistake in the program costs: the work in hand, and nothing beside it.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::error::Error;

/// What `work` gives. A panic in it is the failure of this work; whoever takes up the next goes on. It is boxed, since a
/// worker's work nests deep, and each layer would hold all that lies within it on the stack.
pub(crate) async fn caught<T, E: From<Error>>(work: BoxFuture<'_, Result<T, E>>) -> Result<T, E> {
    // What a panic leaves half made is dropped with it; locks of what is shared take it as it is.
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("work was ended by a panic, of which standard error tells more");
        Err(mistake().into())
    })
}

/// What is said of work that panicked.
pub(crate) fn mistake() -> Error {
    Error::Conflict(String::from("ended by a mistake in the program; the server's log says where"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_the_failure_of_one_piece_of_work() {
        let done = caught(async { Ok::<_, Error>(7) }.boxed()).await;
        assert_eq!(done.unwrap(), 7);
        let failed = async { if done_by_now() { panic!("as a mistake would") } else { Ok::<i32, Error>(8) } };
        assert!(caught(failed.boxed()).await.unwrap_err().to_string().contains("mistake in the program"));
    }

    fn done_by_now() -> bool {
        true
    }
}
