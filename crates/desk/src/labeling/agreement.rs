//! How far labelers agree with each other and with what is known.

use std::collections::{BTreeMap, HashMap};

use domain::labeling::Transcript;
use domain::labeling::agreement::Agreement;
use domain::time::DAY;
use domain::{Actor, Permission, PersonId};

use super::Labeling;
use crate::error::Result;
use crate::figures::check_days;

/// One labeler.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelerAgreement {
    /// Who.
    pub person: PersonId,
    /// Name as shown.
    pub name: String,
    /// With whoever else read the same images, blindly.
    pub with_others: Agreement,
    /// With known answers.
    pub with_known: Agreement,
}

/// One queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueAgreement {
    /// All pairs of blind readings.
    pub pairs: Agreement,
    /// All readings where the answer is known.
    pub known: Agreement,
    /// By labeler, by name.
    pub labelers: Vec<LabelerAgreement>,
}

type Pairs = Vec<(Transcript, Transcript)>;

impl Labeling<'_> {
    /// How far the labelers of a queue agreed over the last `days`: the newest 10,000 pairs of readings.
    ///
    /// # Errors
    /// Needs the right to manage labeling; names a wrong number of days; [`Error::NotFound`](crate::Error::NotFound) for an
    /// unknown queue.
    pub async fn agreement(&self, actor: &Actor, queue: &str, days: i64) -> Result<QueueAgreement> {
        actor.check(Permission::ManageLabeling)?;
        check_days(days)?;
        let model = self.queue(actor, queue).await?.id;
        let (store, now) = (self.desk.store(), self.desk.now());
        let from = now.plus(-days * DAY);
        let (mut pairs, mut known) = (Pairs::new(), Pairs::new());
        let mut people: BTreeMap<PersonId, (Pairs, Pairs)> = BTreeMap::new();
        for double in store.double_readings(actor.tenant, model, from, now.plus(1)).await? {
            let (first, second) = (double.first, double.second);
            people.entry(first.0).or_default().0.push((second.1.clone(), first.1.clone()));
            people.entry(second.0).or_default().0.push((first.1.clone(), second.1.clone()));
            pairs.push((first.1, second.1));
        }
        for gold in store.gold_readings(actor.tenant, model, from, now.plus(1)).await? {
            people.entry(gold.person).or_default().1.push((gold.known.clone(), gold.seen.clone()));
            known.push((gold.known, gold.seen));
        }
        let names = self.names(actor.tenant).await?;
        let labelers = labelers(&names, people);
        Ok(QueueAgreement { pairs: Agreement::of(&pairs), known: Agreement::of(&known), labelers })
    }
}

fn labelers(names: &HashMap<PersonId, String>, people: BTreeMap<PersonId, (Pairs, Pairs)>) -> Vec<LabelerAgreement> {
    let one = |(person, (others, known)): (PersonId, (Pairs, Pairs))| LabelerAgreement {
        person,
        name: names.get(&person).cloned().unwrap_or_else(|| format!("person {person}")),
        with_others: Agreement::of(&others),
        with_known: Agreement::of(&known),
    };
    let mut labelers: Vec<LabelerAgreement> = people.into_iter().map(one).collect();
    labelers.sort_by(|a, b| a.name.cmp(&b.name));
    labelers
}
