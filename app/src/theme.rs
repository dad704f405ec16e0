//! Light or dark: a cookie that a form sets, so that the choice holds from the first byte and without a script.

use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderValue;
use http::header::{COOKIE, HeaderMap, SET_COOKIE};
use serde::{Deserialize, Serialize};

/// Which colours to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the browser prefers.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order the form offers them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in the cookie and in `data-theme`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What `<meta name="color-scheme">` says, so that not even the empty page flashes in the other colours.
    #[must_use]
    pub fn color_scheme(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme that the cookie of a request asks for.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix("theme="))
            .find_map(|word| Self::ALL.into_iter().find(|theme| theme.as_str() == word))
            .unwrap_or_default()
    }
}

/// The fields of the theme form.
#[derive(Debug, Deserialize)]
pub struct ThemeForm {
    theme: Theme,
    #[serde(default)]
    back: String,
}

/// `POST /theme`: remembers the choice for a year and goes back to the page it was made on.
pub async fn choose(Form(form): Form<ThemeForm>) -> Response {
    let cookie = match form.theme {
        Theme::System => HeaderValue::from_static("theme=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly"),
        Theme::Light => HeaderValue::from_static("theme=light; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"),
        Theme::Dark => HeaderValue::from_static("theme=dark; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"),
    };
    ([(SET_COOKIE, cookie)], Redirect::to(local_path(&form.back))).into_response()
}

/// `path` if it stays on this host, the start page otherwise: a form must not send people elsewhere.
#[must_use]
pub fn local_path(path: &str) -> &str {
    let leaves = !path.starts_with('/') || path.starts_with("//") || path.contains('\\');
    if leaves || path.chars().any(char::is_control) || !path.is_ascii() { "/" } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(cookie: &'static str) -> Theme {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static(cookie));
        Theme::of(&headers)
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert_eq!(theme("id=3; theme=dark"), Theme::Dark);
        assert_eq!(theme("theme=light;id=3"), Theme::Light);
        assert_eq!(theme("theme=purple"), Theme::System);
        assert_eq!(theme("mytheme=dark"), Theme::System);
    }

    #[test]
    fn a_way_back_stays_on_this_host() {
        assert_eq!(local_path("/models?q=a"), "/models?q=a");
        for elsewhere in ["https://example.org", "//example.org", "/\\example.org", "", "/a\nb"] {
            assert_eq!(local_path(elsewhere), "/");
        }
    }
}
