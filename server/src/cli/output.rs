//! What a command says, and the code it ends with.

use std::io::Write;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::rest::Refusal;
use crate::application::Failed;
use crate::settings::WrongSetting;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Refused = 4,
    Busy = 5,
    AuditBroken = 6,
    /// As shells say of a program that Ctrl-C ended.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Where a command speaks to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// The result: as JSON if it was asked for, else as `text`.
    pub(super) fn result(self, json: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let shown = if self.json { escaped(&serde_json::to_string_pretty(json)?) } else { plain(&text()) };
        match writeln!(std::io::stdout().lock(), "{}", shown.trim_end()) {
            // Whoever reads has seen enough (`verdict models list | head -1`).
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    /// A remark for whoever sits there.
    pub(super) fn remark(self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{}", plain(text));
    }
}

/// A text without control characters but for line breaks and tabs: whatever a server sends, it gives no orders to the terminal
/// of whoever reads it.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|letter| !commands(*letter)).collect()
}

/// The same of JSON, where nothing is lost: what JSON may hold as it is and a terminal would obey is written as `\u009b`.
fn escaped(json: &str) -> String {
    let written =
        |letter| if commands(letter) { format!("\\u{:04x}", u32::from(letter)) } else { String::from(letter) };
    json.chars().map(written).collect()
}

fn commands(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\t')
}

/// Says what went wrong, and finds the code for it.
pub(super) fn complain(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr().lock(), "verdict: {}", plain(&told(error)));
    code(error).into()
}

/// An internal error hides its cause from clients of the server; at the command line sits whoever can mend it.
pub(super) fn told(error: &anyhow::Error) -> String {
    match error.downcast_ref::<desk::Error>() {
        Some(desk::Error::Internal(source)) => format!("internal error: {source}"),
        _ => format!("{error:#}"),
    }
}

fn code(error: &anyhow::Error) -> Exit {
    if error.is::<WrongSetting>() {
        return Exit::Usage;
    }
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return refusal.exit();
    }
    let desk = error.downcast_ref::<desk::Error>().or_else(|| match error.downcast_ref::<Failed>() {
        Some(Failed::Desk(error)) => Some(error),
        _ => None,
    });
    match desk {
        Some(desk::Error::NotFound(_)) => Exit::NotFound,
        Some(
            desk::Error::Refused(_)
            | desk::Error::Invalid(_)
            | desk::Error::Conflict(_)
            | desk::Error::TooLarge(_)
            | desk::Error::Unsupported(_),
        ) => Exit::Refused,
        Some(desk::Error::Unavailable { .. }) => Exit::Busy,
        Some(desk::Error::Internal(_)) | None => Exit::Failed,
    }
}

/// A bar of so many steps, for whoever sits there.
pub(super) fn bar(steps: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3} %  {elapsed}  {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// `2026-03-01T09:00:00.5Z` for people: `2026-03-01 09:00`.
pub(super) fn minute(moment: &str) -> String {
    moment.chars().take(16).collect::<String>().replace('T', " ")
}

/// A table with aligned columns, for people.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_given_no_orders() {
        let sent = "a\u{1b}[2Jb\u{7}\rc\u{9b}31md\u{7f}\n\tgrün 日本";
        assert_eq!(plain(sent), "a[2Jbc31md\n\tgrün 日本");
        let json = serde_json::to_string_pretty(&[sent]).unwrap();
        let shown = escaped(&json);
        assert!(!shown.contains(commands), "{shown}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [sent]);
    }
}
