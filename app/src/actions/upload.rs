//! A form that brings a file.

use std::collections::BTreeMap;

use leptos::server_fn::codec::MultipartData;

/// Most bytes of a field beside the file.
const LONGEST_FIELD: usize = 1_000;

/// What came.
#[derive(Default)]
pub(super) struct Upload {
    /// The file's name.
    pub(super) name: String,
    /// The file.
    pub(super) bytes: Vec<u8>,
    fields: BTreeMap<String, String>,
}

impl Upload {
    /// What was typed into the field `name`.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// Reads the field `file` and those beside it. `refused` says what is wrong with a file of more than `limit` bytes.
pub(super) async fn read(data: MultipartData, limit: usize, refused: &str) -> desk::Result<Upload> {
    let unreadable = |_| desk::Error::field("file", "the upload broke off; send it again");
    let missing = || desk::Error::field("file", "choose a file");
    let mut parts = data.into_inner().ok_or_else(missing)?;
    let mut upload = Upload::default();
    while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
        let field = part.name().unwrap_or("").to_owned();
        let is_file = field == "file";
        if is_file && !upload.bytes.is_empty() {
            return Err(desk::Error::field("file", "one file at a time"));
        }
        let limit = if is_file { limit } else { LONGEST_FIELD };
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
            if bytes.len() + chunk.len() > limit {
                let refused = if is_file { refused.to_owned() } else { format!("`{field}` is too long") };
                return Err(desk::Error::TooLarge(refused));
            }
            bytes.extend_from_slice(&chunk);
        }
        if is_file {
            upload.name = part.file_name().unwrap_or("").to_owned();
            upload.bytes = bytes;
        } else {
            upload.fields.insert(field, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    if upload.bytes.is_empty() { Err(missing()) } else { Ok(upload) }
}
