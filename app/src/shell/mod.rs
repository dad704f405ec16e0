//! What stands around every page: the document, the sidebar, the top bar.

mod document;
mod frame;
mod nav;
mod topbar;

pub use document::{Document, PageTitle, escape};
pub use frame::{Frame, Plain};
pub use nav::{Count, Counts, Section, Sidebar};
pub use topbar::{Crumb, TopBar};

use domain::Role;

use crate::theme::Theme;

/// Where the log-out form posts to.
pub const LOGOUT: &str = "/logout";
/// Where the theme form posts to.
pub const THEME: &str = "/theme";

/// Who looks, and as what: all that the frame shows of a person.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Name as shown.
    pub name: String,
    /// What they are here for: it decides which entries the sidebar has.
    pub role: Role,
    /// Name of their organisation.
    pub tenant: String,
    /// The chosen colours.
    pub theme: Theme,
    /// Path and query of this page, to come back to after changing colours.
    pub here: String,
}
