//! Labels that a model which did not learn from them contradicts so surely that somebody should look again.
//!
//! Confident learning (Northcutt, Jiang and Chuang, JAIR 2021) calls a label doubtful when a model trained without it is as
//! sure of something else as it usually is when it is right. Texts have no classes to count by, so there is one threshold:
//! the mean confidence of the readings that agree with their label.

use domain::reading::Reading;
use domain::{Actor, Permission};
use serde::{Deserialize, Serialize};
use vision::Readout;

use super::Versions;
use crate::error::{Error, Result};
use crate::images::Labelled;

/// Name of the artifact.
pub(crate) const DOUBTFUL: &str = "doubtful.json";

/// Labels that are listed.
const LISTED: usize = 1_000;

/// The doubtful labels among those that were judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DoubtfulLabels {
    /// Labels that a model which did not learn from them was asked about.
    pub judged: u64,
    /// Whether these are all labels, and not only those held back.
    pub cross_fitted: bool,
    /// Confidence from which a contradiction is taken for strong.
    pub threshold: f64,
    /// Strong contradictions.
    pub doubtful: u64,
    /// The surest of them, at most 1,000.
    pub labels: Vec<DoubtfulLabel>,
}

/// A label beside what was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoubtfulLabel {
    /// Position of its row in the data set of the version, from 0.
    pub row: usize,
    /// SHA-256 of the image.
    pub image: String,
    /// Which meter or camera it came from.
    pub source: String,
    /// What the label says.
    pub label: String,
    /// What was read.
    pub text: String,
    /// How sure the reader was.
    pub confidence: f64,
}

impl Versions<'_> {
    /// Labels of a version's data set that should be looked at again.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::Conflict`] if the version reads no images, or its artifacts are not whole.
    pub async fn doubtful_labels(&self, actor: &Actor, model: &str, number: i64) -> Result<DoubtfulLabels> {
        actor.check(Permission::ReadModels)?;
        let model = self.desk.model(actor.tenant, model).await?;
        let (version, _) = self.desk.version(actor.tenant, &model, number).await?;
        let files = self.desk.verified_files(actor.tenant, &version).await?;
        let none = || Error::Conflict(format!("version {number} of `{}` reads no images", model.name));
        serde_json::from_slice(files.get(DOUBTFUL).ok_or_else(none)?).map_err(Error::internal)
    }
}

/// The doubtful ones of labels that were each read by a model which did not learn from it. A number within its tolerance
/// is no contradiction.
pub(crate) fn doubtful(reading: &Reading, judged: &[(&Labelled, Readout)], cross_fitted: bool) -> DoubtfulLabels {
    let agreeing = judged.iter().filter(|(image, said)| reading.is_exact(&image.text, &said.text));
    let (sum, count) = agreeing.fold((0.0, 0_u64), |(sum, count), (_, said)| (sum + said.confidence, count + 1));
    // Without a single agreement the model knows nothing, and its contradictions say nothing.
    let threshold = if count == 0 { 1.0 } else { sum / count as f64 };
    let contradicts = |(image, said): &&(&Labelled, Readout)| {
        !reading.within_tolerance(&image.text, &said.text) && said.confidence >= threshold
    };
    let mut labels: Vec<DoubtfulLabel> = judged.iter().filter(contradicts).map(listed).collect();
    labels.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.row.cmp(&b.row)));
    let doubtful = labels.len() as u64;
    labels.truncate(LISTED);
    DoubtfulLabels { judged: judged.len() as u64, cross_fitted, threshold, doubtful, labels }
}

fn listed((image, said): &(&Labelled, Readout)) -> DoubtfulLabel {
    DoubtfulLabel {
        row: image.row,
        image: image.image.clone(),
        source: image.source.clone(),
        label: image.text.clone(),
        text: said.text.clone(),
        confidence: said.confidence,
    }
}

#[cfg(test)]
mod tests {
    use vision::picture::Picture;

    use super::*;

    #[test]
    fn a_label_is_doubtful_when_the_contradiction_is_as_sure_as_agreement() {
        let reading = Reading::new("AB", 1, 2);
        let picture = Picture::new(1, 1, vec![0; 3]).unwrap();
        let labelled = |row, text: &str| Labelled {
            row,
            image: format!("{row}"),
            text: text.to_owned(),
            source: String::new(),
            picture: picture.clone(),
        };
        let images = [labelled(0, "A"), labelled(1, "A"), labelled(2, "B"), labelled(3, "B")];
        let said = |text: &str, confidence| Readout { text: text.to_owned(), confidence, characters: Vec::new() };
        let readouts = [said("A", 0.9), said("A", 0.7), said("A", 0.85), said("AB", 0.5)];
        let judged: Vec<_> = images.iter().zip(readouts).collect();
        let found = doubtful(&reading, &judged, false);
        assert!((found.threshold - 0.8).abs() < 1e-12);
        let rows: Vec<_> = found.labels.iter().map(|label| (label.row, label.text.as_str())).collect();
        assert_eq!((found.judged, found.doubtful, rows), (4, 1, vec![(2, "A")]));
        assert_eq!(doubtful(&reading, &judged[3..], false).doubtful, 0, "who never agrees knows nothing");
    }
}
