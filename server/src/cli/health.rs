//! `verdict health`: each part looked at anew. A place that cannot even be opened, or a server that does not answer, is
//! ill as well, and told in the same way.

use desk::health::Check;

use super::output::{Exit, Output, table, told};
use super::rest::{Refusal, Rest};
use crate::api::health::{CheckAnswer, HealthAnswer};
use crate::application::Failed;

pub(super) async fn run(opened: anyhow::Result<Rest>, output: Output) -> anyhow::Result<Exit> {
    let found = match opened {
        Ok(rest) => {
            let asked = rest.get("/api/v1/health").await;
            rest.close().await;
            asked
                .or_else(|error| broken("server", error, |error| error.downcast_ref().is_some_and(Refusal::is_passing)))
        }
        Err(error) => broken("database", error, |error| error.is::<Failed>()),
    };
    let found: HealthAnswer = found?;
    output.result(&found, || table(&["PART", "", ""], &found.checks.iter().map(row).collect::<Vec<_>>()))?;
    Ok(if found.healthy { Exit::Done } else { Exit::Failed })
}

/// An error that says that `part` is ill; others stay errors, such as a key that is not known.
fn broken(part: &str, error: anyhow::Error, is_ill: impl Fn(&anyhow::Error) -> bool) -> anyhow::Result<HealthAnswer> {
    if !is_ill(&error) {
        return Err(error);
    }
    Ok(HealthAnswer::of(vec![Check::fail(part, told(&error))]))
}

fn row(check: &CheckAnswer) -> Vec<String> {
    vec![check.name.clone(), check.state.as_str().to_owned(), check.says.clone()]
}
