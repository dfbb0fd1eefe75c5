//! Labelled texts: `train.csv`, `val.csv` and perhaps `test.csv`, each with the columns `text` and `label`.

use std::collections::HashSet;
use std::path::Path;

use super::DatasetError;

const NEEDS: &str = "train.csv and val.csv (and test.csv where there is one), each with the columns text,label";

/// A text with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub text: String,
    pub label: String,
}

/// The splits of a data set.
#[derive(Debug, Clone)]
pub struct LabelledSet {
    pub train: Vec<Row>,
    pub val: Vec<Row>,
    /// Absent where the folder has no `test.csv`.
    pub test: Option<Vec<Row>>,
}

impl LabelledSet {
    /// Reads the folder's files and checks that every label to be found is one that training has seen.
    pub fn read(folder: &Path) -> Result<Self, DatasetError> {
        let train = rows(&folder.join("train.csv"), None)?;
        let known: HashSet<&str> = train.iter().map(|row| row.label.as_str()).collect();
        let val = rows(&folder.join("val.csv"), Some(&known))?;
        let path = folder.join("test.csv");
        let test = if path.exists() { Some(rows(&path, Some(&known))?) } else { None };
        Ok(Self { train, val, test })
    }
}

fn rows(path: &Path, known: Option<&HashSet<&str>>) -> Result<Vec<Row>, DatasetError> {
    let file = std::fs::File::open(path).map_err(|cause| DatasetError::Missing { path: path.to_owned(), cause, needs: NEEDS })?;
    let bad = |line: u64, what: String, remedy| DatasetError::Line { path: path.to_owned(), line, what, remedy };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = reader.headers().map_err(|error| bad(1, error.to_string(), "save the file as UTF-8"))?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|own| own.trim_start_matches('\u{feff}').trim() == name);
        found.ok_or_else(|| bad(1, format!("there is no column {name}"), "begin the file with the line text,label"))
    };
    let (text, label) = (column("text")?, column("label")?);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            bad(line, error.to_string(), "save the file as UTF-8, and quote texts that hold commas or quotes")
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let (Some(text), Some(label)) = (record.get(text), record.get(label).map(str::trim).filter(|label| !label.is_empty()))
        else {
            return Err(bad(line, "the row has no label".to_owned(), "give every row a text and a label"));
        };
        if record.len() != header.len() {
            return Err(bad(line, format!("{} columns instead of {}", record.len(), header.len()), "quote texts that hold commas"));
        }
        if known.is_some_and(|known| !known.contains(label)) {
            return Err(bad(
                line,
                format!("train.csv has no example of the label {label}"),
                "add some there, or take the row away",
            ));
        }
        rows.push(Row { text: text.to_owned(), label: label.to_owned() });
    }
    if rows.is_empty() {
        return Err(DatasetError::Empty { path: path.to_owned(), remedy: "it needs rows below the line text,label" });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    fn refused(files: &[(&str, &str)]) -> String {
        LabelledSet::read(folder(files).path()).unwrap_err().to_string()
    }

    #[test]
    fn quotes_and_line_breaks_are_read_and_test_may_be_absent() {
        let folder = folder(&[("train.csv", "\u{feff}text,label\n\"a, \"\"b\"\"\nc\",x\nd,y\n"), ("val.csv", "label,text\ny,e\n")]);
        let set = LabelledSet::read(folder.path()).unwrap();
        assert_eq!(set.train[0], Row { text: "a, \"b\"\nc".to_owned(), label: "x".to_owned() });
        assert_eq!(set.val[0].text, "e");
        assert!(set.test.is_none());
    }

    #[test]
    fn what_is_wrong_is_said_with_file_line_and_remedy() {
        let good = ("train.csv", "text,label\na,x\n");
        for (val, part) in [
            ("text\na\n", "val.csv, line 1: there is no column label; begin the file"),
            ("text,label\na,x\nb,z\n", "val.csv, line 3: train.csv has no example of the label z"),
            ("text,label\na, b,x\n", "val.csv, line 2: 3 columns instead of 2; quote"),
            ("text,label\na,\n", "val.csv, line 2: the row has no label"),
            ("text,label\n", "val.csv holds nothing to measure with"),
        ] {
            let message = refused(&[good, ("val.csv", val)]);
            assert!(message.contains(part), "{message}");
        }
        let message = refused(&[good]);
        assert!(message.contains("val.csv") && message.contains("a data set is a folder with train.csv"), "{message}");
    }
}
