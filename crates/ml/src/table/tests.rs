use super::{
    ColumnKind, InferredColumn, Limits, RawColumn, Table, TableError, infer, is_missing, parse_boolean, parse_datetime,
    parse_number,
};
use proptest::prelude::*;

fn read(text: &str) -> Result<Table, TableError> {
    Table::read(text.as_bytes(), &Limits::default())
}

fn cells<'a>(table: &'a Table, name: &str) -> Vec<Option<&'a str>> {
    table.column(name).unwrap().cells().collect()
}

fn message(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn cells_are_read_by_column() {
    let table = read("name,age\r\n Ada ,36\n\"Lovelace, A.\",\"3\"\"6\"\n").unwrap();
    assert_eq!((table.rows, table.columns.len()), (2, 2));
    assert_eq!(cells(&table, "name"), [Some("Ada"), Some("Lovelace, A.")]);
    assert_eq!(cells(&table, "age"), [Some("36"), Some("3\"6")]);
    assert!(table.column("size").is_none());
}

#[test]
fn byte_order_mark_and_delimiters() {
    for text in ["\u{feff}a;b\n1,5;2\n", "a\tb\n1,5\t2\n", "\u{feff}\"a\";b\n1,5;2\n"] {
        let table = read(text).unwrap();
        assert_eq!(cells(&table, "a"), [Some("1,5")], "{text:?}");
        assert_eq!(cells(&table, "b"), [Some("2")]);
    }
    // A comma within quotes does not count, and a single column has no delimiter.
    assert_eq!(cells(&read("\"a,b,c\";d\n1;2\n").unwrap(), "a,b,c"), [Some("1")]);
    assert_eq!(cells(&read("\n\na\n1\n2").unwrap(), "a"), [Some("1"), Some("2")]);
}

#[test]
fn missing_is_what_programs_write_for_it() {
    let table = read("a,b\n?,1\nNA,1\nN/A,1\nNaN,1\nnan,1\nnull,1\nNULL,1\n  ,1\n\"\",1\nnone,1\nna,1\n").unwrap();
    let present: Vec<&str> = table.column("a").unwrap().cells().flatten().collect();
    assert_eq!(present, ["none", "na"]);
    assert!(is_missing("") && !is_missing("None"));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    assert_eq!(message(""), "the file is empty");
    assert_eq!(message("a,,c\n"), "column 2 has no name in the header");
    assert_eq!(message("a,b,a\n"), "the column name “a” is used twice");
    assert_eq!(message("a,b\n1,2\n\n3\n"), "line 4 has 1 cells, but the header names 2 columns");
    assert_eq!(message("a,b\n\"1\n1\",2\n3,4,5\n"), "line 4 has 3 cells, but the header names 2 columns");
    assert_eq!(message("a,b\r\n1,2\r\n\r\n\"3\r\n\",4\r\n5\r\n"), "line 6 has 1 cells, but the header names 2 columns");
    assert_eq!(message("a,b\n1,2\n3"), "line 3 has 1 cells, but the header names 2 columns");
    let latin = Table::read(&b"a\nok\nM\xfcller\n"[..], &Limits::default()).unwrap_err();
    assert!(matches!(latin, TableError::NotUtf8 { line: 3 }), "{latin}");
}

#[test]
fn limits_hold() {
    let limits = Limits { max_rows: 2, max_columns: 2, max_cell_bytes: 4 };
    let refused = |text: &str| Table::read(text.as_bytes(), &limits).unwrap_err().to_string();
    assert_eq!(Table::read("a,b\n1,2\n3,4\n".as_bytes(), &limits).unwrap().rows, 2);
    assert_eq!(refused("a\n1\n2\n3\n"), "the file has more than 2 rows");
    assert_eq!(refused("a,b,c\n"), "the file has 3 columns: at most 2 are read");
    let long = "line 2 holds a cell of more than 4 bytes (is a quotation mark left open?)";
    assert_eq!(refused("a\n12345\n"), long);
}

#[test]
fn an_open_quotation_mark_does_not_swallow_the_file() {
    use std::io::Read;
    let limits = Limits { max_rows: 10, max_columns: 2, max_cell_bytes: 1000 };
    let endless = "a,b\n1,\"2\n".as_bytes().chain(std::io::repeat(b'x'));
    let error = Table::read(endless, &limits).unwrap_err();
    assert!(matches!(error, TableError::CellTooLong { line: 2, .. }), "{error}");
}

#[test]
fn a_failing_reader_is_told_apart() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("unplugged"))
        }
    }
    assert!(matches!(Table::read(Broken, &Limits::default()).unwrap_err(), TableError::Io(_)));
}

#[test]
fn numbers_and_booleans() {
    let numbers = ["3", "-0.5", "+2", ".5", "1e3", "5."].map(parse_number);
    assert_eq!(numbers, [Some(3.0), Some(-0.5), Some(2.0), Some(0.5), Some(1000.0), Some(5.0)]);
    for cell in ["", "1,000", "1 000", "inf", "-Infinity", "NaN", "1e999", "0x10", "3 ", "12a"] {
        assert_eq!(parse_number(cell), None, "{cell:?}");
    }
    assert_eq!(["TRUE", "yes", "T", "y", "1"].map(parse_boolean), [Some(true); 5]);
    assert_eq!(["false", "No", "f", "N", "0"].map(parse_boolean), [Some(false); 5]);
    assert_eq!(["", "2", "ja", "truth"].map(parse_boolean), [None; 4]);
}

#[test]
fn moments_agree_with_pandas() {
    // pd.Timestamp(cell, tz="UTC" unless it has an offset).value // 1000
    for (cell, micros) in [
        ("1970-01-01", 0),
        ("1969-12-31 23:59:59.999999", -1),
        ("2000-02-29", 951_782_400_000_000),
        ("2024-02-29T12:30", 1_709_209_800_000_000),
        ("2024-12-31 23:59:59", 1_735_689_599_000_000),
        ("2024-07-01T00:00:00Z", 1_719_792_000_000_000),
        ("2024-07-01t02:00:00.25+02:00", 1_719_792_000_250_000),
        ("2024-06-30T18:30:00-0530", 1_719_792_000_000_000),
        ("2024-07-01 01:00:00+01", 1_719_792_000_000_000),
        ("2024-07-01T00:00:00.1234567Z", 1_719_792_000_123_456),
        ("1900-03-01", -2_203_891_200_000_000),
        ("9999-12-31", 253_402_214_400_000_000),
    ] {
        assert_eq!(parse_datetime(cell), Some(micros), "{cell}");
    }
    assert_eq!(parse_datetime("2016-12-31T23:59:60Z"), parse_datetime("2016-12-31T23:59:59Z"));
}

#[test]
fn what_is_not_a_moment() {
    for cell in [
        "",
        "2024",
        "2024-1-1",
        "2024-13-01",
        "2023-02-29",
        "1900-02-29",
        "2024-00-10",
        "0000-01-01",
        "2024-01-01T",
        "2024-01-01 24:00",
        "2024-01-01 12",
        "2024-01-01 12:60",
        "2024-01-01 12:00:61",
        "2024-01-01 12:00:00.",
        "2024-01-01 12:00+1",
        "2024-01-01 12:00 UTC",
        "01/02/2024",
        "2024-01-01Z",
        "２０２４-01-01",
        "2024-01-01T12:00Zx",
    ] {
        assert_eq!(parse_datetime(cell), None, "{cell}");
    }
}

fn inferred(cells: impl IntoIterator<Item = impl AsRef<str>>) -> InferredColumn {
    let mut column = RawColumn::new("c");
    for cell in cells {
        let cell = cell.as_ref();
        assert!(column.push((!cell.is_empty()).then_some(cell)));
    }
    let rows = column.len();
    infer(&Table { columns: vec![column], rows }).remove(0)
}

#[test]
fn kinds_are_guessed() {
    assert_eq!(inferred(["1", "2", "", "2"]).kind, ColumnKind::Numeric);
    assert_eq!(inferred(["0", "1", "1"]).kind, ColumnKind::Boolean);
    assert_eq!(inferred(["Yes", "no", "YES"]).kind, ColumnKind::Boolean);
    assert_eq!(inferred(["yes", "false"]).kind, ColumnKind::Categorical, "of two pairs");
    assert_eq!(inferred(["0", "1", "2"]).kind, ColumnKind::Numeric);
    assert_eq!(inferred(["red", "blue", "red"]).kind, ColumnKind::Categorical);
    assert_eq!(inferred(["2024-01-01", "", "2024-01-02T10:00Z"]).kind, ColumnKind::DateTime);
    assert_eq!(inferred(["2024-01-01", "soon"]).kind, ColumnKind::Categorical);
    assert_eq!(inferred((0..150).map(|i| format!("word {}", i % 120))).kind, ColumnKind::Text);
    assert_eq!(inferred((0..300).map(|i| format!("word {}", i % 120))).kind, ColumnKind::Categorical);
    assert_eq!(inferred(Vec::<String>::new()).kind, ColumnKind::Categorical);
}

#[test]
fn columns_are_counted() {
    let column = inferred(["3", "-1.5", "", "3", "10", "4", "5", "6"]);
    assert_eq!((column.distinct, column.missing), (6, 1));
    assert_eq!((column.min, column.max), (Some(-1.5), Some(10.0)));
    assert_eq!(column.examples, ["3", "-1.5", "10", "4", "5"]);
    assert_eq!(column.note, None);
    let words = inferred(["x".repeat(500), "y".to_owned()]);
    assert_eq!(words.examples[0].chars().count(), 81);
    assert_eq!((words.min, words.max), (None, None));
}

#[test]
fn notes_say_what_to_look_at() {
    let note = |column: InferredColumn| column.note.unwrap_or_default();
    assert_eq!(note(inferred(["", ""])), "every value is missing");
    assert!(note(inferred(["7", "7"])).starts_with("the same value everywhere"));
    let identifier = "every value differs: looks like an identifier";
    assert_eq!(note(inferred((0..30).map(|i| format!("u-{i}")))), identifier);
    assert_eq!(note(inferred((0..30).map(|i| (i * 3).to_string()))), identifier, "rising");
    assert_eq!(note(inferred((0..30).map(|i| (i * 7 % 30 + 100).to_string()))), identifier, "without a gap");
    assert_eq!(note(inferred((0..30).map(|i| (i * 7 % 31 * 10).to_string()))), "");
    assert_eq!(note(inferred((0..30).map(|i| format!("{i}.5")))), "", "measurements may all differ");
    assert_eq!(note(inferred((1..30).map(|i| format!("2024-01-{i:02}")))), "");
    let codes = inferred(["007", "010", "007"]);
    assert_eq!(
        (codes.kind, note(codes.clone()).as_str()),
        (ColumnKind::Categorical, "numbers with leading zeros: read as codes")
    );
    assert!(note(inferred(["1,5", "2", "2"])).contains("decimal comma"));
    let stray = inferred((0..20).map(|i| if i == 9 { "n.a.".to_owned() } else { (i % 7).to_string() }));
    assert_eq!(note(stray), "19 of 20 values are numbers, but “n.a.” is not");
}

#[test]
fn a_column_gives_back_what_was_pushed() {
    let mut column = RawColumn::new("c");
    assert!(column.is_empty() && column.cell(0).is_none());
    for cell in [None, Some("ä"), None, Some("b")] {
        assert!(column.push(cell));
    }
    assert_eq!(column.cells().collect::<Vec<_>>(), [None, Some("ä"), None, Some("b")]);
    assert_eq!((column.len(), column.cell(4)), (4, None));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let limits = Limits { max_rows: 20, max_columns: 8, max_cell_bytes: 50 };
        if let Ok(table) = Table::read(bytes.as_slice(), &limits) {
            prop_assert!(table.rows <= 20 && table.columns.iter().all(|column| column.len() == table.rows));
            prop_assert_eq!(infer(&table).len(), table.columns.len());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a-c0-9,;\t\"\r\n?.:+Zä -]{0,200}") {
        if let Ok(table) = read(&text) {
            prop_assert_eq!(infer(&table).len(), table.columns.len());
        }
    }

    #[test]
    fn no_cell_makes_it_panic(cell in "\\PC{0,40}", digits in "[0-9:.TZ +-]{0,30}") {
        for cell in [cell, digits] {
            let _ = (parse_number(&cell), parse_boolean(&cell), parse_datetime(&cell));
            prop_assert_eq!(inferred([&cell]).name, "c");
        }
    }

    #[test]
    fn written_and_read_again(rows in prop::collection::vec(("[a-z\",\n ä]{0,8}", "[0-9;]{1,5}"), 0..20)) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut text = "first,second\n".to_owned();
        rows.iter().for_each(|(a, b)| text.push_str(&format!("{},{}\n", quoted(a), quoted(b))));
        let table = read(&text).unwrap();
        let expected: Vec<Option<&str>> =
            rows.iter().map(|(a, _)| Some(a.trim()).filter(|cell| !is_missing(cell))).collect();
        prop_assert_eq!(cells(&table, "first"), expected);
        prop_assert_eq!(cells(&table, "second").len(), rows.len());
    }
}
