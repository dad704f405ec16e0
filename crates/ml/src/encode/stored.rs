//! An encoder as JSON.

use serde::{Deserialize, Serialize};

use super::column::Encoding;
use super::encoder::Encoder;
use super::vocabulary;

/// What is written and read.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    columns: Vec<StoredColumn>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredColumn {
    name: String,
    #[serde(flatten)]
    encoding: StoredEncoding,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "encoding")]
enum StoredEncoding {
    Number,
    Boolean,
    Words { words: Vec<String>, other: bool },
    Moment { yearly: bool },
}

impl From<Encoder> for Stored {
    fn from(encoder: Encoder) -> Self {
        let (columns, names) = encoder.into_parts();
        let column = |(encoding, name)| StoredColumn {
            name,
            encoding: match encoding {
                Encoding::Number => StoredEncoding::Number,
                Encoding::Boolean => StoredEncoding::Boolean,
                Encoding::Words { words, other, .. } => StoredEncoding::Words { words, other },
                Encoding::Moment { yearly } => StoredEncoding::Moment { yearly },
            },
        };
        Self { columns: columns.into_iter().zip(names).map(column).collect() }
    }
}

impl TryFrom<Stored> for Encoder {
    type Error = String;
    fn try_from(stored: Stored) -> Result<Self, String> {
        let mut names = Vec::new();
        let mut columns = Vec::new();
        for column in stored.columns {
            columns.push(match column.encoding {
                StoredEncoding::Number => Encoding::Number,
                StoredEncoding::Boolean => Encoding::Boolean,
                StoredEncoding::Moment { yearly } => Encoding::Moment { yearly },
                StoredEncoding::Words { words, other } => {
                    if vocabulary::index(&words).len() != words.len() {
                        return Err(format!("a word of `{}` appears twice", column.name));
                    }
                    Encoding::words(words, other)
                }
            });
            names.push(column.name);
        }
        Ok(Self::new(columns, names))
    }
}
