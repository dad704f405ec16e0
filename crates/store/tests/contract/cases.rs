use domain::case::{Alert, Case, Origin, Rule, State, StepKind, Verdict};
use domain::time::{DAY, HOUR};
use domain::{CaseId, OutcomeId, PersonId, Role, Timestamp};
use store::{
    AuditCount, Backlog, CaseFilter, CaseGrouping, CaseMove, CaseOrder, CaseState, Error, EventFilter, Moved,
    NewOutcome, NewPerson, NewStep, ScoredEvent, Unscored,
};

use crate::attendance::Place;
use crate::support::{NOW, World, counted, event, random, truth};

crate::on_both!(
    events_join_the_case_until_it_is_decided,
    a_verdict_is_the_outcome_of_all_its_events,
    a_move_that_comes_too_late_changes_nothing,
    the_queue_is_listed_by_what_is_asked_for,
    an_escalated_case_stays_so_while_it_is_taken,
    figures_count_cases,
    steps_cannot_be_changed,
);

pub(crate) async fn person(world: &World, name: &str) -> PersonId {
    let new = NewPerson {
        email: format!("{name}@{}", world.us()),
        name: name.into(),
        role: Role::Supervisor,
        password_hash: String::new(),
    };
    world.store.create_person(world.us(), &new, NOW, |_| event(world.us(), "person.created")).await.unwrap().id
}

/// A case of one event so many hours from now.
pub(crate) async fn case(world: &World, place: &Place, hours: i64, score: f64) -> Case {
    let recorded = place.recorded(world, &[place.check_in(&format!("{hours}"), hours)], score).await.remove(0);
    world.store.case(world.us(), recorded.case.unwrap()).await.unwrap().unwrap()
}

fn step(kind: StepKind, note: &str) -> NewStep {
    NewStep { at: NOW.plus(DAY), actor: "person:1 Sami".into(), kind, note: note.into() }
}

fn verdict(case: &Case, verdict: Verdict, note: &str) -> CaseMove {
    let kind = if matches!(case.state, State::Decided { .. }) { StepKind::Corrected } else { StepKind::Decided };
    let state = State::Decided { verdict, by: "person:1 Sami".into(), at: NOW.plus(DAY) };
    CaseMove::of(case, state, step(kind, note))
}

async fn carry_out(world: &World, change: &CaseMove) -> Result<Moved, Error> {
    let id = || OutcomeId::new(NOW, random());
    world.store.move_case(world.us(), change, id, |_| event(world.us(), "case.moved")).await
}

async fn done(world: &World, change: CaseMove) -> Case {
    match carry_out(world, &change).await.unwrap() {
        Moved::Done(case) => case,
        other => panic!("{other:?}"),
    }
}

async fn events_join_the_case_until_it_is_decided(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let sent = [place.check_in("a", 0), place.check_in("b", 11), place.check_in("c", 40)];
    let recorded = place.recorded(world, &sent, 0.6).await;
    assert_eq!(recorded.iter().map(|r| r.case.unwrap().0).collect::<Vec<_>>(), [1, 1, 2]);
    let late = place.recorded(world, &[place.check_in("late", -2)], 0.9).await.remove(0);
    let joined = store.case(us, CaseId(1)).await.unwrap().unwrap();
    assert_eq!((joined.events, joined.score, joined.prediction), (3, 0.9, late.event.prediction));
    assert_eq!((joined.first_event_at, joined.last_event_at), (late.event.at, recorded[1].event.at));
    let steps = store.case_steps(us, joined.id, None, 9).await.unwrap().items;
    let kinds: Vec<_> = steps.iter().map(|step| (step.sequence, step.kind)).collect();
    assert_eq!(kinds, [(3, StepKind::Joined), (2, StepKind::Joined), (1, StepKind::Opened)]);
    let taken = State::Taken { by: person(world, "sami").await, until: NOW.plus(HOUR), escalated: false };
    let taken = done(world, CaseMove::of(&joined, taken, step(StepKind::Taken, ""))).await;
    assert_eq!(place.recorded(world, &[place.check_in("d", 12)], 0.7).await[0].case, Some(CaseId(1)));
    let joined = store.case(us, CaseId(1)).await.unwrap().unwrap();
    assert_eq!((&joined.state, joined.revision), (&taken.state, 5));
    done(world, verdict(&joined, Verdict::FalsePositive, "")).await;
    assert_eq!(place.recorded(world, &[place.check_in("e", 13)], 0.7).await[0].case, Some(CaseId(3)));
    assert_eq!(place.recorded(world, &[place.check_in("f", 13)], 0.1).await[0].case, None);
}

async fn a_verdict_is_the_outcome_of_all_its_events(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let recorded = place.recorded(world, &[place.check_in("a", 0), place.check_in("b", 1)], 0.9).await;
    let opened = store.case(us, CaseId(1)).await.unwrap().unwrap();
    let decided = done(world, verdict(&opened, Verdict::ConfirmedRisk, "seen on camera")).await;
    assert_eq!(store.case(us, CaseId(1)).await.unwrap(), Some(decided.clone()));
    let outcome = async |place: usize| {
        store.prediction(us, recorded[place].event.prediction).await.unwrap().unwrap().outcome.unwrap()
    };
    for place in [0, 1] {
        assert_eq!((outcome(place).await.truth.as_str(), outcome(place).await.sequence), ("yes", 1));
    }
    let useful = done(world, verdict(&decided, Verdict::ValuableAlert, "nothing stolen")).await;
    assert_eq!(outcome(0).await.sequence, 1, "the same truth");
    done(world, verdict(&useful, Verdict::FalsePositive, "it was his twin")).await;
    for place in [0, 1] {
        let corrected = outcome(place).await;
        assert_eq!((corrected.truth.as_str(), corrected.sequence), ("no", 2));
        assert_eq!(corrected.reason, "case 1: false positive it was his twin");
    }
    let steps = store.case_steps(us, CaseId(1), None, 9).await.unwrap().items;
    let said: Vec<_> = steps[..3].iter().map(|step| (step.verdict, step.note.as_str())).collect();
    assert_eq!(said[0], (Some(Verdict::FalsePositive), "it was his twin"));
    assert_eq!(said[2], (Some(Verdict::ConfirmedRisk), "seen on camera"));
    let counted = counted(world, place.model.id, NOW).await;
    let truths = counted.iter().map(|((_, _, truth), (outcomes, ..))| (truth.as_str(), *outcomes));
    assert_eq!(truths.collect::<Vec<_>>(), [("no", 2)]);
    let by_verdict = async |model, bound| store.labelled_by_verdict(us, model, None, bound).await.unwrap();
    assert_eq!(by_verdict(place.model.id, NOW.plus(DAY)).await, 2);
    assert_eq!(by_verdict(place.model.id, NOW).await, 0, "not given yet");
    assert_eq!(by_verdict(world.model("other").await.id, NOW.plus(DAY)).await, 0);
    let logged = store.prediction(us, recorded[0].event.prediction).await.unwrap().unwrap();
    let reported = truth(&logged.prediction, "yes", NOW.plus(2 * DAY));
    let reported = NewOutcome { actor: String::from("person:9"), ..reported };
    store.correct_outcome(us, &reported, "the police said so", &event(us, "outcome.corrected")).await.unwrap();
    assert_eq!(by_verdict(place.model.id, NOW.plus(2 * DAY)).await, 1, "the other truth is no verdict");
}

async fn a_move_that_comes_too_late_changes_nothing(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let cases = [case(world, &place, 0, 0.9).await, case(world, &place, 20, 0.9).await];
    let escalated = done(world, CaseMove::of(&cases[0], State::Escalated, step(StepKind::Escalated, "odd"))).await;
    let unknown = CaseMove { case: CaseId(99), ..verdict(&cases[0], Verdict::FalsePositive, "") };
    let moves = [
        verdict(&cases[0], Verdict::FalsePositive, ""),
        verdict(&cases[1], Verdict::FalsePositive, ""),
        verdict(&cases[1], Verdict::ConfirmedRisk, "again"),
        unknown,
    ];
    let before = world.verify_audit(us).await;
    let mut moved = Vec::new();
    for change in &moves {
        moved.push(carry_out(world, change).await.unwrap());
    }
    let [Moved::Conflict(first), Moved::Done(second), Moved::Conflict(again), Moved::NoCase] = moved.as_slice() else {
        panic!("{moved:?}")
    };
    assert_eq!((first, again), (&escalated, second));
    assert_eq!(world.verify_audit(us).await, before + 1, "an entry for what was changed only");
    let logged = store.prediction(us, escalated.prediction).await.unwrap().unwrap();
    assert_eq!(logged.outcome, None);
    let stranger =
        CaseMove { assignee: Some(PersonId(999)), ..CaseMove::of(first, State::Open, step(StepKind::Assigned, "")) };
    assert!(matches!(carry_out(world, &stranger).await, Err(Error::NotFound)));
}

async fn the_queue_is_listed_by_what_is_asked_for(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let (north, south) = (Place::new(world, "north").await, Place::new(world, "south").await);
    let sami = person(world, "sami").await;
    let mut cases = Vec::new();
    for i in 0..6 {
        cases.push(case(world, if i == 4 { &south } else { &north }, 100 - 20 * i, 0.9).await);
    }
    let taken = State::Taken { by: sami, until: NOW.plus(HOUR), escalated: false };
    let moves = [
        CaseMove { assignee: Some(sami), ..CaseMove::of(&cases[0], taken, step(StepKind::Taken, "")) },
        CaseMove::of(&cases[1], State::Escalated, step(StepKind::Escalated, "")),
        verdict(&cases[2], Verdict::ValuableAlert, ""),
    ];
    for change in moves {
        done(world, change).await;
    }
    let listed = async |filter: CaseFilter, order, now: Timestamp| {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.cases(us, &filter, order, now, cursor.as_ref(), 2).await.unwrap();
            found.extend(page.items.into_iter().map(|case| case.id.0));
            cursor = page.next;
            if cursor.is_none() {
                return found;
            }
        }
    };
    let found = async |filter| listed(filter, CaseOrder::DueFirst, NOW).await;
    let all = CaseFilter::default();
    let by_state = |state| CaseFilter { state: Some(state), ..all };
    assert_eq!(found(all).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(listed(all, CaseOrder::DueLast, NOW).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(found(by_state(CaseState::Undecided)).await, [6, 5, 4, 2, 1]);
    assert_eq!(found(by_state(CaseState::Open)).await, [6, 5, 4]);
    assert_eq!(found(by_state(CaseState::Taken)).await, [1]);
    assert_eq!(found(by_state(CaseState::Escalated)).await, [2]);
    assert_eq!(found(by_state(CaseState::Decided)).await, [3]);
    assert_eq!(found(CaseFilter { assignee: Some(sami), ..all }).await, [1]);
    let mine = CaseFilter { mine: Some(sami), ..all };
    assert_eq!((found(mine).await, listed(mine, CaseOrder::DueFirst, NOW.plus(HOUR)).await), (vec![1], vec![1]));
    assert_eq!(found(CaseFilter { site: Some(south.site.id), ..all }).await, [5]);
    assert_eq!(found(CaseFilter { employee: Some(north.employee.id), ..all }).await, [6, 4, 3, 2, 1]);
    assert_eq!(found(CaseFilter { origin: Some(Origin::Audit), ..all }).await, [0_i64; 0]);
    assert_eq!(found(CaseFilter { verdict: Some(Verdict::ValuableAlert), ..all }).await, [3]);
    assert_eq!(found(CaseFilter { right: true, ..all }).await, [3]);
    assert_eq!(found(CaseFilter { due_before: Some(cases[3].due_at), ..all }).await, [6, 5]);
    let over = NOW.plus(HOUR);
    assert_eq!(listed(by_state(CaseState::Open), CaseOrder::DueFirst, over).await, [6, 5, 4, 1], "the lease is over");
    assert_eq!(store.case(us, CaseId(1)).await.unwrap().unwrap().state_at(over), State::Open);

    let backlog = store.backlog(us, cases[5].due_at.plus(1)).await.unwrap();
    let expected = Backlog { open: 4, taken: 0, escalated: 1, overdue: 1, first_due_at: Some(cases[5].due_at) };
    assert_eq!(backlog, expected);
    let events = store.events(us, &EventFilter { case: Some(CaseId(5)), ..EventFilter::default() }, None, 9).await;
    assert_eq!(events.unwrap().items[0].event.prediction, cases[4].prediction);
    let worst = store.worst_events(us, &[CaseId(5), CaseId(2), CaseId(99)]).await.unwrap();
    let mut worst: Vec<_> = worst.into_iter().map(|found| (found.case, found.event.prediction)).collect();
    worst.sort_unstable_by_key(|(case, _)| *case);
    assert_eq!(worst, [1, 4].map(|at: usize| (Some(cases[at].id), cases[at].prediction)));
}

async fn an_escalated_case_stays_so_while_it_is_taken(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let (opened, other) = (case(world, &place, 0, 0.9).await, case(world, &place, 20, 0.9).await);
    let escalated = done(world, CaseMove::of(&opened, State::Escalated, step(StepKind::Escalated, "odd"))).await;
    let held = State::Taken { by: person(world, "ada").await, until: NOW.plus(HOUR), escalated: true };
    done(world, CaseMove::of(&escalated, held.clone(), step(StepKind::Taken, ""))).await;
    place.recorded(world, &[place.check_in("joins", 1)], 0.9).await;
    let joined = store.case(us, opened.id).await.unwrap().unwrap();
    assert_eq!((&joined.state, joined.events), (&held, 2));
    let listed = async |state, now| {
        let filter = CaseFilter { state: Some(state), ..CaseFilter::default() };
        let page = store.cases(us, &filter, CaseOrder::DueFirst, now, None, 9).await.unwrap();
        page.items.into_iter().map(|case| case.id).collect::<Vec<_>>()
    };
    let over = NOW.plus(HOUR);
    for now in [NOW, over] {
        assert_eq!(listed(CaseState::Escalated, now).await, [opened.id]);
        assert_eq!(listed(CaseState::Open, now).await, [other.id]);
    }
    assert_eq!((listed(CaseState::Taken, NOW).await, listed(CaseState::Taken, over).await), (vec![opened.id], vec![]));
    let waiting = async |now| store.backlog(us, now).await.map(|b| (b.open, b.taken, b.escalated)).unwrap();
    assert_eq!((waiting(NOW).await, waiting(over).await), ((1, 1, 0), (1, 0, 1)));
    done(world, verdict(&joined, Verdict::FalsePositive, "")).await;
    assert!(listed(CaseState::Escalated, over).await.is_empty());
}

async fn figures_count_cases(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let (north, south) = (Place::new(world, "north").await, Place::new(world, "south").await);
    let threshold = [case(world, &north, 0, 0.999).await, case(world, &south, 8 * 24, 0.5).await];
    done(world, verdict(&threshold[0], Verdict::ConfirmedRisk, "seen")).await;
    let audit = async |unscored: Unscored| {
        let mut scored: Vec<ScoredEvent> = north.scored(&unscored, |_| 0.2);
        scored[0].alert = Some(Alert { origin: Origin::Audit, share: 0.02, rule: Rule::Time });
        Ok::<_, Error>(scored)
    };
    store.record_events(us, &[north.check_in("audited", 0)], audit).await.unwrap();
    let audited = store.case(us, CaseId(3)).await.unwrap().unwrap();
    done(world, verdict(&audited, Verdict::FalsePositive, "")).await;
    let (from, until) = (NOW, NOW.plus(9 * DAY));
    let counts = async |by| {
        let counts = store.case_counts(us, by, from, until).await.unwrap();
        counts.into_iter().map(|count| (count.key, count.origin, count.verdict, count.cases)).collect::<Vec<_>>()
    };
    let (confirmed, wrong) = (Some(Verdict::ConfirmedRisk), Some(Verdict::FalsePositive));
    let by_percent =
        [(20, Origin::Audit, wrong, 1), (50, Origin::Threshold, None, 1), (99, Origin::Threshold, confirmed, 1)];
    assert_eq!(counts(CaseGrouping::Percent).await, by_percent);
    let by_site = [
        (north.site.id.0, Origin::Audit, wrong, 1),
        (north.site.id.0, Origin::Threshold, confirmed, 1),
        (south.site.id.0, Origin::Threshold, None, 1),
    ];
    assert_eq!(counts(CaseGrouping::Site).await, by_site);
    let weeks: Vec<i64> = counts(CaseGrouping::Week).await.iter().map(|count| count.0).collect();
    // NOW is a Thursday, 2025-10-09: 2,910 weeks after that of 1969-12-29.
    assert_eq!(weeks, [2_910, 2_910, 2_911]);
    let expected = AuditCount { share: 0.02, verdict: wrong, cases: 1 };
    assert_eq!(store.audit_counts(us, from, until).await.unwrap(), [expected]);
    assert!(store.audit_counts(us, until, until.plus(DAY)).await.unwrap().is_empty());
}

async fn steps_cannot_be_changed(world: &World) {
    let place = Place::new(world, "north").await;
    case(world, &place, 0, 0.9).await;
    for statement in ["UPDATE case_steps SET note = 'x'", "DELETE FROM case_steps"] {
        let refused = world.raw(statement).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
}
