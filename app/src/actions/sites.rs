//! Forms about sites.

use desk::sites::SiteDraft;
use domain::{FieldError, SiteId};
use leptos::prelude::*;

use crate::form::Form;
use crate::viewer;

/// Makes a site.
#[server(prefix = "/actions", endpoint = "add_site")]
pub async fn add_site(
    reference: String,
    name: String,
    latitude: String,
    longitude: String,
    #[server(default)] time_zone: String,
) -> Result<(), ServerFnError> {
    let typed = Typed { reference, name, latitude, longitude, time_zone };
    let form = typed.keep(Form::new("add_site", "/settings/sites"));
    let added = async {
        let (actor, draft) = (viewer::actor()?, typed.draft()?);
        viewer::desk().sites().create(&actor, draft).await
    };
    form.answer(added.await, |site| ("/settings/sites".into(), format!("Site “{}” was added.", site.name))).await;
    Ok(())
}

/// Changes a site, for events to come.
#[server(prefix = "/actions", endpoint = "change_site")]
pub async fn change_site(
    site: i64,
    reference: String,
    name: String,
    latitude: String,
    longitude: String,
    #[server(default)] time_zone: String,
) -> Result<(), ServerFnError> {
    let page = format!("/settings/sites/{site}");
    let typed = Typed { reference, name, latitude, longitude, time_zone };
    let form = typed.keep(Form::new("change_site", page.clone()));
    let changed = async {
        let (actor, draft) = (viewer::actor()?, typed.draft()?);
        viewer::desk().sites().change(&actor, SiteId(site), draft).await
    };
    let told = "The site was changed; events that are recorded keep what was known of it then.";
    form.answer(changed.await, |_| (page, String::from(told))).await;
    Ok(())
}

struct Typed {
    reference: String,
    name: String,
    latitude: String,
    longitude: String,
    time_zone: String,
}

impl Typed {
    fn keep(&self, form: Form) -> Form {
        form.typed("reference", &self.reference)
            .typed("name", &self.name)
            .typed("latitude", &self.latitude)
            .typed("longitude", &self.longitude)
            .typed("time_zone", &self.time_zone)
    }

    fn draft(&self) -> desk::Result<SiteDraft> {
        let zone = self.time_zone.trim();
        Ok(SiteDraft {
            reference: self.reference.clone(),
            name: self.name.clone(),
            latitude: degrees("latitude", &self.latitude)?,
            longitude: degrees("longitude", &self.longitude)?,
            time_zone: (!zone.is_empty()).then(|| zone.to_owned()),
        })
    }
}

fn degrees(field: &str, text: &str) -> Result<f64, FieldError> {
    text.trim().parse().map_err(|_| FieldError::new(field, "degrees as 52.5163 are needed"))
}
