//! Schedules in words.

use domain::schedule::{Job, JobState};

/// What is done.
pub(super) fn job(job: Job) -> &'static str {
    match job {
        Job::Retrain => "Retraining",
        Job::Select => "Choice of readings",
        Job::CheckTriggers => "Look at triggers",
        Job::CleanUp => "Clean-up",
        Job::Observe => "Observation",
        Job::Verify => "Verification",
    }
}

/// The same in a sentence.
pub(super) fn explained(job: Job) -> &'static str {
    match job {
        Job::Retrain => "The model is trained on all rows and outcomes that are known by then.",
        Job::Select => "The readings from which most is to be learnt are put before people.",
        Job::CheckTriggers => {
            "Models learn again whose live metric fell, whose scores drifted, that grew old, or that have enough new labels."
        }
        Job::CleanUp => "Images whose time is over, and what broken-off work has left behind, are deleted.",
        Job::Observe => {
            "Whether a record had a conflict in the day after a sync becomes the outcome of its prediction."
        }
        Job::Verify => "The audit log is checked link by link, and the champions’ artifacts against their manifests.",
    }
}

/// What stands in place of a history.
pub(super) fn nothing_yet(job: Job) -> &'static str {
    match job {
        Job::Retrain => "Each training that the clock asks for appears here.",
        _ => "Each time that it is done appears here, with what came of it.",
    }
}

/// Where an execution stands.
pub(super) fn state(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "waiting",
        JobState::Running => "under way",
        JobState::Succeeded => "done",
        JobState::Failed => "failed",
    }
}

const DAYS: [&str; 7] = ["Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"];

/// An expression of cron in words, if it is one of the usual kinds.
pub(super) fn when(expression: &str) -> Option<String> {
    let fields: Vec<&str> = expression.split_ascii_whitespace().collect();
    let [minute, hour, day, "*", weekday] = fields[..] else { return None };
    if (minute, hour, day, weekday) == ("*", "*", "*", "*") {
        return Some(String::from("every minute"));
    }
    let minute: u8 = minute.parse().ok()?;
    match (hour, day, weekday) {
        ("*", "*", "*") => Some(format!("every hour at minute {minute}")),
        (step, "*", "*") if step.starts_with("*/") => {
            Some(format!("every {} hours at minute {minute}", step[2..].parse::<u8>().ok()?))
        }
        _ => {
            let time = format!("at {:02}:{minute:02}", hour.parse::<u8>().ok()?);
            match (day, weekday) {
                ("*", "*") => Some(format!("every day {time}")),
                ("*", weekday) => Some(format!("{} {time}", DAYS[weekday_number(weekday)?])),
                (day, "*") => Some(format!("day {} of each month {time}", day.parse::<u8>().ok()?)),
                _ => None,
            }
        }
    }
}

/// 0 is Sunday, and so is 7.
fn weekday_number(text: &str) -> Option<usize> {
    let named = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"].iter().position(|day| day.eq_ignore_ascii_case(text));
    named.or_else(|| text.parse::<usize>().ok().filter(|day| *day <= 7).map(|day| day % 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_expressions_read_as_words() {
        let said = |expression| when(expression).unwrap_or_default();
        assert_eq!(said("0 3 * * 1"), "Mondays at 03:00");
        assert_eq!(said("0 2 * * 7"), "Sundays at 02:00");
        assert_eq!(said("30 22 * * sat"), "Saturdays at 22:30");
        assert_eq!(said("15 3 * * *"), "every day at 03:15");
        assert_eq!(said("0 3 1 * *"), "day 1 of each month at 03:00");
        assert_eq!(said("7 */6 * * *"), "every 6 hours at minute 7");
        assert_eq!(said("5 * * * *"), "every hour at minute 5");
        assert_eq!(said("* * * * *"), "every minute");
    }

    #[test]
    fn what_is_not_usual_stays_an_expression() {
        for expression in ["0 3 1 * 1", "0 3 * JAN *", "0,30 3 * * *", "0 3-5 * * *", "0 3 * * 1-5", "", "0 3 * *"] {
            assert_eq!(when(expression), None, "{expression}");
        }
    }
}
