use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Archive, ArchiveError, Batch, Limits, Writer};
use crate::picture::{self, Picture};

fn dot(value: u8) -> Picture {
    Picture::new(2, 1, vec![value; 6]).unwrap()
}

/// A zip of these files, deflated.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Everything in one.
fn read(bytes: &[u8], limits: &Limits) -> Batch {
    let join = |mut all: Batch, batch: Batch| {
        all.entries.extend(batch.entries);
        all.problems.extend(batch.problems);
        all
    };
    Archive::open(bytes, limits).unwrap().fold(Batch::default(), join)
}

fn refusal(files: &[(&str, &[u8])]) -> String {
    Archive::open(&zip(files), &Limits::default()).err().unwrap().to_string()
}

#[test]
fn what_is_written_is_read_again_and_written_the_same() {
    let write = || {
        let mut writer = Writer::default();
        for value in 0..3_u8 {
            let file = format!("images/{value}.png");
            writer.add(&file, &format!("0{value},\"9"), "camera 1", &dot(value).encode()).unwrap();
        }
        writer.finish().unwrap()
    };
    let bytes = write();
    assert_eq!(bytes, write());
    let all = read(&bytes, &Limits::default());
    assert!(all.problems.is_empty());
    let last = &all.entries[2];
    assert_eq!((last.file.as_str(), last.text.as_str(), last.source.as_str()), ("images/2.png", "02,\"9", "camera 1"));
    assert_eq!(last.picture, dot(2));
}

#[test]
fn bad_rows_and_images_are_named_and_the_rest_is_read() {
    let labels = "\u{feff}camera, File ,note,TEXT\n\
        ,a.png,,7\n\
        ,missing.png,,1\n\
        ,../a.png,,2\n\
        ,/etc/passwd,,3\n\
        ,./a.png,,8\n\
        ,broken.jpg,,4\n\
        ,words.png,,5\n\
        ,,,6\n\
        ,sub\\b.png,,9\n";
    let (a, b) = (dot(1).encode(), dot(2).encode());
    let bytes = zip(&[
        ("labels.csv", labels.as_bytes()),
        ("a.png", &a),
        ("sub/b.png", &b),
        ("unknown.PNG", &a),
        ("__MACOSX/._a.png", b"x"),
        ("broken.jpg", b"\xff\xd8\xff\xe0"),
        ("words.png", b"no image"),
    ]);
    assert_eq!(Archive::open(&bytes, &Limits::default()).unwrap().unlabeled(), 1);
    let all = read(&bytes, &Limits::default());
    let read: Vec<_> = all.entries.iter().map(|entry| (entry.file.as_str(), entry.text.as_str())).collect();
    assert_eq!(read, [("a.png", "7"), ("sub/b.png", "9")]);
    let named: Vec<_> = all.problems.iter().map(|problem| (problem.line, problem.file.as_str())).collect();
    let expected = [
        (3, "missing.png"),
        (4, "../a.png"),
        (5, "/etc/passwd"),
        (6, "./a.png"),
        (7, "broken.jpg"),
        (8, "words.png"),
        (9, ""),
    ];
    assert_eq!(named, expected);
    assert!(all.problems[1].reason.contains("out of the archive") && all.problems[3].reason.contains("earlier line"));
}

#[test]
fn a_text_or_source_that_no_reading_can_have_is_named() {
    let (long, far) = ("1".repeat(64), "m".repeat(200));
    let texts: [(&str, &str); 5] =
        [(&long, &far), (&"1".repeat(100_000), "m"), ("1\0", "m"), ("1", &"m".repeat(201)), ("1", "m\0")];
    let rows: Vec<String> =
        texts.iter().enumerate().map(|(i, (text, source))| format!("{i}.png,{text},{source}\n")).collect();
    let (labels, a) = (format!("file,text,source\n{}", rows.concat()), dot(1).encode());
    let names: Vec<String> = (0..texts.len()).map(|i| format!("{i}.png")).collect();
    let mut files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), a.as_slice())).collect();
    files.push(("labels.csv", labels.as_bytes()));
    let bytes = zip(&files);
    assert_eq!(Archive::open(&bytes, &Limits::default()).unwrap().unlabeled(), 0);
    let all = read(&bytes, &Limits::default());
    assert_eq!((all.entries.len(), &all.entries[0].text, &all.entries[0].source), (1, &long, &far));
    let told: Vec<_> = all.problems.iter().map(|problem| (problem.line, problem.reason.split(' ').nth(1))).collect();
    assert_eq!(told, [(3, Some("text")), (4, Some("text")), (5, Some("source")), (6, Some("source"))]);
}

#[test]
fn everything_may_lie_in_one_folder() {
    let a = dot(1).encode();
    let all = read(&zip(&[("meters/labels.csv", b"file,text\na.png,7\n"), ("meters/a.png", &a)]), &Limits::default());
    assert_eq!((all.entries[0].file.as_str(), all.entries[0].source.as_str()), ("a.png", ""));
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let (bomb, a) = (vec![0; 3 << 20], dot(1).encode());
    let labels = b"file,text\nbomb.png,1\na.png,2\nmissing.png,3\n";
    let bytes = zip(&[("labels.csv", labels), ("bomb.png", &bomb), ("a.png", &a)]);
    let limits = Limits { picture: picture::Limits { bytes: 1 << 20, ..Default::default() }, ..Limits::default() };
    let all = read(&bytes, &limits);
    assert_eq!((all.entries.len(), all.problems[0].file.as_str()), (1, "bomb.png"));
    assert!(all.problems[0].reason.contains("1024 KiB"));
    let all = read(&bytes, &Limits { unpacked: 1 << 20, ..limits });
    assert_eq!((all.entries.len(), all.problems.len()), (0, 3), "what is refused counts");
    assert!(all.problems[2].reason.contains("more than is allowed"), "it is not even looked for");
    let few = Limits { rows: 1, ..limits };
    assert!(matches!(Archive::open(&bytes, &few), Err(ArchiveError::TooLarge(_))));
    let short = Limits { labels: 10, ..limits };
    assert!(matches!(Archive::open(&bytes, &short), Err(ArchiveError::Labels(_))));
}

#[test]
fn an_archive_without_a_table_is_refused() {
    let a = dot(1).encode();
    assert_eq!(refusal(&[("a.png", &a)]), "The archive has no labels.csv.");
    assert_eq!(refusal(&[("labels.csv", b"file,label\na.png,1\n")]), "labels.csv has no column `text`.");
    assert!(refusal(&[("a/labels.csv", b"file,text\n"), ("b/labels.csv", b"file,text\n")]).contains("several"));
    assert!(matches!(Archive::open(b"words", &Limits::default()), Err(ArchiveError::Unreadable(_))));
}

#[test]
fn a_line_that_is_no_text_is_named() {
    let a = dot(1).encode();
    let all = read(&zip(&[("labels.csv", b"file,text\n\xff,1\na.png,2\n"), ("a.png", &a)]), &Limits::default());
    assert_eq!((all.entries.len(), all.problems[0].line), (1, 2));
}

#[test]
fn batches_are_small_and_tell_how_far_they_are() {
    let mut writer = Writer::default();
    for value in 0..600 {
        writer.add(&format!("{value}.png"), "1", "", &dot((value % 256) as u8).encode()).unwrap();
    }
    let bytes = writer.finish().unwrap();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(archive.rows(), 600);
    assert_eq!(archive.map(|batch| batch.entries.len()).collect::<Vec<_>>(), [256, 256, 88]);
}

#[test]
fn an_archive_is_handed_out_while_it_is_written() {
    let add = |writer: &mut Writer, value: u8| {
        writer.add(&format!("{value}.png"), "1", "", &dot(value).encode()).unwrap();
    };
    let (mut whole, mut parts, mut taken) = (Writer::default(), Writer::default(), Vec::new());
    for value in 0..5 {
        add(&mut whole, value);
        add(&mut parts, value);
        let part = parts.take();
        assert!(part.is_empty() == (value == 0), "all but the newest image is handed out");
        taken.extend(part);
    }
    taken.extend(parts.finish().unwrap());
    assert_eq!(taken, whole.finish().unwrap());
    assert_eq!(read(&taken, &Limits::default()).entries.len(), 5);
}

/// A task with the texts that were read one after the other.
fn task(image: &str, texts: &[&str]) -> String {
    let region = |text: &&str| format!(r#"{{"type": "textarea", "value": {{"x": 0, "text": ["{text}"]}}}}"#);
    let annotation = |text: &&str| format!(r#"{{"was_cancelled": {}, "result": [{}]}}"#, text.is_empty(), region(text));
    let annotations: Vec<String> = texts.iter().map(annotation).collect();
    format!(r#"{{"data": {{"image": "{image}", "source": "m1"}}, "annotations": [{}]}}"#, annotations.join(","))
}

#[test]
fn tasks_of_label_studio_stand_for_the_table() {
    let tasks = [
        task("sub/a.png", &["1", "7"]),
        task("http://studio/data/upload/3/0a1b2c3d-b.png?x=1", &["8", ""]),
        task("/data/local-files/?d=c.png", &[]),
        task("/data/local-files/?d=sub/a.png", &["7"]),
        task("nowhere.png", &["7"]),
        String::from(r#"{"data": {"text": "x"}}"#),
        String::from("5"),
        task("b.png", &[&"1".repeat(65)]),
    ];
    let (a, json) = (dot(1).encode(), format!("[{}]", tasks.join(",")));
    let files: [(&str, &[u8]); 4] =
        [("x/tasks.json", json.as_bytes()), ("x/sub/a.png", &a), ("x/b.png", &a), ("x/c.png", &a)];
    let bytes = zip(&files);
    assert_eq!(Archive::open(&bytes, &Limits::default()).unwrap().unlabeled(), 1);
    let all = read(&bytes, &Limits::default());
    let read: Vec<_> = all.entries.iter().map(|entry| (entry.file.as_str(), entry.text.as_str())).collect();
    assert_eq!(read, [("sub/a.png", "7"), ("b.png", "8")]);
    assert_eq!(all.entries[0].source, "m1");
    let named: Vec<_> = all.problems.iter().map(|problem| problem.file.as_str()).collect();
    let local = "/data/local-files/?d=";
    let expected = [format!("{local}c.png"), format!("{local}sub/a.png")];
    assert_eq!(named, [&expected[0], &expected[1], "nowhere.png", "task 6", "task 7", "b.png"]);
    assert!(all.problems[5].reason.contains("64 characters"));
    assert!(refusal(&[("tasks.json", b"{}")]).contains("no list"));
}

#[test]
fn unfit_names_are_not_written() {
    let mut writer = Writer::default();
    for file in ["../a.png", "/a.png", "labels.csv", "", "a//b.png"] {
        assert!(matches!(writer.add(file, "1", "", b""), Err(ArchiveError::Name(_))), "{file}");
    }
    writer.add("a.png", "1", "", b"").unwrap();
    assert!(writer.add("a.png", "1", "", b"").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_archives_never_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<bool>(),
    ) {
        let a = dot(1).encode();
        let mut bytes = zip(&[("a.png", &a), ("labels.csv", b"file,text\na.png,1\nb.png,2\n"), ("b.png", &a)]);
        for (at, value) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
        if cut {
            bytes.truncate(changes[0].0.index(bytes.len()));
        }
        if let Ok(archive) = Archive::open(&bytes, &Limits::default()) {
            let rows = archive.rows();
            prop_assert_eq!(archive.map(|batch| batch.entries.len() + batch.problems.len()).sum::<usize>(), rows);
        }
    }
}
