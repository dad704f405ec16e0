//! The world as the conflict model sees it.

use std::collections::HashMap;

use domain::SyncId;
use domain::sync::{Edit, Entity, FEATURES, Features, History, OBSERVED, Past, class, features, put};

use super::{Event, World};

impl World {
    /// The features of every sync, as they are when all are recorded in their order, each with the truth about it at once.
    #[must_use]
    pub fn features(&self) -> Vec<Features> {
        let mut edits: HashMap<&Entity, Vec<Edit>> = HashMap::new();
        let mut pasts: HashMap<&str, Vec<Past>> = HashMap::new();
        let mut all = Vec::with_capacity(self.events.len());
        for (event, number) in self.events.iter().zip(1..) {
            let (id, sync) = (SyncId(number), &event.sync);
            let edits = edits.entry(&sync.entity).or_default();
            let pasts = pasts.entry(sync.person.as_str()).or_default();
            all.push(features(sync, id, History { edits, pasts }));
            put(edits, sync.edit(id));
            put(pasts, sync.past(id, event.conflict));
        }
        all
    }

    /// What is observed of every sync: whether its entity has a conflict in the day after it.
    #[must_use]
    pub fn outcomes(&self) -> Vec<bool> {
        let mut conflicts: HashMap<&Entity, Vec<i64>> = HashMap::new();
        for event in self.events.iter().filter(|event| event.conflict) {
            conflicts.entry(&event.sync.entity).or_default().push(event.sync.at.0);
        }
        let seen = |event: &Event| {
            let of_entity = conflicts.get(&event.sync.entity);
            of_entity.is_some_and(|all| all.iter().any(|at| (0..=OBSERVED).contains(&(at - event.sync.at.0))))
        };
        self.events.iter().map(seen).collect()
    }

    /// The training table: the moment, the features in their order, and what is observed.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = format!("at,{},conflict\n", FEATURES.map(|feature| feature.name).join(","));
        for ((event, features), conflict) in self.events.iter().zip(self.features()).zip(self.outcomes()) {
            let values = features.0.map(|value| value.map(|value| value.to_string()).unwrap_or_default());
            text.push_str(&format!("{},{},{}\n", event.sync.at.rfc3339(), values.join(","), class(conflict)));
        }
        text
    }
}
