//! The TOML file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{PlaceArgs, ServiceArgs, WrongSetting};

/// Settings of the file that go with [`PlaceArgs`]; all others go with [`ServiceArgs`].
const PLACE: [&str; 6] =
    ["data_dir", "database_url", "artifacts", "training_threads", "training_minutes", "training_memory_mib"];

/// Name of the file in the data directory that is read without being named.
const DEFAULT_NAME: &str = "verdict.toml";

#[derive(Default)]
pub(super) struct FileSettings {
    pub(super) place: PlaceArgs,
    pub(super) service: ServiceArgs,
}

/// Reads the file `named`, which must be there, or the one in `data_dir`, which may be.
pub(super) fn read(named: Option<&Path>, data_dir: &Path) -> Result<FileSettings, WrongSetting> {
    let path = named.map_or_else(|| data_dir.join(DEFAULT_NAME), PathBuf::from);
    let wrong = |reason: String| WrongSetting::new("config", format!("{}: {reason}", path.display()));
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text).map_err(|error| match error {
            Wrong::File(reason) => wrong(reason),
            Wrong::Setting(setting) => setting,
        }),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(FileSettings::default()),
        Err(error) => Err(wrong(error.to_string())),
    }
}

enum Wrong {
    File(String),
    Setting(WrongSetting),
}

fn parse(text: &str) -> Result<FileSettings, Wrong> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| Wrong::File(error.message().to_owned()))?;
    let (place, service): (toml::Table, toml::Table) =
        table.into_iter().partition(|(name, _)| PLACE.contains(&name.as_str()));
    Ok(FileSettings { place: each(place)?, service: each(service)? })
}

/// Reads the settings one by one, so that a wrong one can be named.
fn each<T: for<'de> Deserialize<'de>>(table: toml::Table) -> Result<T, Wrong> {
    for (name, value) in &table {
        let alone = toml::Table::from_iter([(name.clone(), value.clone())]);
        alone.try_into::<T>().map_err(|error| Wrong::Setting(WrongSetting::new(name, reason(error.message()))))?;
    }
    table.try_into().map_err(|error: toml::de::Error| Wrong::File(error.message().to_owned()))
}

fn reason(message: &str) -> String {
    if message.starts_with("unknown field") { String::from("there is no such setting") } else { message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> WrongSetting {
        match parse(text) {
            Err(Wrong::Setting(wrong)) => wrong,
            _ => panic!("`{text}` was not refused by name"),
        }
    }

    #[test]
    fn every_kind_of_setting_is_read() {
        let file = parse("data_dir = '/x'\nlisten = '0.0.0.0:80'\nlog_format = 'json'\nworkers = 0").ok().unwrap();
        assert_eq!(file.place.data_dir, Some(PathBuf::from("/x")));
        assert_eq!(file.service.listen.unwrap().port(), 80);
        assert_eq!(file.service.workers, Some(0));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        assert_eq!(refused("lissten = 'x'"), WrongSetting::new("lissten", "there is no such setting"));
        assert_eq!(refused("workers = -1").name, "workers");
        assert_eq!(refused("listen = 'nowhere'").name, "listen");
        assert_eq!(refused("data_dir = 3").name, "data_dir");
    }
}
