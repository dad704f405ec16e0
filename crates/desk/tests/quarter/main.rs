//! A quarter at high speed: truths come days late, the world changes in the seventh week, and the desk notices, learns
//! again, weighs old against new, promotes, and is as good as before; the same desk without promotion is not.

// All of this is test; clippy knows only what stands in a `#[test]`.
#![allow(clippy::unwrap_used)]

mod picture;
mod story;
mod world;

use domain::retraining::{Standing, Trigger};
use story::{Story, WEEKS};
use world::{DRIFT_DAY, SPECIFICATION};

/// Weeks before the world changes.
const CALM: usize = DRIFT_DAY / 7;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_recovers_from_a_changed_world_by_itself_and_only_by_promotion() {
    let (with, without) =
        tokio::join!(tokio::spawn(story::told(Standing::Champion)), tokio::spawn(story::told(Standing::Candidate)));
    let (with, without) = (with.unwrap(), without.unwrap());
    eprintln!("with promotion    {:.3?}\nwithout promotion {:.3?}", with.weeks, without.weeks);
    assert_eq!(with.weeks[..CALM], without.weeks[..CALM], "until the world changes the same versions serve");
    let before = mean(&with.weeks[..CALM]);
    let at_the_end = |story: &Story| mean(&story.weeks[WEEKS - 4..]);
    assert!(before > 0.75, "{before}");
    assert!(with.weeks[CALM] < 0.8 * before, "the change is felt: {}", with.weeks[CALM]);
    assert!(at_the_end(&with) > 0.95 * before, "{} after {before}", at_the_end(&with));
    assert!(at_the_end(&without) < 0.65 * before, "{} after {before}", at_the_end(&without));
    what_was_noticed(&with);
    what_was_promoted(&with, &without);
    if let Ok(folder) = std::env::var("VERDICT_PICTURES") {
        std::fs::write(format!("{folder}/quarter.svg"), picture::drawn(&with, &without)).unwrap();
    }
}

/// Within days, by what was seen, and not before.
fn what_was_noticed(story: &Story) {
    let mut noticed = story.runs.iter().filter(|run| run.run.trigger == Trigger::Metric);
    let first = noticed.next().unwrap();
    assert!((DRIFT_DAY..DRIFT_DAY + 7).contains(&first.day), "on day {}", first.day);
    assert!(first.run.saw.starts_with("f1 0.") && first.run.saw.contains("under its reference"), "{}", first.run.saw);
    let promoted = story.runs.iter().find(|run| became(run, Standing::Champion));
    assert!(promoted.is_some_and(|run| (first.day..DRIFT_DAY + 14).contains(&run.day)));
}

fn what_was_promoted(with: &Story, without: &Story) {
    let by_itself: Vec<_> = with.deployments.iter().filter(|deployment| deployment.actor == "worker").collect();
    assert!(!by_itself.is_empty());
    assert!(by_itself.iter().all(|deployment| deployment.reason.contains("% better")), "{by_itself:?}");
    let champions = with.runs.iter().filter(|run| became(run, Standing::Champion)).count();
    assert_eq!(champions, by_itself.len(), "each version is promoted once");
    let kept = with.runs.iter().filter(|run| run.day < DRIFT_DAY && became(run, Standing::Challenger));
    let reasons: Vec<_> = kept.map(|run| run.run.because.as_str()).collect();
    assert!(
        reasons.len() >= 4 && reasons.iter().all(|reason| reason.starts_with("kept as challenger: ")),
        "{reasons:?}"
    );
    assert!(without.runs.iter().all(|run| became(run, Standing::Candidate)));
    assert_eq!(without.deployments.len(), 1, "a person's, on the first day");
}

fn became(run: &story::Happening, standing: Standing) -> bool {
    run.run.became == Some(standing)
}

fn mean(weeks: &[f64]) -> f64 {
    weeks.iter().sum::<f64>() / weeks.len() as f64
}

#[test]
fn the_recipe_of_the_quarter_holds_together() {
    let recipe = domain::specification::Draft::from_toml(SPECIFICATION).unwrap().validate().unwrap();
    assert_eq!(recipe.retraining().days, Some(14));
}
