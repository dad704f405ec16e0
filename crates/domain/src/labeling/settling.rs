//! From what people said to what holds.

use super::{Act, Annotation, State, Transcript};

/// How far a task has come by its history, where `needed` people (one or two) must read the same.
///
/// A decision or correction holds whatever was said before it; a flag waits for one. Two who read differently make a
/// dispute; that both find it unreadable is an agreement like any other. What was withdrawn counts as never said.
#[must_use]
pub fn settle(history: &[Annotation], needed: i64) -> State {
    let standing = standing(history);
    let outweighs = |line: &&&Annotation| matches!(line.act, Act::Decided(_) | Act::Corrected(_) | Act::Flagged);
    match standing.iter().rev().find(outweighs) {
        Some(last) if last.act == Act::Flagged => return State::Flagged,
        Some(last) => return answered(last),
        None => {}
    }
    let read: Vec<&Annotation> = standing.into_iter().filter(|line| line.act.transcript().is_some()).collect();
    match read.as_slice() {
        [] => State::Open,
        [only] if needed <= 1 => answered(only),
        [_] => State::Open,
        [first, .., last] if first.act == last.act => answered(last),
        _ => State::Disputed,
    }
}

/// The lines that nobody took back. A withdrawal takes back the newest line of the same person that still stands.
#[must_use]
pub fn standing(history: &[Annotation]) -> Vec<&Annotation> {
    let mut standing: Vec<&Annotation> = Vec::with_capacity(history.len());
    for line in history {
        if line.act != Act::Withdrawn {
            standing.push(line);
        } else if let Some(place) = standing.iter().rposition(|other| other.person == line.person) {
            standing.remove(place);
        }
    }
    standing
}

fn answered(line: &Annotation) -> State {
    match line.act.transcript() {
        Some(Transcript::Text(text)) => State::Settled { text: text.clone(), at: line.at },
        _ => State::Unreadable { at: line.at },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::time::Timestamp;

    fn history(acts: &[(i64, Act)]) -> Vec<Annotation> {
        let line = |(i, (person, act)): (usize, &(i64, Act))| Annotation {
            sequence: i as i64 + 1,
            at: Timestamp(i as i64 + 1),
            person: PersonId(*person),
            act: act.clone(),
            seconds: 2.0,
            before: None,
            note: String::new(),
        };
        acts.iter().enumerate().map(line).collect()
    }

    fn read(person: i64, text: &str) -> (i64, Act) {
        (person, Act::Read(Transcript::Text(text.to_owned())))
    }

    fn settled(text: &str, at: i64) -> State {
        State::Settled { text: text.to_owned(), at: Timestamp(at) }
    }

    #[test]
    fn one_reading_is_enough_where_one_is_needed() {
        assert_eq!(settle(&[], 1), State::Open);
        assert_eq!(settle(&history(&[read(1, "42")]), 1), settled("42", 1));
        let unreadable = history(&[(1, Act::Read(Transcript::Unreadable))]);
        assert_eq!(settle(&unreadable, 1), State::Unreadable { at: Timestamp(1) });
    }

    #[test]
    fn two_blind_readings_agree_or_make_a_dispute() {
        assert_eq!(settle(&history(&[read(1, "42")]), 2), State::Open);
        assert_eq!(settle(&history(&[read(1, "42"), read(2, "42")]), 2), settled("42", 2));
        assert_eq!(settle(&history(&[read(1, "42"), read(2, "43")]), 2), State::Disputed);
        let unreadable = |person| (person, Act::Read(Transcript::Unreadable));
        assert_eq!(settle(&history(&[read(1, "42"), unreadable(2)]), 2), State::Disputed);
        let both = history(&[unreadable(1), unreadable(2)]);
        assert_eq!(settle(&both, 2), State::Unreadable { at: Timestamp(2) });
    }

    #[test]
    fn a_decision_ends_a_dispute_whatever_it_says() {
        let decided = (3, Act::Decided(Transcript::Text(String::from("44"))));
        let dispute = [read(1, "42"), read(2, "43"), decided];
        assert_eq!(settle(&history(&dispute), 2), settled("44", 3));
        let corrected = (1, Act::Corrected(Transcript::Unreadable));
        let later = [dispute.as_slice(), &[corrected]].concat();
        assert_eq!(settle(&history(&later), 2), State::Unreadable { at: Timestamp(4) });
        let undone = [later.as_slice(), &[(1, Act::Withdrawn)]].concat();
        assert_eq!(settle(&history(&undone), 2), settled("44", 3));
    }

    #[test]
    fn what_was_withdrawn_was_never_said() {
        let acts = [read(1, "42"), (1, Act::Withdrawn)];
        assert_eq!(settle(&history(&acts), 1), State::Open);
        let again = [acts.as_slice(), &[read(1, "43")]].concat();
        assert_eq!(settle(&history(&again), 1), settled("43", 3));
        let others = [read(1, "42"), read(2, "42"), (3, Act::Withdrawn)];
        assert_eq!(settle(&history(&others), 2), settled("42", 2), "who said nothing takes nothing back");
    }

    #[test]
    fn a_flag_waits_for_a_decision() {
        let flagged = [read(1, "42"), (2, Act::Flagged)];
        assert_eq!(settle(&history(&flagged), 2), State::Flagged);
        assert_eq!(settle(&history(&[flagged.as_slice(), &[(2, Act::Withdrawn)]].concat()), 2), State::Open);
        let decided = (9, Act::Decided(Transcript::Text(String::from("42"))));
        let decided = [flagged.as_slice(), &[decided]].concat();
        assert_eq!(settle(&history(&decided), 2), settled("42", 3));
        let once_more = [decided.as_slice(), &[(4, Act::Flagged)]].concat();
        assert_eq!(settle(&history(&once_more), 2), State::Flagged, "as only one that measures can be");
    }
}
