use domain::labeling::{
    self, Annotation, Change, LAST, LEASE, LabelingTask, Lease, Origin, State, Transcript, annotate, correct, flag,
    withdraw,
};
use domain::model::Model;
use domain::time::{DAY, HOUR, SECOND};
use domain::{Actor, OutcomeId, PersonId, Role, ScheduleRunId, TaskId, Timestamp, Who};
use futures::TryStreamExt;
use futures::future::join_all;
use store::{Claimant, NewReading, NewSelection, NewTask, TaskFilter, TaskMove, TaskMoved};

use crate::cases::person;
use crate::readings::{new_task, reading, review, write};
use crate::support::{NOW, World, counted, event, random};

crate::on_both!(
    no_two_people_are_given_the_same_task,
    a_lease_is_renewed_and_runs_out,
    the_queue_goes_by_priority_and_age,
    an_answer_is_the_outcome_of_the_reading,
    two_read_blindly_and_a_third_decides,
    whoever_decides_gets_what_they_flagged_or_read,
    a_move_that_comes_too_late_changes_nothing,
    known_answers_measure_and_never_become_truths,
    a_choice_is_made_once_by_each_execution,
    figures_count_what_people_do,
    what_stands_beside_tasks_is_read_at_once,
    tasks_are_their_tenants_own,
    annotations_cannot_be_changed,
);

/// A queue with people at it.
struct Queue<'a> {
    world: &'a World,
    model: Model,
}

impl<'a> Queue<'a> {
    /// With a task for each of these numbers of readers.
    async fn new(world: &'a World, needed: &[i64]) -> (Self, Vec<NewReading>) {
        let queue = Self { world, model: world.model("meters").await };
        let task = |(i, needed): (usize, &i64)| NewReading {
            review: review(Origin::Limit, *needed),
            ..reading(&queue.model, NOW.plus(i as i64), "41")
        };
        let readings: Vec<NewReading> = needed.iter().enumerate().map(task).collect();
        write(world, &readings).await;
        (queue, readings)
    }

    fn claimant(&self, person: PersonId) -> Claimant {
        Claimant { person, model: self.model.id, besides: None, decides: false, measured: false }
    }

    async fn claim(&self, person: PersonId, now: Timestamp) -> Option<LabelingTask> {
        self.world.store.claim_task(self.world.us(), self.claimant(person), now).await.unwrap()
    }

    async fn task(&self, id: TaskId) -> LabelingTask {
        self.world.store.labeling_task(self.world.us(), id).await.unwrap().unwrap()
    }

    async fn history(&self, id: TaskId) -> Vec<Annotation> {
        self.world.store.annotations(self.world.us(), id).await.unwrap()
    }

    async fn carry_out(&self, task: &LabelingTask, change: Change) -> TaskMoved {
        let (us, outcome) = (self.world.us(), OutcomeId::new(NOW, random()));
        self.world.store.move_task(us, &TaskMove::of(task, change), outcome, None).await.unwrap()
    }

    async fn says(&self, person: PersonId, id: TaskId, text: &str, now: Timestamp) -> LabelingTask {
        let (task, history) = (self.task(id).await, self.history(id).await);
        let change = annotate(&task, &history, &labeler(self.world, person), seen(text), now).unwrap().unwrap();
        done(self.carry_out(&task, with_seconds(change, 4.0)).await)
    }

    async fn flags(&self, person: PersonId, id: TaskId) -> LabelingTask {
        let (task, history) = (self.task(id).await, self.history(id).await);
        let change = flag(&task, &history, &labeler(self.world, person), "a face", NOW).unwrap();
        done(self.carry_out(&task, change).await)
    }

    async fn truths(&self, reading: &NewReading) -> Vec<(String, String)> {
        let outcomes = self.world.store.outcomes(self.world.us(), reading.prediction.id).await.unwrap();
        outcomes.into_iter().map(|outcome| (outcome.truth, outcome.actor)).collect()
    }
}

fn labeler(world: &World, id: PersonId) -> Actor {
    Actor { tenant: world.us(), who: Who::Person { id, name: String::from("L"), role: Role::Labeler } }
}

fn seen(text: &str) -> Transcript {
    Transcript::Text(text.to_owned())
}

fn with_seconds(mut change: Change, seconds: f64) -> Change {
    change.annotation.seconds = seconds;
    change
}

fn done(moved: TaskMoved) -> LabelingTask {
    match moved {
        TaskMoved::Done(task) => task,
        other => panic!("{other:?}"),
    }
}

async fn people<const N: usize>(world: &World) -> [PersonId; N] {
    let mut people = [PersonId(0); N];
    for (i, place) in people.iter_mut().enumerate() {
        *place = person(world, &format!("labeler{i}")).await;
    }
    people
}

async fn no_two_people_are_given_the_same_task(world: &World) {
    const TASKS: usize = 60;
    let people: [PersonId; 6] = people(world).await;
    let (queue, _) = Queue::new(world, &[1; TASKS]).await;
    let work = |person: PersonId| {
        let queue = &queue;
        async move {
            let mut given = Vec::new();
            while let Some(task) = queue.claim(person, NOW.plus(SECOND)).await {
                assert_eq!(task.lease.map(|lease| lease.by), Some(person));
                given.push(task.id);
                queue.says(person, task.id, "42", NOW.plus(2 * SECOND)).await;
            }
            given
        }
    };
    let mut given: Vec<TaskId> = join_all(people.map(work)).await.into_iter().flatten().collect();
    given.sort();
    let expected: Vec<TaskId> = (1..=TASKS as i64).map(TaskId).collect();
    assert_eq!(given, expected, "each once, none left");
    assert_eq!(world.store.labeling_backlog(world.us(), None).await.unwrap(), []);
}

async fn a_lease_is_renewed_and_runs_out(world: &World) {
    let [ada, sami] = people(world).await;
    let (queue, _) = Queue::new(world, &[1]).await;
    let first = queue.claim(ada, NOW).await.unwrap();
    assert_eq!(queue.claim(sami, NOW.plus(LEASE - 1)).await, None);
    let again = queue.claim(ada, NOW.plus(SECOND)).await.unwrap();
    assert_eq!((again.id, again.lease.unwrap().until), (first.id, NOW.plus(SECOND + LEASE)));
    assert_eq!(queue.claim(sami, NOW.plus(LEASE)).await, None, "it was renewed");
    let handed_on = queue.claim(sami, NOW.plus(SECOND + LEASE)).await.unwrap();
    assert_eq!(handed_on.lease.unwrap().by, sami);
    let given_back = TaskMove::lease(&handed_on, None);
    let outcome = OutcomeId::new(NOW, random());
    done(world.store.move_task(world.us(), &given_back, outcome, None).await.unwrap());
    assert_eq!(queue.claim(ada, NOW.plus(SECOND + LEASE)).await.unwrap().id, first.id);
    assert!(queue.history(first.id).await.is_empty());
}

async fn the_queue_goes_by_priority_and_age(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let [ada, sami] = people(world).await;
    let (queue, _) = Queue::new(world, &[1, 1]).await;
    let late = NewReading { review: review(Origin::Audit, 1), ..reading(&queue.model, NOW.plus(HOUR), "5") };
    write(world, std::slice::from_ref(&late)).await;
    let audited = queue.claim(ada, NOW.plus(HOUR)).await.unwrap();
    assert_eq!((audited.origin, audited.prediction), (Origin::Audit, late.prediction.id));
    let made_ready = async || {
        let who = Claimant { besides: Some(audited.id), ..queue.claimant(ada) };
        store.claim_task(us, who, NOW.plus(HOUR)).await.unwrap().unwrap().id
    };
    assert_eq!(made_ready().await, TaskId(1));
    assert_eq!(queue.claim(sami, NOW.plus(HOUR)).await.unwrap().id, TaskId(2));
    assert_eq!(made_ready().await, TaskId(1));
    // passed over: after all others
    let skipped = TaskMove { priority: LAST, queued_at: NOW.plus(2 * HOUR), ..TaskMove::lease(&audited, None) };
    done(store.move_task(us, &skipped, OutcomeId::new(NOW, random()), None).await.unwrap());
    assert_eq!(queue.claim(ada, NOW.plus(HOUR)).await.unwrap().id, TaskId(1));
    assert_eq!(store.labelers_at_work(us, NOW.plus(HOUR)).await.unwrap().len(), 2);
}

async fn an_answer_is_the_outcome_of_the_reading(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let [ada] = people(world).await;
    let (queue, readings) = Queue::new(world, &[1]).await;
    let task = queue.claim(ada, NOW).await.unwrap();
    let settled = queue.says(ada, task.id, "42", NOW.plus(SECOND)).await;
    assert_eq!(settled.state, State::Settled { text: "42".into(), at: NOW.plus(SECOND) });
    assert_eq!((settled.lease, settled.revision), (None, 3));
    let by = format!("person:{ada}");
    assert_eq!(queue.truths(&readings[0]).await, [("42".into(), by.clone())]);
    let actor = labeler(world, ada);
    let known = async |at| store.labelled(us, queue.model.id, at).try_concat().await.unwrap().len();
    let history = queue.history(task.id).await;
    assert_eq!((history[0].before.as_deref(), history[0].seconds), (Some("41"), 4.0));
    let change = correct(&settled, &history, &actor, seen("43"), "blurred", NOW.plus(DAY)).unwrap();
    let corrected = done(queue.carry_out(&settled, change).await);
    assert_eq!(queue.truths(&readings[0]).await.last(), Some(&("43".into(), by.clone())));
    let history = queue.history(task.id).await;
    let unreadable = correct(&corrected, &history, &actor, Transcript::Unreadable, "no", NOW.plus(2 * DAY)).unwrap();
    let unreadable = done(queue.carry_out(&corrected, unreadable).await);
    assert_eq!(queue.truths(&readings[0]).await.last(), Some(&(String::new(), by.clone())), "taken back");
    assert_eq!((known(NOW.plus(DAY)).await, known(NOW.plus(2 * DAY)).await), (1, 0));
    assert!(counted(world, queue.model.id, NOW).await.is_empty());
    let history = queue.history(task.id).await;
    let undone = withdraw(&unreadable, &history, &actor, NOW.plus(2 * DAY + HOUR)).unwrap();
    assert_eq!(done(queue.carry_out(&unreadable, undone).await).state.as_str(), "settled");
    assert_eq!(queue.truths(&readings[0]).await.len(), 4);
    let lines: Vec<_> = queue.history(task.id).await.iter().map(|line| line.act.as_str()).collect();
    assert_eq!(lines, ["read", "corrected", "corrected", "withdrawn"]);
}

async fn two_read_blindly_and_a_third_decides(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let [ada, sami, rana] = people(world).await;
    let (queue, readings) = Queue::new(world, &[2, 2]).await;
    let (agreed, disputed) = (TaskId(1), TaskId(2));
    queue.says(ada, agreed, "42", NOW.plus(1)).await;
    queue.says(ada, disputed, "42", NOW.plus(2)).await;
    assert_eq!(queue.claim(ada, NOW.plus(3)).await, None, "nobody reads twice");
    assert_eq!(store.half_read_tasks(us, queue.model.id, ada, false).await.unwrap(), 2);
    assert_eq!(store.half_read_tasks(us, queue.model.id, sami, false).await.unwrap(), 0);
    assert!(queue.truths(&readings[0]).await.is_empty());
    assert_eq!(queue.says(sami, agreed, "42", NOW.plus(3)).await.state.as_str(), "settled");
    assert_eq!(queue.says(sami, disputed, "43", NOW.plus(4)).await.state, State::Disputed);
    assert_eq!(queue.claim(sami, NOW.plus(5)).await, None);
    assert_eq!(queue.claim(rana, NOW.plus(5)).await.unwrap().id, disputed);
    assert_eq!(queue.says(rana, disputed, "42", NOW.plus(6)).await.state.as_str(), "settled");
    assert_eq!(queue.truths(&readings[1]).await, [("42".into(), format!("person:{rana}"))]);
    let pairs = store.double_readings(us, queue.model.id, NOW, NOW.plus(DAY)).await.unwrap();
    assert_eq!(pairs.len(), 2);
    assert_eq!((pairs[0].task, &pairs[0].first, &pairs[0].second), (disputed, &(ada, seen("42")), &(sami, seen("43"))));
}

async fn whoever_decides_gets_what_they_flagged_or_read(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let [ada, sami] = people(world).await;
    let (queue, _) = Queue::new(world, &[1, 2, 2]).await;
    let (flagged, disputed) = (TaskId(1), TaskId(2));
    queue.flags(ada, flagged).await;
    queue.says(ada, disputed, "42", NOW.plus(1)).await;
    queue.says(sami, disputed, "43", NOW.plus(2)).await;
    queue.says(ada, TaskId(3), "42", NOW.plus(3)).await;
    let count = async |decides| store.half_read_tasks(us, queue.model.id, ada, decides).await.unwrap();
    assert_eq!((count(true).await, count(false).await), (1, 2));
    assert_eq!(queue.claim(ada, NOW.plus(4)).await, None, "as a labeler");
    let decide = async |besides| {
        let who = Claimant { decides: true, besides, ..queue.claimant(ada) };
        store.claim_task(us, who, NOW.plus(4)).await.unwrap().unwrap().id
    };
    assert_eq!((decide(None).await, decide(Some(flagged)).await), (flagged, disputed));
}

async fn a_move_that_comes_too_late_changes_nothing(world: &World) {
    let [ada, sami] = people(world).await;
    let (queue, readings) = Queue::new(world, &[1]).await;
    let task = queue.task(TaskId(1)).await;
    let change = |person, text| annotate(&task, &[], &labeler(world, person), seen(text), NOW).unwrap().unwrap();
    let first = done(queue.carry_out(&task, change(ada, "42")).await);
    let TaskMoved::Conflict(now) = queue.carry_out(&task, change(sami, "43")).await else { panic!() };
    assert_eq!(now, first);
    assert_eq!(queue.truths(&readings[0]).await.len(), 1);
    let unknown = LabelingTask { id: TaskId(99), ..task.clone() };
    assert_eq!(queue.carry_out(&unknown, change(ada, "42")).await, TaskMoved::NoTask);
    let nobody = Lease { by: PersonId(9_999), until: NOW };
    let leased = TaskMove::lease(&first, Some(nobody));
    let outcome = OutcomeId::new(NOW, random());
    assert!(world.store.move_task(world.us(), &leased, outcome, None).await.is_err());
}

async fn known_answers_measure_and_never_become_truths(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let [ada, sami, rana] = people(world).await;
    let (queue, readings) = Queue::new(world, &[1]).await;
    queue.says(ada, TaskId(1), "42", NOW.plus(1)).await;
    let gold = NewTask { gold: Some("42".into()), ..new_task(&readings[0], Origin::Limit, NOW.plus(2)) };
    let made = async || store.create_labeling_tasks(us, std::slice::from_ref(&gold), &event(us, "gold")).await.unwrap();
    assert_eq!((made().await, made().await), (1, 0));
    let claim = async |person, measured| {
        let who = Claimant { measured, ..queue.claimant(person) };
        store.claim_task(us, who, NOW.plus(3)).await.unwrap()
    };
    assert_eq!(claim(sami, false).await, None);
    assert_eq!(claim(ada, true).await, None, "she has seen the answer");
    let labelled = async |tenant, person| store.has_labelled(tenant, readings[0].prediction.id, person).await.unwrap();
    assert_eq!((labelled(us, ada).await, labelled(us, sami).await), (true, false));
    assert!(!labelled(world.them(), ada).await);
    let hidden = claim(sami, true).await.unwrap();
    assert_eq!(hidden.gold.as_deref(), Some("42"));
    let measured = queue.says(sami, hidden.id, "47", NOW.plus(4)).await;
    assert_eq!((measured.state, measured.lease), (State::Open, None));
    assert_eq!(claim(sami, true).await, None);
    assert!(!labelled(us, sami).await, "only one that measures");
    assert_eq!(queue.truths(&readings[0]).await.len(), 1);
    let read = store.gold_readings(us, queue.model.id, NOW, NOW.plus(DAY)).await.unwrap();
    assert_eq!((read.len(), read[0].person, &read[0].known, &read[0].seen), (1, sami, &seen("42"), &seen("47")));
    let backlog = async || store.labeling_backlog(us, None).await.unwrap();
    assert!(backlog().await.is_empty());
    assert_eq!(queue.flags(rana, hidden.id).await.state, State::Flagged);
    assert_eq!(backlog().await.iter().map(|count| (count.state, count.tasks)).collect::<Vec<_>>(), [("flagged", 1)]);
    assert_eq!(claim(ada, true).await, None, "it waits for an admin");
    let who = Claimant { decides: true, ..queue.claimant(ada) };
    assert_eq!(store.claim_task(us, who, NOW.plus(5)).await.unwrap().map(|task| task.id), Some(hidden.id));
    let admin = Actor { tenant: us, who: Who::Person { id: ada, name: "A".into(), role: Role::Admin } };
    let (flagged, history) = (queue.task(hidden.id).await, queue.history(hidden.id).await);
    let decided = annotate(&flagged, &history, &admin, seen("42"), NOW.plus(6)).unwrap().unwrap();
    assert_eq!(done(queue.carry_out(&flagged, decided).await).state, State::Open, "it measures on");
    assert_eq!(queue.truths(&readings[0]).await.len(), 1);
    assert!(backlog().await.is_empty());
    let listed = async |gold| {
        let filter = TaskFilter { gold, ..TaskFilter::default() };
        store.labeling_tasks(us, &filter, None, 9).await.unwrap().items.len()
    };
    assert_eq!((listed(false).await, listed(true).await), (1, 1));
}

async fn a_choice_is_made_once_by_each_execution(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("meters").await;
    let readings = [reading(&model, NOW, "1"), reading(&model, NOW, "2")];
    write(world, &readings).await;
    let made = |schedule_run: Option<i64>| NewSelection {
        model: model.id,
        schedule_run: schedule_run.map(ScheduleRunId),
        at: NOW,
        asked: 50,
        pool: 2,
        notes: vec!["few".into()],
        actor: "worker".into(),
    };
    let tasks: Vec<NewTask> = readings.iter().map(|reading| new_task(reading, Origin::Selection, NOW)).collect();
    let choose = async |by| store.record_selection(us, made(by), &tasks, &event(us, "selected")).await.unwrap();
    assert_eq!(choose(Some(7)).await.unwrap().chosen, 2);
    assert_eq!(choose(Some(7)).await, None);
    assert_eq!(choose(None).await.unwrap().chosen, 0, "they have tasks");
    assert_eq!(store.newest_selection(us, model.id).await.unwrap().unwrap().made, made(None));
    assert_eq!(store.newest_selection(world.them(), model.id).await.unwrap(), None);
}

async fn figures_count_what_people_do(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let [ada, sami] = people(world).await;
    let (queue, _) = Queue::new(world, &[1, 1, 1, 1]).await;
    let model = queue.model.id;
    let audited: Vec<NewReading> = (0..3)
        .map(|i| NewReading { review: review(Origin::Audit, 1), ..reading(&queue.model, NOW.plus(i), "50") })
        .collect();
    write(world, &audited).await;
    for (id, text) in [(1, "41"), (2, "42"), (5, "50"), (6, "51")] {
        queue.says(ada, TaskId(id), text, NOW.plus(HOUR)).await;
    }
    let task = queue.task(TaskId(3)).await;
    let change = annotate(&task, &[], &labeler(world, sami), seen("9"), NOW.plus(HOUR)).unwrap().unwrap();
    queue.carry_out(&task, with_seconds(change, 9.0)).await;
    let slip = queue.says(sami, TaskId(4), "8", NOW.plus(HOUR)).await;
    let undone = withdraw(&slip, &queue.history(slip.id).await, &labeler(world, sami), NOW.plus(HOUR)).unwrap();
    done(queue.carry_out(&slip, undone).await);
    let (from, until) = (NOW, NOW.plus(DAY));
    let backlog = store.labeling_backlog(us, Some(model)).await.unwrap();
    let waiting: Vec<_> = backlog.iter().map(|b| (b.origin, b.state, b.tasks)).collect();
    assert_eq!(waiting, [(Origin::Audit, "open", 1), (Origin::Limit, "open", 1)]);
    let days = store.annotated_days(us, model, from, until, 0).await.unwrap();
    assert_eq!(
        days.iter().map(|day| (day.person, day.read, day.changed)).collect::<Vec<_>>(),
        [(ada, 4, 2), (sami, 1, 1)]
    );
    let paces = store.labeling_paces(us, None, from, until).await.unwrap();
    assert_eq!(
        paces.iter().map(|pace| (pace.person, pace.median_seconds)).collect::<Vec<_>>(),
        [(ada, 4.0), (sami, 9.0)]
    );
    let made = store.labeling_task_days(us, model, from, until, 3_600).await.unwrap();
    assert_eq!(
        made.iter().map(|day| (day.origin, day.tasks)).collect::<Vec<_>>(),
        [(Origin::Audit, 3), (Origin::Limit, 4)]
    );
    let audit = store.audited_weeks(us, model, from, until).await.unwrap();
    assert_eq!((audit.len(), audit[0].right, audit[0].wrong, audit[0].waiting), (1, 1, 1, 1));
}

async fn what_stands_beside_tasks_is_read_at_once(world: &World) {
    let (queue, _) = Queue::new(world, &[1, 1]).await;
    let ([ada], us, store) = (people(world).await, world.us(), &world.store);
    let first = queue.claim(ada, NOW.plus(HOUR)).await.unwrap();
    queue.says(ada, first.id, "42", NOW.plus(HOUR)).await;
    let second = queue.claim(ada, NOW.plus(HOUR)).await.unwrap();
    let contexts = store.task_contexts(us, &[second.id, first.id, TaskId(999)]).await.unwrap();
    assert_eq!(contexts.len(), 2);
    for task in [first.id, second.id] {
        let context = &contexts[&task];
        assert_eq!(context.history, queue.history(task).await);
        let record = store.reading(us, queue.task(task).await.prediction).await.unwrap().unwrap();
        assert_eq!(
            (&context.image, &context.source, &context.previous),
            (&record.image, &record.source, &record.previous)
        );
        let image = store.image(us, &record.image).await.unwrap().unwrap().image;
        assert_eq!((context.size, context.version), (Some((image.width, image.height)), None));
    }
    assert!(store.task_contexts(world.them(), &[first.id]).await.unwrap().is_empty());
}

async fn tasks_are_their_tenants_own(world: &World) {
    let (them, store) = (world.them(), &world.store);
    let [ada] = people(world).await;
    let (queue, readings) = Queue::new(world, &[1]).await;
    let (model, task) = (queue.model.id, queue.task(TaskId(1)).await);
    queue.says(ada, task.id, "42", NOW).await;
    assert_eq!(store.labeling_task(them, task.id).await.unwrap(), None);
    assert_eq!(store.task_of(them, task.prediction).await.unwrap(), None);
    assert_eq!(store.reading(them, task.prediction).await.unwrap(), None);
    assert_eq!(store.image(them, &readings[0].image.sha256).await.unwrap(), None);
    assert!(store.annotations(them, task.id).await.unwrap().is_empty());
    assert!(store.labeling_tasks(them, &TaskFilter::default(), None, 9).await.unwrap().items.is_empty());
    assert_eq!(store.claim_task(them, queue.claimant(ada), NOW).await.unwrap(), None);
    assert!(store.labeling_paces(them, None, NOW, NOW.plus(DAY)).await.unwrap().is_empty());
    assert!(store.double_readings(them, model, NOW, NOW.plus(DAY)).await.unwrap().is_empty());
    let moved = TaskMove::lease(&queue.task(task.id).await, None);
    let moved = store.move_task(them, &moved, OutcomeId::new(NOW, random()), None).await.unwrap();
    assert_eq!(moved, TaskMoved::NoTask);
    let stolen = new_task(&readings[0], Origin::Selection, NOW);
    assert!(store.create_labeling_tasks(them, &[stolen], &event(them, "x")).await.is_err());
}

async fn annotations_cannot_be_changed(world: &World) {
    let [ada] = people(world).await;
    let (queue, _) = Queue::new(world, &[1]).await;
    queue.says(ada, TaskId(1), "42", NOW).await;
    let again = format!("UPDATE annotations SET seen = '43' WHERE person_id = {ada}");
    assert!(world.raw(&again).await.is_err());
    assert!(world.raw("DELETE FROM annotations").await.is_err());
    assert_eq!(queue.history(TaskId(1)).await.len(), 1);
    assert_eq!(labeling::settle(&queue.history(TaskId(1)).await, 1), queue.task(TaskId(1)).await.state);
}
