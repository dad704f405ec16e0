//! The form about an employee.

use desk::employees::EmployeeDraft;
use domain::FieldError;
use leptos::prelude::*;

use crate::address::address;
use crate::form::Form;
use crate::viewer;

const PAGE: &str = "/settings/employees";

/// Makes an employee, or changes the one with that reference.
#[server(prefix = "/actions", endpoint = "put_employee")]
pub async fn put_employee(
    reference: String,
    name: String,
    #[server(default)] site: String,
) -> Result<(), ServerFnError> {
    let back = address(PAGE, &[("change", &reference)]);
    let form = Form::new("put_employee", back).typed("reference", &reference).typed("name", &name).typed("site", &site);
    let draft = EmployeeDraft { reference, name: name.clone(), site: (!site.is_empty()).then_some(site) };
    let put = async { viewer::desk().employees().put(&viewer::actor()?, &[draft]).await };
    form.answer(put.await.map_err(of_one), |()| (PAGE.into(), format!("“{}” is saved.", name.trim()))).await;
    Ok(())
}

/// The form has one employee only, and its fields the employee's own names.
fn of_one(error: desk::Error) -> desk::Error {
    match error {
        desk::Error::Invalid(fields) => {
            let own = |error: FieldError| FieldError {
                field: error.field.strip_prefix("employees[0].").unwrap_or(&error.field).to_owned(),
                reason: error.reason,
            };
            desk::Error::Invalid(fields.into_iter().map(own).collect())
        }
        other => other,
    }
}
