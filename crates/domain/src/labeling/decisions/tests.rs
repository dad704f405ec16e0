use uuid::Uuid;

use super::*;
use crate::actor::{Role, Who};
use crate::ids::{ModelId, PredictionId, TaskId, TenantId};
use crate::labeling::Origin;
use crate::time::{HOUR, SECOND};

const NOW: Timestamp = Timestamp(100 * HOUR);

fn person(id: i64, role: Role) -> Actor {
    let who = Who::Person { id: PersonId(id), name: format!("P{id}"), role };
    Actor { tenant: TenantId(1), who }
}

fn labeler(id: i64) -> Actor {
    person(id, Role::Labeler)
}

fn task(needed: i64) -> LabelingTask {
    LabelingTask {
        id: TaskId(1),
        tenant: TenantId(1),
        model: ModelId(1),
        prediction: PredictionId(Uuid::nil()),
        origin: Origin::Limit,
        reason: String::new(),
        priority: Origin::Limit.priority(),
        queued_at: NOW,
        created_at: NOW,
        read: String::from("41"),
        confidence: 0.4,
        suggestion: None,
        needed,
        gold: None,
        state: State::Open,
        lease: None,
        revision: 1,
    }
}

fn text(text: &str) -> Transcript {
    Transcript::Text(text.to_owned())
}

/// A task and its history as it goes on.
struct Story(LabelingTask, Vec<Annotation>);

impl Story {
    fn new(needed: i64) -> Self {
        Self(task(needed), Vec::new())
    }

    fn follow(&mut self, change: Change) {
        self.0.state = change.state;
        self.1.push(change.annotation);
    }

    fn says(&mut self, actor: &Actor, seen: &str) -> Result<&State, Conflict> {
        if let Some(change) = annotate(&self.0, &self.1, actor, text(seen), NOW)? {
            self.follow(change);
        }
        Ok(&self.0.state)
    }
}

#[test]
fn a_task_is_one_persons_until_the_lease_runs_out() {
    let mine = Lease { by: PersonId(1), until: NOW.plus(LEASE) };
    assert_eq!(lease(&task(1), &[], &labeler(1), NOW), Ok(mine));
    let held = LabelingTask { lease: Some(mine), ..task(1) };
    let later = NOW.plus(SECOND);
    assert_eq!(lease(&held, &[], &labeler(1), later).unwrap().until, later.plus(LEASE), "their own is renewed");
    let conflict = Conflict::Leased { by: PersonId(1), until: mine.until };
    assert_eq!(lease(&held, &[], &labeler(2), later), Err(conflict.clone()));
    assert_eq!(annotate(&held, &[], &labeler(2), text("1"), later), Err(conflict.clone()));
    assert_eq!(give_back(&held, &labeler(2), later), Err(conflict));
    assert_eq!(give_back(&held, &labeler(1), later), Ok(()));
    assert_eq!(give_back(&held, &person(9, Role::Admin), later), Ok(()));
    assert_eq!(lease(&held, &[], &labeler(2), mine.until).unwrap().by, PersonId(2));
    assert!(annotate(&held, &[], &labeler(1), text("1"), mine.until).is_ok(), "late, but nobody else has it");
    assert_eq!(lease(&task(1), &[], &Actor::operator(TenantId(1)), NOW), Err(Conflict::NoPerson));
}

#[test]
fn nobody_reads_the_same_task_twice() {
    let mut story = Story::new(2);
    assert_eq!(story.says(&labeler(1), "42"), Ok(&State::Open));
    assert_eq!(story.says(&labeler(1), "42"), Ok(&State::Open), "the same save again");
    assert_eq!(story.1.len(), 1);
    assert_eq!(story.says(&labeler(1), "43"), Err(Conflict::AlreadyRead));
    assert_eq!(lease(&story.0, &story.1, &labeler(1), NOW), Err(Conflict::AlreadyRead));
    assert_eq!(story.says(&labeler(2), "42"), Ok(&State::Settled { text: String::from("42"), at: NOW }));
    assert_eq!(story.says(&labeler(3), "42"), Err(Conflict::Settled { at: NOW }));
    assert_eq!(lease(&story.0, &story.1, &labeler(1), NOW), Err(Conflict::AlreadyRead), "settled or not");
}

#[test]
fn a_dispute_is_decided_by_a_third_person_or_an_admin() {
    let mut story = Story::new(2);
    story.says(&labeler(1), "42").unwrap();
    assert_eq!(story.says(&person(2, Role::Admin), "43"), Ok(&State::Disputed));
    assert_eq!(story.says(&labeler(1), "43"), Err(Conflict::AlreadyRead));
    let mut by_admin = Story(story.0.clone(), story.1.clone());
    assert_eq!(by_admin.says(&person(2, Role::Admin), "42").unwrap().as_str(), "settled");
    assert_eq!(story.says(&labeler(3), "44").unwrap().answer(), Some(text("44")));
    assert_eq!(story.1[2].act, Act::Decided(text("44")));
}

#[test]
fn an_answer_is_corrected_with_a_reason() {
    let mut story = Story::new(1);
    let correct = |story: &Story, seen: &str, reason| correct(&story.0, &story.1, &labeler(2), text(seen), reason, NOW);
    assert_eq!(correct(&story, "42", "x"), Err(Conflict::Unsettled.into()));
    story.says(&labeler(1), "42").unwrap();
    assert_eq!(correct(&story, "42", "x"), Err(Conflict::Same.into()));
    assert!(matches!(correct(&story, "43", " "), Err(Objection::Invalid(error)) if error.field == "reason"));
    let change = correct(&story, "43", "the last digit is a 3").unwrap();
    assert_eq!((change.annotation.sequence, change.annotation.before.as_deref()), (2, Some("42")));
    assert_eq!(change.state.answer(), Some(text("43")));
}

#[test]
fn the_last_word_is_taken_back_by_who_said_it() {
    let mut story = Story::new(1);
    assert_eq!(withdraw(&story.0, &story.1, &labeler(1), NOW), Err(Conflict::NothingToWithdraw));
    story.says(&labeler(1), "42").unwrap();
    assert_eq!(withdraw(&story.0, &story.1, &labeler(2), NOW), Err(Conflict::NothingToWithdraw));
    let change = withdraw(&story.0, &story.1, &labeler(1), NOW).unwrap();
    assert_eq!(change.state, State::Open);
    story.follow(change);
    assert_eq!(withdraw(&story.0, &story.1, &labeler(1), NOW), Err(Conflict::NothingToWithdraw));
    assert_eq!(story.says(&labeler(1), "43").unwrap().answer(), Some(text("43")));
}

#[test]
fn an_old_answer_is_corrected_and_not_taken_back() {
    let mut story = Story::new(2);
    story.says(&labeler(1), "42").unwrap();
    let withdraw = |story: &Story, person, at| withdraw(&story.0, &story.1, &labeler(person), at);
    assert!(withdraw(&story, 1, NOW.plus(2 * UNDO)).is_ok(), "no answer yet that could be corrected");
    story.says(&labeler(2), "42").unwrap();
    assert!(withdraw(&story, 2, NOW.plus(UNDO)).is_ok());
    assert_eq!(withdraw(&story, 2, NOW.plus(UNDO + 1)), Err(Conflict::TooLate));
}

#[test]
fn nothing_is_taken_back_from_under_a_colleagues_eyes() {
    let mut story = Story::new(2);
    story.says(&labeler(1), "42").unwrap();
    let theirs = lease(&story.0, &story.1, &labeler(2), NOW).unwrap();
    story.0.lease = Some(theirs);
    assert_eq!(withdraw(&story.0, &story.1, &labeler(1), NOW), Err(Conflict::BeingRead));
    assert!(withdraw(&story.0, &story.1, &labeler(1), theirs.until).is_ok(), "they have gone away");
}

#[test]
fn a_flagged_task_is_an_admins() {
    let mut story = Story::new(1);
    assert!(matches!(flag(&story.0, &story.1, &labeler(1), "", NOW), Err(Objection::Invalid(_))));
    let change = flag(&story.0, &story.1, &labeler(1), "shows a face", NOW).unwrap();
    assert_eq!((change.state.as_str(), change.annotation.note.as_str()), ("flagged", "shows a face"));
    story.follow(change);
    assert_eq!(story.says(&labeler(2), "42"), Err(Conflict::Flagged));
    assert_eq!(story.says(&person(9, Role::Admin), "42").unwrap().as_str(), "settled");
}

#[test]
fn a_known_answer_measures_everybody_and_settles_nothing() {
    let mut story = Story::new(1);
    story.0.gold = Some(String::from("42"));
    for id in 1..4 {
        assert_eq!(story.says(&labeler(id), &format!("{id}")), Ok(&State::Open));
    }
    assert_eq!(story.says(&labeler(1), "9"), Err(Conflict::AlreadyRead));
    assert!(flag(&story.0, &story.1, &labeler(4), "blurred", NOW).unwrap().state == State::Flagged);
}

#[test]
fn to_whoever_has_read_it_a_known_answer_looks_like_any_other() {
    let (mut known, mut plain) = (Story::new(1), Story::new(1));
    known.0.gold = Some(String::from("42"));
    let ask = |story: &Story, at| {
        let (task, history, actor) = (&story.0, &story.1, &labeler(1));
        let corrected = |seen| correct(task, history, actor, text(seen), "a smudge", at).map(drop);
        let again = annotate(task, history, actor, text("43"), at).map(drop);
        let lease = lease(task, history, actor, at).map(drop);
        (lease, again, corrected("41"), corrected("43"), withdraw(task, history, actor, at).map(drop))
    };
    for story in [&mut known, &mut plain] {
        story.says(&labeler(1), "41").unwrap();
    }
    known.says(&labeler(2), "42").unwrap();
    assert_eq!(ask(&known, NOW), ask(&plain, NOW));
    assert_eq!(ask(&known, NOW).4, Ok(()), "whoever else has read it");
    assert_eq!(ask(&known, NOW.plus(2 * UNDO)), ask(&plain, NOW.plus(2 * UNDO)));
}

#[test]
fn what_measures_no_more_stays_as_it_is() {
    let mut story = Story::new(1);
    story.0.gold = Some(String::from("42"));
    story.says(&labeler(1), "41").unwrap();
    story.0.state = State::Settled { text: String::from("42"), at: NOW };
    assert_eq!(withdraw(&story.0, &story.1, &labeler(1), NOW), Err(Conflict::Closed));
    let corrected = correct(&story.0, &story.1, &labeler(1), text("43"), "a smudge", NOW);
    assert_eq!(corrected, Err(Conflict::Closed.into()));
}
