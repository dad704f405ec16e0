//! Annotated tasks as Label Studio exports them.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::labels::{Row, check, within};
use super::{ArchiveError, Problem};

/// What people say of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledTask {
    /// How the task names its image: a path, or an address.
    pub image: String,
    /// What it shows.
    pub text: String,
    /// Which meter or camera it comes from; empty where the task says nothing.
    pub source: String,
}

#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    data: Map<String, Value>,
    #[serde(default)]
    annotations: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(default)]
    was_cancelled: bool,
    #[serde(default)]
    result: Vec<Region>,
}

#[derive(Deserialize)]
struct Region {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    value: Map<String, Value>,
}

/// Fields of a task's data that name its image, as the templates of Label Studio call them.
const IMAGE_FIELDS: [&str; 2] = ["image", "ocr"];

/// Every task of a list, of which the newest annotation that was not skipped counts; or what is wrong with it.
///
/// # Errors
/// When it is no list of tasks, or has more than `most`.
pub fn labelled_tasks(json: &[u8], most: usize) -> Result<Vec<Result<LabelledTask, Problem>>, ArchiveError> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let tasks: Vec<&RawValue> = serde_json::from_slice(json)
        .map_err(|error| ArchiveError::Labels(format!("This is no list of Label Studio's tasks: {error}.")))?;
    if tasks.len() > most {
        return Err(ArchiveError::TooLarge(format!("There are more than the {most} tasks that are allowed.")));
    }
    Ok(tasks.into_iter().enumerate().map(|(place, task)| labelled(place, task)).collect())
}

fn labelled(place: usize, task: &RawValue) -> Result<LabelledTask, Problem> {
    let problem = |file: &str, reason: &str| Problem { line: 0, file: file.to_owned(), reason: reason.to_owned() };
    let number = format!("task {}", place + 1);
    let task: Task = serde_json::from_str(task.get())
        .map_err(|error| problem(&number, &format!("It is no task of Label Studio: {error}.")))?;
    let said = |name: &str| task.data.get(name).and_then(Value::as_str).map(str::trim).filter(|said| !said.is_empty());
    let image = IMAGE_FIELDS.into_iter().find_map(said);
    let image = image.ok_or_else(|| problem(&number, "Its data name no `image`."))?;
    let text = text_of(&task.annotations).map_err(|reason| problem(image, reason))?;
    let source = said("source").unwrap_or_default().to_owned();
    check(&text, &source).map_err(|reason| problem(image, &reason))?;
    Ok(LabelledTask { image: image.to_owned(), text, source })
}

/// The text of the newest annotation; in an export it comes last.
fn text_of(annotations: &[Annotation]) -> Result<String, &'static str> {
    let newest = annotations.iter().rfind(|annotation| !annotation.was_cancelled);
    let newest = newest.ok_or("Nobody has annotated it.")?;
    let mut texts = newest.result.iter().filter(|region| region.kind == "textarea").filter_map(text_in);
    match (texts.next(), texts.next()) {
        (Some(text), None) => Ok(text),
        (None, _) => Err("Its annotation has no text."),
        (Some(_), Some(_)) => Err("Its annotation has several texts; one is read."),
    }
}

fn text_in(region: &Region) -> Option<String> {
    let text = match region.value.get("text")? {
        Value::String(text) => text,
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).find(|text| !text.trim().is_empty())?,
        _ => return None,
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The rows that the tasks stand for. They name their images by path, or by an address that ends in the file's name.
pub(super) fn rows(
    json: &[u8],
    files: &HashSet<String>,
    most: usize,
) -> Result<Vec<Result<Row, Problem>>, ArchiveError> {
    let (by_name, mut taken) = (by_name(files), HashSet::new());
    let mut row = |task: LabelledTask| {
        let LabelledTask { image, text, source } = task;
        let problem = |reason: &str| Problem { line: 0, file: image.clone(), reason: reason.to_owned() };
        let file =
            find(&image, files, &by_name).ok_or_else(|| problem("There is no such file in the archive."))?.to_owned();
        if !taken.insert(file.clone()) {
            return Err(problem("An earlier task is about the same file."));
        }
        Ok(Row { line: 0, file, text, source })
    };
    Ok(labelled_tasks(json, most)?.into_iter().map(|task| task.and_then(&mut row)).collect())
}

/// Files by their names without folders; where two have the same, it is neither.
fn by_name(files: &HashSet<String>) -> HashMap<&str, Option<&str>> {
    let mut by_name: HashMap<&str, Option<&str>> = HashMap::new();
    for file in files {
        by_name.entry(last_part(file)).and_modify(|known| *known = None).or_insert(Some(file));
    }
    by_name
}

fn find<'a>(
    reference: &str,
    files: &'a HashSet<String>,
    by_name: &HashMap<&'a str, Option<&'a str>>,
) -> Option<&'a str> {
    // a file of a local storage: /data/local-files/?d=folder/a.png
    let path = reference.split_once("?d=").map_or(reference, |(_, path)| path);
    let whole = within(path).and_then(|path| files.get(&path)).map(String::as_str);
    let name = last_part(path.split('?').next().unwrap_or(path));
    let sent = name.split_once('-').filter(|(mark, _)| is_upload_mark(mark)).map(|(_, name)| name);
    let known = |name: &str| by_name.get(name).copied().flatten();
    whole.or_else(|| known(name)).or_else(|| known(sent?))
}

fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// What Label Studio puts before the name of an uploaded file: eight hexadecimal digits.
fn is_upload_mark(mark: &str) -> bool {
    mark.len() == 8 && mark.bytes().all(|b| b.is_ascii_hexdigit())
}
