//! What the answers about retraining and schedules mean.

use domain::retraining::{Standing, Trigger};
use domain::schedule::JobState;
use leptos::prelude::*;

use crate::components::Panel;

/// Why models learn again, what becomes of the versions, and where a job of the clock stands.
pub(super) fn panel() -> impl IntoView {
    let triggers = Trigger::ALL.into_iter().map(|word| (word.as_str(), trigger(word)));
    let standings = Standing::ALL.into_iter().map(|word| (word.as_str(), standing(word)));
    let states = JobState::ALL.into_iter().map(|word| (word.as_str(), state(word)));
    let lines = triggers.chain(standings).chain(states).map(|(word, meaning)| {
        view! { <div><dt><code>{word}</code></dt><dd>{meaning}</dd></div> }
    });
    view! {
        <Panel title="Words of retraining and schedules">
            <dl class="definition-list">{lines.collect_view()}</dl>
        </Panel>
    }
    .into_any()
}

fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Hand => "Somebody asked for the run.",
        Trigger::Schedule => "Its time had come, by the section [schedule] of the specification.",
        Trigger::Metric => "A metric in service fell under its reference, by more than chance explains.",
        Trigger::Drift => "The scores are spread otherwise than those of the evaluation.",
        Trigger::Age => "The newest version is older than the rules allow.",
        Trigger::Labels => "As many new labels came in as the rules ask for.",
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Candidate => "The version is there, and somebody may promote it.",
        Standing::Challenger => "It is to be compared with the champion; somebody may promote it.",
        Standing::Champion => {
            "It serves. As a policy: a version that is surely better serves by itself; to say so takes the right to promote."
        }
    }
}

fn state(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "A job waits for a worker, for its next try, or for the end of a pause.",
        JobState::Running => "A worker is at it.",
        JobState::Succeeded => "Done; the message says what came of it.",
        JobState::Failed => "Not done; the message says why. Its next time is as it was.",
    }
}
