//! Forms about readings: look again at a label, choose readings to label, report an error.

use domain::PredictionId;
use leptos::prelude::*;

use super::labeling::task_address;
use crate::form::Form;
use crate::viewer;

/// Has people read the image of a doubtful label once more.
#[server(prefix = "/actions", endpoint = "look_again")]
pub async fn look_again(model: String, version: i64, image: String) -> Result<(), ServerFnError> {
    let page = format!("/models/{model}/versions/{version}#panel-doubtful-labels");
    let form = Form::new("look_again", page.clone());
    let asked = async {
        let desk = viewer::desk();
        desk.versions().look_again(&viewer::actor()?, &model, version, &image).await
    };
    match asked.await {
        Ok(report) if report.state.answer().is_some() => {
            form.done(
                &page,
                String::from("People have looked again already; the next snapshot has what they say."),
                None,
            )
            .await;
        }
        Ok(report) => {
            let link = (String::from("Do it now"), task_address(&model, report.task));
            form.done(&page, String::from("The image waits in the queue to be looked at again."), Some(link)).await;
        }
        Err(error) => form.fail(error).await,
    }
    Ok(())
}

/// Chooses readings that people are asked about because most is to be learnt from them.
#[server(prefix = "/actions", endpoint = "select_readings")]
pub async fn select_readings(model: String, #[server(default)] count: String) -> Result<(), ServerFnError> {
    let page = format!("/label/{model}/figures");
    let form = Form::new("select_readings", page.clone()).typed("count", &count);
    let chosen = async {
        let count = count.trim().parse().map_err(|_| desk::Error::field("count", "a number of readings is needed"))?;
        viewer::desk().labeling().select(&viewer::actor()?, &model, Some(count)).await
    };
    form.answer(chosen.await, |selection| {
        let readings = crate::number::counted(selection.chosen, "reading was", "readings were");
        let notes = selection.made.notes.join(" ");
        (page, format!("{readings} chosen out of {}. {notes}", crate::number::count(selection.made.pool)))
    })
    .await;
    Ok(())
}

/// Says that a reading is wrong, and what it should be if somebody knows.
#[server(prefix = "/actions", endpoint = "report_reading")]
pub async fn report_reading(prediction: String, #[server(default)] text: String) -> Result<(), ServerFnError> {
    let page = format!("/predictions/{prediction}");
    let form = Form::new("report_reading", page.clone()).typed("text", &text);
    let reported = async {
        let id: PredictionId = prediction.parse().map_err(|_| desk::Error::not_found("such prediction"))?;
        let text = Some(text.trim()).filter(|text| !text.is_empty());
        viewer::desk().readings().report(&viewer::actor()?, id, text).await
    };
    form.answer(reported.await, |report| {
        let message = match report.state.answer() {
            Some(_) => "People have looked at this reading already.",
            None => "Reported. A labeler looks at it before all others.",
        };
        (page, String::from(message))
    })
    .await;
    Ok(())
}
