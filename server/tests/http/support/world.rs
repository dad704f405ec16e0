//! Organisations with people, keys and models, made by the desk's own verbs.

use desk::Desk;
use desk::models::Wish;
use desk::people::NewPerson;
use desk::training::Options;
use domain::person::Person;
use domain::reading::Reading;
use domain::run::RunState;
use domain::specification::{Draft, EstimatorKind, Split};
use domain::{Actor, DatasetId, KeyId, Role, RunId, Scope};
use serde_json::{Value, json};

/// What everybody's password is.
pub const PASSWORD: &str = "a password for tests";

/// An organisation with one person of each role.
pub struct Organisation {
    pub actor: Actor,
    pub admin: Person,
    pub supervisor: Person,
    pub labeler: Person,
}

impl Organisation {
    pub async fn make(desk: &Desk, slug: &str) -> Self {
        let tenant = desk.tenants().create(slug, slug, "UTC").await.unwrap();
        let actor = Actor::operator(tenant.id);
        let mut people = Vec::new();
        for role in Role::ALL {
            people.push(person(desk, &actor, &format!("{role}@{slug}.example"), role).await);
        }
        let labeler = people.pop().unwrap();
        let supervisor = people.pop().unwrap();
        Self { actor, admin: people.pop().unwrap(), supervisor, labeler }
    }

    /// A key with one scope.
    pub async fn key(&self, desk: &Desk, scope: Scope) -> String {
        self.named_key(desk, scope.as_str(), scope).await.1
    }

    pub async fn named_key(&self, desk: &Desk, name: &str, scope: Scope) -> (KeyId, String) {
        let (key, secret) = desk.keys().create(&self.actor, name, &[scope], None).await.unwrap();
        (key.id, secret)
    }

    /// A model of simulated claims that nobody has trained: its heuristic answers.
    pub async fn model(&self, desk: &Desk, name: &str) -> DatasetId {
        let csv = simulate::claims::csv(11, 600).into_bytes();
        let dataset = desk.datasets().import(&self.actor, &format!("{name}.csv"), csv).await.unwrap();
        let draft = desk.models().propose(&self.actor, dataset.id, wish()).await.unwrap().draft;
        desk.models().create(&self.actor, name, draft, Some(dataset.id)).await.unwrap();
        dataset.id
    }

    /// A model that reads up to three digits, and that nobody has trained: only people read.
    pub async fn reading_model(&self, desk: &Desk, name: &str) {
        self.make_reading_model(desk, name, Reading::new("0123456789", 1, 3)).await;
    }

    /// The same, but nobody looks at a reading unless somebody says that it is wrong.
    pub async fn quiet_reading_model(&self, desk: &Desk, name: &str) {
        let rules = Reading { review_below: 0.0, audit_share: 0.0, ..Reading::new("0123456789", 1, 3) };
        self.make_reading_model(desk, name, rules).await;
    }

    async fn make_reading_model(&self, desk: &Desk, name: &str, rules: Reading) {
        let rules = Reading { double_share: 0.0, gold_share: 0.0, ..rules };
        desk.models().create(&self.actor, name, Draft::of_reading(rules, Split::Random), None).await.unwrap();
    }

    /// Trains a version by the quickest estimator.
    pub async fn train(&self, desk: &Desk, model: &str) -> (RunId, i64) {
        let options = Options { estimator: Some(EstimatorKind::Logistic), ..Options::default() };
        let run = desk.training().start(&self.actor, model, options).await.unwrap();
        assert!(desk.training().work_once("test").await.unwrap());
        let run = desk.training().get(&self.actor, run.id).await.unwrap();
        assert_eq!(run.state, RunState::Succeeded, "{}", run.message);
        (run.id, run.version.unwrap())
    }
}

pub async fn person(desk: &Desk, actor: &Actor, email: &str, role: Role) -> Person {
    let new = NewPerson { email: email.into(), name: email.into(), role, password: PASSWORD.into() };
    desk.people().add(actor, new).await.unwrap()
}

/// To learn which claims are fraud.
pub fn wish() -> Wish {
    Wish {
        target: "fraud".into(),
        positive: Some("yes".into()),
        split: Some(Split::Random),
        drop: vec!["filed_at".into()],
    }
}

/// One claim as a request sends it.
pub fn claims_row() -> Value {
    json!({
        "amount": 5_200.5, "policy_age_days": 12, "car_age_years": 3, "driver_age": 30, "past_claims": 1,
        "days_since_last_claim": 20, "region": "north", "coverage": "collision", "channel": "web",
        "witness": false, "police_report": true,
    })
}
